// Which contents a run names, and which of them a machine has in their places.
#include "agent/actions/run_contents.hpp"

#include <catch2/catch.hpp>

#include "common/files/files.hpp"
#include "tests/support/engine_tests.hpp"

using namespace prove;

TEST_CASE("the contents of a run are named in the order of its parts, each once", "[actions]") {
    prove::testing::MemoryContent contents;
    const Value run = to_value(
        test::RunYaml("a: [{fn: file.managed, path: /a, content: one}]\n"
                      "b: [{fn: file.managed, path: /b, content: two}, {fn: file.managed, path: /c, content: one}]\n"
                      "c: [{fn: cmd.run, cmd: 'true'}]\n",
                      contents)
            .run());
    CHECK(contents_in_order(run) == std::vector<BlobRef>{{hash_of("one"), 3}, {hash_of("two"), 3}});
    CHECK(contents_in_order(Value::object()).empty());
}

TEST_CASE("a content is lacking where its file is not there, is another, or is no file", "[actions]") {
    const TemporaryFolder folder;
    prove::testing::MemoryContent contents;
    const auto lacking = [&](const std::string& name) {
        const Value run = to_value(
            test::RunYaml("a: [{fn: file.managed, path: " + folder.path() + "/" + name + ", content: right}]\n",
                          contents)
                .run());
        return contents_lacking(run).size() == 1;
    };
    write_file_durably(folder.path() + "/right", "right", 0644);
    write_file_durably(folder.path() + "/wrong", "wrong", 0644);
    make_folders(folder.path() + "/folder");
    CHECK_FALSE(lacking("right"));
    CHECK(lacking("wrong"));
    CHECK(lacking("none"));
    CHECK(lacking("folder"));
    CHECK(lacking("none/below"));
    CHECK(contents.fetches == 0);
}
