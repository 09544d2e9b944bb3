// The layouts of journal_records.hpp, written and read.
#include "agent/daemon/journal_records.hpp"

#include "proto/error.hpp"

namespace prove {

namespace {

std::string big_endian(std::uint64_t number) {
    std::string bytes(8, '\0');
    for (int i = 7; i >= 0; --i, number >>= 8) bytes[static_cast<std::size_t>(i)] = static_cast<char>(number & 0xff);
    return bytes;
}

// Takes fields off the front of a payload.
class Taker {
 public:
    explicit Taker(std::string_view payload) : rest_(payload) {}
    std::string_view bytes(std::size_t size) {
        if (rest_.size() < size) throw Error(ErrorKind::invalid, "a journal record is too short");
        const auto taken = rest_.substr(0, size);
        rest_.remove_prefix(size);
        return taken;
    }
    template <class T>
    T fixed() {
        return *T::from(bytes(T::size));
    }
    JobId job() { return JobId(fixed<JobId::Raw>()); }
    std::uint64_t number() {
        std::uint64_t result = 0;
        for (const char byte : bytes(8)) result = (result << 8) | static_cast<std::uint8_t>(byte);
        return result;
    }
    std::int64_t time() { return static_cast<std::int64_t>(number()); }
    std::uint8_t byte(std::uint8_t most) {
        const auto taken = static_cast<std::uint8_t>(bytes(1).front());
        if (taken > most) throw Error(ErrorKind::invalid, "a journal record has a number that means nothing");
        return taken;
    }
    std::string rest() { return std::string(bytes(rest_.size())); }
    void end() const {
        if (!rest_.empty()) throw Error(ErrorKind::invalid, "a journal record is too long");
    }

 private:
    std::string_view rest_;
};

std::string text(std::string_view bytes) { return std::string(bytes); }
std::string big_endian_time(std::int64_t time) { return big_endian(static_cast<std::uint64_t>(time)); }
std::string one_byte(std::uint8_t byte) { return std::string(1, static_cast<char>(byte)); }

}  // namespace

std::string to_record(const AcceptedRecord& record) {
    return text(record.job.raw().view()) + text(record.sender.view()) + big_endian(record.sequence) +
           big_endian(static_cast<std::uint64_t>(record.not_after_ms)) + big_endian(record.generation) +
           record.operation;
}

AcceptedRecord accepted_record_from(std::string_view payload) {
    Taker taker(payload);
    AcceptedRecord record;
    record.job = taker.job();
    record.sender = taker.fixed<KeyId>();
    record.sequence = taker.number();
    record.not_after_ms = static_cast<std::int64_t>(taker.number());
    record.generation = taker.number();
    record.operation = taker.rest();
    return record;
}

std::string to_record(const DoneRecord& record) { return text(record.job.raw().view()) + record.message; }

DoneRecord done_record_from(std::string_view payload) {
    Taker taker(payload);
    DoneRecord record;
    record.job = taker.job();
    record.message = taker.rest();
    return record;
}

std::string to_record(const LowWaterRecord& record) { return text(record.sender.view()) + big_endian(record.sequence); }

LowWaterRecord low_water_record_from(std::string_view payload) {
    Taker taker(payload);
    LowWaterRecord record;
    record.sender = taker.fixed<KeyId>();
    record.sequence = taker.number();
    taker.end();
    return record;
}

std::string to_record(const SlotRecord& record) {
    return big_endian_time(record.due_ms) + one_byte(static_cast<std::uint8_t>(record.state)) +
           big_endian(record.schedule.size()).substr(6) + record.schedule + record.note;
}

SlotRecord slot_record_from(std::string_view payload) {
    Taker taker(payload);
    SlotRecord record;
    record.due_ms = taker.time();
    record.state = static_cast<SlotRecord::State>(taker.byte(3));
    const std::size_t high = taker.byte(255), low = taker.byte(255);
    record.schedule = text(taker.bytes(high << 8 | low));
    record.note = taker.rest();
    return record;
}

std::string to_record(const OwnRunRecord& record) {
    return text(record.job.raw().view()) + big_endian_time(record.time_ms) + record.message;
}

OwnRunRecord own_run_record_from(std::string_view payload) {
    Taker taker(payload);
    OwnRunRecord record;
    record.job = taker.job();
    record.time_ms = taker.time();
    record.message = taker.rest();
    return record;
}

std::string to_record(const KeptRecord& record) {
    return one_byte(static_cast<std::uint8_t>(record.which)) + big_endian(record.number);
}

KeptRecord kept_record_from(std::string_view payload) {
    Taker taker(payload);
    KeptRecord record;
    record.which = static_cast<Kept>(taker.byte(255));
    record.number = taker.number();
    taker.end();
    return record;
}

std::string to_record(const TimeRecord& record) {
    return big_endian_time(record.master_minus_boot_ms) + big_endian_time(record.at_ms) + record.boot;
}

TimeRecord time_record_from(std::string_view payload) {
    Taker taker(payload);
    TimeRecord record;
    record.master_minus_boot_ms = taker.time();
    record.at_ms = taker.time();
    record.boot = taker.rest();
    return record;
}

std::string to_record(const JobId& job) { return text(job.raw().view()); }

JobId job_record_from(std::string_view payload) {
    Taker taker(payload);
    const JobId job = taker.job();
    taker.end();
    return job;
}

std::string to_record(std::uint64_t number) { return big_endian(number); }

std::uint64_t number_record_from(std::string_view payload) {
    Taker taker(payload);
    const auto number = taker.number();
    taker.end();
    return number;
}

}  // namespace prove
