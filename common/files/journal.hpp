// A journal: records that are durable, in order, and found again after a crash (D2, S49). Pure but for its Disk; knows
// nothing of what its records mean. The agent's journal and the engine's ledger stand on it. One thread at a time.
//
// The file:    header: "PRVJ", format 4 (1), first sequence 8, checksum 8
//              record: payload length 4, type 1, zero 3, sequence 8, durable 8, payload, checksum 8
// Integers are big-endian; a checksum is the first 8 bytes of H over all that stands before it in the header or record.
// `durable` is the highest sequence that had been synced when this record was written. It tells a torn tail from
// damage: a crash may tear everything that was not synced yet, in any order, and that is cut off. But a bad record
// which a later one calls durable was acknowledged once, and its loss is an error, never silently cut.
#pragma once

#include <cstdint>
#include <functional>
#include <string>
#include <string_view>
#include <vector>

#include "common/files/disk.hpp"

namespace prove {

struct JournalRecord {
    std::uint8_t type = 0;       // 1 to 255, the owner's
    std::uint64_t sequence = 0;  // rises by one with every record, through compactions too
    std::string payload;
};

struct JournalLimits {
    std::size_t bytes = 64u << 20;        // of the whole file
    std::size_t record_bytes = 1u << 20;  // of one payload
};

class Journal {
  public:
    using Replay = std::function<void(const JournalRecord&)>;
    struct Entry {
        std::uint8_t type = 0;
        std::string payload;
    };

    // Reads the file `name` and replays every whole record, in order; makes the file where there is none. The disk is
    // borrowed. Throws Error(invalid) where the journal is damaged and Error(refused) where a newer Prove wrote it
    // (S55); the file is untouched then.
    Journal(Disk& disk, std::string name, JournalLimits limits, const Replay& replay);

    // Adds a record; it is durable once sync() has returned. Gives its sequence. Throws Error(full) where it would not
    // fit; the journal stays as it was.
    std::uint64_t append(std::uint8_t type, std::string_view payload);
    // Makes all that was appended durable. Error(full): the disk is full, none of it was recorded and the journal goes
    // on. Any other Error is final: every later call throws, and only a restart that reads again helps (D3).
    void sync();
    std::uint64_t append_durably(std::uint8_t type, std::string_view payload);
    // Puts these records in the place of all others, by a new file and a rename; durable on return. On an Error the old
    // records stand.
    void compact(const std::vector<Entry>& entries);

    std::uint64_t next_sequence() const { return next_sequence_; }
    std::size_t bytes() const { return file_bytes_ + pending_.size(); }
    // Worth compacting: most of the limit is used.
    bool is_filling() const { return bytes() > limits_.bytes / 4 * 3; }
    // How much of a torn tail was cut when it was read; 0 as a rule.
    std::size_t cut_bytes() const { return cut_bytes_; }
    // Whether the file was not there before.
    bool was_made() const { return was_made_; }

  private:
    void require_whole() const;
    void make_new_file(std::uint64_t first_sequence, std::string_view records);
    std::string encoded(std::uint8_t type, std::uint64_t sequence, std::string_view payload) const;
    void check_entry(std::uint8_t type, std::string_view payload) const;

    Disk& disk_;
    std::string name_;
    JournalLimits limits_;
    std::string pending_;              // appended, not written yet: one write for all that one sync covers
    std::uint64_t pending_first_ = 0;  // the sequence to go back to where that write fails
    std::uint64_t next_sequence_ = 1;
    std::uint64_t durable_sequence_ = 0;
    std::size_t file_bytes_ = 0;
    std::size_t cut_bytes_ = 0;
    bool was_made_ = false;
    bool broken_ = false;
};

}  // namespace prove
