// Asking through the pipe, and waiting. See the header.
#include "agent/oneshot/pipe_sources.hpp"

#include <algorithm>
#include <set>

#include "agent/actions/run_contents.hpp"

namespace prove {

namespace {

constexpr std::uint64_t chunk_bytes = 256u << 10;
// The waker's notification can fall between a check and a wait: hence a look now and then.
constexpr std::chrono::milliseconds look_again{500};

std::string short_name(const Hash& hash) {
    return "content " + hash.hex().substr(0, 12);
}

}  // namespace

void PipeContents::expect(const std::vector<BlobRef>& named, const std::vector<BlobRef>& lacking) {
    const std::lock_guard lock(mutex_);
    for (const BlobRef& blob : named) sizes_[blob.hash] = blob.size;
    order_.insert(order_.end(), lacking.begin(), lacking.end());
    if (!lacking.empty()) ask_ahead(lacking.front().hash);
}

// Whoever holds the lock asks, so that questions go out in order. What came before and was used is forgotten.
void PipeContents::ask_ahead(const Hash& first) {
    std::erase_if(asked_, [](const auto& entry) { return entry.second.complete || !entry.second.failure.empty(); });
    std::uint64_t bytes = 0;
    auto next = std::find_if(order_.begin(), order_.end(), [&](const BlobRef& blob) { return blob.hash == first; });
    if (next == order_.end()) return ask({first, sizes_.at(first)});
    for (; next != order_.end(); ++next) {
        if (bytes != 0 && bytes + next->size > ahead_bytes) break;
        bytes += next->size;
        if (!asked_.contains(next->hash)) ask(*next);
    }
}

void PipeContents::ask(const BlobRef& blob) {
    asked_[blob.hash].size = blob.size;
    std::uint64_t offset = 0;
    do {
        FileRequest request;
        request.job = job_;
        request.hash = blob.hash;
        request.offset = offset;
        request.length = static_cast<std::uint32_t>(std::clamp<std::uint64_t>(blob.size - offset, 1, chunk_bytes));
        send_({PipeType::file_request, write_json(to_value(request))});
        offset += chunk_bytes;
    } while (offset < blob.size);
}

std::string PipeContents::fetch(const Hash& hash) {
    const Cancellation::Waker waker(cancellation_, [this] { changed_.notify_all(); });
    std::unique_lock lock(mutex_);
    if (!sizes_.contains(hash)) throw Error(ErrorKind::missing, short_name(hash) + " is not one of this run's");
    for (;;) {
        if (!asked_.contains(hash)) ask_ahead(hash);
        const Waiting& waiting = asked_.at(hash);
        if (waiting.complete) return waiting.bytes;
        if (!waiting.failure.empty())
            throw Error(ErrorKind::unavailable, "cannot get " + short_name(hash) + ": " + waiting.failure);
        if (cancellation_.cancelled())
            throw Error(ErrorKind::cancelled, "cancelled while waiting for " + short_name(hash));
        changed_.wait_for(lock, look_again);
    }
}

void PipeContents::arrived(FileChunk chunk) {
    const std::lock_guard lock(mutex_);
    const auto found = asked_.find(chunk.hash);
    if (found == asked_.end() || found->second.complete) return;
    Waiting& waiting = found->second;
    if (!chunk.found) {
        waiting.failure = "it is not there";
    } else if (chunk.offset != waiting.bytes.size() || chunk.bytes.size() > waiting.size - waiting.bytes.size()) {
        waiting.failure = "its pieces do not fit together";
    } else {
        waiting.bytes += chunk.bytes;
        if (waiting.bytes.size() == waiting.size) {
            waiting.complete = hash_of(waiting.bytes) == chunk.hash;
            if (!waiting.complete) waiting.failure = "what came is something else";
        }
    }
    changed_.notify_all();
}

LatePiece PipeLate::piece(const LateRequest& request) {
    const Hash key = key_of(request);
    const Cancellation::Waker waker(cancellation_, [this] { changed_.notify_all(); });
    std::unique_lock lock(mutex_);
    asked_[key].reset();
    send_({PipeType::late_request, write_json(to_value(LateQuestion{job_, request}))});
    while (!asked_[key] && !cancellation_.cancelled()) changed_.wait_for(lock, look_again);
    const std::optional<LateReply> reply = std::move(asked_[key]);
    asked_.erase(key);
    lock.unlock();
    if (!reply) throw Error(ErrorKind::cancelled, "cancelled while waiting to be compiled");
    if (!reply->error.empty()) throw Error(ErrorKind::unavailable, reply->error);
    contents_.expect(contents_in_order(reply->run), contents_lacking(reply->run));
    return {state_run_from(reply->run), reply->outside};
}

void PipeLate::arrived(LateReply reply) {
    const std::lock_guard lock(mutex_);
    const auto found = asked_.find(reply.key);
    if (found != asked_.end()) found->second = std::move(reply);
    changed_.notify_all();
}

}  // namespace prove
