// prove-cli schema: that its schemas say what the compiler says is shown with a real validator, over catalogs that are
// right and catalogs that are wrong; see json_schema_check.py.
#include <catch2/catch.hpp>

#include "common/files/files.hpp"
#include "common/process/run.hpp"
#include "common/text/text.hpp"
#include "master/compile/state_keys.hpp"
#include "master/looking/json_schema.hpp"
#include "proto/error.hpp"
#include "tests/support/in_sources.hpp"

using namespace prove;

TEST_CASE("every function is in the schema of state files, with its arguments and what they are for", "[schema]") {
    const FunctionRegistry functions = functions_of_the_language();
    const Value schema = json_schema("states", functions);
    CHECK(schema.at("$schema").text() == "http://json-schema.org/draft-07/schema#");
    const auto& calls = schema.at("definitions").at("part").at("allOf").list();
    REQUIRE(calls.size() == functions.names().size());
    for (const Value& call : calls) {
        const std::string name = call.at("if").at("properties").at("fn").at("const").text();
        const Value& properties = call.at("then").at("properties");
        for (const Argument& argument : functions.find(name)->schema.arguments)
            CHECK(properties.at(argument.name).at("description").text().rfind(argument.help, 0) == 0);
        for (const std::string& key : state_key_names()) CHECK(properties.find(key) != nullptr);
    }
    for (const std::string& key : state_key_names())
        CHECK(schema.at("definitions").at("long_state").at("properties").find(key) != nullptr);
}

TEST_CASE("a schema that there is not is told with those that there are", "[schema]") {
    CHECK_THROWS_WITH(json_schema("state", functions_of_the_language()), "there is no schema of 'state'; did you mean 'states'?");
    CHECK_THROWS_WITH(json_schema("xyzzy", functions_of_the_language()),
                      "there is no schema of 'xyzzy'; there are states, targets, groups, roles, schedules, prove, variables and component");
}

TEST_CASE("a real validator takes what the compiler takes, and finds what the compiler finds", "[schema]") {
    const TemporaryFolder folder;
    for (const std::string& name : json_schema_names())
        write_file_durably(folder.path() + "/" + name + ".json", write_json(json_schema(name, functions_of_the_language())));
    Command command;
    const std::string here = test::in_sources("/tests/unit/master/looking/");
    command.argv = {"/usr/bin/python3", here + "json_schema_check.py", folder.path(), test::in_sources()};
    const CommandResult result = run_command(command);
    INFO(result.out << result.err);
    CHECK(result.exit_code == 0);
    CHECK(result.out.find(" files are right, ") != std::string::npos);
}
