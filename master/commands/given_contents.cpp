// A short list, the oldest first.
#include "master/commands/given_contents.hpp"

#include <algorithm>

namespace prove {

// Leaves room for so many bytes more.
void GivenContents::forget_old(std::size_t room) {
    const std::int64_t now = clock_.wall_ms();
    const auto is_old = [&](const Given& given) { return now - given.since_ms > kept_ms || now < given.since_ms; };
    while (!given_.empty() && (bytes_ + room > most_bytes || is_old(given_.front()))) {
        bytes_ -= given_.front().bytes->size();
        given_.pop_front();
    }
}

BlobRef GivenContents::add(std::string bytes) {
    if (bytes.size() > most_bytes_of_one) throw Error(ErrorKind::usage, "a content has at most 8 MiB");
    const BlobRef blob{hash_of(bytes), bytes.size()};
    const std::lock_guard lock(mutex_);
    const auto same = std::find_if(given_.begin(), given_.end(), [&](const Given& given) { return given.hash == blob.hash; });
    if (same != given_.end()) {
        bytes_ -= same->bytes->size();
        given_.erase(same);
    }
    forget_old(bytes.size());
    bytes_ += bytes.size();
    given_.push_back({blob.hash, std::make_shared<const std::string>(std::move(bytes)), clock_.wall_ms()});
    return blob;
}

Contents GivenContents::find(const std::vector<BlobRef>& named) {
    Contents contents;
    const std::lock_guard lock(mutex_);
    forget_old(0);
    for (const BlobRef& blob : named) {
        const auto found = std::find_if(given_.begin(), given_.end(),
                                        [&](const Given& given) { return given.hash == blob.hash; });
        if (found == given_.end() || found->bytes->size() != blob.size)
            throw Error(ErrorKind::usage, "the master has no content " + blob.hash.hex().substr(0, 16) +
                                              " of that size: give it first (POST /v1/contents), at most 10 minutes before");
        contents.emplace(found->hash, found->bytes);
    }
    return contents;
}

}  // namespace prove
