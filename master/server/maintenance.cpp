// A thread that prunes every minute.
#include "master/server/maintenance.hpp"

namespace prove {

namespace {

constexpr Milliseconds interval(60'000);
constexpr Milliseconds between_parts(20);  // commits of jobs go first

}  // namespace

Maintenance::Maintenance(Store& store, const Retention& retention, const Clock& clock, const Logger& log)
    : store_(store), retention_(retention), clock_(clock), log_(log), thread_([this] { run(); }) {}

Maintenance::~Maintenance() {
    {
        const std::lock_guard lock(mutex_);
        stopping_ = true;
    }
    changed_.notify_all();
    thread_.join();
}

bool Maintenance::stopped_within(Milliseconds time) {
    std::unique_lock lock(mutex_);
    return changed_.wait_for(lock, time, [this] { return stopping_; });
}

void Maintenance::run() {
    do {
        try {
            prune();
        } catch (const Error& error) {
            log_.error("cannot forget old jobs", {{"reason", error.text()}});
        }
    } while (!stopped_within(interval));
}

void Maintenance::prune() {
    while (store_.prune(retention_, clock_.wall_ms()))
        if (stopped_within(between_parts)) return;
}

}  // namespace prove
