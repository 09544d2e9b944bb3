// Every message body. The first byte chooses the reader; what is taken must write and read back.
#include "fuzz.hpp"
#include "proto/late.hpp"
#include "proto/messages.hpp"
#include "proto/schedule_sheet.hpp"

using namespace prove;

namespace {

template <class Message>
void check(std::string_view text, Message (*read)(const Value&)) {
    const Message message = read(read_json(text));
    const Value written = to_value(message);
    fuzz::expect(to_value(read(written)) == written, "a message reads back");
}

void check_chunk(std::string_view bytes) {
    fuzz::expect(to_bytes(file_chunk_from(bytes)) == bytes, "a chunk reads back");
}

void check_by_number(unsigned number, std::string_view text) {
    switch (number % 22) {
        case 0:
            return check(text, hello_from);
        case 1:
            return check(text, welcome_from);
        case 2:
            return check(text, announcement_from);
        case 3:
            return check(text, fetch_from);
        case 4:
            return check(text, job_command_from);
        case 5:
            return check(text, cmd_body_from);
        case 6:
            return check(text, states_body_from);
        case 7:
            return check(text, facts_body_from);
        case 8:
            return check(text, cancel_from);
        case 9:
            return check(text, accepted_from);
        case 10:
            return check(text, job_event_from);
        case 11:
            return check(text, job_result_from);
        case 12:
            return check(text, cmd_result_body_from);
        case 13:
            return check(text, stored_from);
        case 14:
            return check(text, file_request_from);
        case 15:
            return check(text, heartbeat_from);
        case 16:
            return check(text, run_request_from);
        case 17:
            return check(text, run_reply_from);
        case 18:
            return check(text, late_question_from);
        case 19:
            return check(text, late_reply_from);
        case 20:
            return check(text, schedule_sheet_from);
        default:
            return check_chunk(text);
    }
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
    if (size == 0) return 0;
    fuzz::decode([&] { check_by_number(data[0], fuzz::text_of(data + 1, size - 1)); });
    return 0;
}
