// Forgets old jobs, a little at a time, so that history never eats the disk (A13).
#pragma once

#include "common/log/log.hpp"
#include "common/time/clock.hpp"
#include "master/store/store.hpp"

namespace prove {

// One portion of what is not to be kept; gives how long to wait before the next one.
Milliseconds forget_some(Store& store, const Retention& retention, const Clock& clock, const Logger& log);

}  // namespace prove
