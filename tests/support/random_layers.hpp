// Random layers of variables, and what their explanation amounts to.
#pragma once

#include <map>
#include <random>
#include <string>
#include <vector>

#include "master/catalog/explain.hpp"

namespace prove::test {

// Over few keys, so that they meet.
class RandomLayers {
  public:
    explicit RandomLayers(std::uint64_t seed) : random_(seed) {}

    // `fitting`: "l" is always a list and nothing else ever is, so that no layer appends to what is no list.
    Value mapping(const std::vector<std::string>& names, int depth, bool fitting = false) {
        Value result = Value::object();
        for (const std::string& name : names) {
            auto choice = below(6);
            if (fitting && name == "l") choice = 3 + choice % 3;
            if (fitting && name != "l" && choice >= 3) choice = 5 - 3 * (choice % 2);
            if (choice == 0 && depth > 0) result.set(name, mapping({"a", "b", "l"}, depth - 1, fitting));
            if (choice == 1 && depth > 0) result.set(name + "!", mapping({"a", "b", "l"}, depth - 1, fitting));
            if (choice == 2) result.set(name, static_cast<std::int64_t>(below(100)));
            if (choice == 3) result.set(name, list());
            if (choice == 4) result.set(name + "+", list());
        }
        return result;
    }
    std::uint64_t below(std::uint64_t end) { return random_() % end; }

  private:
    Value list() { return Value(Value::List{static_cast<std::int64_t>(below(100))}); }

    std::mt19937_64 random_;
};

// The value that an explanation amounts to: the winner, or all that was added, lowest first.
inline Value amount_of(const ExplainedVariable& variable) {
    Value sum = Value::array();
    for (auto setting = variable.settings.rbegin(); setting != variable.settings.rend(); ++setting) {
        if (setting->effect == VariableSetting::Effect::wins) return setting->value;
        if (setting->effect == VariableSetting::Effect::adds)
            for (const Value& item : setting->value.list()) sum.push(item);
    }
    return sum;
}

inline bool has_value(const ExplainedVariable& variable) {
    return variable.settings.front().effect != VariableSetting::Effect::replaced;
}

// Every value that is no mapping, as JSON, by its path: ".site.port".
inline void leaves_of(const Value& value, const std::string& path, std::map<std::string, std::string>& result) {
    if (!value.is_mapping() || (value.mapping().empty() && !path.empty())) {
        result[path] = write_json(value);
        return;
    }
    for (const Mapping::Member& member : value.mapping()) leaves_of(member.value, path + "." + member.key, result);
}

}  // namespace prove::test
