// Compiling a small catalog in a test, and asking what came of it.
#pragma once

#include <map>
#include <memory>
#include <string>

#include "master/compile/compiler.hpp"
#include "tests/support/catalog_folder.hpp"

namespace prove::test {

// No target was ever seen but those that a test says were.
struct KnownTargets final : TargetDirectory {
    std::map<std::string, Value> facts;
    Value facts_of(const TargetId& target) const override {
        const auto found = facts.find(target.text());
        return found == facts.end() ? Value() : found->second;
    }
    std::string status_of(const TargetId& target) const override {
        return facts.count(target.text()) != 0 ? "connected" : "unknown";
    }
};

// One catalog and all that a compiler needs. The files are those given, and a target web1 with the state file `site`
// where there is no targets.yml.
class Compiling {
  public:
    // Files in a folder functions/ are made executable. A memory may be shared with others.
    explicit Compiling(std::map<std::string, std::string> files,
                       const std::shared_ptr<CompileMemory>& memory = std::make_shared<CompileMemory>())
        : folder_(with_target(std::move(files))),
          catalog_(folder_.load()),
          functions_(all_functions()),
          renderer_(make_renderer(catalog_, 2, {}, memory->renderings())),
          compiler_(catalog_, functions_, *renderer_, known_, memory) {}

    Compiled compile() const { return compiler_.compile(request_); }
    // What is wrong, one error after the other, without excerpts and contexts; "" where nothing is.
    std::string errors() const {
        std::string result;
        try {
            compile();
        } catch (const CatalogError& error) {
            for (const Diagnostic& diagnostic : error.diagnostics().sorted())
                if (diagnostic.severity == Diagnostic::Severity::error)
                    result += diagnostic.position.text() + ": " + diagnostic.where +
                              (diagnostic.where.empty() ? "" : ": ") + diagnostic.text + "\n";
        }
        return result;
    }
    std::string warnings() const {
        std::string result;
        const Compiled compiled = compile();
        for (const Diagnostic& diagnostic : compiled.run->warnings)
            result += diagnostic.position.text() + ": " + diagnostic.text + "\n";
        return result;
    }
    CompileRequest& request() { return request_; }
    KnownTargets& known() { return known_; }
    const Compiler& compiler() const { return compiler_; }

  private:
    static std::map<std::string, std::string> with_target(std::map<std::string, std::string> files) {
        files.emplace("targets.yml", "targets:\n  - {name: web1, states: [site]}\n");
        return files;
    }

    CatalogFolder folder_;
    std::shared_ptr<const Catalog> catalog_;
    FunctionRegistry functions_;
    KnownTargets known_;
    std::unique_ptr<Renderer> renderer_;
    Compiler compiler_;
    CompileRequest request_{.target = TargetId("web1"), .facts = Value::object()};
};

// The state file `site` and nothing else.
inline Compiling site(const std::string& text, std::map<std::string, std::string> others = {}) {
    others["states/site.yml"] = text;
    return Compiling(std::move(others));
}

inline const Node& node(const Compiled& compiled, const std::string& id) {
    const auto index = compiled.run->find(StateId(id));
    if (!index) throw Error(ErrorKind::internal, "no state " + id);
    return compiled.run->nodes[*index];
}

inline std::string content(const Compiled& compiled, const StatePart& part) {
    const auto hash = Hash::from_hex_text(part.arguments.at("content").at("$blob").text());
    return *compiled.blobs.at(*hash);
}

}  // namespace prove::test
