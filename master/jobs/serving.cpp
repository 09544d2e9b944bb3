// Offers, and chunks both ways.
#include "master/jobs/serving.hpp"

#include <algorithm>

namespace prove {

Serving::Offer& Serving::offer_of(const KeyId& key, const JobId& job) {
    auto& offers = offered_[key];
    const auto mine = std::find_if(offers.begin(), offers.end(), [&](const Offer& offer) { return offer.job == job; });
    if (mine != offers.end()) return *mine;
    offers.push_back({.job = job});
    return offers.back();
}

void Serving::offer(const KeyId& key, const JobId& job, Contents contents) {
    Offer& offer = offer_of(key, job);
    offer.contents = std::move(contents);
    offer.whole = true;
}

void Serving::offer_late(const KeyId& key, const JobId& job, Contents contents) {
    offer_of(key, job).late.merge(contents);
}

void Serving::finish(const KeyId& key, const JobId& job) {
    const auto found = offered_.find(key);
    if (found == offered_.end()) return;
    auto& offers = found->second;
    const auto mine = std::find_if(offers.begin(), offers.end(), [&](const Offer& offer) { return offer.job == job; });
    if (mine == offers.end()) return;
    std::erase_if(offers, [&](const Offer& offer) { return offer.finished && offer.job != job; });
    std::find_if(offers.begin(), offers.end(), [&](const Offer& offer) { return offer.job == job; })->finished = true;
}

bool Serving::offers(const KeyId& key, const JobId& job) const {
    const auto found = offered_.find(key);
    return found != offered_.end() && std::any_of(found->second.begin(), found->second.end(),
                                                  [&](const Offer& offer) { return offer.job == job && offer.whole; });
}

FileChunk Serving::answer(const KeyId& key, const FileRequest& request) const {
    FileChunk chunk;
    chunk.job = request.job;
    chunk.hash = request.hash;
    chunk.offset = request.offset;
    const auto found = offered_.find(key);
    if (found == offered_.end()) return chunk;
    for (const auto& offer : found->second) {
        auto content = offer.contents.find(request.hash);
        if (content == offer.contents.end()) {
            content = offer.late.find(request.hash);
            if (content == offer.late.end()) continue;
        }
        const auto& bytes = *content->second;
        if (request.offset > bytes.size() || request.length == 0 || request.length > chunk_bytes) return chunk;
        chunk.found = true;
        chunk.bytes = bytes.substr(request.offset, request.length);
        return chunk;
    }
    return chunk;
}

FileRequest Collecting::request() const {
    FileRequest request;
    request.job = result_.job;
    request.hash = blob_.hash;
    request.offset = bytes_.size();
    request.length = static_cast<std::uint32_t>(std::min<std::uint64_t>(chunk_bytes, blob_.size - bytes_.size()));
    return request;
}

bool Collecting::take(const FileChunk& chunk) {
    if (!chunk.found || chunk.hash != blob_.hash || chunk.offset != bytes_.size() || chunk.bytes.empty()) return false;
    if (chunk.bytes.size() > blob_.size - bytes_.size()) return false;
    bytes_ += chunk.bytes;
    return true;
}

std::optional<std::string> Collecting::body() const {
    if (!complete() || hash_of(bytes_) != blob_.hash) return std::nullopt;
    return bytes_;
}

}  // namespace prove
