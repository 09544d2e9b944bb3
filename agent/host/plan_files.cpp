// What the file verbs have to do. See the header.
#include "agent/host/plan_files.hpp"

#include <unistd.h>

#include <algorithm>
#include <array>
#include <charconv>
#include <cstdio>

#include "agent/host/plan_places.hpp"
#include "common/text/diff.hpp"
#include "common/text/duration.hpp"
#include "common/text/text.hpp"

namespace prove {

namespace {

constexpr unsigned new_file_mode = 0644;
constexpr unsigned new_directory_mode = 0755;
// A diff of more than this is nothing that people read; it is not worth reading the files for.
constexpr std::uint64_t largest_diffed = 2u << 20;

Change change_of(const Path& path, std::string aspect, std::string before, std::string after) {
    Change change;
    change.resource = file_resource(path);
    change.aspect = std::move(aspect);
    change.before = std::move(before);
    change.after = std::move(after);
    return change;
}

std::string hash_text(const Hash& hash) {
    return "blake2b:" + hash.hex();
}

std::optional<std::uint32_t> number_in(const std::string& text) {
    std::uint32_t number = 0;
    const auto end = text.data() + text.size();
    const auto parsed = std::from_chars(text.data(), end, number);
    // The largest number means "leave it as it is" to chown.
    if (parsed.ec != std::errc() || parsed.ptr != end || number == UINT32_MAX) return std::nullopt;
    return number;
}

std::uint32_t uid_of(const HostReader& host, const std::string& user) {
    if (const auto number = number_in(user)) return *number;
    if (const auto known = host.user(user)) return known->uid;
    throw Error(ErrorKind::missing, "there is no user " + quoted(user) + " on this host");
}

std::uint32_t gid_of(const HostReader& host, const std::string& group) {
    if (const auto number = number_in(group)) return *number;
    if (const auto known = host.group(group)) return known->gid;
    throw Error(ErrorKind::missing, "there is no group " + quoted(group) + " on this host");
}

std::string user_text(const HostReader& host, std::uint32_t uid) {
    const auto known = host.user(uid);
    return known ? known->name : std::to_string(uid);
}

std::string group_text(const HostReader& host, std::uint32_t gid) {
    const auto known = host.group(gid);
    return known ? known->name : std::to_string(gid);
}

// Puts the wished owner, group and mode into `info` and says what differs. Of something new all that is wished differs.
void apply_attributes(const HostReader& host, const Path& path, const Attributes& wish, bool is_new, FileInfo& info,
                      std::vector<Change>& changes) {
    const FileInfo before = info;
    if (wish.user) {
        info.uid = uid_of(host, *wish.user);
        if (is_new || info.uid != before.uid)
            changes.push_back(
                change_of(path, "owner", is_new ? "absent" : user_text(host, before.uid), user_text(host, info.uid)));
    }
    if (wish.group) {
        info.gid = gid_of(host, *wish.group);
        if (is_new || info.gid != before.gid)
            changes.push_back(
                change_of(path, "group", is_new ? "absent" : group_text(host, before.gid), group_text(host, info.gid)));
    }
    if (wish.mode) {
        info.mode = *wish.mode;
        if (is_new || info.mode != before.mode)
            changes.push_back(
                change_of(path, "mode", is_new ? "absent" : mode_text(before.mode), mode_text(info.mode)));
    }
}

const char* kind_of(FileInfo::Type type) {
    switch (type) {
        case FileInfo::Type::regular:
            return "file";
        case FileInfo::Type::directory:
            return "directory";
        case FileInfo::Type::symlink:
            return "symbolic link";
        case FileInfo::Type::other:
            break;
    }
    return "device, pipe or socket";
}

[[noreturn]] void refuse_type(const Path& path, FileInfo::Type type, const char* wanted) {
    throw Error(ErrorKind::refused, quoted(path.text()) + " is a " + kind_of(type) + ", not a " + wanted +
                                        "; remove it first with file.absent if it is not needed");
}

// The content's change. `before` is empty for something new.
Change content_change(const HostReader& host, const Path& path, const std::optional<FileInfo>& before, FilePlan& plan,
                      bool show_diff) {
    Change change =
        change_of(path, "content", before ? hash_text(host.hash_file(path)) : "absent", hash_text(plan.content.hash));
    if (!show_diff) return change;
    const std::uint64_t old_size = before ? before->size : 0;
    if (old_size > largest_diffed || plan.content.size > largest_diffed) {
        change.diff = "too large to show: " + show_size(old_size) + " -> " + show_size(plan.content.size);
        return change;
    }
    if (!plan.bytes) plan.bytes = plan.content.bytes();
    change.diff = unified_diff(before ? host.read_file(path) : "", *plan.bytes, path.text());
    return change;
}

bool has_content(const HostReader& host, const Path& path, const FileInfo& info, const Content& content) {
    return info.size == content.size && host.hash_file(path) == content.hash;
}

FilePlan plan_content(const HostReader& host, FilePlan plan, const std::optional<FileInfo>& now, const FileWish& wish) {
    plan.content = wish.content;
    plan.is_new = !now || now->type == FileInfo::Type::symlink;
    const std::optional<FileInfo> before = plan.is_new ? std::nullopt : now;
    if (before) {
        plan.info = *before;
        plan.replaces = !wish.create_only && !has_content(host, plan.path, *before, wish.content);
    } else {
        plan.folders = missing_folders(host, plan.path, wish.make_dirs);
        plan.changes = folder_changes(plan.folders);
        plan.info.mode = new_file_mode;
        own(plan.info);
        plan.replaces = true;
        plan.changes.push_back(
            change_of(plan.path, "existence", now ? "link to " + host.read_link(plan.path) : "absent", "file"));
    }
    if (before && plan.replaces) (void)missing_folders(host, plan.path, false);
    if (plan.replaces) {
        plan.changes.push_back(content_change(host, plan.path, before, plan, wish.show_diff));
        plan.info.size = wish.content.size;
    }
    apply_attributes(host, plan.path, wish.attributes, plan.is_new, plan.info, plan.changes);
    return plan;
}

}  // namespace

std::string mode_text(unsigned mode) {
    std::array<char, 16> text{};
    std::snprintf(text.data(), text.size(), "%04o", mode);
    return text.data();
}

void own(FileInfo& info) {
    info.uid = geteuid();
    info.gid = getegid();
}

FilePlan plan_write(const HostReader& host, const Path& path, const FileWish& wish) {
    FilePlan plan;
    plan.path = settle(host, path, wish.symlink == SymlinkPolicy::follow, true);
    const auto now = host.stat(plan.path);
    if (now && now->type == FileInfo::Type::symlink && wish.symlink == SymlinkPolicy::refuse)
        throw Error(ErrorKind::refused,
                    quoted(path.text()) + " is a symbolic link to " + quoted(host.read_link(plan.path)) +
                        "; say symlink: follow to write what it points to, or symlink: replace to put "
                        "the file in its place");
    if (now && now->type != FileInfo::Type::regular && now->type != FileInfo::Type::symlink)
        refuse_type(plan.path, now->type, "file");
    return plan_content(host, std::move(plan), now, wish);
}

FilePlan plan_edit(const HostReader& host, const Path& path, const std::string& content, bool show_diff) {
    FileWish wish;
    wish.content.hash = hash_of(content);
    wish.content.size = content.size();
    wish.show_diff = show_diff;
    FilePlan plan;
    plan.path = settle(host, path, false);
    plan.bytes = content;
    const auto now = host.stat(plan.path);
    if (now && now->type != FileInfo::Type::regular) refuse_type(plan.path, now->type, "file");
    return plan_content(host, std::move(plan), now, wish);
}

AttributesPlan plan_attributes(const HostReader& host, const Path& path, const Attributes& attributes) {
    AttributesPlan plan;
    plan.path = settle(host, path, false);
    const auto now = host.stat(plan.path);
    if (!now)
        throw Error(ErrorKind::missing,
                    "there is nothing at " + quoted(path.text()) + " whose owner or mode could be set");
    if (now->type == FileInfo::Type::symlink)
        throw Error(ErrorKind::refused, quoted(path.text()) + " is a symbolic link to " +
                                            quoted(host.read_link(plan.path)) + "; name what it points to");
    plan.info = *now;
    apply_attributes(host, plan.path, attributes, false, plan.info, plan.changes);
    return plan;
}

AttributesPlan plan_directory(const HostReader& host, const Path& path, const Attributes& attributes, bool make_dirs) {
    AttributesPlan plan;
    plan.path = settle(host, path, false);
    const auto now = host.stat(plan.path);
    if (now && now->type != FileInfo::Type::directory) refuse_type(plan.path, now->type, "directory");
    plan.makes_directory = !now;
    if (now) {
        plan.info = *now;
    } else {
        plan.folders = missing_folders(host, plan.path, make_dirs);
        plan.changes = folder_changes(plan.folders);
        plan.changes.push_back(change_of(plan.path, "existence", "absent", "directory"));
        plan.info.type = FileInfo::Type::directory;
        plan.info.mode = new_directory_mode;
        own(plan.info);
    }
    apply_attributes(host, plan.path, attributes, plan.makes_directory, plan.info, plan.changes);
    return plan;
}

LinkPlan plan_link(const HostReader& host, const Path& path, const LinkWish& wish) {
    LinkPlan plan;
    plan.path = settle(host, path, false);
    plan.target = wish.target;
    const auto now = host.stat(plan.path);
    if (now && now->type == FileInfo::Type::symlink) {
        const std::string target = host.read_link(plan.path);
        if (target != wish.target) plan.changes.push_back(change_of(plan.path, "target", target, wish.target));
        return plan;
    }
    if (now) {
        if (!wish.force)
            throw Error(ErrorKind::refused, quoted(path.text()) + " is a " + kind_of(now->type) +
                                                ", not a symbolic link; say force: true to replace it");
        plan.removes_directory = now->type == FileInfo::Type::directory;
        if (plan.removes_directory && !host.list_directory(plan.path).empty())
            throw Error(ErrorKind::refused,
                        quoted(path.text()) + " is a directory that is not empty; a link never replaces that");
    } else {
        plan.folders = missing_folders(host, plan.path, wish.make_dirs);
        plan.changes = folder_changes(plan.folders);
    }
    plan.changes.push_back(change_of(plan.path, "existence", now ? kind_of(now->type) : "absent", "link"));
    plan.changes.push_back(change_of(plan.path, "target", "absent", wish.target));
    return plan;
}

RemovalPlan plan_removal(const HostReader& host, const Path& path, bool recurse) {
    if (path.depth() < 2)
        throw Error(ErrorKind::refused,
                    quoted(path.text()) + " is too near to the root to be removed; was a variable empty?");
    RemovalPlan plan;
    plan.path = path;
    // Behind a missing folder there is nothing to remove, and nothing to complain about.
    if (!host.stat(path)) return plan;
    plan.path = settle(host, path, false);
    const auto now = host.stat(plan.path);
    if (!now) return plan;
    plan.type = now->type;
    if (now->type == FileInfo::Type::directory) {
        const auto names = host.list_directory(plan.path);
        if (!names.empty() && !recurse)
            throw Error(ErrorKind::refused, quoted(path.text()) + " is a directory with " +
                                                counted(names.size(), "name") +
                                                " in it; say recurse: true to remove it with all of them");
        refuse_mounts(host, plan.path);
    }
    plan.changes.push_back(change_of(plan.path, "existence",
                                     now->type == FileInfo::Type::symlink ? "link" : kind_of(now->type), "absent"));
    return plan;
}

}  // namespace prove
