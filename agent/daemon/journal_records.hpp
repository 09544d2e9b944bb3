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
//     9 slot        due 8, state 1, length of the name 2, name of the schedule, what became of it (the rest)
//    10 own run     job 16, time 8, the result message of one that was interrupted as JSON (the rest)
//    11 kept        which 1, the number of the newest that was kept 8
//    12 time        the master's time minus the boot clock 8, the time then 8, id of the boot (the rest)
//    13 forgotten   name of a schedule
#pragma once

#include <cstdint>
#include <string>
#include <string_view>

#include "proto/ids.hpp"

namespace prove {

using JournalId = Bytes<16, struct JournalIdTag>;

enum class JournalRecordType : std::uint8_t {
    opened = 1, hello = 2, accepted = 3, done = 4, stored = 5, low_water = 6, reserved = 7, generation = 8,
    slot = 9, own_run = 10, kept = 11, time = 12, forgotten = 13,
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
// The last slot of a schedule that this host has taken.
struct SlotRecord {
    enum class State : std::uint8_t {
        owed = 0,    // nothing was begun for it yet
        begun = 1,   // by a job of the master's
        own = 2,     // by a run of this agent's own: no job for it is taken any more
        ended = 3,
    };
    std::string schedule;
    std::int64_t due_ms = 0;
    State state = State::owed;
    std::string note;                    // what became of it, for people
    bool operator==(const SlotRecord&) const = default;
};
struct OwnRunRecord {
    JobId job;
    std::int64_t time_ms = 0;
    std::string message;
    bool operator==(const OwnRunRecord&) const = default;
};
// The signed things of the master's that are kept beside the journal.
enum class Kept : std::uint8_t { sheet = 1, state_run = 2 };
struct KeptRecord {
    Kept which = Kept::sheet;
    std::uint64_t number = 0;
    bool operator==(const KeptRecord&) const = default;
};
// What the time was, by the master, and how to know it again for as long as the machine stays up.
struct TimeRecord {
    std::int64_t master_minus_boot_ms = 0;
    std::int64_t at_ms = 0;
    std::string boot;
    bool operator==(const TimeRecord&) const = default;
};

std::string to_record(const AcceptedRecord& record);
std::string to_record(const DoneRecord& record);
std::string to_record(const LowWaterRecord& record);
std::string to_record(const SlotRecord& record);
std::string to_record(const OwnRunRecord& record);
std::string to_record(const KeptRecord& record);
std::string to_record(const TimeRecord& record);
std::string to_record(const JobId& job);
std::string to_record(std::uint64_t number);

// Each throws Error(invalid) where the payload has another shape.
AcceptedRecord accepted_record_from(std::string_view payload);
DoneRecord done_record_from(std::string_view payload);
LowWaterRecord low_water_record_from(std::string_view payload);
SlotRecord slot_record_from(std::string_view payload);
OwnRunRecord own_run_record_from(std::string_view payload);
KeptRecord kept_record_from(std::string_view payload);
TimeRecord time_record_from(std::string_view payload);
JobId job_record_from(std::string_view payload);
std::uint64_t number_record_from(std::string_view payload);

}  // namespace prove
