// Contents for agents, by hash (S63, S64): what the StateRuns of an agent's unfinished jobs name, and those of its last
// finished one. "Not yours" and "does not exist" are one answer. And the other way: results too large for one envelope
// are asked for in chunks. Pure.
#pragma once

#include <deque>
#include <map>
#include <optional>
#include <string>

#include "master/jobs/prepare.hpp"
#include "proto/messages.hpp"

namespace prove {

constexpr std::uint32_t chunk_bytes = 256u << 10;

class Serving {
  public:
    // What `key` may ask for on behalf of a job.
    void offer(const KeyId& key, const JobId& job, Contents contents);
    // What a late state of the job names, beside that.
    void offer_late(const KeyId& key, const JobId& job, Contents contents);
    // The job is over for this agent; its contents stay until the next one is over too.
    void finish(const KeyId& key, const JobId& job);
    void forget(const KeyId& key) { offered_.erase(key); }
    bool offers(const KeyId& key, const JobId& job) const;
    FileChunk answer(const KeyId& key, const FileRequest& request) const;

  private:
    struct Offer {
        JobId job;
        bool whole = false;  // the job's own contents are there
        Contents contents, late;
        bool finished = false;
    };
    Offer& offer_of(const KeyId& key, const JobId& job);
    std::map<KeyId, std::deque<Offer>> offered_;
};

// One large result on its way in.
class Collecting {
  public:
    Collecting(JobResult result, const BlobRef& blob) : result_(std::move(result)), blob_(blob) {}
    const JobResult& result() const { return result_; }
    // What to ask for next.
    FileRequest request() const;
    // Takes a chunk; false where it is not the one that was asked for.
    bool take(const FileChunk& chunk);
    bool complete() const { return bytes_.size() == blob_.size; }
    // Once complete: the body, or nullopt where the bytes do not have the hash.
    std::optional<std::string> body() const;

  private:
    JobResult result_;
    BlobRef blob_;
    std::string bytes_;
};

}  // namespace prove
