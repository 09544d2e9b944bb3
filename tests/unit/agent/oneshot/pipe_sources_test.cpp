// Contents and late states that come through a pipe: what is asked for, when, and what happens to answers that do not
// fit.
#include <catch2/catch.hpp>

#include <thread>

#include "agent/oneshot/pipe_sources.hpp"

using namespace prove;

namespace {

// The other end: notes what was asked, and answers from what it has.
struct OtherEnd {
    JobId job{*JobId::Raw::from(std::string(16, 'j'))};
    std::vector<FileRequest> asked;
    SendFrame send = [this](const PipeFrame& frame) {
        if (frame.type == PipeType::file_request) asked.push_back(file_request_from(read_json(frame.payload)));
    };
    Cancellation cancellation;
    PipeContents contents{job, send, cancellation};

    static BlobRef blob(const std::string& bytes) { return {hash_of(bytes), bytes.size()}; }
    void answer(const std::string& bytes, std::uint64_t offset = 0, std::size_t size = std::string::npos) {
        FileChunk chunk;
        chunk.found = true;
        chunk.job = job;
        chunk.hash = hash_of(bytes);
        chunk.offset = offset;
        chunk.bytes = bytes.substr(offset, size);
        contents.arrived(chunk);
    }
    std::string failure(const Hash& hash) {
        try {
            contents.fetch(hash);
        } catch (const Error& error) {
            return error.text();
        }
        return "";
    }
};

}  // namespace

TEST_CASE("what a host lacks is asked for at once, and nothing else", "[oneshot]") {
    OtherEnd end;
    const std::string a = "first", b = "second", c = "third";
    end.contents.expect({end.blob(a), end.blob(b), end.blob(c)}, {end.blob(a), end.blob(c)});
    REQUIRE(end.asked.size() == 2);
    CHECK(end.asked[0].hash == hash_of(a));
    CHECK(end.asked[1].hash == hash_of(c));
    end.answer(a);
    end.answer(c);
    CHECK(end.contents.fetch(hash_of(c)) == c);
    CHECK(end.contents.fetch(hash_of(a)) == a);
    CHECK(end.asked.size() == 2);
}

TEST_CASE("what was in its place before the run, and is asked for all the same, is fetched then", "[oneshot]") {
    OtherEnd end;
    const std::string a = "first";
    end.contents.expect({end.blob(a)}, {});
    CHECK(end.asked.empty());
    std::thread later([&] {
        while (end.asked.empty()) std::this_thread::yield();
        end.answer(a);
    });
    CHECK(end.contents.fetch(hash_of(a)) == a);
    later.join();
}

TEST_CASE("a large content comes in pieces, an empty one in one", "[oneshot]") {
    OtherEnd end;
    const std::string large(600'000, 'x'), empty;
    end.contents.expect({end.blob(large), end.blob(empty)}, {end.blob(large), end.blob(empty)});
    REQUIRE(end.asked.size() == 4);
    for (const FileRequest& request : end.asked)
        end.answer(request.hash == hash_of(empty) ? empty : large, request.offset, request.length);
    CHECK(end.contents.fetch(hash_of(large)) == large);
    CHECK(end.contents.fetch(hash_of(empty)).empty());
}

TEST_CASE("S64 pieces that do not fit, are too many or make something else are refused", "[oneshot]") {
    const std::string bytes = "the content";
    const auto after = [&](const std::function<void(OtherEnd&)>& answer) {
        OtherEnd end;
        end.contents.expect({end.blob(bytes)}, {end.blob(bytes)});
        answer(end);
        return end.failure(hash_of(bytes)).substr(33);
    };
    FileChunk chunk;
    chunk.found = true;
    chunk.hash = hash_of(bytes);
    CHECK(after([&](OtherEnd& end) { end.answer(bytes, 3); }) == "its pieces do not fit together");
    CHECK(after([&](OtherEnd& end) {
              chunk.bytes = bytes + "!";
              end.contents.arrived(chunk);
          }) == "its pieces do not fit together");
    CHECK(after([&](OtherEnd& end) {
              chunk.bytes = "THE CONTENT";
              end.contents.arrived(chunk);
          }) == "what came is something else");
    CHECK(after([&](OtherEnd& end) {
              chunk.found = false;
              end.contents.arrived(chunk);
          }) == "it is not there");
}

TEST_CASE("a content that the run does not name is not asked for", "[oneshot]") {
    OtherEnd end;
    CHECK(end.failure(hash_of("other")).find("is not one of this run's") != std::string::npos);
    CHECK(end.asked.empty());
}

TEST_CASE("who waits for a content or a late state hears of a cancellation", "[oneshot]") {
    OtherEnd end;
    const std::string a = "first";
    end.contents.expect({end.blob(a)}, {end.blob(a)});
    end.cancellation.cancel("the connection was lost");
    CHECK(end.failure(hash_of(a)).find("cancelled while waiting") == 0);
    PipeLate late(end.job, end.send, end.contents, end.cancellation);
    LateRequest request;
    request.states.push_back({StateId("s"), Value::object()});
    CHECK_THROWS_WITH(late.piece(request), "cancelled while waiting to be compiled");
}

TEST_CASE("why a late state cannot be compiled is told as it came", "[oneshot]") {
    OtherEnd end;
    LateRequest request;
    request.states.push_back({StateId("s"), Value::object()});
    PipeLate* late = nullptr;
    std::thread answering;
    const SendFrame answer = [&](const PipeFrame& frame) {
        REQUIRE(frame.type == PipeType::late_request);
        LateReply reply;
        reply.key = key_of(late_question_from(read_json(frame.payload)).request);
        reply.error = "states/site.yml:3: no such variable";
        answering = std::thread([&late, reply] { late->arrived(reply); });
    };
    PipeLate source(end.job, answer, end.contents, end.cancellation);
    late = &source;
    CHECK_THROWS_WITH(source.piece(request), "states/site.yml:3: no such variable");
    answering.join();
}
