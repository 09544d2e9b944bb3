// Reading dpkg's database. See the header.
#include "agent/host/dpkg_status.hpp"

#include <algorithm>

#include "common/files/files.hpp"
#include "common/text/text.hpp"

namespace prove {

namespace {

// "install ok installed": what is wanted, an error flag, what is.
PackageInfo info_from(std::string_view status, std::string_view version) {
    PackageInfo info;
    const auto words = split_words(status);
    if (words.size() != 3) return info;
    info.held = words[0] == "hold";
    const std::string& state = words[2];
    if (state == "not-installed")
        info.state = PackageInfo::State::absent;
    else if (state == "config-files")
        info.state = PackageInfo::State::config_files;
    // Pending triggers of others do not make a package less installed.
    else if (state == "installed" || state == "triggers-pending" || state == "triggers-awaited")
        info.state = PackageInfo::State::installed;
    else
        info.state = PackageInfo::State::broken;
    if (info.state != PackageInfo::State::absent) info.version = version;
    return info;
}

struct Paragraph {
    std::string_view package, status, architecture, version;
};

void read_line(std::string_view line, Paragraph& paragraph) {
    const auto value = [line](std::string_view field) { return trim(line.substr(field.size())); };
    if (line.starts_with("Package:"))
        paragraph.package = value("Package:");
    else if (line.starts_with("Status:"))
        paragraph.status = value("Status:");
    else if (line.starts_with("Architecture:"))
        paragraph.architecture = value("Architecture:");
    else if (line.starts_with("Version:"))
        paragraph.version = value("Version:");
}

}  // namespace

void DpkgStatus::merge(std::string_view stanzas) {
    Paragraph paragraph;
    const auto finish = [&] {
        if (!paragraph.package.empty())
            packages_[std::string(paragraph.package)][std::string(paragraph.architecture)] =
                info_from(paragraph.status, paragraph.version);
        paragraph = {};
    };
    while (!stanzas.empty()) {
        const std::size_t end = stanzas.find('\n');
        const std::string_view line = stanzas.substr(0, end);
        stanzas.remove_prefix(end == std::string_view::npos ? stanzas.size() : end + 1);
        if (line.empty())
            finish();
        else if (line[0] != ' ')
            read_line(line, paragraph);  // a blank first: the last field goes on
    }
    finish();
}

DpkgStatus DpkgStatus::read(const std::string& folder) {
    DpkgStatus result;
    result.merge(find_whole_file(folder + "/status", 256u << 20).value_or(""));
    const std::string updates = folder + "/updates";
    if (!is_folder(updates)) return result;
    // dpkg's files there have names of digits only, merged in that order; others are being written.
    for (const std::string& name : list_folder(updates))
        if (name.find_first_not_of("0123456789") == std::string::npos)
            result.merge(find_whole_file(updates + "/" + name).value_or(""));
    return result;
}

// The architecture that dpkg itself has.
std::string DpkgStatus::native_architecture() const {
    const auto dpkg = packages_.find("dpkg");
    return dpkg == packages_.end() || dpkg->second.empty() ? "" : dpkg->second.begin()->first;
}

PackageInfo DpkgStatus::package(const std::string& name) const {
    const std::size_t colon = name.find(':');
    const auto found = packages_.find(name.substr(0, colon));
    if (found == packages_.end()) return {};
    const auto& architectures = found->second;
    if (colon != std::string::npos) {
        const std::string wanted = name.substr(colon + 1) == "native" ? native_architecture() : name.substr(colon + 1);
        const auto exact = architectures.find(wanted);
        return exact == architectures.end() ? PackageInfo() : exact->second;
    }
    const std::string native = native_architecture();
    for (const std::string_view wanted : {std::string_view(native), std::string_view("all")}) {
        const auto one = architectures.find(wanted);
        if (one != architectures.end() && one->second.state != PackageInfo::State::absent) return one->second;
    }
    // Of a foreign architecture it is another package; but where the own one is not known, the only one is meant.
    return native.empty() && !architectures.empty() ? architectures.begin()->second : PackageInfo();
}

bool DpkgStatus::has_half_configured() const {
    for (const auto& [name, architectures] : packages_)
        for (const auto& [architecture, info] : architectures)
            if (info.state == PackageInfo::State::broken) return true;
    return false;
}

std::vector<DpkgStatus::Difference> DpkgStatus::differences(const DpkgStatus& after) const {
    std::vector<Difference> result;
    const auto compare = [&](const std::string& name) {
        const PackageInfo old_info = package(name);
        const PackageInfo new_info = after.package(name);
        if (old_info.state != new_info.state || old_info.version != new_info.version)
            result.push_back({name, old_info, new_info});
    };
    for (const auto& [name, info] : packages_) compare(name);
    for (const auto& [name, info] : after.packages_)
        if (packages_.find(name) == packages_.end()) compare(name);
    std::sort(result.begin(), result.end(), [](const auto& a, const auto& b) { return a.name < b.name; });
    return result;
}

}  // namespace prove
