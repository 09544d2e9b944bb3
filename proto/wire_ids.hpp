// Ids and hashes inside message bodies, for the readers and writers of this room.
#pragma once

#include <string>
#include <vector>

#include "proto/ids.hpp"
#include "proto/state_run.hpp"
#include "proto/value.hpp"

namespace prove {

constexpr std::size_t most_jobs_in_list = 20'000;

// A job's id; never zero, since zero means that there is none.
inline JobId job_from(const Value& value) {
    const auto job = JobId::from_text(value.text());
    if (!job || job->is_zero()) throw Error(ErrorKind::invalid, "malformed job id");
    return *job;
}

inline Value list_of_jobs(const std::vector<JobId>& jobs) {
    Value result = Value::array();
    for (const auto& job : jobs) result.push(job.text());
    return result;
}

inline std::vector<JobId> jobs_in(Fields& fields, const char* key) {
    std::vector<JobId> result;
    const Value* const found = fields.optional(key);
    if (found == nullptr) return result;
    if (found->list().size() > most_jobs_in_list) throw Error(ErrorKind::invalid, "too many jobs in one list");
    for (const auto& item : found->list()) result.push_back(job_from(item));
    return result;
}

template <class Fixed>
Fixed fixed_from(const Value& value, const char* what) {
    const auto result = Fixed::from_hex_text(value.text());
    if (!result) throw Error(ErrorKind::invalid, std::string("malformed ") + what);
    return *result;
}

inline Value blob_value(const BlobRef& blob) {
    Value result = Value::object();
    result.set("hash", blob.hash.hex());
    result.set("size", blob.size);
    return result;
}

// A blob that is no larger than `most` bytes.
inline BlobRef blob_from(const Value& value, std::uint64_t most) {
    Fields fields(value, "blob");
    BlobRef result;
    result.hash = fixed_from<Hash>(fields.required("hash"), "hash");
    const std::int64_t size = fields.integer("size");
    if (size < 0 || static_cast<std::uint64_t>(size) > most) throw Error(ErrorKind::invalid, "blob: size out of range");
    result.size = static_cast<std::uint64_t>(size);
    fields.end();
    return result;
}

}  // namespace prove
