// The bodies of messages: what each refuses. That they read back as written is in golden_test.cpp.
#include <catch2/catch.hpp>

#include "proto/sealed.hpp"
#include "samples.hpp"

using namespace prove;
using namespace prove::test;

namespace {

// Every reader, over the body of its sample.
struct Reader {
    std::string name;
    Value sample;
    std::function<void(const Value&)> read;
};

template <class Message>
Reader reader(const std::string& name, const Message& sample, Message (*read)(const Value&)) {
    return {name, to_value(sample), [read](const Value& value) { read(value); }};
}

std::vector<Reader> all_readers() {
    return {reader("hello", sample_hello(), hello_from),
            reader("welcome", sample_welcome(), welcome_from),
            reader("announcement", Announcement{Announcement::Kind::job, sample_job(), {}}, announcement_from),
            reader("fetch", Fetch{sample_job()}, fetch_from),
            reader("command", sample_command(), job_command_from),
            reader("cmd", sample_cmd(), cmd_body_from),
            reader("states", StatesBody{RunMode::apply, Value(), sample_blob()}, states_body_from),
            reader("facts", FactsBody{{"os"}}, facts_body_from),
            reader("cancel", Cancel{sample_job(), "ops"}, cancel_from),
            reader("accepted", Accepted{sample_job(), true, "why"}, accepted_from),
            reader("event", sample_event(), job_event_from),
            reader("result", sample_result(), job_result_from),
            reader("cmd result", sample_cmd_result(), cmd_result_body_from),
            reader("stored", Stored{sample_job()}, stored_from),
            reader("file request", FileRequest{sample_job(), filled<Hash>(1), 0, 9}, file_request_from),
            reader("heartbeat", Heartbeat{now_ms, 3, "ab", Value()}, heartbeat_from),
            reader("run request", RunRequest{std::string(32, '2'), RunMode::plan}, run_request_from),
            reader("run reply", RunReply{std::string(32, '2'), sample_job(), ""}, run_reply_from),
            reader("scheduled run request", RunRequest{std::string(32, '2'), RunMode::plan, sample_slot()},
                   run_request_from),
            reader("own result", sample_own_result(), job_result_from),
            reader("schedules", sample_sheet(), schedule_sheet_from)};
}

template <class Read>
bool refuses(Read read, Value value, const std::string& key, Value changed) {
    value.set(key, std::move(changed));
    try {
        read(value);
        return false;
    } catch (const Error& error) {
        return error.kind() == ErrorKind::invalid;
    }
}

}  // namespace

TEST_CASE("S46 every message refuses a field that it does not know", "[messages]") {
    for (const auto& entry : all_readers()) {
        INFO(entry.name);
        CHECK_NOTHROW(entry.read(entry.sample));
        CHECK(refuses(entry.read, entry.sample, "surplus", 1));
    }
}

TEST_CASE("S46 every message refuses fields of another kind, and never fails otherwise", "[messages]") {
    const std::vector<Value> foreign = {
        Value(),    Value(true), Value(-1),      Value(INT64_MAX), Value(1.5),
        Value("x"), Value(""),   Value::array(), Value::object(),  Value(Value::List{Value()})};
    for (const auto& entry : all_readers()) {
        for (const auto& member : entry.sample.mapping()) {
            std::size_t refused = 0;
            for (const auto& value : foreign) {
                Value changed = entry.sample;
                changed.set(member.key, value);
                try {
                    entry.read(changed);
                } catch (const Error& error) {
                    INFO(entry.name << " " << member.key << " " << write_json(value) << ": " << error.text());
                    CHECK(error.kind() == ErrorKind::invalid);
                    ++refused;
                }
            }
            INFO(entry.name << " " << member.key);
            CHECK(refused >= (entry.name == "command" && member.key == "body" ? 0u : 4u));
        }
    }
}

TEST_CASE("S46 every message refuses what is not a mapping", "[messages]") {
    for (const auto& entry : all_readers())
        for (const auto& value : {Value(), Value(1), Value("x"), Value::array()})
            CHECK_THROWS_AS(entry.read(value), Error);
}

TEST_CASE("S54 a hello's and a welcome's nonce are 32 hexadecimal digits", "[messages]") {
    for (const auto& text : {std::string(31, 'a'), std::string(33, 'a'), std::string(32, 'g'), std::string()}) {
        CHECK(refuses(hello_from, to_value(sample_hello()), "nonce", text));
        CHECK(refuses(hello_from, to_value(sample_hello()), "journal", text));
        CHECK(refuses(welcome_from, to_value(sample_welcome()), "nonce", text));
    }
    CHECK(refuses(welcome_from, to_value(sample_welcome()), "name", "../x"));
}

TEST_CASE("S43 an announcement names a job, unless it is about the keyset", "[messages]") {
    CHECK_THROWS_AS(announcement_from(read_json(R"({"kind":"job"})")), Error);
    CHECK_NOTHROW(announcement_from(read_json(R"({"kind":"keyset"})")));
    CHECK_THROWS_AS(announcement_from(read_json(R"({"kind":"job","job":"00000000000000000000000000"})")), Error);
    CHECK_THROWS_AS(announcement_from(read_json(R"({"kind":"all"})")), Error);
}

TEST_CASE("a schedule sheet names each schedule once, with one way to tell when, and what is to be run", "[messages]") {
    const auto refuses_entry = [](const char* entry) {
        const std::string text = R"({"target":"web1","schedules":[)" + std::string(entry) + "]}";
        try {
            schedule_sheet_from(read_json(text));
            return false;
        } catch (const Error& error) {
            return error.kind() == ErrorKind::invalid;
        }
    };
    CHECK_FALSE(refuses_entry(R"({"name":"a","run":"states plan","every_ms":1000,"zone":"UTC"})"));
    CHECK(refuses_entry(R"({"name":"a","run":"states plan","zone":"UTC"})"));
    CHECK(refuses_entry(R"({"name":"a","run":"states plan","every_ms":1000,"cron":"* * * * *","zone":"UTC"})"));
    CHECK(refuses_entry(R"({"name":"a","run":"reboot","every_ms":1000,"zone":"UTC"})"));
    CHECK(refuses_entry(R"({"name":"a","run":"cmd","every_ms":1000,"zone":"UTC"})"));
    CHECK(refuses_entry(R"({"name":"a","run":"states plan","every_ms":-1,"zone":"UTC"})"));
    CHECK(refuses_entry(R"({"name":"a","run":"states plan","every_ms":1000,"zone":"UTC","offsets":[[1]]})"));
    CHECK(refuses_entry(R"({"name":"a","run":"states plan","every_ms":1000,"zone":"UTC"},
                           {"name":"a","run":"states apply","every_ms":1000,"zone":"UTC"})"));
    CHECK_THROWS_AS(schedule_sheet_from(read_json(R"({"target":"../x","schedules":[]})")), Error);
}

TEST_CASE("S6 the slot of a schedule has a name that a catalog takes, and a moment that a calendar has", "[messages]") {
    const auto read = [](const std::string& name, std::int64_t due_ms) {
        RunRequest request{std::string(32, '2'), RunMode::plan, ScheduledSlot{name, due_ms}};
        return run_request_from(to_value(request)).scheduled;
    };
    CHECK(read("nightly-2.b_c", 253'402'300'799'999));
    CHECK(read(std::string(64, 'a'), 0));
    for (const std::string name : {"", "a b", "a\nb", "a\x1b[2J", "a/b", "\xc3\xa9"}) CHECK_THROWS_AS(read(name, 0), Error);
    CHECK_THROWS_AS(read(std::string(65, 'a'), 0), Error);
    CHECK_THROWS_AS(read("a", 253'402'300'800'000), Error);
    CHECK_THROWS_AS(read("a", -1), Error);
}

TEST_CASE("sheets that say the same have the same hash, others another", "[messages]") {
    auto other = sample_sheet();
    CHECK(hash_of(other) == hash_of(schedule_sheet_from(to_value(other))));
    other.entries[0].splay_ms += 1;
    CHECK(hash_of(other) != hash_of(sample_sheet()));
}

TEST_CASE("a reply to a run request is a job, an error, both, or that it waits", "[messages]") {
    RunReply reply{std::string(32, '2'), JobId(), ""};
    CHECK_THROWS_AS(run_reply_from(to_value(reply)), Error);
    reply.waits = true;
    CHECK(run_reply_from(to_value(reply)).waits);
    reply.error = "paused";
    CHECK_THROWS_AS(run_reply_from(to_value(reply)), Error);
}

TEST_CASE("S84 a command is either a program with its arguments or a shell line, without NULs", "[messages]") {
    CHECK_THROWS_AS(cmd_body_from(read_json("{}")), Error);
    CHECK_THROWS_AS(cmd_body_from(read_json(R"({"argv":["true"],"shell":"true"})")), Error);
    CHECK_THROWS_AS(cmd_body_from(read_json(R"({"argv":[""]})")), Error);
    CHECK_THROWS_AS(cmd_body_from(read_json("{\"argv\":[\"a\\u0000b\"]}")), Error);
    CHECK_THROWS_AS(cmd_body_from(read_json("{\"shell\":\"a\\u0000b\"}")), Error);
    CHECK_THROWS_AS(cmd_body_from(read_json(R"({"shell":"x","env":{"A=B":"c"}})")), Error);
    CHECK_THROWS_AS(cmd_body_from(read_json(R"({"shell":"x","env":{"":"c"}})")), Error);
    CHECK(cmd_body_from(read_json(R"({"shell":"x"})")).timeout_ms == 600'000);
}

TEST_CASE("S64 a states command holds its run or the hash of it, and a result its body or the hash", "[messages]") {
    CHECK_THROWS_AS(states_body_from(read_json(R"({"mode":"plan"})")), Error);
    Value both = to_value(StatesBody{RunMode::plan, to_value(sample_run()), std::nullopt});
    CHECK_NOTHROW(states_body_from(both));
    both.set("blob", to_value(StatesBody{RunMode::plan, Value(), sample_blob()}).at("blob"));
    CHECK_THROWS_AS(states_body_from(both), Error);
    auto large = StatesBody{RunMode::plan, Value(), BlobRef{filled<Hash>(1), (8u << 20) + 1}};
    CHECK_THROWS_AS(states_body_from(to_value(large)), Error);
    auto result = sample_result();
    result.blob = sample_blob();
    CHECK_THROWS_AS(job_result_from(to_value(result)), Error);
    result.body = Value();
    CHECK(job_result_from(to_value(result)).blob == sample_blob());
}

TEST_CASE("S63 a file request is for 1 byte to 256 KiB at an offset that can be added to", "[messages]") {
    const Value good = to_value(FileRequest{sample_job(), filled<Hash>(1), 0, 256u << 10});
    CHECK_NOTHROW(file_request_from(good));
    CHECK(refuses(file_request_from, good, "length", (256 << 10) + 1));
    CHECK(refuses(file_request_from, good, "length", 0));
    CHECK(refuses(file_request_from, good, "offset", INT64_MAX));
    CHECK(refuses(file_request_from, good, "hash", std::string(63, 'a')));
}

TEST_CASE("S63 a file chunk reads back, and is refused when cut, too long or of no status", "[messages]") {
    const FileChunk chunk{true, sample_job(), filled<Hash>(0xF1), 5, "bytes"};
    const auto good = to_bytes(chunk);
    CHECK(file_chunk_from(good).bytes == "bytes");
    CHECK(file_chunk_from(good).offset == 5);
    for (std::size_t size = 0; size < 57; ++size) CHECK_THROWS_AS(file_chunk_from(good.substr(0, size)), Error);
    CHECK_THROWS_AS(file_chunk_from(good + std::string(256u << 10, 'x')), Error);
    CHECK_THROWS_AS(file_chunk_from("\2" + good.substr(1)), Error);
    CHECK_THROWS_AS(file_chunk_from("\1" + good.substr(1)), Error);
}

TEST_CASE("base64 takes what it makes and refuses everything else", "[messages]") {
    std::string bytes;
    for (int i = 0; i < 70; ++i) {
        CHECK(from_base64(to_base64(bytes)) == bytes);
        bytes.push_back(static_cast<char>(i * 91));
    }
    CHECK(to_base64("a") == "YQ==");
    for (const char* text : {"YQ", "YQ=", "YQ==\n", " YQ==", "Y", "YR==", "Y-_=", "YQ==YQ=="})
        CHECK_THROWS_AS(from_base64(text), Error);
}

TEST_CASE("S61 a sealed command is opened by its agent and compared with the header", "[sealed]") {
    const Pair pair;
    auto header = pair.header_to_agent(MessageType::command);
    header.sealed = true;
    const auto open = [&](const JobCommand& command, const Keys& opener, const Keys& sealed_to) {
        const auto frames = pair.to_agent(header, sealed_command(command, sealed_to.seal));
        const auto result = verify(frames, pair.from_master, pair.at_agent);
        REQUIRE(result.verified);
        return open_command(*result.verified, KeyOpener(opener), pair.agent.id());
    };
    const Keys other(3);
    CHECK(open(sample_command(), pair.agent, pair.agent).operation == "cmd");
    CHECK_THROWS_WITH(open(sample_command(), pair.agent, other), "the command is not sealed to this agent");
    auto command = sample_command();
    command.agent = other.id();
    CHECK_THROWS_WITH(open(command, pair.agent, pair.agent), "the sealed command is another agent's");
    command = sample_command();
    command.job = JobId(filled<JobId::Raw>(0x0C));
    CHECK_THROWS_WITH(open(command, pair.agent, pair.agent), "the sealed command is another job's");
    command = sample_command();
    command.cluster = filled<ClusterId>(0xC2);
    CHECK_THROWS_WITH(open(command, pair.agent, pair.agent), "the sealed command is another cluster's");
}

TEST_CASE("S61 nothing is sealed to a key of small order", "[sealed]") {
    CHECK_THROWS_AS(seal("secret", PublicSealKey{}), Error);
}

TEST_CASE("S1 a sealed payload is never read as it is", "[sealed]") {
    const Pair pair;
    auto header = pair.header_to_agent(MessageType::command);
    header.sealed = true;
    const auto result = verify(pair.to_agent(header, "{}"), pair.from_master, pair.at_agent);
    REQUIRE(result.verified);
    CHECK_THROWS_AS(read_body(*result.verified), Error);
}

TEST_CASE("S46 a body is read under the limits of its type", "[messages]") {
    const std::string deep = std::string(33, '[') + std::string(33, ']');
    CHECK_THROWS_AS(read_body(MessageType::hello, deep), Error);
    CHECK_THROWS_AS(read_body(MessageType::stored, "\"" + std::string(5000, 'x') + "\""), Error);
    CHECK(read_body(MessageType::hello, "\"" + std::string(5000, 'x') + "\"").is_text());
}
