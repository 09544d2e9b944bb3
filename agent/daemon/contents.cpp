// Fetching ahead, and waiting for what the loop fetches.
#include "agent/daemon/contents.hpp"

#include <algorithm>

namespace prove {

namespace {

constexpr std::uint64_t ahead_bytes = 1u << 20;
constexpr std::size_t ahead_count = 256;

}  // namespace

std::string ContentExchange::fetch(const JobId& job, const std::vector<BlobRef>& blobs,
                                   const Cancellation& cancellation) {
    const Hash hash = blobs.front().hash;
    const Cancellation::Waker waker(cancellation, [this] { changed_.notify_all(); });
    std::unique_lock lock(mutex_);
    failures_.erase(hash);
    ++waiting_[hash];
    lock.unlock();
    ask_(job, blobs);
    lock.lock();
    // The waker's notification can fall between the check and the wait: hence a look now and then.
    while (!arrived_.contains(hash) && !failures_.contains(hash) && !cancellation.cancelled())
        changed_.wait_for(lock, std::chrono::milliseconds(500));
    const auto bytes = arrived_.find(hash);
    const auto failure = failures_.find(hash);
    std::optional<std::string> got;
    if (bytes != arrived_.end()) got = bytes->second;
    const std::string why = failure == failures_.end() ? "" : failure->second;
    if (--waiting_[hash] == 0) {
        waiting_.erase(hash);
        arrived_.erase(hash);
        failures_.erase(hash);
    }
    if (got) return *got;
    if (!why.empty()) throw Error(ErrorKind::unavailable, "cannot get content " + hash.hex().substr(0, 12) + ": " + why);
    throw Error(ErrorKind::cancelled, "cancelled while waiting for content " + hash.hex().substr(0, 12));
}

void ContentExchange::arrived(const Transfers::Outcome& outcome) {
    if (outcome.failure.empty()) {
        try {
            cache_.put(outcome.blob.hash, outcome.bytes);
        } catch (const Error&) {
            // No space, as a rule. Who waits for it has it all the same; the next run fetches it again.
        }
    }
    const std::lock_guard lock(mutex_);
    if (waiting_.contains(outcome.blob.hash)) {
        if (outcome.failure.empty())
            arrived_[outcome.blob.hash] = outcome.bytes;
        else
            failures_[outcome.blob.hash] = outcome.failure;
    }
    changed_.notify_all();
}

std::string JobContents::fetch(const Hash& hash) {
    if (auto bytes = exchange_.find(hash)) return std::move(*bytes);
    if (own_)
        throw Error(ErrorKind::held, "content " + hash.hex().substr(0, 12) +
                                         " is not on this host, and this run is made without the master");
    std::unique_lock lock(mutex_);
    look_through(body_);
    const std::vector<BlobRef> wanted = this_and_next(hash);
    lock.unlock();
    {
        const std::lock_guard one_at_a_time(granting_);
        lock.lock();
        const auto grant = take_grant(hash);
        lock.unlock();
        if (grant) grant();
    }
    auto bytes = exchange_.fetch(job_, wanted, cancellation_);
    lock.lock();
    // A large run comes as a content itself; what it names is known once it is here.
    if (run_ && run_->hash == hash) in_order_ = contents_in_order(read_json(bytes, JsonLimits::state_run()));
    return bytes;
}

void JobContents::add(std::vector<BlobRef> blobs, std::function<void()> grant) {
    const std::lock_guard lock(mutex_);
    added_.push_back({std::move(blobs), std::move(grant)});
}

// Of the late state that names this content, and the run does not.
std::function<void()> JobContents::take_grant(const Hash& hash) {
    const auto has = [&](const std::vector<BlobRef>& blobs) {
        return std::any_of(blobs.begin(), blobs.end(), [&](const BlobRef& blob) { return blob.hash == hash; });
    };
    if (has(in_order_)) return {};
    for (Added& added : added_)
        if (has(added.blobs)) return std::exchange(added.grant, {});
    return {};
}

void JobContents::look_through(const Value& body) {
    if (std::exchange(looked_, true) || !body.is_mapping()) return;
    const auto states = states_body_from(body);
    run_ = states.blob;
    if (!run_) {
        in_order_ = contents_in_order(states.run);
    } else if (const auto bytes = exchange_.find(run_->hash)) {
        in_order_ = contents_in_order(read_json(*bytes, JsonLimits::state_run()));
    }
}

std::vector<BlobRef> JobContents::this_and_next(const Hash& hash) const {
    if (run_ && run_->hash == hash) return {*run_};
    const auto place_in = [&](const std::vector<BlobRef>& blobs) {
        return std::find_if(blobs.begin(), blobs.end(), [&](const BlobRef& blob) { return blob.hash == hash; });
    };
    const std::vector<BlobRef>* in_order = &in_order_;
    auto found = place_in(*in_order);
    for (auto added = added_.begin(); added != added_.end() && found == in_order->end(); ++added) {
        in_order = &added->blobs;
        found = place_in(*in_order);
    }
    if (found == in_order->end())
        throw Error(ErrorKind::missing, "content " + hash.hex().substr(0, 12) + " is not one of this run's");
    std::vector<BlobRef> wanted;
    std::uint64_t bytes = 0;
    for (auto next = found; next != in_order->end() && wanted.size() < ahead_count; ++next) {
        if (next != found && (bytes + next->size > ahead_bytes || exchange_.has(next->hash))) {
            if (bytes >= ahead_bytes) break;
            continue;
        }
        wanted.push_back(*next);
        bytes += next->size;
    }
    return wanted;
}

}  // namespace prove
