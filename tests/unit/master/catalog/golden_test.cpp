// Broken catalogs, each with the exact text of what is said about it: tests/golden/catalogs/CASE/expected.txt.
// PROVE_ACCEPT=1 writes these anew; then read the difference before you commit it.
#include <catch2/catch.hpp>

#include <cstdlib>

#include "common/files/files.hpp"
#include "master/catalog/catalog.hpp"
#include "tests/support/in_sources.hpp"

namespace {

const std::string cases = prove::test::in_sources("/tests/golden/catalogs");

// Everything that loading says; warnings of a catalog that is right come after "loaded".
std::string said_about(const std::string& directory) {
    std::string text;
    const auto add = [&](const std::vector<prove::Diagnostic>& diagnostics) {
        for (const auto& diagnostic : diagnostics) text += diagnostic.full_text() + "\n";
    };
    try {
        const auto catalog = prove::Catalog::load(directory);
        text = "loaded\n";
        add(catalog->warnings());
    } catch (const prove::CatalogError& error) {
        add(error.diagnostics().sorted());
    }
    return text;
}

}  // namespace

TEST_CASE("a broken catalog is refused whole, with everything that is wrong and where", "[golden]") {
    const bool accept = std::getenv("PROVE_ACCEPT") != nullptr;
    const auto names = prove::list_folder(cases);
    REQUIRE(names.size() >= 30);
    for (const auto& name : names) {
        DYNAMIC_SECTION(name) {
            const auto folder = cases + "/" + name;
            const auto said = said_about(folder);
            if (accept) prove::write_file_durably(folder + "/expected.txt", said, 0644);
            CHECK(said == prove::find_whole_file(folder + "/expected.txt").value_or("(no expected.txt)"));
        }
    }
}

TEST_CASE("the demo's catalog is right, and its one target has the states that the demo shows", "[golden]") {
    const auto catalog = prove::Catalog::load(prove::test::in_sources("/packaging/demo/catalog"));
    CHECK(catalog->warnings().empty());
    REQUIRE(catalog->targets().size() == 1);
    const auto demo = catalog->resolve(prove::TargetId("demo"), {});
    REQUIRE(demo.states.size() == 2);
    CHECK(demo.states[0].first == "page");
    CHECK(demo.states[1].first == "site");
}
