// prove-cli copy: what its words mean, what it puts where, and what it refuses before anything is sent.
#include <catch2/catch.hpp>
#include <sys/stat.h>
#include <unistd.h>

#include "common/files/files.hpp"
#include "master/cli/copy_places.hpp"
#include "tests/support/catalog_on_disk.hpp"
#include "tests/unit/master/cli/captured.hpp"

using namespace prove;
using namespace prove::test;
using Catch::Matchers::Contains;

namespace {

std::string shown(const CopyPlace& place) {
    return place.is_here() ? "here " + place.path : "on " + place.expression + " " + place.path;
}

std::string refusal(const std::string& from, const std::string& to) {
    try {
        copy_places_from(from, to);
    } catch (const Error& error) {
        CHECK(error.kind() == ErrorKind::usage);
        return error.text();
    }
    return "";
}

Value sent(const std::string& bytes, unsigned mode = 0644) {
    return to_value(Fetched{.path = "/etc/motd", .user = "root", .group = "root", .mode = mode, .bytes = bytes});
}

template <class Work>
std::string error_of(Work work) {
    try {
        work();
    } catch (const Error& error) {
        return error.text();
    }
    return "";
}

unsigned mode_of(const std::string& path) {
    struct stat status {};
    return ::lstat(path.c_str(), &status) == 0 ? status.st_mode & 07777 : 0;
}

const CatalogOnDisk& one_target() {
    static const CatalogOnDisk disk{{"targets.yml", "targets: [{name: web1, executor: local}, {name: web2, executor: local}]\n"}};
    return disk;
}

Ran cli(std::vector<std::string> words) {
    words.insert(words.begin(), {"--catalog", one_target().path()});
    return run(std::move(words));
}

}  // namespace

TEST_CASE("the side with ':/' is on targets, but for what begins as a path", "[copy]") {
    CHECK(shown(copy_place_from("web1:/etc/motd")) == "on web1 /etc/motd");
    CHECK(shown(copy_place_from("web*,db1:/etc/a b")) == "on web*,db1 /etc/a b");
    CHECK(shown(copy_place_from("role:web and not db1:/etc/x")) == "on role:web and not db1 /etc/x");
    CHECK(shown(copy_place_from("(/^web/):/etc/x")) == "on (/^web/) /etc/x");
    CHECK(shown(copy_place_from("web1:/tmp/a:/b")) == "on web1 /tmp/a:/b");
    for (const char* path : {"motd", "/etc/motd", "./web1:/x", "../web1:/x", "/a:/b", "a:b", ":/x", "web1:x"})
        CHECK(shown(copy_place_from(path)) == "here " + std::string(path));
}

TEST_CASE("exactly one side is on targets, and its path is a file's", "[copy]") {
    CHECK(refusal("web1:/a", "web2:/b") == "one of the two is on this machine: copy from the one to here, and from here to the other");
    CHECK(refusal("a", "web1:b") == "neither 'a' nor 'web1:b' is on targets: that is EXPR:PATH with an absolute path, such as web1:/etc/motd");
    CHECK(refusal("web1:/etc/", "x") == "'/etc/' is a folder; copy takes one file at a time");
    CHECK(refusal("", "web1:/x") == "a path is empty");
    CHECK_THAT(refusal("web1:/etc/../x", "y"), Contains(".."));
    CHECK(copy_places_from("dir/motd", "web1:/etc/").to.path == "/etc/motd");
    CHECK(copy_places_from("motd", "web1:/").to.path == "/motd");
    CHECK(copy_places_from("web1:/etc/motd", "/tmp/").from.path == "/etc/motd");
}

TEST_CASE("a file that cannot be copied is told before anything is sent", "[copy]") {
    const TemporaryFolder folder;
    const std::string file = folder.path() + "/file";
    CHECK(error_of([&] { read_file_to_copy(file); }) == "cannot copy '" + file + "': no such file or directory");
    CHECK(error_of([&] { read_file_to_copy(folder.path()); }) == "'" + folder.path() + "' is a folder; copy takes one file at a time");
    write_file_durably(file, std::string(most_copied, 'x'), 0750);
    CHECK(read_file_to_copy(file).bytes.size() == most_copied);
    CHECK(read_file_to_copy(file).mode == 0750);
    write_file_durably(file, std::string(most_copied + 1, 'x'));
    CHECK(error_of([&] { read_file_to_copy(file); }) ==
          "'" + file + "' has 8.0 MiB; copy takes at most 8 MiB to a target. What is larger is a file of a catalog (up to 64 MiB), "
          "or a package");
}

TEST_CASE("one target's file comes to the file that was named, and is left alone where it is so already", "[copy]") {
    const TemporaryFolder folder;
    const std::string file = folder.path() + "/motd";
    const FetchedFiles files(file, 1);
    const std::string bytes("\0\xff", 2);
    const Value told = files.take("web1", sent(bytes));
    CHECK(read_whole_file(file) == bytes);
    CHECK(told.at("file") == Value(file));
    CHECK(told.at("changed") == Value(true));
    CHECK(told.find("pieces") == nullptr);
    CHECK(files.take("web1", sent(bytes)).at("changed") == Value(false));
    CHECK(files.take("web1", sent("")).at("changed") == Value(true));
    CHECK(read_whole_file(file).empty());
}

TEST_CASE("into a folder each target's file comes by the target's name", "[copy]") {
    const TemporaryFolder folder;
    FetchedFiles(folder.path(), 1).take("web1", sent("1"));
    CHECK(read_whole_file(folder.path() + "/web1") == "1");
    const FetchedFiles files(folder.path() + "/new/", 2);
    CHECK_FALSE(exists(folder.path() + "/new"));
    files.take("web1", sent("1"));
    files.take("web2.example.org", sent("2"));
    CHECK(list_folder(folder.path() + "/new") == std::vector<std::string>{"web1", "web2.example.org"});
    CHECK(error_of([&] { FetchedFiles(folder.path() + "/x", 2); }) ==
          "files of 2 targets go to a folder, each by its target's name: write '" + folder.path() + "/x/'");
    CHECK(error_of([&] { FetchedFiles(folder.path() + "/no/x", 1); }) == "there is no folder '" + folder.path() + "/no'");
}

TEST_CASE("S14 a target's name never leads out of the folder", "[copy]") {
    const TemporaryFolder folder;
    const FetchedFiles files(folder.path() + "/in/", 2);
    for (const char* name : {"../out", "/etc/x", "..", ".", "", "a/b", "A", ".hidden", "a\nb"}) {
        INFO(name);
        CHECK_THAT(error_of([&] { files.take(name, sent("x")); }), Contains("is no name of a target"));
    }
    CHECK(list_folder(folder.path()).empty());
}

TEST_CASE("a link or a folder in the place of a fetched file is left as it is", "[copy]") {
    const TemporaryFolder folder;
    const std::string link = folder.path() + "/link", victim = folder.path() + "/victim";
    write_file_durably(victim, "mine");
    CHECK(::symlink(victim.c_str(), link.c_str()) == 0);
    CHECK(error_of([&] { FetchedFiles(link, 1).take("web1", sent("x")); }) ==
          "'" + link + "' is a symbolic link; it is neither followed nor replaced");
    CHECK(read_whole_file(victim) == "mine");
    make_folders(folder.path() + "/web1");
    CHECK(error_of([&] { FetchedFiles(folder.path(), 1).take("web1", sent("x")); }) == "'" + folder.path() + "/web1' is no regular file");
}

TEST_CASE("what not everybody may read on its target nobody else may read here", "[copy]") {
    const TemporaryFolder folder;
    const std::string file = folder.path() + "/x";
    const mode_t before = ::umask(022);
    const auto mode_for = [&](unsigned mode) {
        FetchedFiles(file, 1).take("web1", sent("mode " + std::to_string(mode), mode));
        return mode_of(file);
    };
    CHECK(mode_for(0640) == 0600);
    CHECK(mode_for(0000) == 0600);
    CHECK(mode_for(0666) == 0644);
    CHECK(mode_for(04755) == 0755);
    ::umask(before);
}

TEST_CASE("S64 a file whose bytes are not those that were read is not written", "[copy]") {
    const TemporaryFolder folder;
    Value body = sent("hello");
    body.set("hash", hash_of("other").hex());
    CHECK_THAT(error_of([&] { FetchedFiles(folder.path() + "/x", 1).take("web1", body); }), Contains("their size or hash differs"));
    CHECK(list_folder(folder.path()).empty());
}

TEST_CASE("prove-cli copy fetches a file, and tells its size and hash", "[copy][local]") {
    const TemporaryFolder folder;
    const std::string from = folder.path() + "/a b", to = folder.path() + "/back";
    write_file_durably(from, "hello\n");
    const std::string hash = hash_of("hello\n").hex().substr(0, 16);
    const Ran first = cli({"copy", "web1:" + from, to});
    CHECK(first.code == 0);
    CHECK(first.out == "web1  " + from + ", 6 bytes, hash " + hash + ", to '" + to + "'\n");
    CHECK(read_whole_file(to) == "hello\n");
    CHECK(cli({"copy", "web1:" + from, to}).out == "web1  " + from + ", 6 bytes, hash " + hash + ", was already in '" + to + "'\n");
    const Ran json = cli({"copy", "web1:" + from, to, "--output", "json"});
    CHECK_THAT(json.out, !Contains("pieces") && Contains("\"changed\":false"));
    const Ran missing = cli({"copy", "web1:/no/such/file", to});
    CHECK(missing.code == 4);
    CHECK(missing.out == "web1  failed: there is no file '/no/such/file'\n");
}

TEST_CASE("a fetched file that cannot be written here is that target's failure", "[copy][local]") {
    const TemporaryFolder folder;
    write_file_durably(folder.path() + "/a", "hello\n");
    make_folders(folder.path() + "/web1");
    const Ran ran = cli({"copy", "web1:" + folder.path() + "/a", folder.path()});
    CHECK(ran.code == 4);
    CHECK(ran.out == "web1  failed: '" + folder.path() + "/web1' is no regular file\n");
}

TEST_CASE("prove-cli copy to a target is a run of file.managed, and shows no contents", "[copy][local]") {
    const TemporaryFolder folder;
    const std::string from = folder.path() + "/from", to = folder.path() + "/to";
    write_file_durably(from, "a secret\n", 0640);
    const Ran plan = cli({"copy", from, "web1:" + to, "--plan", "--detailed-exit-code"});
    CHECK(plan.code == 6);
    CHECK_THAT(plan.out, Contains("file.managed " + to) && Contains("new file, mode 0640") && !Contains("a secret"));
    CHECK_FALSE(exists(to));
    CHECK_THAT(cli({"copy", from, "web1:" + to, "--mode", "0600", "--plan"}).out, Contains("new file, mode 0600"));
    CHECK(cli({"copy", from, "web1:" + to, "--mode", "rw"}).err == "prove-cli: --mode is octal, such as 0644, not 'rw'\n");
    for (const char* option : {"--plan", "--detach", "--make-dirs"})
        CHECK(cli({"copy", "web1:" + from, to, option}).err == "prove-cli: " + std::string(option) + " is for files that go to targets\n");
    CHECK(cli({"copy", "web1:" + from, to, "--mode", "0600"}).err == "prove-cli: --mode is for files that go to targets\n");
}

TEST_CASE("prove-cli state says what is wrong with its words before anything is sent", "[state][local]") {
    CHECK(cli({"state", "web1", "file.managed", "path"}).err == "prove-cli: argument 1: arguments are written NAME=VALUE, found 'path'\n");
    CHECK(cli({"state", "web1", "file.managed", "path=/x", "=y"}).err == "prove-cli: argument 2: arguments are written NAME=VALUE, found '=y'\n");
    CHECK(cli({"state", "web1", "file.managed", "path=/x", "path=/y"}).err == "prove-cli: argument 2: 'path' is given twice\n");
    const Ran unknown = cli({"state", "web1", "file.managed", "path=/x", "contnet=y"});
    CHECK(unknown.code == 2);
    CHECK(unknown.err == "prove-cli: argument 2: unknown argument 'contnet' of file.managed; did you mean 'content'?\n");
    CHECK(unknown.out.empty());
}

TEST_CASE("prove-cli state --plan shows what one function would do", "[state][local]") {
    const TemporaryFolder folder;
    const Ran ran = cli({"state", "web1", "file.managed", "path=" + folder.path() + "/x", "content=[a, b]", "--plan", "--detailed-exit-code"});
    CHECK(ran.code == 6);
    CHECK_THAT(ran.out, Contains("~ ad hoc") && Contains("1 |+[a, b]") && Contains("1 target: 1 would change"));
    CHECK_FALSE(exists(folder.path() + "/x"));
}

TEST_CASE("what was fetched is shown later by its size and hash, whatever a target has sent", "[copy]") {
    const auto shown = [](const Value& body, const std::string& end = "done", const std::string& reason = "") {
        StoryJobs jobs;
        jobs.ended("web1", end, reason).results["web1"] = body;
        jobs.tell("job_ended", "");
        GlobalOptions options;
        CapturedStream out(stdout);
        {
            Console console({OutputFormat::text, "never", false, false});
            Invocation invocation{options, console};
            JobRun run;
            run.wanted.operation = "fetch";
            follow_job(invocation, jobs, run, "01jd8zk4000000000000000000", 1);
        }
        return out.text();
    };
    CHECK(shown(sent("hello\n")) == "web1  /etc/motd, 6 bytes, hash " + hash_of("hello\n").hex().substr(0, 16) + "\n");
    CHECK(shown(Value()) == "web1  done\n");  // an hour later
    CHECK(shown(Value::object(), "failed", "there is no file") == "web1  failed: there is no file\n");
    for (const char* body : {"{}", "[]", "1", R"({"path": 1, "size": "x", "hash": 7, "pieces": 3})"})
        CHECK_THAT(shown(read_json(body)), Catch::StartsWith("web1  failed: "));
}
