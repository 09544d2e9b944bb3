// Sessions with hosts as they are, behind an ssh that is a script here. With hosts that mean ill: ssh_hostile_test.cpp.
// Against real sshds: tests/system/test_ssh.py.
#include <csignal>
#include <thread>

#include "tests/support/processes.hpp"
#include "tests/unit/master/executors/fake_ssh_host.hpp"

using namespace prove;
using namespace prove::test;

TEST_CASE("prove-exec is copied once and started from its copy, whichever the login shell is", "[ssh]") {
    for (const char* shell : {"/bin/sh", "/bin/bash", "/bin/tcsh", "/bin/csh", "/usr/bin/fish", "/bin/busybox sh"}) {
        if (!exists(split(shell, ' ').front())) continue;
        INFO(shell);
        FakeHost host(shell);
        CHECK(answers(*host.open()));
        const std::string copy = host.cache() + "/exec-" + host.tools.programs.front().sha256;
        REQUIRE(exists(copy));
        CHECK(list_folder(host.cache()).size() == 1);
        struct stat first {
        }, second{};
        ::stat(copy.c_str(), &first);
        CHECK(answers(*host.open()));
        ::stat(copy.c_str(), &second);
        CHECK(first.st_ino == second.st_ino);
        CHECK((second.st_mode & 07777) == 0700);
    }
}

TEST_CASE("what the profile of a login shell prints is passed over", "[ssh]") {
    FakeHost host;
    host.first("echo Welcome to web1; echo PROVE:someone:ready; printf 'no line end'; echo a warning >&2");
    CHECK(answers(*host.open()));
}

TEST_CASE("S87 a copy that is not what it should be is not run, and replaced", "[ssh]") {
    FakeHost host;
    host.open();
    const std::string copy = host.cache() + "/exec-" + host.tools.programs.front().sha256;
    const std::string mark = host.home() + "/was-run";
    write_file_durably(copy, "#!/bin/sh\ntouch " + mark + "\n", 0755);
    CHECK(answers(*host.open()));
    CHECK_FALSE(exists(mark));
    CHECK(read_whole_file(copy) == *host.tools.programs.front().bytes);
}

TEST_CASE("S86 a folder for copies that is open to others, or somebody else's link, is not used", "[ssh]") {
    FakeHost host;
    host.open();
    const std::string copy = "/exec-" + host.tools.programs.front().sha256;
    ::chmod(host.cache().c_str(), 0770);
    struct stat before {
    }, after{};
    ::stat((host.cache() + copy).c_str(), &before);
    CHECK(answers(*host.open()));  // from another place
    ::stat((host.cache() + copy).c_str(), &after);
    CHECK(before.st_atime == after.st_atime);
    for (const char* folder : {"/var/tmp", "/tmp", "/dev/shm"}) remove_tree(std::string(folder) + "/prove-65534");
}

TEST_CASE("S86 a place where others could put a folder of theirs for ours is not used, unless it is sticky", "[ssh]") {
    FakeHost host;
    const std::string place = host.home() + "/.cache";
    host.first("mkdir -p -m 777 " + place + "; chmod 777 " + place + "; chown --reference=" + host.home() + " " + place);
    CHECK(answers(*host.open()));  // from another place
    CHECK_FALSE(exists(host.cache()));
    host.first("chmod 1777 " + place);
    CHECK(answers(*host.open()));
    for (const char* folder : {"/var/tmp", "/tmp", "/dev/shm"}) remove_tree(std::string(folder) + "/prove-65534");
    CHECK(answers(*host.open()));
    CHECK(exists(host.cache()));
}

TEST_CASE("operations go through the pipe as they do in this process", "[ssh]") {
    FakeHost host;
    const auto session = host.open();
    Heard heard;
    const ActionResult result = shell(*session, "echo out; echo err >&2; exit 3", heard);
    CHECK(result.end == JobResult::End::failed);
    CHECK(result.reason == "exit code 3");
    CHECK(heard.out.find("out\n") != std::string::npos);
    CHECK(heard.out.find("err\n") != std::string::npos);
    const ActionResult facts = session->run("facts", Value::object(), heard, Cancellation());
    CHECK(facts.body.at("facts").is_mapping());
    CHECK(session->run("dance", Value::object(), heard, Cancellation()).end == JobResult::End::refused);
}

TEST_CASE("a command through ssh has the umask, the folder and the environment of any other", "[ssh]") {
    FakeHost host;
    const auto session = host.open();
    Heard heard;
    shell(*session, "umask; pwd; echo $LC_ALL.", heard);
    CHECK(heard.out == "0022\n/\n.\n");
}

TEST_CASE("contents are sent only where the host lacks them, and large ones whole", "[ssh]") {
    FakeHost host;
    const std::string place = host.home() + "/files";
    make_folders(place);
    if (::geteuid() == 0 && ::chown(place.c_str(), nobody, nobody) != 0) FAIL("cannot give a folder away");
    std::string yaml;
    for (int i = 0; i < 20; ++i)
        yaml += "f" + std::to_string(i) + ": [{fn: file.managed, path: " + place + "/f" + std::to_string(i) +
                ", content: 'number " + std::to_string(i) + std::string(i == 7 ? 700'000 : 10, 'x') + "'}]\n";
    StatesBody body;
    body.mode = RunMode::apply;
    body.run = to_value(test::RunYaml(yaml, host.content).run());
    const auto session = host.open();
    Heard heard;
    const ActionResult first = session->run("states", to_value(body), heard, Cancellation());
    CHECK(first.reason.empty());
    REQUIRE(first.end == JobResult::End::done);
    CHECK(heard.finished.size() == 20);
    CHECK(read_whole_file(place + "/f7").size() == 700'008);
    host.content.fetches = 0;
    const ActionResult second = session->run("states", to_value(body), heard, Cancellation());
    CHECK(count(run_report_from(second.body.at("report"))).ok == 20);
    CHECK(host.content.fetches == 0);
}

TEST_CASE("a cancelled command ends on the host, and the session goes on", "[ssh]") {
    FakeHost host;
    const auto session = host.open();
    const std::string mark = "sleep 98.7" + std::to_string(::getpid());
    Cancellation cancellation;
    std::thread later([&] {
        comes_true(std::chrono::seconds(10), [&] { return count_processes(mark.substr(6)) > 0; });
        cancellation.cancel("enough");
    });
    Heard heard;
    CHECK(shell(*session, mark, heard, cancellation).end == JobResult::End::cancelled);
    later.join();
    CHECK(comes_true(std::chrono::seconds(5), [&] { return count_processes(mark.substr(6)) == 0; }));
    CHECK(answers(*session));
}

TEST_CASE("P31 when the connection goes, the host's result says so, and nothing is left running there", "[ssh]") {
    FakeHost host;
    const std::string pids = host.folder.path() + "/pid";
    host.first("echo $$ > " + pids);
    auto session = host.open();
    const std::string mark = "97.6" + std::to_string(::getpid());
    std::thread later([&] {
        comes_true(std::chrono::seconds(10), [&] { return count_processes(mark) > 0; });
        ::kill(std::stoi(read_whole_file(pids)), SIGKILL);  // it has become prove-exec
    });
    Heard heard;
    const ActionResult result = shell(*session, "sleep " + mark + " & sleep " + mark, heard);
    later.join();
    CHECK(result.end == JobResult::End::interrupted);
    CHECK(result.reason == "the connection was lost: signal 9");
    CHECK(comes_true(std::chrono::seconds(10), [&] { return count_processes(mark) == 0; }));
}

TEST_CASE("a session that is closed leaves no process behind", "[ssh]") {
    FakeHost host;
    const std::string pids = host.folder.path() + "/pid";
    host.first("echo $$ > " + pids);
    auto session = host.open();
    const int pid = std::stoi(read_whole_file(pids));
    CHECK_FALSE(has_ended(pid));
    session.reset();
    CHECK(has_ended(pid));
}

TEST_CASE("a host that accepts and then hangs is given up", "[ssh]") {
    FakeHost host;
    host.tools.start_time = Milliseconds(1'000);
    host.first("exec sleep 60");
    CHECK(host.failure() == "prove-exec did not start (nothing was heard for 1.0 s)");
}

TEST_CASE("who has enough of waiting for a host is heard", "[ssh]") {
    FakeHost host;
    host.first("exec sleep 60");
    host.cancellation.cancel("enough");
    CHECK_THROWS_WITH(host.open(), "cancelled before prove-exec had started");
}

TEST_CASE("a host that stops answering in the middle is given up", "[ssh]") {
    FakeHost host;
    const std::string pids = host.folder.path() + "/pid";
    host.first("echo $$ > " + pids);
    host.tools.silence_time = Milliseconds(2'000);
    auto session = host.open();
    ::kill(std::stoi(read_whole_file(pids)), SIGSTOP);
    Heard heard;
    const ActionResult result = shell(*session, "true", heard);
    CHECK(result.end == JobResult::End::interrupted);
    CHECK(result.reason == "the connection was lost: nothing was heard for 2.0 s");
    ::kill(std::stoi(read_whole_file(pids)), SIGKILL);
}

TEST_CASE("without sudo, su or doas on the host it says which is missing", "[ssh]") {
    FakeHost host;
    host.target.become = Become::doas;
    host.first("b=" + host.folder.path() +
               "/bin; mkdir $b; for t in id sh sha256sum; do ln -s /usr/bin/$t $b/; done; export PATH=$b");
    CHECK(host.failure() == "there is no doas on the host, and the catalog says 'become: doas'");
}

TEST_CASE("a machine of another kind, and one that lacks what checks a copy, are named", "[ssh]") {
    FakeHost host;
    host.tools.programs.front().machine = "s390x";
    CHECK(host.failure() ==
          "the host is of the kind x86_64, and this Prove has no prove-exec for that, only for s390x");
    FakeHost mute;
    mute.first("b=" + mute.folder.path() + "/bin; mkdir $b; for t in id sh; do ln -s /usr/bin/$t $b/; done; export PATH=$b");
    CHECK(mute.failure() == "the host does not say what machine it is: 'uname -m' cannot be run there (is its PATH right?)");
    FakeHost bare;
    bare.first("b=" + bare.folder.path() +
               "/bin; mkdir $b; for t in id sh uname; do ln -s /usr/bin/$t $b/; done; export PATH=$b");
    CHECK(bare.failure() == "there is no sha256sum on the host to check the copy of prove-exec with");
}

TEST_CASE("a password is asked for once, given to the host through the pipe, and a wrong one is not tried again",
          "[ssh]") {
    FakeHost host;
    host.target.become = Become::sudo;
    make_folders(host.folder.path() + "/bin");
    // A sudo that takes "right" and only that.
    write_file_durably(host.folder.path() + "/bin/sudo",
                       "#!/bin/sh\nprompt=$3\nwhile :; do printf '%s' \"$prompt\" >&2; IFS= read -r p || exit 1\n"
                       "[ \"$p\" = right ] && break; echo 'Sorry, try again.' >&2; done\nshift 4\nexec \"$@\"\n",
                       0755);
    host.first("PATH=" + host.folder.path() + "/bin:$PATH; export PATH");
    int asked = 0;
    std::string password = "right";
    host.tools.ask_password = [&](const std::string& question) {
        CHECK(question == "password for sudo");
        ++asked;
        return std::optional(password);
    };
    CHECK(answers(*host.open()));
    CHECK(asked == 1);
    password = "wrong";
    CHECK(host.failure() == "sudo did not take the password");
    CHECK(asked == 2);
    host.tools.ask_password = [](const std::string&) { return std::optional<std::string>(); };
    CHECK(host.failure() ==
          "sudo asks for a password, and there is no terminal to ask you for it; let sudo not ask, or run this in a "
          "terminal");
}

TEST_CASE("an ssh that cannot be run, and one that fails, are told", "[ssh]") {
    FakeHost host;
    host.tools.ssh = "/does/not/exist";
    CHECK(host.failure().find("prove-exec did not start (cannot run '/does/not/exist'") == 0);
    FakeHost refused;
    refused.first("echo 'ssh: connect to host web1 port 22: Connection refused' >&2; exit 255");
    CHECK(refused.failure() == "ssh: connect to host web1 port 22: Connection refused");
}

TEST_CASE("a result that is cut in the middle by the end of the connection is no result", "[ssh]") {
    FakeHost host;
    speak(host, "echo PROVE:$n:ready\nprintf 'PRV\\011\\000\\000\\002\\000{\"job\":'\n");
    auto session = host.open();
    Heard heard;
    const ActionResult result = shell(*session, "true", heard);
    CHECK(result.end == JobResult::End::interrupted);
    CHECK(result.reason == "the connection was lost: exit code 0");
}

TEST_CASE("what is run is told on the host under the job's own id", "[ssh]") {
    FakeHost host;
    auto session = host.open();
    SystemRandom random;
    const JobId job(random.bytes<JobId::Raw>());
    session->speak_of(job);
    Heard heard;
    shell(*session, "echo $PROVE_JOB", heard);
    CHECK(heard.out == job.text() + "\n");
}
