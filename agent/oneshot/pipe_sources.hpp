// Where a run through a pipe gets its contents and its late states: from who started it. What this host has already is
// never asked for, and the rest is asked for ahead, so that round trips do not grow with states.
#pragma once

#include <condition_variable>
#include <functional>
#include <map>
#include <mutex>
#include <optional>
#include <string>
#include <vector>

#include "agent/host/content.hpp"
#include "common/pipe/frames.hpp"
#include "common/process/cancel.hpp"
#include "proto/late.hpp"
#include "proto/messages.hpp"

namespace prove {

using SendFrame = std::function<void(const PipeFrame&)>;

// Thread-safe: states of a run may run beside each other.
class PipeContents final : public ContentSource {
  public:
    // Asked for at once; memory is what bounds it.
    static constexpr std::uint64_t ahead_bytes = 32u << 20;

    // What is borrowed outlives it.
    PipeContents(const JobId& job, const SendFrame& send, const Cancellation& cancellation)
        : job_(job), send_(send), cancellation_(cancellation) {}
    // What the run names, in order; `lacking` of it, this host has not, and is asked for now.
    void expect(const std::vector<BlobRef>& named, const std::vector<BlobRef>& lacking);
    std::string fetch(const Hash& hash) override;
    void arrived(FileChunk chunk);

  private:
    struct Waiting {
        std::uint64_t size = 0;
        std::string bytes;
        bool complete = false;
        std::string failure;
    };
    void ask_ahead(const Hash& first);
    void ask(const BlobRef& blob);

    const JobId job_;
    const SendFrame& send_;
    const Cancellation& cancellation_;
    std::mutex mutex_;
    std::condition_variable changed_;
    std::vector<BlobRef> order_;           // of what is asked for ahead
    std::map<Hash, std::uint64_t> sizes_;  // of all that may be asked for
    std::map<Hash, Waiting> asked_;
};

// Thread-safe.
class PipeLate final : public LateSource {
  public:
    PipeLate(const JobId& job, const SendFrame& send, PipeContents& contents, const Cancellation& cancellation)
        : job_(job), send_(send), contents_(contents), cancellation_(cancellation) {}
    LatePiece piece(const LateRequest& request) override;
    void arrived(LateReply reply);

  private:
    const JobId job_;
    const SendFrame& send_;
    PipeContents& contents_;
    const Cancellation& cancellation_;
    std::mutex mutex_;
    std::condition_variable changed_;
    std::map<Hash, std::optional<LateReply>> asked_;
};

}  // namespace prove
