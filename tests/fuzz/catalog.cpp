// A whole catalog from bytes, loaded and compiled for its first targets: no text of any file may crash the loader or
// the compiler, have it throw anything but everything that is wrong with places, or leave a run that does not cross the
// wire. Templates are not rendered but echoed with their marks taken off, so that errors are carried back to other
// columns.
#include "agent/functions/registry.hpp"
#include "catalog_in_memory.hpp"
#include "fuzz.hpp"
#include "master/catalog/catalog.hpp"
#include "master/compile/compiler.hpp"
#include "master/render/renderer.hpp"
#include "proto/state_run.hpp"

using namespace prove;

namespace {

// Lines that begin with '%' are left out; `${x}` writes x, and `probe.a` to `probe.c` that probe's answer.
class Echo final : public Renderer {
  public:
    Rendered render(const RenderRequest& request) override {
        Rendered result;
        std::uint32_t number = 0;
        for (std::string line : split_lines(*request.text)) {
            ++number;
            if (line.rfind('%', 0) == 0) continue;
            for (const char* mark : {"${", "{{", "}}", "{%", "%}"}) line = replace_all(std::move(line), mark, "");
            for (const char* probe : {"a", "b", "c"}) line = answered(std::move(line), probe, request, result);
            result.text += line + "\n";
            result.line_map.add({request.path, number, request.engine == "python" ? 1u : 0u});
        }
        result.line_map.add({request.path, number, 0});
        result.hash = hash_of(result.text + '\0' + *request.text);
        return result;
    }

  private:
    static std::string answered(std::string line, const std::string& probe, const RenderRequest& request,
                                Rendered& result) {
        const std::string word = "probe." + probe;
        if (line.find(word) == std::string::npos) return line;
        const Value* known = request.names->at("probe").find(probe);
        if (known == nullptr && request.collect_probes) result.probes_read.push_back(probe);
        return replace_all(std::move(line), word, known != nullptr && known->boolean() ? "true" : "false");
    }
};

struct NobodyKnown final : TargetDirectory {
    Value facts_of(const TargetId&) const override { return {}; }
    std::string status_of(const TargetId&) const override { return "unknown"; }
};

void expect_told(const Diagnostics& diagnostics) {
    for (const Diagnostic& diagnostic : diagnostics.sorted()) {
        fuzz::expect(!diagnostic.text.empty(), "an error has words");
        fuzz::expect(diagnostic.position.file != nullptr, "an error has a file");
    }
}

// An error of the catalog tells what is wrong; any other one is a finding, which ends the program.
template <class Work>
void refused_or(Work&& work) {
    try {
        work();
    } catch (const CatalogError& error) {
        fuzz::expect(error.diagnostics().has_errors(), "what is refused has an error");
        expect_told(error.diagnostics());
    }
}

void compile(const Compiler& compiler, const TargetId& target) {
    refused_or([&] {
        auto facts = Value::object();
        facts.set("os", Value::object()).set("family", "debian");
        CompileRequest request;
        request.target = target;
        request.facts = std::move(facts);
        const Compiled compiled = compiler.compile(request);
        fuzz::expect(state_run_from(to_value(*compiled.run)) == *compiled.run, "a run crosses the wire");
    });
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
    static const FunctionRegistry functions = all_functions();
    refused_or([&] {
        const auto catalog =
            Catalog::load_and_keep(std::make_unique<fuzz::CatalogInMemory>(fuzz::text_of(data, size)), "/tmp");
        Echo echo;
        const NobodyKnown directory;
        const Compiler compiler(catalog, functions, echo, directory);
        expect_told(compiler.check_files());
        for (std::size_t i = 0; i < catalog->targets().size() && i < 3; ++i)
            compile(compiler, catalog->targets()[i].id);
    });
    return 0;
}
