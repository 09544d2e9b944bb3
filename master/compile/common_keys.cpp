// See common_keys.hpp.
#include "master/compile/common_keys.hpp"

#include <algorithm>

#include "proto/output_ref.hpp"

namespace prove {

namespace {

// Stands before a name once for each file that it was written further out. No id has a control character.
constexpr char outward = '\x01';

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

void name_further_out(Value& name, std::uint32_t outer) {
    if (!name.is_text()) return;  // and is reported as no name
    Value further(std::string(outer, outward) + name.text());
    further.set_position(name.position());
    name = std::move(further);
}

void outputs_further_out(Value& value, std::uint32_t outer) {
    if (is_output(value)) return name_further_out(*value.mapping().find("$out"), outer);
    if (value.is_list())
        for (Value& member : value.list()) outputs_further_out(member, outer);
    if (value.is_mapping())
        for (Mapping::Member& member : value.mapping()) outputs_further_out(member.value, outer);
}

void shift(StateKeys& keys, std::uint32_t outer) {
    for (auto* references : {&keys.requirements, &keys.notify, &keys.notify_failure})
        for (Reference& reference : *references) reference.outer += outer;
    for (auto* conditions : {&keys.onlyif, &keys.unless}) *conditions = seen_within(std::move(*conditions), outer);
    keys.probes = seen_within(std::move(keys.probes), outer);
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
        if (conditions) append(variant.onlyif, seen_within(keys.onlyif, outer));
        if (conditions) append(variant.unless, seen_within(keys.unless, outer));
        apply_to_parts(variant, keys);
    }
    if (outer == 0) add_probes(state, keys.probes);  // those of a meta.include its file was read with
}

void add_probes(DraftState& state, const std::vector<Probe>& probes) {
    if (state.group) return;
    for (const Probe& probe : probes) {
        const bool own = std::any_of(state.probes.begin(), state.probes.end(),
                                     [&](const Probe& other) { return other.name == probe.name; });
        if (!own) state.probes.push_back(probe);
    }
}

std::vector<Condition> seen_within(std::vector<Condition> conditions, std::uint32_t outer) {
    for (Condition& condition : conditions)
        if (condition.kind == Condition::Kind::changed)
            name_further_out(condition.value, outer);
        else
            outputs_further_out(condition.value, outer);
    return conditions;
}

std::vector<Probe> seen_within(std::vector<Probe> probes, std::uint32_t outer) {
    for (Probe& probe : probes) probe.conditions = seen_within(std::move(probe.conditions), outer);
    return probes;
}

Reference name_of(const std::string& written, const SourcePosition& position) {
    const std::size_t begin = std::min(written.find_first_not_of(outward), written.size());
    return {written.substr(begin), position, static_cast<std::uint32_t>(begin)};
}

}  // namespace prove
