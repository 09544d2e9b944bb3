// Files that wait for their job.
#include <catch2/catch.hpp>

#include "master/commands/given_contents.hpp"
#include "tests/support/fake_clock.hpp"

using namespace prove;

TEST_CASE("a content that was given is found by its hash and size, for ten minutes", "[commands]") {
    test::FakeClock clock;
    GivenContents given(clock);
    const BlobRef blob = given.add("hello");
    CHECK(blob == BlobRef{hash_of("hello"), 5});
    CHECK(*given.find({blob}).at(blob.hash) == "hello");
    CHECK(given.find({}).empty());
    CHECK_THROWS_WITH(given.find({BlobRef{blob.hash, 6}}), Catch::Contains("the master has no content"));
    clock.pass(Milliseconds(GivenContents::kept_ms));
    CHECK(given.find({blob}).size() == 1);
    clock.pass(Milliseconds(1));
    CHECK_THROWS_WITH(given.find({blob}), "the master has no content " + blob.hash.hex().substr(0, 16) +
                                              " of that size: give it first (POST /v1/contents), at most 10 minutes before");
}

TEST_CASE("giving a content again keeps it longer", "[commands]") {
    test::FakeClock clock;
    GivenContents given(clock);
    const BlobRef blob = given.add("hello");
    clock.pass(Milliseconds(GivenContents::kept_ms));
    given.add("hello");
    clock.pass(Milliseconds(GivenContents::kept_ms));
    CHECK(given.find({blob}).size() == 1);
}

TEST_CASE("contents that are given take no more memory than 64 MiB: the oldest make way", "[commands]") {
    test::FakeClock clock;
    GivenContents given(clock);
    std::vector<BlobRef> blobs;
    for (char c = 'a'; c < 'a' + 9; ++c) blobs.push_back(given.add(std::string(GivenContents::most_bytes_of_one, c)));
    CHECK_THROWS_AS(given.find({blobs[0]}), Error);
    for (std::size_t i = 1; i < blobs.size(); ++i) CHECK(given.find({blobs[i]}).size() == 1);
    CHECK_THROWS_WITH(given.add(std::string(GivenContents::most_bytes_of_one + 1, 'x')), "a content has at most 8 MiB");
}
