// Cutting a report to what a result may be: what people need least goes first, and the report says what is missing.
#include <algorithm>
#include <functional>

#include "agent/actions/families.hpp"

namespace prove {
namespace {

void for_each_part(RunReport& report, const std::function<void(StatePartInvocation&)>& work) {
    for (StateInvocation& invocation : report.invocations)
        for (StatePartInvocation& part : invocation.parts) work(part);
}

// A cheap bound from above, so that a usual report is written only once.
std::size_t roughly(const RunReport& report) {
    std::size_t size = 4'096;
    for (const StateInvocation& invocation : report.invocations) {
        size += 1'024 + 6 * (invocation.reason.size() + invocation.state.text().size());
        for (const StatePartInvocation& part : invocation.parts) {
            size += 1'024 + 6 * (part.reason.size() + part.output.size() + part.subject.size());
            if (!part.outputs.is_null()) size += write_json(part.outputs).size();
            for (const Change& change : part.changes)
                size += 512 +
                        6 * (change.resource.size() + change.before.size() + change.after.size() + change.diff.size());
        }
    }
    return size;
}

bool fits(const Value& value, std::size_t limit) {
    return write_json(value).size() <= limit;
}

}  // namespace

Value within_limit(RunReport report, std::size_t limit) {
    if (roughly(report) <= limit) return to_value(report);
    Value value = to_value(report);
    if (fits(value, limit)) return value;

    const auto cut = [&](const std::string& what, const std::function<void(StatePartInvocation&)>& work) {
        for_each_part(report, work);
        report.notes.push_back(what + " were left out: the report would have been too large");
        value = to_value(report);
        return fits(value, limit);
    };
    if (cut("diffs", [](StatePartInvocation& part) {
            for (Change& change : part.changes) change.diff.clear();
        }))
        return value;
    if (cut("outputs", [](StatePartInvocation& part) {
            part.output.clear();
            part.outputs = Value();
        }))
        return value;
    if (cut("changes", [](StatePartInvocation& part) { part.changes.clear(); })) return value;
    for (StateInvocation& invocation : report.invocations) invocation.parts.clear();
    if (cut("parts", [](StatePartInvocation&) {})) return value;
    auto& all = report.invocations;
    all.erase(std::remove_if(all.begin(), all.end(),
                             [](const StateInvocation& invocation) { return invocation.outcome == Outcome::ok; }),
              all.end());
    if (cut("states that were ok", [](StatePartInvocation&) {})) return value;
    while (!fits(value, limit) && !all.empty()) {
        all.resize(all.size() / 2);
        value = to_value(report);
    }
    return value;
}

}  // namespace prove
