// Contents by their hash, for whom they are made (S63), and large results piece by piece (S64).
#include "master/jobs/serving.hpp"

#include <catch2/catch.hpp>

using namespace prove;

namespace {

KeyId agent(std::uint8_t number) {
    KeyId key;
    key.bytes.fill(number);
    return key;
}
JobId job(std::uint8_t number) {
    JobId::Raw raw;
    raw.bytes.fill(number);
    return JobId(raw);
}
Contents contents_of(const std::string& bytes) {
    Contents contents;
    contents[hash_of(bytes)] = std::make_shared<const std::string>(bytes);
    return contents;
}
FileRequest request_for(const JobId& of, const std::string& bytes, std::uint64_t offset = 0,
                        std::uint32_t length = 100) {
    FileRequest request;
    request.job = of;
    request.hash = hash_of(bytes);
    request.offset = offset;
    request.length = length;
    return request;
}

Collecting collecting(const std::string& bytes) {
    JobResult result;
    result.job = job(1);
    return {std::move(result), BlobRef{hash_of(bytes), bytes.size()}};
}
FileChunk chunk_of(const Collecting& of, const std::string& bytes) {
    const auto wanted = of.request();
    return {true, wanted.job, wanted.hash, wanted.offset, bytes.substr(wanted.offset, wanted.length)};
}

}  // namespace

TEST_CASE("S63 an agent gets the contents of its unfinished jobs and of the last one that it finished, no older ones",
          "[serving]") {
    Serving serving;
    const auto gets = [&](const std::string& bytes) {
        return serving.answer(agent(1), request_for(job(9), bytes)).found;
    };
    serving.offer(agent(1), job(1), contents_of("one"));
    serving.offer(agent(1), job(2), contents_of("two"));
    CHECK(gets("one"));
    serving.finish(agent(1), job(1));
    CHECK(gets("one"));
    CHECK(gets("two"));
    serving.finish(agent(1), job(2));
    CHECK_FALSE(gets("one"));
    CHECK(gets("two"));
    serving.finish(agent(1), job(7));  // of one that offered nothing
    CHECK(gets("two"));
}

TEST_CASE("S63 what is another agent's and what does not exist get one and the same answer", "[serving]") {
    Serving serving;
    serving.offer(agent(1), job(1), contents_of("mine"));
    serving.offer(agent(2), job(1), contents_of("other"));
    const auto mine = serving.answer(agent(2), request_for(job(1), "mine"));
    const auto nobodys = serving.answer(agent(2), request_for(job(1), "nobody's"));
    const auto stranger = serving.answer(agent(3), request_for(job(1), "mine"));
    for (const auto* answer : {&mine, &nobodys, &stranger}) {
        CHECK_FALSE(answer->found);
        CHECK(answer->bytes.empty());
    }
    CHECK(to_bytes(mine).size() == to_bytes(nobodys).size());
    CHECK(serving.answer(agent(1), request_for(job(1), "mine")).bytes == "mine");
}

TEST_CASE("S63 an offset or length outside a content is not found, and never reads beside it", "[serving]") {
    Serving serving;
    const std::string bytes(1'000, 'x');
    serving.offer(agent(1), job(1), contents_of(bytes));
    const auto answer = [&](std::uint64_t offset, std::uint32_t length) {
        return serving.answer(agent(1), request_for(job(1), bytes, offset, length));
    };
    CHECK(answer(900, 100).bytes.size() == 100);
    CHECK(answer(900, 200).bytes.size() == 100);
    CHECK(answer(1'000, 1).bytes.empty());
    CHECK_FALSE(answer(1'001, 1).found);
    CHECK_FALSE(answer(UINT64_MAX, 1).found);
    CHECK_FALSE(answer(0, 0).found);
    CHECK_FALSE(answer(0, chunk_bytes + 1).found);
    CHECK(answer(0, chunk_bytes).found);
}

TEST_CASE("S68 of a revoked agent's contents nothing is left to serve", "[serving]") {
    Serving serving;
    serving.offer(agent(1), job(1), contents_of("one"));
    CHECK(serving.offers(agent(1), job(1)));
    serving.forget(agent(1));
    CHECK_FALSE(serving.offers(agent(1), job(1)));
    CHECK_FALSE(serving.answer(agent(1), request_for(job(1), "one")).found);
}

TEST_CASE("what is made for a job again takes the place of what was made before", "[serving]") {
    Serving serving;
    serving.offer(agent(1), job(1), contents_of("before"));
    serving.offer(agent(1), job(1), contents_of("after"));
    CHECK_FALSE(serving.answer(agent(1), request_for(job(1), "before")).found);
    CHECK(serving.answer(agent(1), request_for(job(1), "after")).found);
}

TEST_CASE("S64 a large result is asked for piece by piece, and taken in that order only", "[serving]") {
    std::string bytes(chunk_bytes, 'a');
    bytes += std::string(chunk_bytes, 'b') + "c";
    auto result = collecting(bytes);
    CHECK(result.request().length == chunk_bytes);
    const auto first = chunk_of(result, bytes);
    CHECK(result.take(first));
    CHECK_FALSE(result.take(first));
    const auto second = chunk_of(result, bytes);
    CHECK(result.take(second));
    CHECK_FALSE(result.complete());
    CHECK_FALSE(result.body());
    CHECK(result.request().length == 1);
    CHECK(result.take(chunk_of(result, bytes)));
    REQUIRE(result.complete());
    CHECK(result.body() == bytes);
}

TEST_CASE("S64 pieces of another content, empty ones and more than was announced are not taken", "[serving]") {
    const std::string bytes = "0123456789";
    auto result = collecting(bytes);
    auto chunk = chunk_of(result, bytes);
    chunk.hash = hash_of("other");
    CHECK_FALSE(result.take(chunk));
    chunk = chunk_of(result, bytes);
    chunk.bytes += "more";
    CHECK_FALSE(result.take(chunk));
    chunk.bytes.clear();
    CHECK_FALSE(result.take(chunk));
    chunk = chunk_of(result, bytes);
    chunk.found = false;
    CHECK_FALSE(result.take(chunk));
}

TEST_CASE("S64 a result whose bytes do not have the hash that was announced is none", "[serving]") {
    auto result = collecting("0123456789");
    CHECK(result.take(chunk_of(result, "0123456780")));
    CHECK(result.complete());
    CHECK_FALSE(result.body());
}
