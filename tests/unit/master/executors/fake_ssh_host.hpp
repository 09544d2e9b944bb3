// A host behind an ssh that is a script here: it runs what the login shell of a host would be given, under whichever shell,
// as a user who is not root where that can be; or it says what a test has it say.
#pragma once

#include <sys/stat.h>
#include <unistd.h>

#include <catch2/catch.hpp>

#include "common/files/files.hpp"
#include "common/text/text.hpp"
#include "master/executors/ssh_session.hpp"
#include "tests/support/engine_tests.hpp"

namespace prove::test {

constexpr unsigned nobody = 65'534;

struct Heard final : ActionEvents {
    void output(const std::string&, OutputStream, std::string_view bytes) override { out += bytes; }
    void state_started(const StateInvocation&) override {}
    void state_finished(const StateInvocation& invocation) override { finished.push_back(invocation.state.text()); }
    void note(const std::string& text) override { notes.push_back(text); }
    std::string out;
    std::vector<std::string> finished, notes;
};

// A host: a home, a login shell, and an ssh that leads there.
struct FakeHost {
    explicit FakeHost(const std::string& shell = "/bin/sh") {
        ::chmod(folder.path().c_str(), 0755);
        make_folders(home());
        if (::geteuid() == 0 && ::chown(home().c_str(), nobody, nobody) != 0) FAIL("cannot give a folder away");
        const std::string as_nobody =
            ::geteuid() == 0 ? "/usr/bin/setpriv --reuid=65534 --regid=65534 --clear-groups " : "";
        write_file_durably(ssh(),
                           "#!/bin/sh\nfor command; do :; done\ncd /\nexport HOME=" + home() +
                               "\nunset XDG_CACHE_HOME\n" + before + "exec " + as_nobody + shell + " -c \"$command\"\n",
                           0755);
        tools.ssh = ssh();
        tools.programs = {load_exec_program("x86_64", PROVE_EXEC)};
        tools.start_time = Milliseconds(20'000);
        target.host = "web1";
    }
    std::string home() const { return folder.path() + "/home"; }
    std::string ssh() const { return folder.path() + "/ssh"; }
    std::string cache() const {
        return home() + "/.cache/prove-" + std::to_string(::geteuid() == 0 ? nobody : ::geteuid());
    }
    // Has ssh do something before the login shell starts.
    void first(const std::string& line) {
        std::string script = read_whole_file(ssh());
        script.insert(script.find("exec "), line + "\n");
        write_file_durably(ssh(), script, 0755);
    }
    std::unique_ptr<SshSession> open() {
        return std::make_unique<SshSession>(target, tools, clock, random, content, nullptr, cancellation);
    }
    std::string failure() {
        try {
            open();
        } catch (const Error& error) {
            CHECK(error.kind() == ErrorKind::unavailable);
            return error.text();
        }
        return "";
    }

    TemporaryFolder folder;
    std::string before;
    SshTools tools;
    SshTarget target;
    SystemClock clock;
    SystemRandom random;
    prove::testing::MemoryContent content;
    Cancellation cancellation;
};

inline ActionResult shell(SshSession& session, const std::string& line, Heard& heard,
                   const Cancellation& cancellation = Cancellation()) {
    CmdBody body;
    body.shell = line;
    return session.run("cmd", to_value(body), heard, cancellation);
}

// Instead of a host: a script that knows the nonce, $n.
inline void speak(const FakeHost& host, const std::string& lines) {
    write_file_durably(host.ssh(),
                       "#!/bin/sh\nfor c; do :; done\nn=$(echo \"$c\" | sed 's/.* n=\\([0-9a-f]*\\);.*/\\1/; "
                       "s/.*n=\\([0-9a-f]*\\); k=.*/\\1/')\n" +
                           lines,
                       0755);
}

inline bool answers(SshSession& session) {
    Heard heard;
    return session.run("ping", Value::object(), heard, Cancellation()).end == JobResult::End::done;
}

}  // namespace prove::test
