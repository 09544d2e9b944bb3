// One state function, and a content, asked for of a running master.
#include "running_test.hpp"

using namespace prove;
using namespace prove::test;

namespace {

const std::map<std::string, std::string> small_catalog = {
    {"targets.yml", "targets: [{name: web1, states: [site]}]\n"},
    {"states/site.plain.yml", "motd:\n  - fn: file.managed\n    path: /etc/motd\n    content: hello\n"},
};

Value one_function(const char* function, const Value& arguments, const std::optional<BlobRef>& content = {}) {
    Value options = states("apply"), state = Value::object();
    state.set("function", function);
    state.set("arguments", arguments);
    if (content) {
        Value blob = Value::object();
        blob.set("hash", content->hash.hex());
        blob.set("size", content->size);
        state.set("content", std::move(blob));
    }
    options.set("state", std::move(state));
    return options;
}

Value path_argument(const char* path) {
    Value arguments = Value::object();
    arguments.set("path", path);
    return arguments;
}

}  // namespace

TEST_CASE("one function in the place of the catalog's states goes to agents as any other run, and needs cmd", "[master]") {
    RunningWorld running(small_catalog);
    FakeAgent web1(running.world, "web1");
    web1.hello();
    running.world.pass(6'000);
    const BlobRef blob = running.master.give_content(running.permit(Permission::cmd), std::string("\0\xff", 2));
    CHECK(running.submit("states", "web1", one_function("file.managed", path_argument("/x"), blob)) == "");
    web1.fetch(running.made.id);
    const auto run = state_run_from(states_body_from(job_command_from(web1.last(MessageType::staterun)->body()).body).run);
    REQUIRE(run.nodes.size() == 1);
    CHECK(run.nodes[0].id == StateId("ad hoc"));
    CHECK(run.partial);
    CHECK(run.files == std::vector<BlobRef>{blob});
    // The job's record has no bytes, and its content is there to be fetched (S63).
    CHECK(write_json(running.world.store.job(running.made.id)->options).find("base64") == std::string::npos);
    web1.accept(running.made.id);
    web1.say(MessageType::file_request, to_value(FileRequest{running.made.id, blob.hash, 0, 100}), running.made.id);
    CHECK(file_chunk_from(web1.last(MessageType::file_chunk)->plain).bytes == std::string("\0\xff", 2));

    JobAsked asked;
    asked.operation = "states";
    asked.options = one_function("cmd.run", Value::object());
    CHECK(running.master.permission_for(asked) == Permission::cmd);
    CHECK_THROWS_AS(running.master.give_content(running.permit(Permission::states_apply), "x"), Error);
}

TEST_CASE("what is wrong with one function is told before a job is made", "[master]") {
    RunningWorld running(small_catalog);
    CHECK(running.submit("states", "web1", one_function("file.managed", path_argument("x"))) ==
          "file.managed needs 'source' or 'content'; to set only owner, group or mode of a file, use file.attributes\n"
          "argument 1: argument 'path' of file.managed: not a path: 'x' is not absolute (it must begin with '/')");
    CHECK(running.error->kind() == ErrorKind::usage);
    CHECK_THAT(running.submit("states", "web1", one_function("file.managed", path_argument("/x"), BlobRef{hash_of("never given"), 11})),
               Catch::Contains("the master has no content"));
    CHECK(running.world.store.jobs({}).empty());
}

TEST_CASE("a job whose content went with the master's restart is not made anew with another one", "[master]") {
    RunningWorld running(small_catalog);
    JobRow job;
    job.operation = "states";
    job.options = states_command()->checked(one_function("file.managed", path_argument("/x"), BlobRef{hash_of("x"), 1}));
    CHECK_THROWS_WITH(running.operations.preparer(job),
                      "the file that was given for it is gone with the restart of the master; ask for it again");
}
