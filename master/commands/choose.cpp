// Matching, and the errors of people who mistype a name.
#include "master/commands/choose.hpp"

#include <algorithm>
#include <map>
#include <set>

#include "common/text/text.hpp"

namespace prove {

namespace {

constexpr std::size_t most_targets = 20'000;  // section 15

// What is asked of a target beyond its name and status costs reading: facts, groups, variables.
bool needs_more(const TargetExpression& expression) {
    using Kind = TargetExpression::Kind;
    return expression.uses(Kind::role) || expression.uses(Kind::group) || expression.uses_facts() ||
           expression.uses_variables();
}

// Why no job can reach it; empty where one can.
std::string why_not_reached(const Target& target) {
    if (target.executor == "ssh") {
        if (target.ssh.is_null() || target.ssh.find("identity_file") == nullptr) return {};
        return "the catalog names an identity_file for it, and prove-master takes keys from its own ssh folder alone; "
               "remove it from targets.yml";
    }
    if (target.executor == "agent") return {};
    return "its executor is " + quoted(target.executor) +
           ", which a master does not use, since it is not root there; install prove-agent on that host, or run it "
           "there: "
           "prove-cli --catalog DIR states ...";
}

}  // namespace

struct TargetList::Known {
    TargetId name;
    const Target* target = nullptr;  // null: an agent that the catalog does not name
};

std::vector<TargetList::Known> TargetList::all(const Snapshot* snapshot) const {
    std::map<TargetId, const Target*> known;
    if (snapshot != nullptr)
        for (const auto& target : snapshot->catalog->targets()) known[target.id] = &target;
    for (const auto& key : keys_.all())
        if (key.state == KeyState::accepted || key.state == KeyState::conflict) known.try_emplace(key.name, nullptr);
    std::vector<Known> list;
    for (const auto& [name, target] : known) list.push_back({name, target});
    return list;
}

void TargetList::check_names(const std::string& text, const std::vector<Known>& known) const {
    const auto expression = TargetExpression::parse(text);
    std::vector<std::string> names;
    for (const auto& one : known) names.push_back(one.name.text());
    for (const auto& name : expression.literal_names()) {
        if (std::find(names.begin(), names.end(), name) == names.end() && status_of(TargetId(name)) == "pending")
            throw Error(ErrorKind::usage, "the key of " + quoted(name) +
                                              " is not accepted yet; compare it with: prove-cli keys list, then: "
                                              "prove-cli keys accept " + name);
    }
    expression.check_names(names);
}

bool TargetList::matches(const TargetExpression& expression, bool more, const Snapshot* snapshot,
                         const Known& known) const {
    TargetView view;
    view.name = known.name.text();
    view.host = known.target != nullptr ? known.target->host : view.name;
    view.executor = known.target != nullptr ? known.target->executor : "agent";
    if (expression.uses(TargetExpression::Kind::status)) view.status = status_of(known);
    Value facts, variables;
    if (more) {
        facts = facts_of(known.name);
        if (!facts.is_null()) view.facts = &facts;
    }
    if (more && known.target != nullptr) {
        const auto resolved = snapshot->catalog->resolve(known.name, facts);
        view.roles = resolved.roles;
        view.groups = resolved.groups;
        if (expression.uses_variables()) {
            variables = snapshot->compiler->variables_of(known.name, facts);
            view.variables = &variables;
        }
    }
    return expression.matches(view);
}

// With one look at what is stored of agents, since there may be ten thousand.
std::vector<TargetList::Contact> TargetList::contacts(const Snapshot* snapshot, const std::string& expression) const {
    auto everybody = all(snapshot);
    check_names(expression, everybody);
    std::map<KeyId, std::int64_t> stored;
    for (const auto& agent : store_.agents()) stored[agent.key] = agent.seen_ms;
    const auto seen_ms = [&](const KeyId& key) {
        const auto found = stored.find(key);
        const auto now = connections_.seen(key);
        return std::max(found == stored.end() ? 0 : found->second, now ? now->seen_ms : 0);
    };
    std::vector<Contact> list;
    for (const auto& known : matching(expression, snapshot, std::move(everybody))) {
        Contact contact{known.name, known.target == nullptr ? "" : known.target->executor, "unknown", 0, {}, 0};
        if (known.target != nullptr && known.target->executor == "ssh") {
            contact.status = known.target->executor;
            contact.key = carried_key(known.name);
        } else {
            contact.status = status_of(known.name);
            if (const auto key = keys_.holder(known.name)) contact.key = key->id;
            if (const auto now = connections_.seen(contact.key); now && now->connected) contact.clock_ahead_ms = now->clock_ahead_ms;
        }
        if (!contact.key.is_zero()) contact.seen_ms = seen_ms(contact.key);
        list.push_back(std::move(contact));
    }
    return list;
}

std::vector<TargetList::Known> TargetList::matching(const std::string& text, const Snapshot* snapshot,
                                                    std::vector<Known> among) const {
    const auto expression = TargetExpression::parse(text);
    const bool more = needs_more(expression);
    std::erase_if(among, [&](const Known& known) { return !matches(expression, more, snapshot, known); });
    return among;
}

std::vector<TargetId> TargetList::names(const Snapshot* snapshot) const {
    std::vector<TargetId> names;
    for (const auto& known : all(snapshot)) names.push_back(known.name);
    return names;
}

void TargetList::check(const std::string& expression, const Snapshot* snapshot) const {
    check_names(expression, all(snapshot));
}

bool TargetList::means(const TargetExpression& expression, const Snapshot* snapshot, const TargetId& target) const {
    const Known known{target, snapshot != nullptr ? snapshot->catalog->target(target) : nullptr};
    return matches(expression, needs_more(expression), snapshot, known);
}

NewJob::Meant TargetList::meant(const Known& known) {
    NewJob::Meant meant;
    meant.name = known.name;
    if (known.target == nullptr) return meant;
    meant.carried = known.target->executor == "ssh";
    meant.refused = why_not_reached(*known.target);
    return meant;
}

std::vector<NewJob::Meant> TargetList::choose(const std::string& expression, const Snapshot* snapshot,
                                              bool catalog_only) const {
    const auto names = TargetExpression::parse(expression).literal_names();
    // As schedules and agents ask, all day long: that one is meant, whoever else there is.
    if (snapshot != nullptr && names == std::vector{expression})
        if (const auto* const target = snapshot->catalog->target(TargetId(expression))) return {meant({target->id, target})};
    auto known = all(snapshot);
    check_names(expression, known);
    for (const auto& name : names) {
        const auto found =
            std::find_if(known.begin(), known.end(), [&](const Known& one) { return one.name.text() == name; });
        if (catalog_only && found->target == nullptr)
            throw Error(ErrorKind::usage, quoted(name) +
                                              " is an accepted agent, but the catalog has no target of that "
                                              "name, so it has no states; add it to targets.yml");
    }
    if (catalog_only) std::erase_if(known, [](const Known& one) { return one.target == nullptr; });
    const auto found = matching(expression, snapshot, std::move(known));
    if (found.empty())
        throw Error(ErrorKind::usage, quoted(expression) + " matches no target; see: prove-cli targets");
    if (found.size() > most_targets)
        throw Error(ErrorKind::usage, "one job takes at most " + std::to_string(most_targets) + " targets, and " +
                                          quoted(expression) + " matches " + std::to_string(found.size()));
    std::vector<NewJob::Meant> all_meant;
    for (const auto& one : found) all_meant.push_back(meant(one));
    return all_meant;
}

// Where it was reached both ways, what was told last counts.
Value TargetList::facts_of(const TargetId& target) const {
    auto row = store_.facts(carried_key(target));
    if (const auto key = keys_.holder(target)) {
        auto told = store_.facts(key->id);
        if (told && (!row || told->time_ms >= row->time_ms)) row = std::move(told);
    }
    return row ? std::move(row->facts) : Value();
}

std::string TargetList::status_of(const Known& known) const {
    return known.target != nullptr ? prove::status_of(*this, *known.target) : status_of(known.name);
}

std::string TargetList::status_of(const TargetId& target) const {
    if (const auto key = keys_.holder(target)) {
        if (key->state == KeyState::conflict) return "conflict";
        return connections_.connected(key->id) ? "connected" : "disconnected";
    }
    return keys_.is_waiting(target) ? "pending" : "unknown";
}

// Each of them only rises, so that their sum is another one whenever one of them is.
std::uint64_t TargetList::version(bool with_status) const {
    return 1 + store_.facts_version() + keys_.version() + (with_status ? connections_.version() : 0);
}

TargetRow TargetList::row_of(const Known& known, const Snapshot* snapshot) const {
    TargetRow row;
    row.name = known.name;
    row.in_catalog = known.target != nullptr;
    row.host = known.target != nullptr ? known.target->host : known.name.text();
    row.executor = known.target != nullptr ? known.target->executor : "agent";
    row.status = status_of(known);
    if (row.executor == "ssh") {
        if (const auto reached = store_.agent(carried_key(known.name))) row.seen_ms = reached->seen_ms;
    } else if (const auto key = keys_.holder(known.name)) {
        row.fingerprint = key->fingerprint;
        if (const auto agent = store_.agent(key->id)) {
            row.seen_ms = agent->seen_ms;
            row.version = agent->version;
        }
        if (const auto seen = connections_.seen(key->id)) {
            row.seen_ms = std::max(row.seen_ms, seen->seen_ms);
            if (seen->connected) {
                row.connected_ms = seen->since_ms;
                if (Connections::is_wrong(seen->clock_ahead_ms)) row.clock_ahead_ms = seen->clock_ahead_ms;
            }
        }
    }
    if (known.target != nullptr) {
        const auto resolved = snapshot->catalog->resolve(known.name, facts_of(known.name));
        row.groups = resolved.groups;
        row.roles = resolved.roles;
    }
    row.last_run = store_.last_run(known.name, "states");
    return row;
}

std::vector<TargetRow> TargetList::rows(const std::string& expression, const Snapshot* snapshot) const {
    std::vector<TargetRow> rows;
    auto known = all(snapshot);
    check_names(expression, known);
    for (const auto& found : matching(expression, snapshot, std::move(known))) rows.push_back(row_of(found, snapshot));
    return rows;
}

}  // namespace prove
