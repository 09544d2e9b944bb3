// The bytes of the protocol, as they are in tests/golden/wire: what this build writes, and that it reads them.
#include <catch2/catch.hpp>

#include "golden.hpp"
#include "samples.hpp"

using namespace prove;
using namespace prove::test;

namespace {

void check_bytes(const std::string& name, const std::string& bytes) {
    INFO("tests/golden/wire/" << name << ".hex");
    CHECK(golden(name + ".hex", hex_lines(bytes)) == hex_lines(bytes));
}

// The message is written as in its golden file, and what the file says reads back as the same message.
template <class Message, class Read>
void check_body(const std::string& name, const Message& message, Read read) {
    INFO("tests/golden/wire/" << name << ".json");
    const std::string written = write_json_pretty(to_value(message));
    const std::string kept = golden(name + ".json", written);
    CHECK(kept == written);
    CHECK(write_json_pretty(to_value(read(read_json(kept)))) == written);
}

}  // namespace

TEST_CASE("S41 the bytes of an envelope are the golden ones", "[golden]") {
    const Pair pair;
    const auto down = pair.to_agent(pair.header_to_agent(), write_json(to_value(Cancel{sample_job(), "ops"})));
    check_bytes("envelope_cancel", down[0] + down[1] + down[2]);
    const auto up = pair.to_master(pair.header_to_master(), write_json(to_value(Accepted{sample_job(), false, ""})));
    check_bytes("envelope_accepted", up[0] + up[1] + up[2]);

    std::vector<KeyId> list = {pair.agent.id(), Keys(3).id()};
    std::sort(list.begin(), list.end());
    auto header = pair.header_to_agent(MessageType::announcement);
    header.audience_kind = AudienceKind::list;
    header.audience = audience_of(list);
    header.dry_run = true;
    const auto listed = pair.to_agent(
        header,
        with_audience_list(list, write_json(to_value(Announcement{Announcement::Kind::job, sample_job(), {}}))));
    check_bytes("envelope_announcement_list", listed[0] + listed[1] + listed[2]);
}

TEST_CASE("S12 the bytes of an identity record are the golden ones", "[golden]") {
    const Keys keys(2);
    check_bytes("identity", make_identity(identity_of(keys), keys.signer()));
}

TEST_CASE("S18 the bytes of a keyset and its root set are the golden ones", "[golden]") {
    const Keys a(10), b(11), online(1);
    const auto roots = root_set_of({&a, &b}, 2);
    auto keyset = keyset_of(roots, online);
    keyset.revoked = {filled<KeyId>(1)};
    check_bytes("root_set", root_set_bytes(roots));
    check_bytes("keyset", signed_keyset(keyset, {&a, &b}));
    CHECK(root_set_hash(roots).hex() + "\n" == golden("root_set_hash.txt", root_set_hash(roots).hex() + "\n"));
}

TEST_CASE("S21 the text of a join token and of a pin are the golden ones", "[golden]") {
    const Keys root(10);
    JoinToken token;
    token.pin.cluster = filled<ClusterId>(0xC1);
    token.pin.root_set = root_set_hash(root_set_of({&root}, 1));
    token.pin.enrol = Keys(9).transport;
    token.pin.host = "master.example";
    token.id = filled<TokenId>(0x11);
    token.seed = filled<TokenSeed>(0x22);
    token.expires_ms = now_ms;
    CHECK(golden("join_token.txt", to_text(token) + "\n") == to_text(token) + "\n");
    CHECK(golden("master_pin.txt", to_text(token.pin) + "\n") == to_text(token.pin) + "\n");
}

TEST_CASE("S23 the bytes of enrolment messages are the golden ones", "[golden]") {
    const Keys keys(2);
    EnrolRequest request;
    request.identity = make_identity(identity_of(keys), keys.signer());
    request.token = filled<TokenId>(0x11);
    request.nonce = filled<ServerNonce>(0x33);
    request.proof = token_proof(filled<TokenSeed>(0x22), request.identity, Keys(9).transport, request.nonce);
    check_bytes("enrol_request", to_bytes(request));
    EnrolReply reply;
    reply.status = EnrolReply::Status::accepted;
    reply.root_set = "root set";
    reply.keyset = "keyset";
    reply.text = "web1";
    check_bytes("enrol_reply", to_bytes(reply));
}

TEST_CASE("S63 the bytes of a file chunk are the golden ones", "[golden]") {
    check_bytes("file_chunk", to_bytes(FileChunk{true, sample_job(), filled<Hash>(0xF1), 262'144, "content"}));
    check_bytes("file_chunk_missing", to_bytes(FileChunk{false, sample_job(), filled<Hash>(0xF1), 0, ""}));
}

TEST_CASE("S46 every message body is written and read as its golden file says", "[golden]") {
    check_body("hello", sample_hello(), hello_from);
    check_body("welcome", sample_welcome(), welcome_from);
    check_body("announcement", Announcement{Announcement::Kind::job, sample_job(), {}}, announcement_from);
    check_body("fetch", Fetch{sample_job()}, fetch_from);
    check_body("command", sample_command(), job_command_from);
    check_body("cmd_body", sample_cmd(), cmd_body_from);
    check_body("states_body", StatesBody{RunMode::apply, Value(), sample_blob()}, states_body_from);
    check_body("facts_body", FactsBody{{"os.family"}}, facts_body_from);
    check_body("cancel", Cancel{sample_job(), "ops"}, cancel_from);
    check_body("accepted", Accepted{sample_job(), true, "unknown function"}, accepted_from);
    check_body("event", sample_event(), job_event_from);
    check_body("result", sample_result(), job_result_from);
    check_body("cmd_result_body", sample_cmd_result(), cmd_result_body_from);
    check_body("stored", Stored{sample_job()}, stored_from);
    check_body("file_request", FileRequest{sample_job(), filled<Hash>(0xF1), 262'144, 4096}, file_request_from);
    check_body("heartbeat", Heartbeat{now_ms, 3, "ab", Value()}, heartbeat_from);
    check_body("run_request", RunRequest{std::string(32, '2'), RunMode::apply}, run_request_from);
    check_body("run_reply", RunReply{std::string(32, '2'), sample_job(), ""}, run_reply_from);
    check_body("run_reply_waits", RunReply{std::string(32, '2'), JobId(), "", true}, run_reply_from);
    check_body("run_request_scheduled", RunRequest{std::string(32, '2'), RunMode::plan, sample_slot()},
               run_request_from);
    check_body("result_own", sample_own_result(), job_result_from);
    check_body("schedules", sample_sheet(), schedule_sheet_from);
    check_body("state_run", sample_run(), state_run_from);
    check_body("report", sample_report(), run_report_from);
}
