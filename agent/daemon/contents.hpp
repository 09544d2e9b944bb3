// Where a run on this agent gets its contents: the cache, and behind it the master. A run's thread waits here while the
// loop fetches; one that is missing brings the next ones of the run along, so that round trips do not grow with states.
#pragma once

#include <condition_variable>
#include <functional>
#include <map>
#include <mutex>
#include <optional>
#include <string>
#include <vector>

#include "agent/actions/run_contents.hpp"
#include "agent/daemon/content_cache.hpp"
#include "agent/daemon/transfers.hpp"
#include "agent/host/content.hpp"
#include "common/process/cancel.hpp"
#include "proto/messages.hpp"

namespace prove {

// Between the run's threads and the loop. Thread-safe.
class ContentExchange {
 public:
    // Hands a wish to the loop: AgentCore::want(), posted.
    using Ask = std::function<void(const JobId&, std::vector<BlobRef>)>;
    ContentExchange(ContentCache& cache, Ask ask) : cache_(cache), ask_(std::move(ask)) {}

    bool has(const Hash& hash) const { return cache_.has(hash); }
    std::optional<std::string> find(const Hash& hash) { return cache_.get(hash); }
    // Waits until the first of `blobs` is there; the others are fetched along. Throws Error(unavailable, cancelled).
    std::string fetch(const JobId& job, const std::vector<BlobRef>& blobs, const Cancellation& cancellation);
    // From the loop.
    void arrived(const Transfers::Outcome& outcome);

 private:
    ContentCache& cache_;
    Ask ask_;
    std::mutex mutex_;
    std::condition_variable changed_;
    std::map<Hash, std::string> failures_;       // of those that somebody waits for
    std::map<Hash, std::string> arrived_;        // the same: so that a full cache cannot take them away again
    std::map<Hash, int> waiting_;
};

// The contents of one job. Thread-safe: states of a run may run beside each other.
class JobContents final : public ContentSource {
 public:
    // `body` is the job's (a StatesBody, or anything without contents); it is borrowed, as the others are.
    // `own` ones ask no master: what is not here holds what needs it.
    JobContents(const JobId& job, const Value& body, ContentExchange& exchange, const Cancellation& cancellation,
                bool own = false)
        : job_(job), body_(body), exchange_(exchange), cancellation_(cancellation), own_(own) {}
    std::string fetch(const Hash& hash) override;
    // What a late state has brought. `grant` is called before the first of them is fetched, if it is there.
    void add(std::vector<BlobRef> blobs, std::function<void()> grant);

 private:
    void look_through(const Value& body);
    std::function<void()> take_grant(const Hash& hash);
    std::vector<BlobRef> this_and_next(const Hash& hash) const;

    JobId job_;
    const Value& body_;
    ContentExchange& exchange_;
    const Cancellation& cancellation_;
    const bool own_;
    std::mutex granting_;
    std::mutex mutex_;
    bool looked_ = false;
    std::vector<BlobRef> in_order_;              // of the run, as its parts name them
    std::optional<BlobRef> run_;                 // the run itself, where it is large
    struct Added {
        std::vector<BlobRef> blobs;
        std::function<void()> grant;
    };
    std::vector<Added> added_;                   // by late states
};

}  // namespace prove
