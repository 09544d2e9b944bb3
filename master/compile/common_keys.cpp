// See common_keys.hpp.
#include "master/compile/common_keys.hpp"

#include <algorithm>

namespace prove {

namespace {

template <class T>
void append(std::vector<T>& to, const std::vector<T>& from) {
    to.insert(to.end(), from.begin(), from.end());
}

void append_outer(std::vector<Reference>& to, const std::vector<Reference>& from, std::uint32_t outer) {
    for (Reference reference : from) {
        reference.outer += outer;
        to.push_back(std::move(reference));
    }
}

void shift(StateKeys& keys, std::uint32_t outer) {
    for (auto* references : {&keys.requirements, &keys.notify, &keys.notify_failure})
        for (Reference& reference : *references) reference.outer += outer;
}

void apply_to_parts(DraftVariant& variant, const StateKeys& keys) {
    for (DraftPart& draft : variant.parts) {
        StatePart& part = draft.part;
        if (keys.timeout && part.timeout.count() == 0) part.timeout = *keys.timeout;
        if (keys.retry && part.retry == Retry{} && !draft.run) part.retry = *keys.retry;
        if (keys.verify && !*keys.verify) part.verify = false;
        if (keys.sensitive && *keys.sensitive) part.sensitive = true;
    }
}

}  // namespace

void merge_keys(StateKeys& keys, const StateKeys& more) {
    append(keys.requirements, more.requirements);
    append(keys.notify, more.notify);
    append(keys.notify_failure, more.notify_failure);
    append(keys.onlyif, more.onlyif);
    append(keys.unless, more.unless);
    append(keys.probes, more.probes);
    append(keys.tags, more.tags);
    if (!keys.lazy) keys.lazy = more.lazy;
    if (!keys.defer) keys.defer = more.defer;
    if (!keys.verify) keys.verify = more.verify;
    if (!keys.sensitive) keys.sensitive = more.sensitive;
    if (!keys.timeout) keys.timeout = more.timeout;
    if (!keys.retry) keys.retry = more.retry;
}

void apply_keys(DraftState& state, const StateKeys& keys, bool conditions, std::uint32_t outer) {
    append_outer(state.requirements, keys.requirements, outer);
    append(state.tags, keys.tags);
    state.defer = state.defer || keys.defer.value_or(false);
    if (state.include) {
        StateKeys shifted = keys;
        shift(shifted, outer);
        if (!conditions) shifted.onlyif.clear();
        if (!conditions) shifted.unless.clear();
        StateKeys merged = state.common == nullptr ? StateKeys{} : *state.common;
        merge_keys(merged, shifted);
        state.common = std::make_shared<StateKeys>(std::move(merged));
    }
    if (state.block || state.include) return;  // the end of what has them itself
    for (DraftVariant& variant : state.variants) {
        append_outer(variant.notify, keys.notify, outer);
        append_outer(variant.notify_failure, keys.notify_failure, outer);
        if (state.group) continue;
        if (conditions) append(variant.onlyif, keys.onlyif);
        if (conditions) append(variant.unless, keys.unless);
        apply_to_parts(variant, keys);
    }
    if (state.group) return;
    for (const Probe& probe : keys.probes) {
        const bool own = std::any_of(state.probes.begin(), state.probes.end(),
                                     [&](const Probe& other) { return other.name == probe.name; });
        if (!own) state.probes.push_back(probe);
    }
}

}  // namespace prove
