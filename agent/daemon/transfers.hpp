// Contents on their way from the master, by hash and in chunks (S63, S64): which are wanted, what to ask for next, what
// has come. Asks ahead, so that many small contents cost few round trips. Pure.
#pragma once

#include <cstdint>
#include <deque>
#include <functional>
#include <map>
#include <optional>
#include <string>
#include <vector>

#include "proto/messages.hpp"

namespace prove {

class Transfers {
 public:
    static constexpr std::uint32_t chunk_bytes = 256u << 10;
    static constexpr std::uint64_t window_bytes = 1u << 20;      // asked for and not come yet

    // A content that has come whole, or why it never will.
    struct Outcome {
        BlobRef blob;
        std::string bytes;
        std::string failure;                 // empty where it came
    };

    // Wanting one twice is wanting it once.
    void want(const JobId& job, const BlobRef& blob, std::int64_t now_ms);
    // What to ask for now; each call gives new requests only, until chunks come, the connection is a new one, or an
    // answer has not come for so long that question or answer must have been dropped by a queue that was full.
    std::vector<FileRequest> requests(std::int64_t now_ms);
    // Everything that was asked for and has not come is to be asked for again.
    void reconnected(std::int64_t now_ms);
    void arrived(const FileChunk& chunk, std::int64_t now_ms);
    // A job has ended: what only it wanted is not wanted any more.
    void forget(const JobId& job);
    // Those that came, or failed for want of progress. Taken once.
    std::vector<Outcome> take_outcomes(std::int64_t now_ms);
    std::int64_t next_ms() const;            // when take_outcomes() would find a failure
    std::int64_t ask_again_at_ms() const;    // when requests() would ask once more for what has not come
    bool idle() const { return wanted_.empty(); }

 private:
    struct Wanted {
        JobId job;
        BlobRef blob;
        std::map<std::uint64_t, std::string> chunks;             // by offset
        std::uint64_t asked = 0;                                 // up to here
        std::uint64_t came = 0;
        std::int64_t progress_ms = 0;
        std::int64_t asked_ms = 0;                               // last asked for, or come
    };
    void ask_again(Wanted& wanted);
    static std::uint64_t outstanding(const Wanted& wanted);
    void fail(const Hash& hash, const std::string& why);
    void complete(const Hash& hash);

    std::map<Hash, Wanted> wanted_;
    std::deque<Hash> order_;                 // first wanted, first asked for
    std::uint64_t in_flight_ = 0;
    std::vector<Outcome> outcomes_;
};

}  // namespace prove
