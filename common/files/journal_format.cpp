// The bytes of a journal: see journal_format.hpp.
#include "common/files/journal_format.hpp"

#include <optional>
#include <vector>

#include "common/text/text.hpp"
#include "proto/bytes.hpp"
#include "proto/error.hpp"

namespace prove::journal_format {

namespace {

constexpr std::string_view magic = "PRVJ";
constexpr std::uint64_t format = 1;
constexpr std::size_t checksum_size = 8;
constexpr std::size_t head_size = record_overhead - checksum_size;

void put(std::string& bytes, std::uint64_t number, std::size_t size) {
    for (std::size_t i = size; i-- > 0;) bytes.push_back(static_cast<char>(number >> (8 * i)));
}

std::uint64_t get(std::string_view bytes, std::size_t at, std::size_t size) {
    std::uint64_t number = 0;
    for (std::size_t i = 0; i < size; ++i) number = number << 8 | static_cast<std::uint8_t>(bytes[at + i]);
    return number;
}

std::string checksum(std::string_view bytes) {
    return std::string(hash_of(bytes).view().substr(0, checksum_size));
}

struct View {
    RecordHead head;
    std::string_view payload;
    std::size_t size = 0;  // in the file
};

// The whole record that begins at `at`; nothing where there is none.
std::optional<View> record_at(std::string_view file, std::size_t at, std::size_t record_limit) {
    if (file.size() - at < record_overhead) return std::nullopt;
    const std::uint64_t length = get(file, at, 4);
    if (length > record_limit || length > file.size() - at - record_overhead) return std::nullopt;
    View view;
    view.head.type = static_cast<std::uint8_t>(file[at + 4]);
    if (view.head.type == 0 || get(file, at + 5, 3) != 0) return std::nullopt;
    view.head.sequence = get(file, at + 8, 8);
    view.head.durable = get(file, at + 16, 8);
    view.size = record_overhead + length;
    view.payload = file.substr(at + head_size, length);
    const std::string_view all = file.substr(at, view.size);
    if (checksum(all.substr(0, all.size() - checksum_size)) != all.substr(all.size() - checksum_size))
        return std::nullopt;
    return view;
}

// Whether anything behind a bad place says that record `sequence`, which should stand there, was durable once.
bool was_durable(std::string_view file, std::size_t from, std::uint64_t sequence, std::size_t record_limit) {
    for (std::size_t at = from; at + record_overhead <= file.size(); ++at) {
        // The sequence first: it is wrong nearly everywhere, and a checksum costs.
        const std::uint64_t found = get(file, at + 8, 8);
        if (found <= sequence || found - sequence > file.size()) continue;
        const auto record = record_at(file, at, record_limit);
        if (record && record->head.durable >= sequence) return true;
    }
    return false;
}

Error damaged(const std::string& name, std::size_t at, const std::string& what) {
    return Error(ErrorKind::invalid,
                 "the journal " + quoted(name) + " is damaged at byte " + std::to_string(at) + ": " + what);
}

std::uint64_t read_header(std::string_view file, const std::string& name) {
    if (file.size() < header_size || file.substr(0, 4) != magic)
        throw damaged(name, 0, "this is not a journal's beginning");
    const std::uint64_t found = get(file, 4, 4);
    if (found > format)
        throw Error(ErrorKind::refused, "the journal " + quoted(name) + " has format " + std::to_string(found) +
                                            ", which a newer Prove wrote; this one reads up to " +
                                            std::to_string(format));
    if (checksum(file.substr(0, 16)) != file.substr(16, checksum_size))
        throw damaged(name, 0, "its header's checksum is wrong");
    return get(file, 8, 8);
}

}  // namespace

std::string encode_header(std::uint64_t first_sequence) {
    std::string header(magic);
    put(header, format, 4);
    put(header, first_sequence, 8);
    return header + checksum(header);
}

std::string encode_record(const RecordHead& head, std::string_view payload) {
    std::string record;
    record.reserve(record_overhead + payload.size());
    put(record, payload.size(), 4);
    put(record, head.type, 1);
    put(record, 0, 3);
    put(record, head.sequence, 8);
    put(record, head.durable, 8);
    record += payload;
    record += checksum(record);
    return record;
}

ReadResult read(std::string_view file, std::size_t record_limit, const std::string& name,
                const Journal::Replay& replay) {
    ReadResult result;
    result.next_sequence = read_header(file, name);
    std::vector<View> records;
    std::size_t at = header_size;
    while (at < file.size()) {
        const auto record = record_at(file, at, record_limit);
        if (!record || record->head.sequence != result.next_sequence) break;
        records.push_back(*record);
        at += record->size;
        ++result.next_sequence;
    }
    if (was_durable(file, at, result.next_sequence, record_limit))
        throw damaged(
            name, at,
            "record " + std::to_string(result.next_sequence) + " was written completely once and is not there now");
    result.whole_bytes = at;
    if (replay)
        for (const View& view : records) replay({view.head.type, view.head.sequence, std::string(view.payload)});
    return result;
}

}  // namespace prove::journal_format
