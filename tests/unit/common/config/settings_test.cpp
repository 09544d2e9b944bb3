// Settings: nothing silently ignored, every complaint at its place.
#include "common/config/settings.hpp"

#include <catch2/catch.hpp>
#include <sys/stat.h>

#include "common/text/text.hpp"

using namespace prove;
using namespace std::chrono_literals;

namespace {

Settings settings(std::string_view text) {
    return Settings::from_text(text, "agent.yml");
}

// What the Error of `work` says, with its place.
std::string complaint(const std::function<void()>& work) {
    try {
        work();
    } catch (const Error& error) {
        CHECK(error.kind() == ErrorKind::invalid);
        return error.position().text() + ": " + error.text();
    }
    return "nothing was thrown";
}

}  // namespace

TEST_CASE("settings are read by type, with defaults for what is absent or null", "[config]") {
    Settings read = settings("name: web1\nport: 4506\non: true\nwait: 5m\nmany: [a, b]\none: a\nnothing:\n");
    CHECK(read.text("name") == "web1");
    CHECK(read.text("other", "default") == "default");
    CHECK(read.integer("port", 1, {1, 65'535}) == 4'506);
    CHECK(read.boolean("on", false));
    CHECK(read.duration("wait", 1s) == 300s);
    CHECK(read.duration("pause", 1s) == 1s);
    CHECK(read.texts("many") == std::vector<std::string>{"a", "b"});
    CHECK(read.texts("one") == std::vector<std::string>{"a"});
    CHECK(read.texts("none").empty());
    CHECK(read.text("nothing", "x") == "x");
    CHECK_FALSE(read.optional_text("nothing").has_value());
    CHECK_FALSE(read.has("nothing"));
    read.end();
}

TEST_CASE("an empty file has no settings, and that is right", "[config]") {
    settings("").end();
    CHECK(complaint([] { settings("- a"); }).find("settings are a mapping") != std::string::npos);
}

TEST_CASE("P32 an unknown setting is refused with its place and the nearest name", "[config]") {
    CHECK(complaint([] {
              Settings read = settings("master: m\nlog_levle: debug\nfoo: 1\n");
              read.text("master");
              read.text("log_level", "info");
              read.end();
          }) == "agent.yml:2:1: unknown setting 'log_levle', did you mean 'log_level'?; unknown setting 'foo'");
}

TEST_CASE("P32 an unknown setting of a section is refused as well", "[config]") {
    CHECK(complaint([] {
              Settings read = settings("log:\n  level: info\n  fiel: x\n");
              read.section("log", [](Settings& log) { return log.text("level", "") + log.text("file", ""); });
          }) == "agent.yml:3:3: unknown setting 'fiel', did you mean 'file'?");
    Settings absent = settings("");
    CHECK(absent.section("log", [](Settings& log) { return log.text("level", "info"); }) == "info");
}

TEST_CASE("a wrong value is refused with what was expected and found", "[config]") {
    CHECK(complaint([] { settings("on: yes").boolean("on", false); }) ==
          "agent.yml:1:5: on: expected true or false, found the text 'yes'");
    CHECK(complaint([] {
              settings("port: 0").integer("port", 1, {1, 9});
          }) == "agent.yml:1:7: port: 0 is below the least, 1");
    CHECK(complaint([] {
              settings("port: 10").integer("port", 1, {1, 9});
          }) == "agent.yml:1:7: port: 10 is above the most, 9");
    CHECK(complaint([] {
              settings("name: [a]").text("name");
          }).rfind("agent.yml:1:7: name: expected a text, found", 0) == 0);
    CHECK(complaint([] { settings("wait: soon").duration("wait", 1s); }).find("a duration such as 500ms") !=
          std::string::npos);
    CHECK(complaint([] { settings("wait: -5").duration("wait", 1s); }).find("expected a duration") !=
          std::string::npos);
    CHECK(complaint([] { settings("many: [a, 1]").texts("many"); }).rfind("agent.yml:1:11: many: expected a text", 0) ==
          0);
    CHECK(complaint([] {
              settings("mode: fast").choice("mode", "a", {"a", "b"});
          }) == "agent.yml:1:7: mode: expected a or b, found 'fast'");
    CHECK(complaint([] {
              settings("log: x").section("log", [](Settings&) { return 0; });
          }).find("expected a mapping") != std::string::npos);
    CHECK(complaint([] { settings("x: 1").text("name"); }).find("the setting 'name' is missing") != std::string::npos);
}

TEST_CASE("bad YAML in settings is told with its place", "[config]") {
    CHECK(complaint([] { settings("a: 1\na: 2"); }) == "agent.yml:2:1: the key 'a' is there twice; first in line 1");
}

TEST_CASE("S86 a settings file that others may change is refused before it is read", "[config]") {
    const TemporaryFolder folder;
    const std::string path = folder.path() + "/agent.yml";
    write_file_durably(path, "name: x\n", 0644);
    const auto name = [](Settings& read) { return read.text("name"); };
    CHECK(read_settings(path, TrustCheck::owner, name) == "x");
    REQUIRE(::chmod(path.c_str(), 0666) == 0);
    CHECK_THROWS_AS(read_settings(path, TrustCheck::owner, name), Error);
    CHECK(read_settings(path, TrustCheck::none, name) == "x");
    try {
        load_settings(folder.path() + "/none.yml", TrustCheck::owner);
        FAIL("read");
    } catch (const Error& error) {
        CHECK(error.kind() == ErrorKind::missing);
    }
}
