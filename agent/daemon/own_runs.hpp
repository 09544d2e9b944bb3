// What a slot of a schedule comes to without a master: the command that the sheet has, or the StateRun that was last
// verified and kept, for as long as it may be applied and as a plan after that (S60).
#pragma once

#include <string>

#include "agent/daemon/sheet_store.hpp"
#include "common/timetable/timetable.hpp"
#include "proto/messages.hpp"

namespace prove {

struct OwnOrder {
    OwnRun own;
    Value body;                          // of the operation
    std::string trouble;                 // why there is nothing to run; empty where there is
};

// `mode` is what the schedule has in mind at `now_ms`; `why` there is no master to ask.
OwnOrder own_order(const SheetEntry& entry, std::int64_t due_ms, RunMode mode, SheetStore& store, std::int64_t now_ms,
                   const std::string& why);

// The operation of a schedule's runs.
const char* operation_of(SheetEntry::Run run);

}  // namespace prove
