// Compiled catalogs as people see them: tests/golden/compile/CASE has a catalog, perhaps the target's facts.json, and
// expected.txt: every diagnostic as it is printed, then the StateRun where there is one. With a late.json, the question
// for a late state, it is what that comes to. PROVE_ACCEPT=1 writes them anew.
#include <catch2/catch.hpp>

#include <cstdlib>

#include "common/files/files.hpp"
#include "tests/support/in_sources.hpp"
#include "tests/unit/master/compile/compiling.hpp"

using namespace prove;
using namespace prove::test;

namespace {

const std::string golden = test::in_sources("/tests/golden/compile");

std::string shown(const Compiled& compiled) {
    std::string result;
    for (const Diagnostic& warning : compiled.run->warnings) result += warning.full_text() + "\n";
    StateRun run = *compiled.run;
    run.catalog = "";
    run.warnings.clear();
    result += write_yaml(to_value(run));
    for (const auto& [hash, blob] : compiled.blobs) result += "--- " + hash.hex().substr(0, 12) + "\n" + *blob;
    return result;
}

std::string compiled(const std::string& folder) {
    try {
        const auto catalog = Catalog::load(folder + "/catalog");
        const auto functions = all_functions();
        RenderLimits limits;
        limits.processor = std::chrono::seconds(1);  // some of them are endless
        limits.time = std::chrono::seconds(300);
        const auto renderer = make_renderer(catalog, 1, limits);
        const KnownTargets known;
        const Compiler compiler(catalog, functions, *renderer, known);
        const auto facts = find_whole_file(folder + "/facts.json");
        const CompileRequest request{.target = TargetId("web1"), .facts = facts ? read_json(*facts) : Value::object()};
        const auto late = find_whole_file(folder + "/late.json");
        if (!late) return shown(compiler.compile(request));
        CompiledPiece piece = compiler.compile_late(request, late_request_from(read_json(*late)));
        return shown({std::make_shared<const StateRun>(std::move(piece.piece.run)), std::move(piece.blobs)});
    } catch (const CatalogError& error) {
        std::string result;
        for (const Diagnostic& diagnostic : error.diagnostics().sorted()) result += diagnostic.full_text() + "\n";
        return result;
    }
}

}  // namespace

TEST_CASE("compiled catalogs, and what is wrong with others, look as they did when they were last read", "[golden]") {
    for (const std::string& name : list_folder(golden)) {
        const std::string result = compiled(golden + "/" + name);
        const std::string expected = golden + "/" + name + "/expected.txt";
        if (std::getenv("PROVE_ACCEPT") != nullptr) write_file_durably(expected, result, 0644);
        INFO(name);
        CHECK(result == find_whole_file(expected).value_or(""));
    }
}
