// The bytes of the agent's journal (S49): fixed binary layouts, golden-tested, never changed but by a new record type.
// Integers are big-endian. What a record means is agent_journal's business.
//
//     1 opened      journal id 16
//     2 hello       counter 8
//     3 accepted    job 16, sender 16, sequence 8, not after 8, generation 8, operation (the rest)
//     4 done        job 16, the result message as JSON (the rest)
//     5 stored      job 16
//     6 low water   sender 16, sequence 8
//     7 reserved    own sequences below this one may have been used 8
//     8 generation  the highest accepted 8
#pragma once

#include <cstdint>
#include <string>
#include <string_view>

#include "proto/ids.hpp"

namespace prove {

using JournalId = Bytes<16, struct JournalIdTag>;

enum class JournalRecordType : std::uint8_t {
    opened = 1, hello = 2, accepted = 3, done = 4, stored = 5, low_water = 6, reserved = 7, generation = 8,
};

struct AcceptedRecord {
    JobId job;
    KeyId sender;
    std::uint64_t sequence = 0;
    std::int64_t not_after_ms = 0;
    std::uint64_t generation = 0;
    std::string operation;
    bool operator==(const AcceptedRecord&) const = default;
};
struct DoneRecord {
    JobId job;
    std::string message;
    bool operator==(const DoneRecord&) const = default;
};
struct LowWaterRecord {
    KeyId sender;
    std::uint64_t sequence = 0;
    bool operator==(const LowWaterRecord&) const = default;
};

std::string to_record(const AcceptedRecord& record);
std::string to_record(const DoneRecord& record);
std::string to_record(const LowWaterRecord& record);
std::string to_record(const JobId& job);
std::string to_record(std::uint64_t number);

// Each throws Error(invalid) where the payload has another shape.
AcceptedRecord accepted_record_from(std::string_view payload);
DoneRecord done_record_from(std::string_view payload);
LowWaterRecord low_water_record_from(std::string_view payload);
JobId job_record_from(std::string_view payload);
std::uint64_t number_record_from(std::string_view payload);

}  // namespace prove
