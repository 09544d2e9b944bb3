// See fleet_standing.hpp.
#include "master/commands/fleet_standing.hpp"

#include <algorithm>
#include <map>

#include "master/jobs/standing.hpp"

namespace prove {
namespace {

void set_time(Value& value, const char* name, std::int64_t time_ms) {
    if (time_ms != 0) value.set(name, time_ms);
}

// What the same drift looks like on many targets.
struct SameDrift {
    Value what = Value::object();
    Value targets = Value::array();
};

class Fleet {
  public:
    explicit Fleet(std::int64_t from_ms) : from_ms_(from_ms) {}

    void add(const TargetList::Contact& target, const StandingRow* row) {
        const bool judged = row != nullptr && row->judged_ms != 0;
        Value entry = Value::object();
        entry.set("target", target.name.text());
        entry.set("standing", judged ? name_of(row->standing) : "unknown");
        if (judged) {
            entry.set("since_ms", row->since_ms);
            entry.set("judged_ms", row->judged_ms);
            entry.set("job", row->job.text());
        }
        if (row != nullptr) set_time(entry, "drift_ms", row->drift_ms);
        ++counts_[entry.at("standing").text()];
        targets_.push(std::move(entry));
        if (row != nullptr) add_drift(*row);
        if (row != nullptr) add_unsteady(*row);
        if (target.status != "connected" && target.status != "ssh") add_silent(target);
    }

    Value whole() {
        Value result = Value::object();
        Value counts = Value::object();
        for (const auto& [standing, count] : counts_) counts.set(standing, count);
        result.set("counts", std::move(counts));
        result.set("targets", std::move(targets_));
        result.set("drift", drift());
        Value unsteady = Value::array();
        for (auto& [state, targets] : unsteady_) {
            Value entry = Value::object();
            entry.set("state", state);
            entry.set("targets", std::move(targets));
            unsteady.push(std::move(entry));
        }
        result.set("unsteady", std::move(unsteady));
        result.set("silent", std::move(silent_));
        return result;
    }

  private:
    void add_drift(const StandingRow& row) {
        const Value* drift = row.found.find("drift");
        if (drift == nullptr || row.drift_ms < from_ms_) return;
        const bool gone = drift->at("end").text() == "gone";
        for (const Value& state : drift->at("states").list()) {
            Value what = Value::object();
            for (const char* name : {"state", "place", "changes"}) what.set(name, state.at(name));
            SameDrift& same = same_[write_json(what)];
            same.what = std::move(what);
            Value target = Value::object();
            target.set("target", row.target.text());
            target.set("end", gone ? "gone" : state.at("end").text());
            target.set("since_ms", drift->at("since_ms"));
            target.set("found_ms", row.drift_ms);
            target.set("job", drift->at("job"));
            same.targets.push(std::move(target));
        }
    }
    void add_unsteady(const StandingRow& row) {
        for (const UnsteadyState& state : unsteady_states(row)) {
            Value target = Value::object();
            target.set("target", row.target.text());
            target.set("changes", state.changes);
            target.set("applies", state.applies);
            unsteady_.try_emplace(state.state, Value::array()).first->second.push(std::move(target));
        }
    }
    void add_silent(const TargetList::Contact& target) {
        Value entry = Value::object();
        entry.set("target", target.name.text());
        entry.set("status", target.status);
        set_time(entry, "seen_ms", target.seen_ms);
        silent_.push(std::move(entry));
    }
    // What most have comes first.
    Value drift() {
        std::vector<SameDrift> all;
        for (auto& [key, same] : same_) all.push_back(std::move(same));
        std::stable_sort(all.begin(), all.end(), [](const SameDrift& one, const SameDrift& other) {
            return one.targets.list().size() > other.targets.list().size();
        });
        Value list = Value::array();
        for (SameDrift& same : all) {
            same.what.set("targets", std::move(same.targets));
            list.push(std::move(same.what));
        }
        return list;
    }

    std::int64_t from_ms_;
    std::map<std::string, std::int64_t> counts_;
    Value targets_ = Value::array(), silent_ = Value::array();
    std::map<std::string, SameDrift> same_;   // by what drifted, as JSON
    std::map<std::string, Value> unsteady_;  // by state
};

}  // namespace

Value fleet_standing(const std::vector<TargetList::Contact>& targets,
                     const std::vector<StandingRow>& standings, std::int64_t from_ms) {
    std::map<TargetId, const StandingRow*> by_name;
    for (const StandingRow& row : standings) by_name[row.target] = &row;
    Fleet fleet(from_ms);
    for (const TargetList::Contact& target : targets) {
        const auto found = by_name.find(target.name);
        // What another host of this name was found to be says nothing of this one.
        const bool counts = found != by_name.end() && (target.key.is_zero() || target.key == found->second->key);
        fleet.add(target, counts ? found->second : nullptr);
    }
    return fleet.whole();
}

}  // namespace prove
