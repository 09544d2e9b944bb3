// See pinned_contents.hpp.
#include "agent/daemon/pinned_contents.hpp"

#include <algorithm>
#include <utility>

#include "agent/actions/run_contents.hpp"

namespace prove {

void PinnedContents::keep(const StatesBody& body) {
    if (body.blob && run_ && is_read_ && run_->hash == body.blob->hash) return;
    run_ = body.blob;
    is_read_ = !run_;
    if (!run_) contents_ = contents_in_order(body.run);
    // Until a large run is here it is taken to name what the one before it did: most of it is the same.
    pin();
    if (run_ && cache_.has(run_->hash)) read_run();
}

void PinnedContents::arrived(const Hash& hash) {
    if (run_ && !is_read_ && run_->hash == hash) read_run();
}

void PinnedContents::read_run() {
    const auto bytes = cache_.get(run_->hash);
    if (!bytes) return;                      // damaged: it comes again
    try {
        contents_ = contents_in_order(read_json(*bytes, JsonLimits::state_run()));
    } catch (const Error& error) {
        return log_.error("what the kept states need cannot be read", {{"error", error.text()}});
    }
    is_read_ = true;
    pin();
}

void PinnedContents::pin() {
    const auto room = cache_.most_bytes() / 100 * share;
    std::set<Hash> pinned;
    std::uint64_t bytes = 0, wanted = 0;
    const auto left_out_before = std::exchange(left_out_, 0);
    const auto take = [&](const BlobRef& blob) {
        wanted += blob.size;
        if (bytes + blob.size > room) {
            ++left_out_;
            return;
        }
        bytes += blob.size;
        pinned.insert(blob.hash);
    };
    if (run_) take(*run_);
    for (const auto& blob : contents_) take(blob);
    cache_.pin(std::move(pinned));
    if (left_out_ > 0 && left_out_ != left_out_before)
        log_.warning("the files of the kept states are more than three quarters of the cache: some may be missing when there is "
                     "no master",
                     {{"bytes", wanted}, {"room", room}, {"left out", left_out_}});
}

PinnedContents::Figures PinnedContents::figures() const {
    Figures figures;
    const auto look = [&](const BlobRef& blob) {
        ++figures.contents;
        figures.here += cache_.has(blob.hash) ? 1 : 0;
    };
    if (run_) look(*run_);
    if (is_read_) std::for_each(contents_.begin(), contents_.end(), look);
    figures.left_out = left_out_;
    return figures;
}

}  // namespace prove
