// Packages that somebody chose, and services.
#include <set>

#include "agent/actions/survey.hpp"
#include "agent/host/dpkg_stanzas.hpp"
#include "common/text/glob.hpp"
#include "common/text/text.hpp"

namespace prove {

namespace {

bool wanted(const std::vector<std::string>& globs, const std::string& name) {
    for (const std::string& glob : globs)
        if (glob_matches(glob, name)) return true;
    return false;
}

std::string read_if_there(const HostReader& host, const std::string& path) {
    const Path place(path);
    return host.stat(place) ? host.read_file(place, 256u << 20) : "";
}

// The packages that apt brought along by itself.
std::set<std::string> brought_along(const HostReader& host) {
    std::set<std::string> names;
    const std::string text = read_if_there(host, "/var/lib/apt/extended_states");
    for (const DpkgStanza& stanza : dpkg_stanzas(text))
        if (stanza.field("Auto-Installed") == "1") names.insert(std::string(stanza.field("Package")));
    return names;
}

bool is_base(const DpkgStanza& stanza) {
    const std::string_view priority = stanza.field("Priority");
    return stanza.field("Essential") == "yes" || priority == "required" || priority == "important" || priority == "standard";
}

}  // namespace

Findings survey_packages(const HostReader& host, const Survey& survey) {
    Findings findings;
    if (!survey.usual() && survey.packages.empty()) return findings;
    const std::string text = read_if_there(host, "/var/lib/dpkg/status");
    const std::vector<DpkgStanza> stanzas = dpkg_stanzas(text);
    std::string native;
    for (const DpkgStanza& stanza : stanzas)
        if (stanza.field("Package") == "dpkg") native = stanza.field("Architecture");
    const std::set<std::string> automatic = brought_along(host);
    std::set<std::string> names;
    for (const DpkgStanza& stanza : stanzas) {
        std::string name(stanza.field("Package"));
        const bool chosen = survey.usual() ? !automatic.contains(name) && !is_base(stanza) : wanted(survey.packages, name);
        if (!chosen || !stanza.field("Status").ends_with(" ok installed")) continue;
        const std::string_view architecture = stanza.field("Architecture");
        if (architecture != "all" && architecture != native) name += ":" + std::string(architecture);
        names.insert(std::move(name));
    }
    for (const std::string& name : names) findings.list.push(name);
    return findings;
}

namespace {

constexpr const char* unit_folders[] = {"/etc/systemd/system", "/usr/local/lib/systemd/system", "/lib/systemd/system",
                                        "/usr/lib/systemd/system"};

std::vector<std::string> list_if_there(const HostReader& host, const std::string& folder) {
    const Path place(folder);
    const auto info = host.stat(place);
    return info && info->type == FileInfo::Type::directory ? host.list_directory(place) : std::vector<std::string>();
}

bool is_service(const std::string& name) {
    // A template ("getty@.service") is nothing that runs.
    return name.ends_with(".service") && name.find("@.") == std::string::npos;
}

// Units that are enabled in /etc, by the links that make them so: what is linked in /lib belongs to the system.
std::set<std::string> enabled_services(const HostReader& host) {
    std::set<std::string> names;
    const std::string etc = unit_folders[0];
    for (const std::string& entry : list_if_there(host, etc))
        if (entry.ends_with(".wants") || entry.ends_with(".requires"))
            for (const std::string& name : list_if_there(host, etc + "/" + entry))
                if (is_service(name)) names.insert(name);
    return names;
}

// What systemd itself brings, and Prove.
bool is_of_the_system(const std::string& name) {
    return name.starts_with("systemd-") || name.starts_with("getty@") || name.starts_with("serial-getty@") ||
           name.starts_with("prove-");
}

std::set<std::string> services_of(const HostReader& host, const Survey& survey) {
    std::set<std::string> names;
    if (survey.usual()) {
        for (const std::string& name : enabled_services(host))
            if (!is_of_the_system(name)) names.insert(name);
        return names;
    }
    std::set<std::string> all = enabled_services(host);
    for (const char* folder : unit_folders)
        for (const std::string& name : list_if_there(host, folder))
            if (is_service(name)) all.insert(name);
    for (const std::string& name : all)
        if (wanted(survey.services, name) || wanted(survey.services, name.substr(0, name.size() - 8))) names.insert(name);
    return names;
}

}  // namespace

Findings survey_services(const HostReader& host, const Survey& survey) {
    Findings findings;
    if (!survey.usual() && survey.services.empty()) return findings;
    for (const std::string& name : services_of(host, survey)) {
        const UnitInfo unit = host.unit(name);
        if (!unit.exists || unit.unit_file_state == "masked" || unit.unit_file_state == "alias") continue;
        Value service = Value::object();
        service.set("name", name.substr(0, name.size() - 8));
        service.set("enabled", unit.enabled() ? Value(true) : unit.unit_file_state == "disabled" ? Value(false) : Value());
        service.set("running", unit.active());
        findings.list.push(std::move(service));
    }
    return findings;
}

}  // namespace prove
