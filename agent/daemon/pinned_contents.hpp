// What the run that is kept for when there is no master needs of the cache (S60): its contents, and itself where it is
// large enough to be one, are pinned there, up to a share of it, so that nothing else that comes takes their place. They are
// held and not had: one that is missing all the same holds the states that need it. One thread, the loop's.
#pragma once

#include <cstddef>
#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include "agent/daemon/content_cache.hpp"
#include "common/log/log.hpp"
#include "proto/messages.hpp"

namespace prove {

class PinnedContents {
 public:
    // Of the cache, in hundredths: what jobs bring must have a place, too.
    static constexpr std::uint64_t share = 75;

    // The cache outlives it.
    PinnedContents(ContentCache& cache, Logger log) : cache_(cache), log_(std::move(log)) {}

    // This run is kept from now on, and none that was before. What it names is known where it is here.
    void keep(const StatesBody& body);
    // One came, and is in the cache: perhaps the run itself.
    void arrived(const Hash& hash);

    struct Figures {
        std::size_t contents = 0;            // that the kept run needs
        std::size_t here = 0;
        std::size_t left_out = 0;            // not pinned, for want of room
    };
    Figures figures() const;

 private:
    void read_run();
    void pin();

    ContentCache& cache_;
    Logger log_;
    std::optional<BlobRef> run_;             // where it is a content
    bool is_read_ = false;                   // `contents_` are those that it names
    std::vector<BlobRef> contents_;          // in its order
    std::size_t left_out_ = 0;
};

}  // namespace prove
