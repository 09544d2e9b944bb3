// Frames of the pipe between prove-exec and who started it, and the banner before them.
#include <catch2/catch.hpp>

#include "common/pipe/frames.hpp"
#include "proto/error.hpp"

using namespace prove;

namespace {

std::string error_of(const std::string& bytes) {
    PipeReader reader;
    reader.add(bytes);
    try {
        while (reader.next()) {
        }
    } catch (const Error& error) {
        CHECK(error.kind() == ErrorKind::invalid);
        return error.text();
    }
    return "";
}

}  // namespace

TEST_CASE("a frame is PRV, its type, its size in four bytes, and its payload", "[pipe]") {
    CHECK(to_bytes({PipeType::result, "{}"}) == std::string("PRV\x09\0\0\0\x02{}", 10));
    CHECK(to_bytes({PipeType::heartbeat, ""}) == std::string("PRV\x04\0\0\0\0", 8));
}

TEST_CASE("frames come out as they went in, however the pipe cuts them", "[pipe]") {
    const std::string large(300'000, 'x');
    const std::string bytes = to_bytes({PipeType::command, large}) + to_bytes({PipeType::heartbeat, ""}) +
                              to_bytes({PipeType::note, "hello"});
    for (const std::size_t piece : {std::size_t{1}, std::size_t{7}, std::size_t{4'096}, bytes.size()}) {
        PipeReader reader;
        std::vector<PipeFrame> frames;
        for (std::size_t i = 0; i < bytes.size(); i += piece) {
            reader.add(std::string_view(bytes).substr(i, piece));
            while (auto frame = reader.next()) frames.push_back(std::move(*frame));
        }
        REQUIRE(frames.size() == 3);
        CHECK(frames[0].type == PipeType::command);
        CHECK(frames[0].payload == large);
        CHECK(frames[2].payload == "hello");
        CHECK_FALSE(reader.is_within_frame());
    }
}

TEST_CASE("a frame that is cut short waits for its rest, and it shows that one is missing", "[pipe]") {
    const std::string bytes = to_bytes({PipeType::result, "{\"a\": 1}"});
    for (std::size_t size = 1; size < bytes.size(); ++size) {
        PipeReader reader;
        reader.add(bytes.substr(0, size));
        CHECK_FALSE(reader.next());
        CHECK(reader.is_within_frame());
    }
}

TEST_CASE("what is no frame is refused by its first bytes", "[pipe]") {
    CHECK(error_of("bash: warning: setlocale") == "what comes is no frame");
    CHECK(error_of("X") == "what comes is no frame");
    CHECK(error_of("PR\n") == "what comes is no frame");
}

TEST_CASE("a type that is unknown, or a size above its type's limit, is refused before the payload comes", "[pipe]") {
    CHECK(error_of(std::string("PRV\x63\0\0\0\0", 8)) == "a frame of type 99 and 0 bytes is not expected");
    CHECK(error_of(std::string("PRV\x04\0\0\0\x01", 8)) == "a frame of type 4 and 1 byte is not expected");
    CHECK(error_of(std::string("PRV\x09\xff\xff\xff\xff", 8)).find("a frame of type 9 and ") == 0);
    CHECK(error_of(std::string("PRV\x09\x00\x80\x00\x00", 8)).empty());  // 8 MiB: as much as a result may be
}

TEST_CASE("a message that the other side would not take is not sent", "[pipe]") {
    CHECK_THROWS_AS(to_bytes({PipeType::cancel, std::string(5'000, 'x')}), Error);
}

TEST_CASE("what a shell's profile prints before the banner is passed over", "[pipe]") {
    BannerFinder finder("abc");
    finder.add("Welcome to web1!\nPROVE:other:ready\n\x1b[0m no line end PROV");
    CHECK_FALSE(finder.next());
    finder.add("E:abc:upload x86_64\r\nPROVE:abc:rea");
    CHECK(finder.next() == "upload x86_64");
    CHECK_FALSE(finder.next());
    finder.add("dy\nPRV");
    CHECK(finder.next() == "ready");
    CHECK(finder.rest() == "PRV");
    CHECK(finder.noise().find("Welcome to web1!") == 0);
}

TEST_CASE("a profile that never stops printing is given up", "[pipe]") {
    BannerFinder finder("abc");
    CHECK_THROWS_WITH(
        [&] {
            for (int i = 0; i < 100'000; ++i) {
                finder.add("yyyyyyyyyyyyyyyy\n");
                (void)finder.next();
            }
        }(),
        "the host's shell prints more than 256.0 KiB before it runs a command; is something in its profile that never "
        "ends?");
    BannerFinder endless("abc");
    endless.add("PROVE:abc:" + std::string(5'000, 'x'));
    CHECK_THROWS_WITH(endless.next(), "a line of the bootstrap never ends");
}
