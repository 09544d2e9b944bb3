// Adjacent package parts become one transaction: before the first of a row the host is told the wishes of all. Each
// part then runs as always, finds its packages done, and answers for them alone.
#include "agent/engine/part_output.hpp"
#include "agent/engine/runner.hpp"

namespace prove {
namespace {

// Only parts whose packages are known before their turn are served ahead.
bool may_merge(const PreparedPart& part) {
    return part.function->package_wishes && part.arguments.has_value();
}

bool is_missing(const HostReader& host, const PreparedPart& part, const PackageWish& wish) {
    const PackageInfo info = host.package(wish.name);
    if (part.function->removes_packages)
        return info.state != PackageInfo::State::absent &&
               (info.state != PackageInfo::State::config_files || part.arguments->boolean("purge"));
    return info.state != PackageInfo::State::installed || (!wish.version.empty() && wish.version != info.version);
}

bool wants_something(const HostReader& host, const PreparedPart& part) {
    for (const PackageWish& wish : part.function->package_wishes(*part.arguments))
        if (is_missing(host, part, wish)) return true;
    return false;
}

// Parts that one transaction can serve: both install, or both remove, in the same way. What is said to apt for one part
// holds for all that is named with it.
bool alike(const PreparedPart& a, const PreparedPart& b) {
    if (a.function->removes_packages != b.function->removes_packages) return false;
    if (a.function->removes_packages) return a.arguments->boolean("purge") == b.arguments->boolean("purge");
    const auto recommends = [](const PreparedPart& part) {
        return part.arguments->has("recommends") ? std::optional(part.arguments->boolean("recommends")) : std::nullopt;
    };
    return recommends(a) == recommends(b) &&
           a.arguments->text("refresh") == b.arguments->text("refresh");
}

}  // namespace

// Adds what follows in this state from `part` on. True where the row may go on into the next state: nothing in it is
// conditional, and nothing is notified in between.
bool Runner::extend_row(std::vector<Place>& row, NodeIndex node, const PreparedVariant& variant,
                        std::size_t part) const {
    for (std::size_t i = part; i < variant.parts.size(); ++i) {
        const PreparedPart& prepared = variant.parts[i];
        const bool first = row.empty();
        if (!may_merge(prepared)) return false;
        if (!first && (!prepared.part->onlyif.empty() || !prepared.part->unless.empty())) return false;
        if (!first && !alike(row.front().variant->parts[row.front().part], prepared)) return false;
        row.push_back({node, i, &variant});
        if (!prepared.part->notify.empty()) return false;
    }
    return variant.variant->notify.empty();
}

std::vector<Runner::Place> Runner::package_row(const Place& first) const {
    std::vector<Place> row;
    if (!extend_row(row, first.node, *first.variant, first.part)) return row;
    schedule_.following([&](NodeIndex node) {
        if (run_.nodes[node].group || board_.prepared[node].size() != 1) return false;
        const PreparedVariant& variant = board_.prepared[node].front();
        if (!variant.variant->onlyif.empty() || !variant.variant->unless.empty()) return false;
        return extend_row(row, node, variant, 0);
    });
    return row;
}

void Runner::prepare_packages(NodeIndex node, const PreparedVariant& variant, std::size_t part) {
    if (!may_merge(variant.parts[part])) return;
    const Place first{node, part, &variant};
    if (board_.merged.count({node, part}) != 0) return;
    // Parts with conditions of their own run alone: whether they run at all is not known yet.
    if (!variant.parts[part].part->onlyif.empty() || !variant.parts[part].part->unless.empty()) return;
    try {
        std::vector<Place> row;
        for (const Place& place : package_row(first)) {
            board_.merged.insert({place.node, place.part});
            if (wants_something(host_, place.variant->parts[place.part])) row.push_back(place);
        }
        if (row.size() > 1) run_transaction(row);
    } catch (const Unknown&) {
        // Nothing is known of them before their turn comes.
    } catch (const Error&) {
        // Each part tries alone and says what is wrong with it.
    }
}

void Runner::run_transaction(const std::vector<Place>& row) {
    const PreparedPart& first = row.front().variant->parts[row.front().part];
    std::vector<PackageWish> wishes;
    std::chrono::milliseconds timeout{0};
    bool sensitive = false;
    for (const Place& place : row) {
        const PreparedPart& part = place.variant->parts[place.part];
        for (PackageWish& wish : part.function->package_wishes(*part.arguments)) wishes.push_back(std::move(wish));
        timeout = std::max(timeout, PartRunner::timeout_of(*part.part));
        sensitive = sensitive || part.part->sensitive;
    }
    // One transaction changes things for all of them: the debts of all stand in the ledger first.
    for (const Place& place : row) owe(place.node, *place.variant->variant, place.part);
    const StateId& state = run_.nodes[row.front().node].id;
    PartOutput output(board_, state);
    const Aside aside(board_);
    parts_.begin(state, timeout, sensitive, sensitive ? OutputSink{} : output.sink(), {});
    if (first.function->removes_packages) {
        std::vector<std::string> names;
        for (const PackageWish& wish : wishes) names.push_back(wish.name);
        host_.prepare_removal(names, first.arguments->boolean("purge"));
    } else {
        host_.prepare_install(wishes);
    }
    parts_.end();
    output.finish();
}

}  // namespace prove
