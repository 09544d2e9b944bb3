// What stands on a host that states can describe: the packages that somebody chose, services, accounts, files. Looking
// only, through a HostReader. Each finding is a mapping of the arguments that the fitting state functions take, so that
// `prove-cli adopt` has only to write it down.
#pragma once

#include <string>
#include <vector>

#include "agent/host/host.hpp"
#include "proto/survey.hpp"
#include "proto/value.hpp"

namespace prove {

// Findings of one kind, and what was left out, in words.
struct Findings {
    Value list = Value::array();
    std::vector<std::string> notes;
};

// Texts: "nginx", or "libc6:i386" of a foreign architecture. By name.
Findings survey_packages(const HostReader& host, const Survey& survey);
// {name, enabled, running}, by name; `enabled` is null where a unit can be neither enabled nor disabled.
Findings survey_services(const HostReader& host, const Survey& survey);
// {name, uid, group, groups, home, shell, comment, system}, by name; and the groups of their own that they need: {name,
// gid, system}. Never a password.
struct Accounts {
    Findings users, groups;
};
Accounts survey_accounts(const HostReader& host, const Survey& survey);
// {path, type: file|directory|symlink, user, group, mode, base64 | target}, by path. At most `bytes` of contents.
Findings survey_files(const HostReader& host, const Survey& survey, std::size_t bytes);

}  // namespace prove
