// Where the master stops: results that are too large, and a store that broke while results were on their way to it.
#include <catch2/catch.hpp>

#include "tests/support/fake_agent.hpp"

using namespace prove;
using namespace prove::test;

TEST_CASE("S64 a result that says it is larger than 4 MiB ends its target, and not a byte of it is asked for",
          "[limits]") {
    for (const std::uint64_t size : {std::uint64_t{0}, (std::uint64_t{4} << 20) + 1, std::uint64_t{1} << 40}) {
        MasterWorld world;
        FakeAgent web1(world, "web1");
        web1.hello();
        const auto job = world.submit({"web1"});
        web1.accept(job);
        web1.got();
        JobResult result;
        result.job = job;
        result.blob = BlobRef{hash_of("x"), size};
        Value body = to_value(result);
        web1.say(MessageType::result, body, job);
        for (const auto& type : web1.heard()) CHECK(type != "file_request");
        CHECK(world.end_of(job, "web1") == "failed");
        CHECK_FALSE(world.dispatch().failed());
    }
}

TEST_CASE("S64 a result of 4 MiB is asked for", "[limits]") {
    MasterWorld world;
    FakeAgent web1(world, "web1");
    web1.hello();
    const auto job = world.submit({"web1"});
    web1.accept(job);
    JobResult result;
    result.job = job;
    result.blob = BlobRef{hash_of("x"), std::uint64_t{4} << 20};
    web1.say(MessageType::result, to_value(result), job);
    CHECK(web1.last(MessageType::file_request));
}

TEST_CASE("D3 a store that breaks while a result is on its way to it confirms nothing, and stops the master",
          "[limits]") {
    MasterWorld world;
    FakeAgent web1(world, "web1");
    web1.hello();
    const auto job = world.submit({"web1"});
    web1.accept(job);
    web1.got();
    world.store.fail_with(Error(ErrorKind::failed, "disk I/O error"));
    web1.finish(job);
    CHECK(world.dispatch().failed());
    for (const auto& type : web1.heard()) CHECK(type != "stored");
    // What comes after that is not taken: the next life of the master hears it again.
    world.store.fail_with(std::nullopt);
    web1.finish(job);
    for (const auto& type : web1.heard()) CHECK(type != "stored");
    CHECK_FALSE(world.store.result(job, TargetId("web1")));
}
