// Reading the keys of states and parts, each into its type.
#include "master/compile/state_keys.hpp"

#include <algorithm>
#include <tuple>

#include "common/text/duration.hpp"
#include "common/text/text.hpp"
#include "master/compile/secret_values.hpp"

namespace prove {

namespace {

constexpr std::size_t most_probes = 3;
constexpr std::int64_t most_attempts = 1000;
constexpr double most_backoff = 1000;
// StateRuns carry milliseconds in 32 bits.
constexpr std::chrono::milliseconds longest{std::chrono::hours(24 * 40)};

class KeyReader {
  public:
    KeyReader(const std::string& where, Diagnostics& diagnostics) : where_(where), diagnostics_(diagnostics) {}

    void read(const Mapping::Member& member, StateKeys& keys) {
        const std::string& key = member.key;
        const Value& value = member.value;
        if (value.is_null()) return wrong(member, "has no value; leave it out, or give it one");
        if (key == "requires") return append(keys.requirements, references(member));
        if (key == "notify") return append(keys.notify, references(member));
        if (key == "notify_failure") return append(keys.notify_failure, references(member));
        if (key == "listen") return append(keys.listen, references(member));
        if (key == "listen_failure") return append(keys.listen_failure, references(member));
        if (key == "lazy") return boolean(member, keys.lazy);
        if (key == "defer") return boolean(member, keys.defer);
        if (key == "late") return boolean(member, keys.late);
        if (key == "verify") return boolean(member, keys.verify);
        if (key == "sensitive") return boolean(member, keys.sensitive);
        if (key == "onlyif") return append(keys.onlyif, read_conditions(value, key, where_, diagnostics_));
        if (key == "unless") return append(keys.unless, read_conditions(value, key, where_, diagnostics_));
        if (key == "probe") return probes(member, keys);
        if (key == "timeout") return timeout(member, keys);
        if (key == "retry") return retry(member, keys);
        if (key == "tags") return tags(member, keys);
        description(member, keys);
    }

  private:
    template <class T>
    static void append(std::vector<T>& to, std::vector<T> from) {
        to.insert(to.end(), std::make_move_iterator(from.begin()), std::make_move_iterator(from.end()));
    }
    void wrong(const Mapping::Member& member, const std::string& text) {
        diagnostics_.error(member.key_position, where_, quoted(member.key) + " " + text);
    }
    void wrong_value(const std::string& key, const Value& value, const std::string& expected) {
        diagnostics_.error(value.position(), where_,
                           quoted(key) + ": expected " + expected + ", found " + value.described());
    }

    std::vector<Reference> references(const Mapping::Member& member) {
        return read_references(member.value, member.key, where_, diagnostics_);
    }

    void boolean(const Mapping::Member& member, std::optional<bool>& result) {
        if (member.value.is_boolean())
            result = member.value.boolean();
        else
            wrong_value(member.key, member.value, "true or false");
    }

    void probes(const Mapping::Member& member, StateKeys& keys) {
        if (!is_mapping_of_keys(member.value))
            return wrong_value(member.key, member.value, "a mapping such as {name: {exists: /path}}");
        for (const Mapping::Member& probe : member.value.mapping()) {
            const bool right =
                !probe.key.empty() &&
                probe.key.find_first_not_of("abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789_") ==
                    std::string::npos &&
                !(probe.key[0] >= '0' && probe.key[0] <= '9');
            if (!right)
                diagnostics_.error(probe.key_position, where_,
                                   "a probe's name is made of letters, digits and '_', found " + quoted(probe.key));
            keys.probes.push_back({probe.key, read_conditions(probe.value, probe.key, where_, diagnostics_)});
        }
        if (keys.probes.size() > most_probes)
            wrong(member, "has more than three probes; every one doubles how often the file is rendered");
    }

    void timeout(const Mapping::Member& member, StateKeys& keys) {
        const auto duration = duration_of(member.value);
        if (duration && duration->count() > 0 && *duration <= longest)
            keys.timeout = *duration;
        else
            wrong_value(member.key, member.value, std::string(duration_wanted()) + ", above zero");
    }

    static std::optional<std::chrono::milliseconds> duration_of(const Value& value) {
        if (value.is_text()) return parse_duration(value.text());
        if (value.is_integer()) return parse_duration(std::to_string(value.integer()));
        if (value.kind() == Value::Kind::real && value.real() >= 0 && value.real() < 1e7)
            return std::chrono::milliseconds(static_cast<std::int64_t>(value.real() * 1000));
        return std::nullopt;
    }

    void retry(const Mapping::Member& member, StateKeys& keys) {
        if (!is_mapping_of_keys(member.value))
            return wrong_value(member.key, member.value, "a mapping such as {attempts: 3, delay: 2s, backoff: 2}");
        Retry result;
        for (const Mapping::Member& field : member.value.mapping()) {
            const Value& value = field.value;
            if (field.key == "attempts") {
                if (value.is_integer() && value.integer() >= 1 && value.integer() <= most_attempts)
                    result.attempts = static_cast<int>(value.integer());
                else
                    wrong_value("attempts", value, "an integer from 1 to " + std::to_string(most_attempts));
            } else if (field.key == "delay") {
                const auto delay = duration_of(value);
                if (delay && *delay <= longest)
                    result.delay = *delay;
                else
                    wrong_value("delay", value, std::string(duration_wanted()));
            } else if (field.key == "backoff") {
                const bool number = value.is_integer() || value.kind() == Value::Kind::real;
                if (number && value.real() >= 1 && value.real() <= most_backoff)
                    result.backoff = value.real();
                else
                    wrong_value("backoff", value, "a number from 1 to 1000");
            } else {
                const std::string near = nearest(field.key, {"attempts", "delay", "backoff"});
                diagnostics_.error(field.key_position, where_,
                                   "unknown " + quoted(field.key) + " of 'retry'; " +
                                       (near.empty() ? "there are 'attempts', 'delay' and 'backoff'"
                                                     : "did you mean " + quoted(near) + "?"));
            }
        }
        if (member.value.find("attempts") == nullptr) wrong(member, "needs 'attempts'");
        keys.retry = result;
    }

    void tags(const Mapping::Member& member, StateKeys& keys) {
        for (const Reference& tag : references(member)) keys.tags.push_back(tag.text);
    }

    void description(const Mapping::Member& member, StateKeys& keys) {
        if (member.value.is_text())
            keys.description = member.value.text();
        else
            wrong_value(member.key, member.value, "a text");
    }

    const std::string& where_;
    Diagnostics& diagnostics_;
};

}  // namespace

bool operator==(const StateKeys& left, const StateKeys& right) {
    const auto references = [](const StateKeys& keys) {
        return std::vector<const std::vector<Reference>*>{&keys.requirements, &keys.notify, &keys.notify_failure,
                                                          &keys.listen, &keys.listen_failure};
    };
    const auto ours = references(left), theirs = references(right);
    for (std::size_t i = 0; i < ours.size(); ++i)
        if (!same_references(*ours[i], *theirs[i])) return false;
    const auto others = [](const StateKeys& keys) {
        return std::tie(keys.lazy, keys.defer, keys.verify, keys.sensitive, keys.timeout, keys.retry, keys.tags,
                        keys.description);
    };
    return others(left) == others(right) && same_conditions(left.onlyif, right.onlyif) &&
           same_conditions(left.unless, right.unless) && same_probes(left.probes, right.probes);
}

const std::vector<std::string>& state_key_names() {
    static const std::vector<std::string> names = {
        "requires", "lazy", "notify", "notify_failure", "listen",    "listen_failure", "defer", "onlyif",     "unless",
        "probe",    "late", "retry",  "timeout",        "sensitive", "verify",         "tags",  "description"};
    return names;
}

bool is_state_key(std::string_view name) {
    const auto& names = state_key_names();
    return std::find(names.begin(), names.end(), name) != names.end();
}

void read_state_key(const Mapping::Member& member, StateKeys& keys, const std::string& where,
                    Diagnostics& diagnostics) {
    KeyReader(where, diagnostics).read(member, keys);
}

std::vector<Reference> read_references(const Value& value, const std::string& key, const std::string& where,
                                       Diagnostics& diagnostics) {
    std::vector<Reference> result;
    const auto add = [&](const Value& name) {
        if (name.is_text() && !name.text().empty())
            result.push_back({name.text(), name.position()});
        else
            diagnostics.error(name.position(), where,
                              quoted(key) + ": expected a name, found " + name.described() +
                                  (name.is_integer() || name.is_boolean() ? "; put it in quotes" : ""));
    };
    if (value.is_list())
        for (const Value& name : value.list()) add(name);
    else
        add(value);
    return result;
}

}  // namespace prove
