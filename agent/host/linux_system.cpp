// LinuxHost: packages and units.
#include <algorithm>

#include "agent/host/linux_host.hpp"
#include "agent/host/plan_system.hpp"
#include "common/text/text.hpp"

namespace prove {

namespace {

std::vector<std::string> names_of(const std::vector<PackageWish>& wishes) {
    std::vector<std::string> names;
    for (const PackageWish& wish : wishes) names.push_back(wish.name);
    return names;
}

}  // namespace

void LinuxHost::transact(const std::vector<std::string>& names, const std::function<void()>& work) {
    const DpkgStatus before = apt_.status();
    const auto note = [&] {
        forget_all();
        for (const auto& [name, old_info, new_info] : before.differences(apt_.status())) {
            const bool gone = is_removed(new_info, false);
            Change change = package_change(name, package_text(old_info), gone ? "absent" : package_text(new_info));
            const auto asked = std::find_if(names.begin(), names.end(), [&name = name](const std::string& wanted) {
                return wanted == name || wanted.rfind(name + ":", 0) == 0;
            });
            if (asked == names.end())
                came_along_.push_back(std::move(change));
            else
                prepared_.insert_or_assign(*asked, std::move(change));
        }
    };
    try {
        work();
    } catch (const Error&) {
        note();
        throw;
    }
    note();
}

void LinuxHost::claim(const std::vector<std::string>& names, bool own_transaction) {
    bool first = true;
    for (const std::string& name : names) {
        const auto share = prepared_.find(name);
        if (share == prepared_.end()) continue;
        recorder_.before_change();
        recorder_.add(std::move(share->second));
        prepared_.erase(share);
        first = false;
    }
    if (own_transaction || !first) recorder_.add(std::exchange(came_along_, {}));
}

void LinuxHost::prepare_install(const std::vector<PackageWish>& wishes) {
    check_wishes(wishes);
    std::vector<PackageWish> missing;
    for (const PackageWish& wish : wishes)
        if (!is_satisfied(package(wish.name), wish)) missing.push_back(wish);
    if (missing.empty()) return;
    try {
        transact(names_of(missing), [&] { apt_.install(missing); });
    } catch (const Error&) {
        // No error here: each part tries alone, and the one whose package it was says so.
    }
}

void LinuxHost::prepare_removal(const std::vector<std::string>& names, bool purge) {
    std::vector<std::string> present;
    for (const std::string& name : names)
        if (!is_removed(package(name), purge)) present.push_back(name);
    if (present.empty()) return;
    try {
        transact(present, [&] { apt_.remove(present, purge); });
    } catch (const Error&) {
        // As above.
    }
}

void LinuxHost::install(const std::vector<PackageWish>& wishes) {
    check_wishes(wishes);
    std::vector<PackageWish> missing;
    for (const PackageWish& wish : wishes)
        if (!is_satisfied(package(wish.name), wish)) missing.push_back(wish);
    if (!missing.empty()) {
        recorder_.before_change();
        try {
            transact(names_of(missing), [&] { apt_.install(missing); });
        } catch (const Error&) {
            claim(names_of(wishes), true);
            throw;
        }
    }
    claim(names_of(wishes), !missing.empty());
}

void LinuxHost::remove_packages(const std::vector<std::string>& names, bool purge) {
    std::vector<std::string> present;
    for (const std::string& name : names) {
        check_wishes({PackageWish{.name = name}});
        if (!is_removed(package(name), purge)) present.push_back(name);
    }
    if (!present.empty()) {
        recorder_.before_change();
        try {
            transact(present, [&] { apt_.remove(present, purge); });
        } catch (const Error&) {
            claim(names, true);
            throw;
        }
    }
    claim(names, !present.empty());
}

void LinuxHost::start(const std::string& name) {
    const std::string full = checked_unit(name);
    systemd_.refresh(full);
    auto change = plan_start(full, systemd_.unit(full));
    if (!change) return;
    recorder_.before_change();
    systemd_.job("StartUnit", full, "start");
    systemd_.settle(full);
    recorder_.add(std::move(*change));
}

void LinuxHost::stop(const std::string& name) {
    const std::string full = checked_unit(name);
    systemd_.refresh(full);
    auto change = plan_stop(full, systemd_.unit(full));
    if (!change) return;
    recorder_.before_change();
    systemd_.job("StopUnit", full, "stop");
    recorder_.add(std::move(*change));
}

void LinuxHost::enable(const std::string& name) {
    const std::string full = checked_unit(name);
    systemd_.refresh(full);
    auto change = plan_enable(full, systemd_.unit(full));
    if (!change) return;
    recorder_.before_change();
    systemd_.enable(full);
    recorder_.add(std::move(*change));
}

void LinuxHost::disable(const std::string& name) {
    const std::string full = checked_unit(name);
    systemd_.refresh(full);
    auto change = plan_disable(full, systemd_.unit(full));
    if (!change) return;
    recorder_.before_change();
    systemd_.disable(full);
    recorder_.add(std::move(*change));
}

void LinuxHost::reload(const std::string& name) {
    const std::string full = checked_unit(name);
    systemd_.refresh(full);
    Change change = plan_reload(full, systemd_.unit(full));
    recorder_.before_change();
    systemd_.job("ReloadUnit", full, "reload");
    recorder_.add(std::move(change));
}

void LinuxHost::restart(const std::string& name) {
    const std::string full = checked_unit(name);
    systemd_.refresh(full);
    Change change = plan_restart(full, systemd_.unit(full));
    recorder_.before_change();
    systemd_.job("RestartUnit", full, "restart");
    systemd_.settle(full);
    recorder_.add(std::move(change));
}

}  // namespace prove
