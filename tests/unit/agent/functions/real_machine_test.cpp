// What the arguments of commands and files mean on a machine: functions over a LinuxHost, in a folder of their own.
// That a plan says the same is tested with the hosts; that nothing is wanted twice, in twice_test.cpp.
#include "tests/unit/agent/host/machine.hpp"

using namespace prove;
using namespace prove::testing;

namespace {

// `$/` in the YAML is the machine's folder.
struct Functions {
    Machine machine;
    FunctionRegistry registry = all_functions();

    std::string in_folder(std::string yaml) const {
        const std::string folder = machine.folder.string() + "/";
        for (auto at = yaml.find("$/"); at != std::string::npos; at = yaml.find("$/")) yaml.replace(at, 2, folder);
        return yaml;
    }
    std::vector<Change> run(const std::string& function, const std::string& yaml, PartContext part = {}) {
        return converge(*registry.find(function), arguments_of(in_folder(yaml), machine.contents), machine.contents,
                        machine.host, std::move(part));
    }
    std::string failure(const std::string& function, const std::string& yaml, PartContext part = {}) {
        return machine.failure([&] { run(function, yaml, std::move(part)); });
    }
    // What a command wrote to standard output.
    std::string said(const std::string& function, const std::string& yaml) {
        std::string out;
        PartContext part;
        part.output = [&](OutputStream stream, std::string_view bytes) {
            if (stream == OutputStream::out) out.append(bytes);
        };
        run(function, yaml, std::move(part));
        return out;
    }
    Value outputs(const std::string& function, const std::string& yaml) {
        const Function& found = *registry.find(function);
        machine.host.begin_part({});
        Value result = found.read_outputs(
            Arguments(found.schema, arguments_of(in_folder(yaml), machine.contents), &machine.contents), machine.host);
        (void)machine.host.end_part();
        return result;
    }
};

}  // namespace

TEST_CASE("cmd.run takes a text as a line for the shell, and a list as a program with its arguments as they are") {
    if (!is_root()) return;
    Functions on;
    CHECK(on.said("cmd.run", "cmd: 'echo $((1 + 2)) | tr 3 4'") == "4\n");
    CHECK(on.said("cmd.run", "cmd: [echo, '$(id)', '*', 'a \"b\"  c']") == "$(id) * a \"b\"  c\n");
}

TEST_CASE("cmd.run runs as the user and group, in the folder, with the environment, umask and input that it says") {
    if (!is_root()) return;
    Functions on;
    CHECK(on.said("cmd.run", "{cmd: 'id -un; id -gn', user: nobody}") == "nobody\nnogroup\n");
    CHECK(on.said("cmd.run", "{cmd: 'id -un; id -gn', user: nobody, group: games}") == "nobody\ngames\n");
    CHECK(on.said("cmd.run", "cmd: 'pwd; umask; cat'") == "/\n0022\n");
    CHECK(on.said("cmd.run", "{cmd: 'pwd; umask; cat', cwd: /usr/lib, umask: \"027\", stdin: \"read me\"}") ==
          "/usr/lib\n0027\nread me");
    CHECK(on.said("cmd.run", "{cmd: 'echo \"$SITE:$LANG\"', env: {SITE: blog}}") == "blog:C.UTF-8\n");
    CHECK(on.failure("cmd.run", "{cmd: 'true', user: nobody-of-that-name}").find("nobody-of-that-name") !=
          std::string::npos);
}

TEST_CASE("cmd.run takes the exit codes that it is told for success, and says which other one came") {
    if (!is_root()) return;
    Functions on;
    CHECK(on.failure("cmd.run", "cmd: 'exit 3'") == "the command failed with exit code 3");
    CHECK(on.failure("cmd.run", "{cmd: 'exit 3', success_codes: [0, 3]}") == "no failure");
    CHECK(on.failure("cmd.run", "{cmd: 'exit 0', success_codes: [3]}") == "the command failed with exit code 0");
    CHECK(on.failure("cmd.run", "cmd: 'kill -9 $$'") == "the command was ended by signal 9");
}

TEST_CASE("S91 the text of a command that fails is not repeated in its error") {
    if (!is_root()) return;
    Functions on;
    for (const char* line : {"exit 3", "kill -9 $$", "true"}) {
        const std::string yaml = std::string("{cmd: ': canary-4471; ") + line + "', creates: $/never}";
        CHECK(on.failure("cmd.run", yaml).find("canary") == std::string::npos);
    }
}

TEST_CASE(
    "cmd.run with creates runs until that path is there, and fails where its command succeeds without making it") {
    if (!is_root()) return;
    Functions on;
    const std::string part =
        "{cmd: 'echo ran >> $/log; [ -e $/may ] && touch $/made', creates: $/made, success_codes: [0, 1]}";
    CHECK(on.failure("cmd.run", part)
              .find("the command succeeded but did not make '" + on.machine.folder.string() +
                    "/made', which 'creates' promises") == 0);
    on.machine.make("may", "");
    CHECK(on.run("cmd.run", part).size() == 1);
    CHECK(on.run("cmd.run", part).empty());
    CHECK(on.machine.read("log") == "ran\nran\n");
}

TEST_CASE("a command that outlives its part's time is stopped and said so") {
    if (!is_root()) return;
    Functions on;
    PartContext part;
    part.deadline_boot_ms = on.machine.clock.boot_ms() + 200;
    CHECK(on.failure("cmd.run", "cmd: 'sleep 60'", part) == "the command did not end in time and was stopped");
}

TEST_CASE("cmd.read gives what it wrote without the last newline, and any exit code; it changes nothing") {
    if (!is_root()) return;
    Functions on;
    const Value outputs = on.outputs("cmd.read", "{cmd: 'printf \"a\\n\\n\"; pwd >&2; exit 7', cwd: /usr}");
    CHECK(outputs.at("stdout").text() == "a\n");
    CHECK(outputs.at("stderr").text() == "/usr\n");
    CHECK(outputs.at("exit_code").integer() == 7);
    CHECK(on.run("cmd.read", "cmd: 'touch $/touched'").empty());
}

TEST_CASE("file.managed shows what changes in a file unless show_diff is false; that it changes is always told") {
    if (!is_root()) return;
    Functions on;
    on.machine.make("conf", "old\n");
    const auto shown = on.run("file.managed", "{path: $/conf, content: \"new\\n\"}");
    REQUIRE(shown.size() == 1);
    CHECK(shown[0].diff.find("-old\n+new\n") != std::string::npos);
    const auto hidden = on.run("file.managed", "{path: $/conf, content: \"newer\\n\", show_diff: false}");
    REQUIRE(hidden.size() == 1);
    CHECK(hidden[0].aspect == "content");
    CHECK(hidden[0].diff.empty());
}

TEST_CASE("file.managed puts a file in place only where its validation takes the new one") {
    if (!is_root()) return;
    Functions on;
    on.machine.make("sudoers", "good old\n");
    const std::string list = ", validate: [grep, -q, good, '{}']}";
    CHECK(on.failure("file.managed", "{path: $/sudoers, content: bad" + list) != "no failure");
    CHECK(on.machine.read("sudoers") == "good old\n");
    CHECK(on.run("file.managed", "{path: $/sudoers, content: good" + list).size() == 1);
    CHECK(on.run("file.managed", "{path: $/sudoers, content: good}").empty());
    CHECK(on.failure("file.managed", "{path: $/sudoers, content: bad, validate: 'grep -q good {} && true'}") !=
          "no failure");
    CHECK(on.machine.names() == Lines{"sudoers"});
}

TEST_CASE("file.managed refuses, follows or replaces a symbolic link at its path, as `symlink` says") {
    if (!is_root()) return;
    Functions on;
    on.machine.make("real", "old");
    fs::create_symlink("real", on.machine.folder / "link");
    CHECK(on.failure("file.managed", "{path: $/link, content: new}").find("symbolic link") != std::string::npos);
    CHECK(on.machine.read("real") == "old");
    on.run("file.managed", "{path: $/link, content: new, symlink: follow}");
    CHECK(on.machine.read("real") == "new");
    CHECK(fs::is_symlink(on.machine.folder / "link"));
    on.run("file.managed", "{path: $/link, content: newer, symlink: replace}");
    CHECK_FALSE(fs::is_symlink(on.machine.folder / "link"));
    CHECK(on.machine.read("link") == "newer");
    CHECK(on.machine.read("real") == "new");
}
