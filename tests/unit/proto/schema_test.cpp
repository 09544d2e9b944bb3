// Function schemas as data.
#include <catch2/catch.hpp>

#include "proto/schema.hpp"

using namespace prove;

TEST_CASE("a function's schema is written with everything that a reader of the reference needs", "[schema]") {
    FunctionSchema schema;
    schema.name = "file.line";
    schema.summary = "one line in a file";
    schema.changed = "the line was added or replaced";
    schema.arguments = {
        Argument{"path", ArgumentType::path, true, Value(), "the file", "", {}, false},
        Argument{"place", ArgumentType::choice, false, Value("end"), "where", "", {"start", "end"}, true}};
    schema.claims = {Claim{"path", "line", "path", {"line"}, {"line"}, "line"}};
    schema.outputs = {Output{"hash", ArgumentType::text, "of the file", "follow"}};
    schema.exactly_one_of = {{"line", "match"}};
    schema.groups = true;
    schema.example = "fn: file.line\n";
    CHECK(
        write_json(to_value(schema)) ==
        R"({"name":"file.line","summary":"one line in a file","changed":"the line was added or replaced",)"
        R"("nature":"converges","arguments":[)"
        R"({"name":"path","type":"an absolute path","required":true,"help":"the file"},)"
        R"({"name":"place","type":"a choice","default":"end","help":"where","choices":["start","end"],)"
        R"("sensitive":true}],)"
        R"("claims":[{"kind":"path","aspect":"line","argument":"path","only_with":["line"],"compared":["line"],)"
        R"("also":"line"}],"outputs":[{"name":"hash","type":"text","help":"of the file","unless_argument":"follow"}],)"
        R"("exactly_one_of":[["line","match"]],"groups":true,"example":"fn: file.line\n"})");
    CHECK(schema.argument("place")->choices.size() == 2);
    CHECK(schema.argument("pth") == nullptr);
}
