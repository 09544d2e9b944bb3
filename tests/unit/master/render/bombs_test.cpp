// Templates that are out for trouble: they end at their limit, with their line, and the next render is as good as ever.
#include <sys/stat.h>
#include <unistd.h>

#include <catch2/catch.hpp>

#include <atomic>
#include <thread>

#include "common/files/files.hpp"
#include "tests/unit/master/render/rendering.hpp"

using namespace prove;
using namespace prove::test;
using Catch::Matchers::Contains;
using Catch::Matchers::StartsWith;

namespace {

RenderLimits short_limits() {
    RenderLimits limits;
    limits.processor = std::chrono::seconds(1);
    limits.time = std::chrono::seconds(2);
    return limits;
}

// The errors of a text; and that the renderer goes on afterwards.
std::string bomb(const Rendering& rendering, const std::string& text) {
    const std::string errors = rendering.errors(text);
    CHECK(rendering.text("still ${1 + 1}") == "still 2");
    return errors;
}

}  // namespace

TEST_CASE("S79 an endless loop ends at the limit of processor time, at its line", "[render][bomb]") {
    RenderLimits limits;
    limits.processor = std::chrono::seconds(1);
    const Rendering rendering({}, limits);
    CHECK_THAT(bomb(rendering, "a\n<%\nwhile True:\n    try:\n        x = 1\n    except Exception:\n        pass\n%>"),
               StartsWith("states/site.yml:") && Contains("takes more than 1 s of processor time"));
}

TEST_CASE("S79 a template that waits ends at the limit of time", "[render][bomb]") {
    const Rendering rendering({}, short_limits());
    CHECK_THAT(bomb(rendering, "a\n<% import time; time.sleep(100) %>"),
               Contains("site.yml:2:") && Contains("takes longer than 2 s"));
}

TEST_CASE("S79 a template that hears no signal is killed", "[render][bomb]") {
    const Rendering rendering({}, short_limits());
    CHECK_THAT(bomb(rendering,
                    "<%\nimport signal\nfor s in (signal.SIGALRM, signal.SIGXCPU):\n"
                    "    signal.signal(s, signal.SIG_IGN)\nwhile True:\n    pass\n%>"),
               Contains("takes longer than 2 s"));
}

TEST_CASE("S79 a template that swallows every exception, ours too, is killed", "[render][bomb]") {
    const Rendering rendering({}, short_limits());
    CHECK_THAT(bomb(rendering, "<%\nwhile True:\n    try:\n        pass\n    except BaseException:\n        pass\n%>"),
               Contains("takes longer than 2 s"));
}

TEST_CASE("S79 a template that answers in its worker's place gets an error, whatever it says", "[render][bomb]") {
    const Rendering rendering({}, short_limits());
    const std::string begin = "<%\nimport os\ndef send(text):\n    os.write(3, len(text).to_bytes(4, 'big') + text)\n";
    for (const std::string answer :
         {"send(b'nonsense')", "send(b'[]')", "send(b'{}')", "send(b'{\"errors\": 5}')", "send(b'{\"errors\": [{}]}')",
          "send(b'{\"errors\": []}')",
          "send(b'{\"text\": \"a\", \"probes\": [], \"results\": [], \"files\": [], \"runs\": [0, 7, 1]}')",
          "send(b'{\"text\": \"a\", \"probes\": [], \"results\": [], \"files\": [\"x\"], \"runs\": [0, 0, -5, -9, -1, "
          "3]}')",
          "send(b'{\"text\": \"a\", \"probes\": [], \"results\": [], \"files\": [], \"places\": [\"x\", 1]}')",
          "send(b'{\"text\": \"a\", \"probes\": [], \"results\": [], \"files\": [], \"runs\": [], \"reads\": [[]]}')",
          "send(b'{\"text\": \"a\", \"probes\": [], \"results\": [], \"files\": [], \"runs\": [], \"reads\": "
          "[[\"x\"]]}')",
          "os.write(3, b'\\xff\\xff\\xff\\xff')", "os.write(3, b'\\0\\0')", "os.close(3)",
          "[send(b'{\"ask\": \"file\", \"name\": \"x\"}') for _ in range(10**6)]"}) {
        INFO(answer);
        CHECK_THAT(bomb(rendering, begin + answer + "\n%>"), StartsWith("states/site.yml:"));
    }
}

TEST_CASE("S79 a template that asks in its worker's place, or leaves answers behind, spoils no other render",
          "[render][bomb]") {
    const Rendering rendering({}, short_limits());
    const std::string begin = "<%\nimport os\ndef send(text):\n    os.write(3, len(text).to_bytes(4, 'big') + text)\n";
    for (const std::string question : {"send(b'{\"ask\": 5}')", "send(b'{\"ask\": \"file\", \"name\": \"../x\"}')"}) {
        INFO(question);
        CHECK(bomb(rendering, begin + question + "\n%>") == "");
    }
}

TEST_CASE("S79 memory is limited", "[render][bomb]") {
    const Rendering rendering({}, short_limits());
    CHECK_THAT(bomb(rendering, "a\n<% x = 'a' * 10**10 %>"), Contains("site.yml:2:") && Contains("256 MiB of memory"));
    CHECK_THAT(bomb(rendering, "<%\nx = []\nwhile True:\n    x.append('a' * 10**6)\n%>"),
               Contains("256 MiB of memory"));
}

TEST_CASE("S79 output is limited", "[render][bomb]") {
    const Rendering rendering({}, short_limits());
    CHECK_THAT(bomb(rendering, "% while True:\n${'x' * 100000}\n% endwhile\n"),
               Contains("site.yml:2:") && Contains("8 MiB of text"));
}

TEST_CASE("S79 no template starts a process or a thread", "[render][bomb]") {
    const Rendering rendering({}, short_limits());
    for (const char* const call :
         {"import os; os.fork()", "import os; os.system('true') == 0 or int('x')",
          "import subprocess; subprocess.run(['/bin/true'])", "import os; os.execv('/bin/true', ['true'])",
          "import threading; threading.Thread(target=print).start()"}) {
        INFO(call);
        CHECK(bomb(rendering, std::string("<% ") + call + " %>") != "");
    }
}

TEST_CASE("S79 no template reaches the network, other processes or files of the machine", "[render][bomb]") {
    const Rendering rendering({}, short_limits());
    for (const char* const call :
         {"import socket; socket.socket()", "import socket; socket.socket(socket.AF_UNIX)",
          "import os, signal; os.kill(os.getppid(), signal.SIGTERM)", "open('/etc/shadow').read()",
          "open('/proc/1/environ').read()", "open('/tmp/written-by-a-template', 'w').write('x')"}) {
        INFO(call);
        CHECK_THAT(bomb(rendering, std::string("<% ") + call + " %>"), Contains("Error"));
    }
}

// A master that is not root has workers of its own user: what Landlock does not watch must be refused all the same.
TEST_CASE("S79 no template changes a file or a process of its own user", "[render][bomb]") {
    const Rendering rendering({}, short_limits());
    const TemporaryFolder folder("prove-render-test");
    const std::string file = folder.path() + "/online.key";
    write_file_durably(file, "secret", 0600);
    if (::geteuid() == 0) {
        constexpr uid_t nobody = 65534;
        REQUIRE(::chmod(folder.path().c_str(), 0711) == 0);
        REQUIRE(::chown(file.c_str(), nobody, nobody) == 0);
    }
    for (const std::string& call :
         {"os.truncate('" + file + "', 0)", "os.chmod('" + file + "', 0o666)", "os.utime('" + file + "', (0, 0))",
          "os.setxattr('" + file + "', b'user.a', b'b')", std::string("os.setpriority(os.PRIO_PROCESS, 0, 5)"),
          std::string("__import__('fcntl').fcntl(3, 8, os.getppid())"),
          std::string("__import__('resource').prlimit(os.getppid(), 7)")}) {
        INFO(call);
        CHECK_THAT(bomb(rendering, "<% import os; " + call + " %>"), Contains("PermissionError"));
    }
    CHECK(read_whole_file(file, 100) == "secret");
    struct stat status {};
    REQUIRE(::stat(file.c_str(), &status) == 0);
    CHECK((status.st_mode & 0777) == 0600);
}

TEST_CASE("S79 a worker inherits no descriptor and no environment of ours", "[render][bomb]") {
    const Rendering rendering({}, short_limits());
    CHECK(rendering.text("<%\nimport os\nopen_ones = []\nfor d in range(32):\n    try:\n        os.fstat(d)\n"
                         "        open_ones.append(d)\n    except OSError:\n        pass\n%>${open_ones}") ==
          "[0, 1, 2, 3]");
    CHECK(rendering.text("<% import os %>${sorted(os.environ)}").find("SHELL") == std::string::npos);
}

TEST_CASE("S79 nothing of one render is found by the next", "[render][bomb]") {
    Rendering rendering({}, short_limits());
    rendering.set("vars", R"({"password": "swordfish"})");
    const std::string text = "<%! kept = [] %><% kept.append(vars.get('password')) %>${len(kept)}";
    CHECK(rendering.text(text) == "1");
    rendering.set("vars", "{}");
    CHECK(rendering.text(text) == "1");
}

TEST_CASE("output that is not UTF-8 is an error", "[render][bomb]") {
    const Rendering rendering({}, short_limits());
    CHECK_THAT(bomb(rendering, "${'\\udc80'}"), Contains("not UTF-8"));
}

TEST_CASE("a template that includes itself, or ends Python, is its own error", "[render][bomb]") {
    const Rendering rendering(Files{{"templates/loop.mako", "<%include file='loop.mako'/>"}}, short_limits());
    CHECK_THAT(bomb(rendering, "<%include file='loop.mako'/>"), Contains("loop.mako:1:") && Contains("without end"));
    CHECK_THAT(bomb(rendering, "<% raise SystemExit(0) %>"), Contains("SystemExit"));
    CHECK_THAT(bomb(rendering, "<% import os; os._exit(3) %>"), Contains("ended its worker (exit code"));
}

TEST_CASE("what a template prints is lost, however much it is", "[render][bomb]") {
    const Rendering rendering({}, short_limits());
    CHECK(rendering.text("<% print('x' * 200000) %>ok") == "ok");
}

TEST_CASE("a worker that dies while it is idle costs nobody a render", "[render][bomb]") {
    const Rendering rendering({}, short_limits());
    // Ends itself a moment after it has answered.
    CHECK(rendering.text("<%\nimport signal, os\nsignal.signal(signal.SIGPROF, lambda *a: os._exit(9))\n"
                         "signal.setitimer(signal.ITIMER_PROF, 0.000001)\n%>first") != "");
    for (int i = 0; i < 20; ++i) CHECK(rendering.text("${1 + 1}") == "2");
}

TEST_CASE("P30 bombs of some do not spoil the renders of others", "[render][bomb]") {
    const Rendering rendering({}, short_limits(), 2);
    std::atomic<int> right{0};
    std::thread trouble([&] {
        for (int i = 0; i < 2; ++i) (void)rendering.errors("<% import os; os._exit(1) %>");
        (void)rendering.errors("<%\nwhile True:\n    pass\n%>");
    });
    for (int i = 0; i < 50; ++i) right += rendering.text("${" + std::to_string(i) + " * 2}") == std::to_string(i * 2);
    trouble.join();
    CHECK(right == 50);
}
