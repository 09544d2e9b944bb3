// See own_runs.hpp.
#include "agent/daemon/own_runs.hpp"

#include "common/text/duration.hpp"

namespace prove {

namespace {

// As catalog hashes are written; a run that is a content of its own names it only in its report.
std::string catalog_of(const StatesBody& body) {
    const Value* found = body.run.is_mapping() ? body.run.find("catalog") : nullptr;
    return found != nullptr && found->is_text() && Hash::from_hex_text(found->text()) ? found->text() : "";
}

}  // namespace

const char* operation_of(SheetEntry::Run run) {
    return run == SheetEntry::Run::cmd ? "cmd" : "states";
}

OwnOrder own_order(const SheetEntry& entry, std::int64_t due_ms, RunMode mode, SheetStore& store, std::int64_t now_ms,
                   const std::string& why) {
    OwnOrder order;
    order.own.operation = operation_of(entry.run);
    order.own.mode = mode;
    order.own.scheduled = {entry.name, due_ms};
    order.own.why = why;
    if (entry.run == SheetEntry::Run::cmd) {
        order.body = entry.command;
        return order;
    }
    auto kept = store.load_state_run();
    if (!kept.body) {
        order.trouble = kept.trouble.text + ", and there is no connection to the master: nothing was run";
        return order;
    }
    StatesBody& body = *kept.body;
    order.own.catalog = catalog_of(body);
    if (mode == RunMode::apply && now_ms >= body.offline_until_ms) {
        order.own.mode = RunMode::plan;
        order.own.why += "; for " + show_duration(std::chrono::milliseconds(now_ms - body.offline_until_ms)) +
                         " now the states that are kept here may not be applied without it: this is only a plan";
    }
    body.mode = order.own.mode;
    order.body = to_value(body);
    return order;
}

}  // namespace prove
