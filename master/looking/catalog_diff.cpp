// Comparing the runs of many targets.
#include "master/looking/catalog_diff.hpp"

#include <algorithm>
#include <array>

#include "common/text/text.hpp"
#include "proto/diagnostics_value.hpp"

namespace prove {

namespace {

constexpr std::size_t most_names = 6;

struct Side {
    bool there = false;
    std::optional<Compiled> compiled;
    std::vector<Diagnostic> problems;
};

Side compile(const DiffSide& side, const TargetId& target, const Value& facts) {
    Side result;
    result.there = side.catalog.target(target) != nullptr;
    if (!result.there) return result;
    CompileRequest request;
    request.target = target;
    request.facts = facts;
    try {
        result.compiled = side.compiler.compile(request);
    } catch (const CatalogError& error) {
        for (Diagnostic diagnostic : error.diagnostics().sorted()) {
            if (diagnostic.severity != Diagnostic::Severity::error) continue;
            diagnostic.contexts.clear();  // they name the target
            result.problems.push_back(std::move(diagnostic));
        }
    }
    return result;
}

std::string heading_of(CatalogDiff::Kind kind) {
    switch (kind) {
        case CatalogDiff::Kind::changed: return "changed";
        case CatalogDiff::Kind::added: return "only in the newer version";
        case CatalogDiff::Kind::removed: return "only in the older version";
        case CatalogDiff::Kind::broken: return "no longer compiled, because of";
        case CatalogDiff::Kind::mended: return "compiled again; the older version has errors";
        case CatalogDiff::Kind::broken_still: return "not compiled from either version";
    }
    return "";
}

std::string shown_targets(const std::vector<std::string>& names) {
    if (names.size() <= most_names) return join(names, ", ");
    const std::vector<std::string> first(names.begin(), names.begin() + most_names);
    return "same for " + counted(names.size(), "target") + ": " + join(first, ", ") + " and " +
           std::to_string(names.size() - most_names) + " more";
}

}  // namespace

const char* name_of(CatalogDiff::Kind kind) {
    switch (kind) {
        case CatalogDiff::Kind::changed: return "changed";
        case CatalogDiff::Kind::added: return "added";
        case CatalogDiff::Kind::removed: return "removed";
        case CatalogDiff::Kind::broken: return "broken";
        case CatalogDiff::Kind::mended: return "mended";
        case CatalogDiff::Kind::broken_still: return "broken_still";
    }
    return "";
}

std::optional<CatalogDiff::Group> CatalogComparison::compare(const TargetId& target, const Value& facts) const {
    const Side before = compile(before_, target, facts), after = compile(after_, target, facts);
    using Kind = CatalogDiff::Kind;
    CatalogDiff::Group group;
    group.targets = {target.text()};
    group.problems = after.problems;
    if (!after.there)
        group.kind = Kind::removed;
    else if (!after.compiled)
        group.kind = before.there && !before.compiled ? Kind::broken_still : Kind::broken;
    else if (!before.compiled)
        group.kind = before.there ? Kind::mended : Kind::added;
    else
        group.diff = diff_runs(*before.compiled, *after.compiled, functions_);
    if (group.kind == Kind::changed && group.diff.empty()) return std::nullopt;
    return group;
}

void DiffGroups::add(CatalogDiff::Group group) {
    std::vector<std::string> targets;
    targets.swap(group.targets);
    const auto [found, fresh] = groups_.emplace(write_json(to_value(group)), result_.groups.size());
    if (fresh) result_.groups.push_back(std::move(group));
    auto& all = result_.groups[found->second].targets;
    all.insert(all.end(), targets.begin(), targets.end());
}

CatalogDiff DiffGroups::take() {
    std::stable_sort(result_.groups.begin(), result_.groups.end(),
                     [](const auto& one, const auto& other) { return one.targets.size() > other.targets.size(); });
    return std::move(result_);
}

std::vector<TargetId> targets_of_both(const Catalog& before, const Catalog& after) {
    std::vector<TargetId> result;
    for (const Target& target : after.targets()) result.push_back(target.id);
    for (const Target& target : before.targets())
        if (after.target(target.id) == nullptr) result.push_back(target.id);
    return result;
}

std::string diff_text(const CatalogDiff& diff) {
    std::string result;
    for (const CatalogDiff::Group& group : diff.groups) {
        if (!result.empty()) result += "\n";
        result += shown_targets(group.targets);
        if (group.kind != CatalogDiff::Kind::changed) result += ": " + heading_of(group.kind);
        result += "\n" + diff_text(group.diff);
        for (const Diagnostic& problem : group.problems)
            for (const std::string& line : split_lines(escape_control_keep_lines(problem.full_text())))
                result += "  " + line + "\n";
    }
    return result;
}

Value to_value(const CatalogDiff::Group& group) {
    Value value = Value::object();
    value.set("change", name_of(group.kind));
    if (!group.targets.empty())
        value.set("targets", Value(Value::List(group.targets.begin(), group.targets.end())));
    if (group.kind == CatalogDiff::Kind::changed) value.set("diff", to_value(group.diff));
    if (!group.problems.empty()) {
        Value problems = Value::array();
        for (const Diagnostic& problem : group.problems) problems.push(to_value(problem));
        value.set("problems", std::move(problems));
    }
    return value;
}

CatalogDiff::Group diff_group_from(const Value& value) {
    static constexpr std::array kinds = {CatalogDiff::Kind::changed, CatalogDiff::Kind::added,
                                         CatalogDiff::Kind::removed, CatalogDiff::Kind::broken,
                                         CatalogDiff::Kind::mended,  CatalogDiff::Kind::broken_still};
    Fields fields(value, "a group of targets");
    const std::string name = fields.text("change");
    const auto kind = std::find_if(kinds.begin(), kinds.end(), [&](auto one) { return name_of(one) == name; });
    if (kind == kinds.end()) throw Error(ErrorKind::invalid, "a group of targets with an unknown change");
    CatalogDiff::Group group;
    group.kind = *kind;
    group.targets = fields.texts("targets");
    if (const Value* diff = fields.optional("diff")) group.diff = run_diff_from(*diff);
    if (const Value* problems = fields.optional("problems")) group.problems = diagnostics_from(*problems).sorted();
    fields.end();
    return group;
}

}  // namespace prove
