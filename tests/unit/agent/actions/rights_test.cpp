// What a run needs root for, from its plan.
#include <catch2/catch.hpp>

#include "agent/actions/rights.hpp"
#include "agent/functions/registry.hpp"
#include "common/files/files.hpp"

using namespace prove;

namespace {

const FileName file = std::make_shared<const std::string>("states/site.yml");

Rights of_kim() {
    return {[](const std::string& folder) { return folder.rfind("/home/kim", 0) == 0; },
            [](const std::string& path) { return path.rfind("/home/kim", 0) == 0; }, "kim"};
}

StatePartInvocation part(const std::string& function, const std::vector<Change>& changes) {
    StatePartInvocation result;
    result.function = function;
    result.position = {file, 3, 5};
    result.outcome = Outcome::would_change;
    result.changes = changes;
    return result;
}

Change change(const std::string& resource, const std::string& aspect) {
    Change result;
    result.resource = resource;
    result.aspect = aspect;
    return result;
}

std::string needed(const std::vector<StatePartInvocation>& parts, const StateRun& run = {}) {
    RunReport plan;
    for (std::size_t i = 0; i < parts.size(); ++i) {
        StateInvocation invocation;
        invocation.state = StateId("s" + std::to_string(i + 1));
        invocation.parts = {parts[i]};
        plan.invocations.push_back(invocation);
    }
    return what_needs_root(run, plan, of_kim());
}

}  // namespace

TEST_CASE("packages, units, accounts and owners are root's to change", "[rights]") {
    const std::string around = "; nothing was done: s1 (states/site.yml:3:5, f.x: ",
                      advice = "). Run it as root; over SSH, give the target 'ssh: {become: sudo}'; or leave these out with "
                               "--skip-tags";
    for (const auto& [resource, aspect, told] :
         {std::tuple("package curl", "version", "package curl"), std::tuple("unit nginx.service", "running", "unit nginx.service"),
          std::tuple("user app", "existence", "user app"), std::tuple("group app", "existence", "group app"),
          std::tuple("file /home/kim/a", "owner", "the owner of /home/kim/a")})
        CHECK(needed({part("f.x", {change(resource, aspect)})}) ==
              "1 state needs root, and this is user 'kim'" + around + told + advice);
}

TEST_CASE("a state from the command line stands in no file, and there is nothing to be left out", "[rights]") {
    StatePartInvocation alone = part("file.managed", {change("file /etc/motd", "content")});
    alone.position = {};
    StateRun run;
    run.nodes.resize(1);
    CHECK(needed({alone}, run) == "1 state needs root, and this is user 'kim'; nothing was done: s1 (file.managed: /etc/motd). Run it "
                                  "as root; over SSH, give the target 'ssh: {become: sudo}'");
}

TEST_CASE("a file needs root where its folder is not this user's to write, and its mode where it is not its own", "[rights]") {
    CHECK(needed({part("file.managed", {change("file /home/kim/a", "content"), change("file /home/kim/a", "mode")})}).empty());
    CHECK(needed({part("file.managed", {change("file /etc/motd", "content")})}).find("file.managed: /etc/motd)") !=
          std::string::npos);
    CHECK(needed({part("file.managed", {change("file /etc/motd", "mode")})}).find("the mode of /etc/motd)") !=
          std::string::npos);
    CHECK(needed({part("file.managed", {})}).empty());
}

TEST_CASE("what could not even be looked at needs root, too; a sensitive part says no more", "[rights]") {
    StatePartInvocation denied = part("file.managed", {});
    denied.outcome = Outcome::failed;
    denied.reason = "cannot open /etc/shadow: permission denied";
    CHECK(needed({denied}).find("file.managed: cannot open /etc/shadow: permission denied)") != std::string::npos);
    denied.reason = "no such user";
    CHECK(needed({denied}).empty());
    StatePartInvocation hidden = part("file.managed", {change("file /etc/token", "content")});
    hidden.sensitive = true;
    CHECK(needed({hidden}).find("file.managed: sensitive)") != std::string::npos);
}

TEST_CASE("a command as another user needs root", "[rights]") {
    StateRun run;
    StatePart written;
    written.function = "cmd.run";
    written.position = {file, 3, 5};
    written.arguments.set("user", "postgres");
    Node node;
    node.id = StateId("s1");
    node.variants = {{.parts = {written}}};
    run.nodes = {node};
    CHECK(needed({part("cmd.run", {})}, run).find("cmd.run: a command as 'postgres')") != std::string::npos);
    run.nodes[0].variants[0].parts[0].arguments.set("user", "kim");
    CHECK(needed({part("cmd.run", {})}, run).empty());
}

TEST_CASE("of many states the first ten are named", "[rights]") {
    const std::vector<StatePartInvocation> parts(13, part("package.installed", {change("package curl", "version")}));
    const std::string told = needed(parts);
    CHECK(told.find("13 states need root") == 0);
    CHECK(told.find("s10 (") != std::string::npos);
    CHECK(told.find("s11 (") == std::string::npos);
    CHECK(told.find(", and 3 more.") != std::string::npos);
}

TEST_CASE("what is not there yet is made in the nearest folder that is", "[rights]") {
    const TemporaryFolder folder("rights");
    const Rights rights = rights_of_this_process();
    CHECK(rights.may_write_in(folder.path() + "/not/there/yet"));
    CHECK(rights.owns(folder.path()));
    CHECK(rights.owns(folder.path() + "/nothing"));
    CHECK(!rights.may_write_in("/dev/null/x"));
    CHECK(!rights.user.empty());
}
