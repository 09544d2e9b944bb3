// Hosts that mean ill, or are broken: whatever they say through ssh, they harm nobody but themselves.
#include <sys/resource.h>

#include "tests/unit/master/executors/fake_ssh_host.hpp"

using namespace prove;
using namespace prove::test;

namespace {

// A script's line that sends these frames for ever, and reads nothing.
std::string send_for_ever(const FakeHost& host, const PipeFrame& frame) {
    std::string frames;
    while (frames.size() < (1u << 20)) frames += to_bytes(frame);
    write_file_durably(host.folder.path() + "/frames", frames);
    return "echo PROVE:$n:ready\nwhile cat " + host.folder.path() + "/frames; do :; done\n";
}

// AddressSanitizer does, for a while.
#if defined(__has_feature)
constexpr bool keeps_what_is_freed = __has_feature(address_sanitizer);
#elif defined(__SANITIZE_ADDRESS__)
constexpr bool keeps_what_is_freed = true;
#else
constexpr bool keeps_what_is_freed = false;
#endif

}  // namespace

TEST_CASE("what comes instead of frames is not taken for any", "[ssh]") {
    for (const char* said : {"hello", "PRV\\377xxxx", "PRV\\011\\000\\000\\000\\002[]"}) {
        FakeHost host;
        speak(host, "echo PROVE:$n:ready\nprintf '" + std::string(said) + "'\nsleep 5\n");
        auto session = host.open();
        Heard heard;
        const ActionResult result = shell(*session, "true", heard);
        CHECK(result.end == JobResult::End::interrupted);
        CHECK(result.reason.find("the connection was lost: ") == 0);
    }
}

TEST_CASE("P25 a host that asks for contents and does not read them is given up, with what it was sent still small", "[ssh]") {
    FakeHost host;
    FileRequest request;
    request.job = JobId(host.random.bytes<JobId::Raw>());
    request.hash = host.content.add(std::string(1u << 20, 'x')).hash;
    request.length = 256u << 10;
    speak(host, send_for_ever(host, {PipeType::file_request, write_json(to_value(request))}));
    Heard heard;
    {
        auto session = host.open();
        const ActionResult result = shell(*session, "true", heard);
        CHECK(result.end == JobResult::End::interrupted);
        CHECK(result.reason == "the connection was lost: what came makes no sense: it asks and asks, and does not read the answers");
    }
    rusage used{};
    ::getrusage(RUSAGE_SELF, &used);
    if (!keeps_what_is_freed) CHECK(used.ru_maxrss < 300 * 1'024);
}

TEST_CASE("a host that never stops sending is left within seconds all the same", "[ssh]") {
    FakeHost host;
    speak(host, send_for_ever(host, {PipeType::note, std::string(60'000, 'x')}));
    auto session = host.open();
    const std::int64_t before = host.clock.boot_ms();
    session.reset();
    CHECK(host.clock.boot_ms() - before < 10'000);
}

TEST_CASE("S91 a host that was not to become root gets no password, whatever it asks for", "[ssh]") {
    FakeHost host;
    host.tools.ask_password = [](const std::string&) -> std::optional<std::string> {
        FAIL("somebody was asked");
        return std::nullopt;
    };
    speak(host, "echo PROVE:$n:password\nread p\n");
    CHECK(host.failure() == "the host asks for a password, though the catalog says no 'become' for it");
}

TEST_CASE("S91 a password that a host says back is not shown", "[ssh]") {
    FakeHost host;
    host.target.become = Become::sudo;
    host.tools.ask_password = [](const std::string&) { return std::optional<std::string>("correct horse"); };
    speak(host, "printf 'PROVE:%s:password' $n >&2\nread p\necho PROVE:$n:missing $p\nsleep 5\n");
    CHECK(host.failure() == "there is no *** on the host, and the catalog says 'become: ***'");
    speak(host, "printf 'PROVE:%s:password' $n >&2\nread p\necho >&2\necho PROVE:$n:ready\necho you said $p >&2\n");
    Heard heard;
    CHECK(shell(*host.open(), "true", heard).reason == "the connection was lost: exit code 0: you said ***");
}

TEST_CASE("a host that asks for prove-exec again and again is given up", "[ssh]") {
    FakeHost host;
    speak(host, "while :; do echo PROVE:$n:upload x86_64; done\n");
    CHECK(host.failure() == "the bootstrap asks for prove-exec again and again");
}
