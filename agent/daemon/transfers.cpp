// Which chunks to ask for, and putting together what comes.
#include "agent/daemon/transfers.hpp"

#include <algorithm>

namespace prove {

namespace {
constexpr std::int64_t patience_ms = 120'000;        // without any progress
constexpr std::int64_t ask_again_ms = 20'000;
}

void Transfers::want(const JobId& job, const BlobRef& blob, std::int64_t now_ms) {
    if (wanted_.contains(blob.hash)) return;
    wanted_[blob.hash] = Wanted{job, blob, {}, 0, 0, now_ms, now_ms};
    order_.push_back(blob.hash);
    if (blob.size == 0) complete(blob.hash);
}

std::vector<FileRequest> Transfers::requests(std::int64_t now_ms) {
    std::vector<FileRequest> requests;
    for (const auto& hash : order_) {
        auto& wanted = wanted_.at(hash);
        const bool again = wanted.asked > wanted.came && now_ms - wanted.asked_ms >= ask_again_ms;
        if (again) ask_again(wanted);
        while (wanted.asked < wanted.blob.size && in_flight_ < window_bytes) {
            const auto length = std::min<std::uint64_t>(chunk_bytes, wanted.blob.size - wanted.asked);
            requests.push_back({wanted.job, hash, wanted.asked, static_cast<std::uint32_t>(length)});
            wanted.asked += length;
            wanted.asked_ms = now_ms;
            if (!again) wanted.progress_ms = now_ms;  // waiting for one's turn is no lack of progress
            in_flight_ += length;
        }
    }
    return requests;
}

void Transfers::ask_again(Wanted& wanted) {
    in_flight_ -= std::min(in_flight_, outstanding(wanted));
    wanted.asked = wanted.came;
    std::erase_if(wanted.chunks, [&](const auto& chunk) { return chunk.first >= wanted.came; });
}

std::uint64_t Transfers::outstanding(const Wanted& wanted) {
    std::uint64_t bytes = wanted.asked;
    for (const auto& [offset, part] : wanted.chunks) bytes -= part.size();
    return bytes;
}

void Transfers::reconnected(std::int64_t now_ms) {
    in_flight_ = 0;
    for (auto& entry : wanted_) {
        Wanted& wanted = entry.second;
        wanted.asked = wanted.came;
        wanted.progress_ms = now_ms;
        std::erase_if(wanted.chunks, [&](const auto& chunk) { return chunk.first >= wanted.came; });
    }
}

void Transfers::arrived(const FileChunk& chunk, std::int64_t now_ms) {
    const auto found = wanted_.find(chunk.hash);
    if (found == wanted_.end() || found->second.job != chunk.job) return;
    auto& wanted = found->second;
    if (!chunk.found) return fail(chunk.hash, "the master does not have it for this job");
    const auto expected = std::min<std::uint64_t>(chunk_bytes, wanted.blob.size - std::min(wanted.blob.size, chunk.offset));
    const bool asked_for = chunk.offset < wanted.asked && chunk.offset % chunk_bytes == 0;
    if (!asked_for || chunk.bytes.size() != expected || wanted.chunks.contains(chunk.offset)) return;
    wanted.chunks[chunk.offset] = chunk.bytes;
    wanted.progress_ms = wanted.asked_ms = now_ms;
    in_flight_ -= std::min<std::uint64_t>(in_flight_, expected);
    while (wanted.chunks.contains(wanted.came) && wanted.came < wanted.blob.size)
        wanted.came += wanted.chunks[wanted.came].size();
    if (wanted.came >= wanted.blob.size) complete(chunk.hash);
}

void Transfers::complete(const Hash& hash) {
    auto& wanted = wanted_.at(hash);
    std::string bytes;
    bytes.reserve(wanted.blob.size);
    for (auto& [offset, part] : wanted.chunks) bytes += part;
    if (hash_of(bytes) != hash) return fail(hash, "what the master sent is something else");
    outcomes_.push_back({wanted.blob, std::move(bytes), {}});
    wanted_.erase(hash);
    std::erase(order_, hash);
}

void Transfers::fail(const Hash& hash, const std::string& why) {
    const auto& wanted = wanted_.at(hash);
    in_flight_ -= std::min(in_flight_, outstanding(wanted));
    outcomes_.push_back({wanted.blob, {}, why});
    wanted_.erase(hash);
    std::erase(order_, hash);
}

void Transfers::forget(const JobId& job) {
    std::vector<Hash> gone;
    for (const auto& [hash, wanted] : wanted_)
        if (wanted.job == job) gone.push_back(hash);
    for (const auto& hash : gone) fail(hash, "the job has ended");
}

std::vector<Transfers::Outcome> Transfers::take_outcomes(std::int64_t now_ms) {
    std::vector<Hash> late;
    for (const auto& [hash, wanted] : wanted_)
        if (now_ms - wanted.progress_ms >= patience_ms) late.push_back(hash);
    for (const auto& hash : late) fail(hash, "the master did not send it within two minutes");
    return std::exchange(outcomes_, {});
}

std::int64_t Transfers::next_ms() const {
    if (!outcomes_.empty()) return 0;
    std::int64_t next = INT64_MAX;
    for (const auto& [hash, wanted] : wanted_) next = std::min(next, wanted.progress_ms + patience_ms);
    return next;
}

std::int64_t Transfers::ask_again_at_ms() const {
    std::int64_t next = INT64_MAX;
    for (const auto& [hash, wanted] : wanted_)
        if (wanted.asked > wanted.came) next = std::min(next, wanted.asked_ms + ask_again_ms);
    return next;
}

}  // namespace prove
