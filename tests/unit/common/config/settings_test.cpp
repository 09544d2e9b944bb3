// Settings: nothing silently ignored, every complaint at its place.
#include "common/config/settings.hpp"

#include <catch2/catch.hpp>
#include <sys/stat.h>

#include <filesystem>

#include "common/text/text.hpp"

using namespace prove;
using namespace std::chrono_literals;

namespace {

Settings settings(std::string_view text) {
    return Settings::from_text(text, "agent.yml");
}

// What is wrong with a file that is read so.
template <class Read>
std::string complaint_of(std::string_view text, Read read) {
    try {
        settings(text).read_to_end([&](Settings& all) { return read(all), 0; });
    } catch (const Error& error) {
        CHECK(error.kind() == ErrorKind::invalid);
        return error.full_text();
    }
    return "nothing was thrown";
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
    CHECK(read.text("name", "") == "web1");
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
    CHECK(complaint_of("master: m\nlog_levle: debug\nfoo: 1\n", [](Settings& read) {
              read.text("master", "");
              read.text("log_level", "info");
          }) == "agent.yml:2:1: unknown setting 'log_levle', did you mean 'log_level'?\n"
                "agent.yml:3:1: unknown setting 'foo'");
}

TEST_CASE("P32 an unknown setting of a section is refused as well", "[config]") {
    const auto read_log = [](Settings& read) {
        return read.section("log", [](Settings& log) { return log.text("level", "info") + log.text("file", ""); });
    };
    CHECK(complaint_of("log:\n  level: info\n  fiel: x\n", read_log) ==
          "agent.yml:3:3: unknown setting 'fiel', did you mean 'file'?");
    CHECK(complaint_of("log: x", read_log) == "agent.yml:1:6: log: expected a mapping, found the text 'x'");
    Settings absent = settings("");
    CHECK(read_log(absent) == "info");
}

TEST_CASE("a wrong value is refused with what was expected and found", "[config]") {
    const auto port = [](Settings& read) { read.integer("port", 1, {1, 9}); };
    const auto wait = [](Settings& read) { read.duration("wait", 1s); };
    CHECK(complaint_of("on: yes", [](Settings& read) { read.boolean("on", false); }) ==
          "agent.yml:1:5: on: expected true or false, found the text 'yes'");
    CHECK(complaint_of("port: 0", port) == "agent.yml:1:7: port: 0 is below the least, 1");
    CHECK(complaint_of("port: 10", port) == "agent.yml:1:7: port: 10 is above the most, 9");
    CHECK(complaint_of("port: x", port) == "agent.yml:1:7: port: expected an integer, found the text 'x'");
    CHECK(complaint_of("name: [a]", [](Settings& read) { read.text("name", ""); })
              .rfind("agent.yml:1:7: name: expected a text, found", 0) == 0);
    CHECK(complaint_of("wait: soon", wait).find("a duration such as 500ms") != std::string::npos);
    CHECK(complaint_of("wait: -5", wait).find("expected a duration") != std::string::npos);
    CHECK(complaint_of("many: [a, 1]", [](Settings& read) { read.texts("many"); })
              .rfind("agent.yml:1:11: many: expected a text", 0) == 0);
    CHECK(complaint_of("mode: fast", [](Settings& read) { read.choice("mode", "a", {"a", "b"}); }) ==
          "agent.yml:1:7: mode: expected a or b, found 'fast'");
}

TEST_CASE("everything that is wrong with a settings file is said at once, in the file's order", "[config]") {
    const auto fits = [](const std::string& text) {
        if (text != "good") throw Error(ErrorKind::invalid, "'" + text + "' does not fit");
    };
    CHECK(complaint_of("colour: red\nlog: {level: loud}\nport: x\nlist: [good, bad, worse]\nname: odd\n",
                       [&](Settings& read) {
                           read.text("name", "", fits);
                           read.texts("list", fits);
                           read.integer("port", 1, {1, 9});
                           read.section("log", [](Settings& log) { return log.choice("level", "a", {"a", "b"}); });
                       }) ==
          "agent.yml:1:1: unknown setting 'colour'\n"
          "agent.yml:2:14: level: expected a or b, found 'loud'\n"
          "agent.yml:3:7: port: expected an integer, found the text 'x'\n"
          "agent.yml:4:14: list: 'bad' does not fit\n"
          "agent.yml:4:19: list: 'worse' does not fit\n"
          "agent.yml:5:7: name: 'odd' does not fit");
}

TEST_CASE("a relative file or folder is meant from the folder of the settings file", "[config]") {
    const auto path_in = [](const std::string& file, const std::string& written) {
        return Settings::from_text("data: '" + written + "'", file).path("data", "/default");
    };
    CHECK(path_in("/etc/prove/master.yml", "catalog") == "/etc/prove/catalog");
    CHECK(path_in("/etc/prove/master.yml", "./x/../y") == "/etc/prove/y");
    CHECK(path_in("/etc/prove/master.yml", "/srv/data") == "/srv/data");
    CHECK(path_in("/etc/prove/master.yml", "") == "/default");
    CHECK(path_in("sub/master.yml", "data") == std::filesystem::current_path() / "sub/data");
    CHECK(settings("").path("data", "/default") == "/default");
}

TEST_CASE("bad YAML in settings is told with its place", "[config]") {
    CHECK(complaint([] { settings("a: 1\na: 2"); }) == "agent.yml:2:1: the key 'a' is there twice; first in line 1");
}

TEST_CASE("S86 a settings file that others may change is refused before it is read", "[config]") {
    const TemporaryFolder folder;
    const std::string path = folder.path() + "/agent.yml";
    write_file_durably(path, "name: x\n", 0644);
    const auto name = [](Settings& read) { return read.text("name", ""); };
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
