// What every store does the same way.
#include "master/store/store.hpp"

#include <algorithm>
#include <future>

namespace prove {

bool is_notable(const JobRow& job, const JobTargetRow& run) {
    if (run.phase != TargetPhase::ended || run.end != TargetEnd::done || job.operation == "cmd") return true;
    const auto some = [&](const char* what) {
        const Value* number = run.summary.is_mapping() ? run.summary.find(what) : nullptr;
        return number != nullptr && number->integer() > 0;
    };
    return some("changed") || some("would_change") || some("unknown") || some("held");
}

bool has_facts(const Batch& batch) {
    return std::any_of(batch.begin(), batch.end(), [](const Write& row) { return std::holds_alternative<FactsRow>(row); });
}

void write_and_wait(Store& store, Batch batch) {
    std::promise<std::optional<Error>> committed;
    auto future = committed.get_future();
    store.write(std::move(batch), [&committed](const Error* error) {
        committed.set_value(error != nullptr ? std::optional<Error>(*error) : std::nullopt);
    });
    if (const auto error = future.get()) throw Error(*error);
}

std::optional<std::uint64_t> first_bad_audit(const Store& store) {
    Hash before;
    std::uint64_t expected = 1;
    for (;;) {
        const auto rows = store.audit(expected - 1, 1000);
        for (const auto& row : rows) {
            if (row.number != expected || audit_hash(before, row) != row.hash) return expected;
            before = row.hash;
            ++expected;
        }
        if (rows.size() < 1000) break;
    }
    // A cut tail: the count or the head that is kept beside the chain says more.
    if (store.audit_count() != expected - 1) return expected;
    return std::nullopt;
}

}  // namespace prove
