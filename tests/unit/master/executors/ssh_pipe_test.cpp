// The pipe through ssh by itself, with a script for ssh.
#include <catch2/catch.hpp>

#include "common/files/files.hpp"
#include "master/executors/ssh_pipe.hpp"

using namespace prove;

TEST_CASE("P25 a host that sends faster than it is listened to has to wait, and nothing of what it sends is lost",
          "[ssh]") {
    constexpr int rounds = 20, frames = 64;
    TemporaryFolder folder;
    SystemClock clock;
    std::string bytes;
    for (int i = 0; i < frames; ++i) bytes += to_bytes({PipeType::note, std::string(60u << 10, 'x')});
    write_file_durably(folder.path() + "/frames", bytes);
    write_file_durably(folder.path() + "/ssh",
                       "#!/bin/sh\necho PROVE:00ff:ready\nfor i in $(seq " + std::to_string(rounds) +
                           "); do cat frames; echo $i >> sent; done\ncat > /dev/null\n",
                       0755);
    SshCall call;
    call.argv = {"/bin/sh", "-c", "cd " + folder.path() + " && exec ./ssh"};
    call.nonce = "00ff";
    SshPipe pipe(call, clock);
    const auto sent = [&] { return find_whole_file(folder.path() + "/sent").value_or("").size(); };
    // Until it stands still: each round is 3.75 MiB.
    std::size_t before = 0;
    for (auto still = clock.boot_ms(); clock.boot_ms() - still < 700;) {
        if (sent() != before) still = clock.boot_ms();
        before = sent();
    }
    CHECK(before > 0);
    CHECK(before < std::string("1\n2\n3\n4\n5\n6\n7\n8\n").size());
    int came = 0;
    while (came < rounds * frames) {
        const auto event = pipe.next(Milliseconds(10'000));
        REQUIRE(event);
        REQUIRE(event->kind != SshEvent::Kind::ended);
        came += event->kind == SshEvent::Kind::frame ? 1 : 0;
    }
    CHECK(came == rounds * frames);
}
