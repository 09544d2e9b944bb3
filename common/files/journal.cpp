// A journal on a Disk: see journal.hpp.
#include "common/files/journal.hpp"

#include "common/files/journal_format.hpp"
#include "common/text/duration.hpp"
#include "common/text/text.hpp"
#include "proto/error.hpp"

namespace prove {

namespace {

std::string new_name(const std::string& name) {
    return name + ".new";
}

}  // namespace

Journal::Journal(Disk& disk, std::string name, JournalLimits limits, const Replay& replay)
    : disk_(disk), name_(std::move(name)), limits_(limits) {
    disk_.remove(new_name(name_));  // of a compaction that did not come to its rename
    const auto file = disk_.read(name_);
    if (!file) {
        was_made_ = true;
        make_new_file(next_sequence_, "");
        return;
    }
    const auto result = journal_format::read(*file, limits_.record_bytes, name_, replay);
    next_sequence_ = result.next_sequence;
    file_bytes_ = result.whole_bytes;
    cut_bytes_ = file->size() - result.whole_bytes;
    if (cut_bytes_ > 0) disk_.truncate(name_, file_bytes_);
    // Also without a cut: what was replayed may only be in the page cache yet, and others will act on it now.
    disk_.sync(name_);
    durable_sequence_ = next_sequence_ - 1;
}

void Journal::require_whole() const {
    if (broken_)
        throw Error(ErrorKind::failed,
                    "the journal " + quoted(name_) + " could not be written before; a restart reads it again");
}

void Journal::check_entry(std::uint8_t type, std::string_view payload) const {
    if (type == 0) throw Error(ErrorKind::internal, "a journal record's type is 0");
    if (payload.size() > limits_.record_bytes)
        throw Error(ErrorKind::full, "a record of " + show_size(payload.size()) + " is too large for the journal " +
                                         quoted(name_) + " (limit " + show_size(limits_.record_bytes) + ")");
}

std::string Journal::encoded(std::uint8_t type, std::uint64_t sequence, std::string_view payload) const {
    return journal_format::encode_record({type, sequence, durable_sequence_}, payload);
}

std::uint64_t Journal::append(std::uint8_t type, std::string_view payload) {
    require_whole();
    check_entry(type, payload);
    if (bytes() + payload.size() + journal_format::record_overhead > limits_.bytes)
        throw Error(ErrorKind::full,
                    "the journal " + quoted(name_) + " is full (limit " + show_size(limits_.bytes) + ")");
    if (pending_.empty()) pending_first_ = next_sequence_;
    pending_ += encoded(type, next_sequence_, payload);
    return next_sequence_++;
}

void Journal::sync() {
    require_whole();
    if (pending_.empty()) return;
    broken_ = true;  // until proved otherwise: also for what the disk may throw that is no Error
    try {
        disk_.append(name_, pending_);
    } catch (const Error& error) {
        pending_.clear();
        next_sequence_ = pending_first_;
        // A half-written batch must not stay in the middle of the file.
        disk_.truncate(name_, file_bytes_);
        broken_ = error.kind() != ErrorKind::full;
        throw;
    }
    disk_.sync(name_);
    broken_ = false;
    file_bytes_ += pending_.size();
    pending_.clear();
    durable_sequence_ = next_sequence_ - 1;
}

std::uint64_t Journal::append_durably(std::uint8_t type, std::string_view payload) {
    const std::uint64_t sequence = append(type, payload);
    sync();
    return sequence;
}

void Journal::make_new_file(std::uint64_t first_sequence, std::string_view records) {
    const std::string fresh = new_name(name_);
    disk_.remove(fresh);
    const std::string header = journal_format::encode_header(first_sequence);
    try {
        disk_.append(fresh, header + std::string(records));
        disk_.sync(fresh);
    } catch (const Error&) {
        disk_.remove(fresh);
        throw;
    }
    broken_ = true;  // a rename that fails half-way leaves open which file is there
    disk_.rename(fresh, name_);
    broken_ = false;
    file_bytes_ = header.size() + records.size();
}

void Journal::compact(const std::vector<Entry>& entries) {
    require_whole();
    sync();
    std::string records;
    std::uint64_t sequence = next_sequence_;
    for (const Entry& entry : entries) {
        check_entry(entry.type, entry.payload);
        records += encoded(entry.type, sequence++, entry.payload);
    }
    if (journal_format::header_size + records.size() > limits_.bytes)
        throw Error(ErrorKind::full, "the journal " + quoted(name_) + " is full (limit " + show_size(limits_.bytes) +
                                         ") and nothing in it can go");
    make_new_file(next_sequence_, records);
    next_sequence_ = sequence;
    durable_sequence_ = sequence - 1;
}

}  // namespace prove
