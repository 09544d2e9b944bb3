// Comparing drafts without their positions.
#include "master/compile/draft.hpp"

#include <algorithm>

#include "master/compile/state_keys.hpp"

namespace prove {

namespace {

template <class T, class Same>
bool all_same(const std::vector<T>& left, const std::vector<T>& right, Same same) {
    return std::equal(left.begin(), left.end(), right.begin(), right.end(), same);
}

bool same_part(const DraftPart& left, const DraftPart& right) {
    const StatePart& a = left.part;
    const StatePart& b = right.part;
    return a.function == b.function && a.arguments == b.arguments && a.timeout == b.timeout && a.retry == b.retry &&
           a.verify == b.verify && a.sensitive == b.sensitive && a.description == b.description &&
           same_conditions(a.onlyif, b.onlyif) && same_conditions(a.unless, b.unless) &&
           same_conditions(a.that, b.that) && same_call(left.run, right.run) &&
           same_references(left.notify, right.notify) && same_references(left.notify_failure, right.notify_failure);
}

}  // namespace

bool same_references(const std::vector<Reference>& left, const std::vector<Reference>& right) {
    return all_same(left, right, [](const Reference& a, const Reference& b) { return a.text == b.text; });
}

bool same_conditions(const std::vector<Condition>& left, const std::vector<Condition>& right) {
    return all_same(left, right,
                    [](const Condition& a, const Condition& b) { return a.kind == b.kind && a.value == b.value; });
}

bool same_call(const std::optional<DraftCall>& left, const std::optional<DraftCall>& right) {
    if (!left || !right) return left.has_value() == right.has_value();
    return left->name.text == right->name.text && left->with == right->with && left->as == right->as;
}

bool same_probes(const std::vector<Probe>& left, const std::vector<Probe>& right) {
    return all_same(left, right, [](const Probe& a, const Probe& b) {
        return a.name == b.name && same_conditions(a.conditions, b.conditions);
    });
}

bool same_state(const DraftState& left, const DraftState& right) {
    const bool same_common =
        left.common == nullptr || right.common == nullptr ? left.common == right.common : *left.common == *right.common;
    return left.id == right.id && left.lazy == right.lazy && left.defer == right.defer && left.group == right.group &&
           left.block == right.block && left.late == right.late && left.stand == right.stand &&
           same_call(left.include, right.include) && same_common && left.tags == right.tags &&
           same_references(left.requirements, right.requirements) && same_references(left.listen, right.listen) &&
           same_references(left.listen_failure, right.listen_failure) && same_references(left.members, right.members) &&
           same_probes(left.probes, right.probes) && all_same(left.variants, right.variants, same_variant);
}

bool same_variant(const DraftVariant& left, const DraftVariant& right) {
    return left.description == right.description && all_same(left.parts, right.parts, same_part) &&
           same_references(left.notify, right.notify) && same_references(left.notify_failure, right.notify_failure) &&
           same_conditions(left.onlyif, right.onlyif) && same_conditions(left.unless, right.unless);
}

}  // namespace prove
