// What the package and unit verbs have to do. See the header.
#include "agent/host/plan_system.hpp"

#include "agent/host/names.hpp"
#include "common/text/text.hpp"

namespace prove {

namespace {

Change unit_change(const std::string& unit, const char* aspect, std::string before, std::string after) {
    Change change;
    change.resource = "unit " + unit;
    change.aspect = aspect;
    change.before = std::move(before);
    change.after = std::move(after);
    return change;
}

Change unit_event(const std::string& unit, const char* what) {
    Change change = unit_change(unit, what, "", "");
    change.event = true;
    return change;
}

void require_usable(const std::string& unit, const UnitInfo& now) {
    if (!now.exists)
        throw Error(ErrorKind::missing,
                    "there is no unit " + quoted(unit) + " on this host; is its package installed?");
    if (now.unit_file_state == "masked" || now.unit_file_state == "masked-runtime")
        throw Error(ErrorKind::refused,
                    "the unit " + quoted(unit) + " is masked; 'systemctl unmask " + unit + "' would allow it");
}

}  // namespace

bool is_satisfied(const PackageInfo& now, const PackageWish& wish) {
    return now.state == PackageInfo::State::installed && (wish.version.empty() || wish.version == now.version);
}

bool is_removed(const PackageInfo& now, bool purge) {
    return now.state == PackageInfo::State::absent || (!purge && now.state == PackageInfo::State::config_files);
}

std::string package_text(const PackageInfo& info) {
    switch (info.state) {
        case PackageInfo::State::absent:
            return "absent";
        case PackageInfo::State::config_files:
            return "config files";
        case PackageInfo::State::broken:
            return info.version + " (not configured)";
        case PackageInfo::State::installed:
            break;
    }
    // What a plan predicts has no version yet, unless one is asked for.
    return info.version.empty() ? "installed" : info.version;
}

Change package_change(const std::string& name, const std::string& before, const std::string& after) {
    Change change;
    change.resource = "package " + name;
    change.aspect = "version";
    change.before = before;
    change.after = after;
    return change;
}

void check_wishes(const std::vector<PackageWish>& wishes) {
    for (const PackageWish& wish : wishes) {
        if (!is_package_name(wish.name))
            throw Error(ErrorKind::invalid, quoted(wish.name) + " is not the name of a package");
        if (!wish.version.empty() && !is_package_version(wish.version))
            throw Error(ErrorKind::invalid, quoted(wish.version) + " is not a version of a package");
    }
}

std::string checked_unit(const std::string& name) {
    if (!is_unit_name(name)) throw Error(ErrorKind::invalid, quoted(name) + " is not the name of a unit");
    return unit_name(name);
}

std::optional<Change> plan_start(const std::string& unit, const UnitInfo& now) {
    if (now.active()) return std::nullopt;
    require_usable(unit, now);
    return unit_change(unit, "running", now.active_state, "active");
}

std::optional<Change> plan_stop(const std::string& unit, const UnitInfo& now) {
    // A unit that is not there does not run.
    if (!now.exists || now.active_state == "inactive" || now.active_state == "failed") return std::nullopt;
    return unit_change(unit, "running", now.active_state, "inactive");
}

std::optional<Change> plan_enable(const std::string& unit, const UnitInfo& now) {
    if (now.enabled()) return std::nullopt;
    require_usable(unit, now);
    const std::string& state = now.unit_file_state;
    if (state == "static" || state == "indirect" || state == "generated" || state == "transient")
        throw Error(ErrorKind::refused, "the unit " + quoted(unit) + " cannot be enabled: it is " + state +
                                            (state == "static" ? " (it has no [Install] section)" : ""));
    return unit_change(unit, "enabled", state, "enabled");
}

std::optional<Change> plan_disable(const std::string& unit, const UnitInfo& now) {
    if (!now.exists || !now.enabled()) return std::nullopt;
    return unit_change(unit, "enabled", now.unit_file_state, "disabled");
}

Change plan_reload(const std::string& unit, const UnitInfo& now) {
    require_usable(unit, now);
    if (!now.active())
        throw Error(ErrorKind::failed, "the unit " + quoted(unit) + " does not run (it is " + now.active_state +
                                           "), so it cannot be reloaded; have service.running start it first");
    return unit_event(unit, "reload");
}

Change plan_restart(const std::string& unit, const UnitInfo& now) {
    require_usable(unit, now);
    return unit_event(unit, "restart");
}

}  // namespace prove
