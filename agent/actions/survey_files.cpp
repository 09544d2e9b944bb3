// Files: those that were named, or configuration files that are no longer as their package brought them.
#include <map>

#include "agent/actions/survey.hpp"
#include "agent/host/dpkg_stanzas.hpp"
#include "common/text/text.hpp"
#include "proto/messages.hpp"

namespace prove {

namespace {

constexpr std::size_t most_of_one = 512u << 10;
constexpr std::size_t most_entries = 500;
constexpr int most_depth = 16;

std::string owner(const HostReader& host, std::uint32_t uid) {
    const auto user = host.user(uid);
    return user ? user->name : std::to_string(uid);
}

std::string group_name(const HostReader& host, std::uint32_t gid) {
    const auto group = host.group(gid);
    return group ? group->name : std::to_string(gid);
}

std::string octal(unsigned mode) {
    char text[8] = {};
    std::snprintf(text, sizeof text, "%04o", mode);
    return text;
}

// The configuration files of installed packages, with the MD5 that they came with.
std::map<std::string, std::string> configuration_files(const HostReader& host) {
    std::map<std::string, std::string> files;
    const Path status("/var/lib/dpkg/status");
    if (!host.stat(status)) return files;
    const std::string text = host.read_file(status, 256u << 20);
    for (const DpkgStanza& stanza : dpkg_stanzas(text)) {
        if (!stanza.field("Status").ends_with(" ok installed")) continue;
        for (const std::string& line : split_lines(stanza.field("Conffiles"))) {
            // "/etc/nginx/nginx.conf 1f51..."; "obsolete" or "remove-on-upgrade" may follow.
            const auto words = split_words(line);
            if (words.size() == 2 && words[0].starts_with('/') && words[1].size() == 32) files[words[0]] = words[1];
        }
    }
    return files;
}

// Of those, the ones that are other now: one run of md5sum, which every Debian has.
std::vector<std::string> changed_configuration(const HostReader& host, std::vector<std::string>& notes) {
    const auto files = configuration_files(host);
    Command command;
    command.argv = {"md5sum", "--zero", "--"};
    std::size_t length = 0;
    for (const auto& [path, hash] : files) {
        const auto info = host.stat(Path(path));
        if (!info || info->type != FileInfo::Type::regular) continue;
        command.argv.push_back(path);
        length += path.size() + 9;
    }
    if (command.argv.size() == 3) return {};
    if (length > (1u << 20)) {
        notes.emplace_back("more configuration files than one command takes; name those that matter with --file");
        return {};
    }
    command.output_limit = 4u << 20;
    std::vector<std::string> changed;
    for (const std::string& line : split(host.look(command).out, '\0')) {
        // "<32 digits>  <path>"
        if (line.size() < 35) continue;
        const auto found = files.find(line.substr(34));
        if (found == files.end() || found->second == line.substr(0, 32)) continue;
        // What not everybody may read may be a secret: it is taken only where somebody says so.
        const auto info = host.stat(Path(found->first));
        if (info && (info->mode & 04U) == 0)
            notes.push_back(escape_control(found->first) + " was changed, but not everybody may read it; left out unless "
                                                           "--file names it");
        else
            changed.push_back(found->first);
    }
    return changed;
}

class Gatherer {
  public:
    Gatherer(const HostReader& host, std::size_t bytes, Findings& findings)
        : host_(host), bytes_(bytes), findings_(findings) {}

    void named(const Path& path) {
        if (!host_.stat(path)) return leave_out(path, "there is no such file");
        add(path, 0);
    }
    void finish() {
        if (left_ > 0) findings_.notes.push_back("more than " + std::to_string(most_entries) + " files: " +
                                                 std::to_string(left_) + " left out; name smaller folders");
        for (auto& [path, value] : found_) findings_.list.push(std::move(value));
    }

  private:
    void leave_out(const Path& path, const std::string& why) {
        findings_.notes.push_back(escape_control(path.text()) + ": " + why + "; left out");
    }

    void add(const Path& path, int depth) {
        const auto info = host_.stat(path);
        if (!info || found_.contains(path.text())) return;
        if (found_.size() >= most_entries) {
            ++left_;
            return;
        }
        Value value = Value::object();
        value.set("path", path.text());
        switch (info->type) {
            case FileInfo::Type::other: return leave_out(path, "no file, folder or link");
            case FileInfo::Type::symlink:
                value.set("type", "symlink");
                value.set("target", host_.read_link(path));
                found_.emplace(path.text(), std::move(value));
                return;
            case FileInfo::Type::regular: {
                if (info->size > most_of_one) return leave_out(path, "larger than 512 KiB");
                if (info->size > bytes_) return leave_out(path, "more than 2 MiB of files at once");
                const std::string content = host_.read_file(path, most_of_one);
                bytes_ -= std::min(bytes_, content.size());
                value.set("type", "file");
                value.set("base64", to_base64(content));
                break;
            }
            case FileInfo::Type::directory: value.set("type", "directory"); break;
        }
        value.set("user", owner(host_, info->uid));
        value.set("group", group_name(host_, info->gid));
        value.set("mode", octal(info->mode));
        found_.emplace(path.text(), std::move(value));
        if (info->type != FileInfo::Type::directory) return;
        if (depth == most_depth) return leave_out(path, "what is below it is more than 16 folders deep");
        for (const std::string& name : host_.list_directory(path)) add(path / name, depth + 1);
    }

    const HostReader& host_;
    std::size_t bytes_;
    Findings& findings_;
    std::map<std::string, Value> found_;
    std::size_t left_ = 0;
};

}  // namespace

Findings survey_files(const HostReader& host, const Survey& survey, std::size_t bytes) {
    Findings findings;
    std::vector<std::string> paths = survey.files;
    if (survey.usual()) paths = changed_configuration(host, findings.notes);
    Gatherer gatherer(host, bytes, findings);
    for (const std::string& path : paths) gatherer.named(Path(path));
    gatherer.finish();
    return findings;
}

}  // namespace prove
