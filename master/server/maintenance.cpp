// Portion after portion while there is more, then a look every minute: within ten, a busy master writes much.
#include "master/server/maintenance.hpp"

namespace prove {

namespace {

constexpr Milliseconds interval(60'000);
constexpr Milliseconds between_parts(20);  // commits of jobs go first

}  // namespace

Milliseconds forget_some(Store& store, const Retention& retention, const Clock& clock, const Logger& log) {
    try {
        return store.prune(retention, clock.wall_ms()) ? between_parts : interval;
    } catch (const Error& error) {
        log.error("cannot forget old jobs", {{"reason", error.text()}});
        return interval;
    }
}

}  // namespace prove
