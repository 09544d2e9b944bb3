// The predicted machine's files. Accounts, packages and units are in predictions_system.cpp.
#include "agent/host/predictions.hpp"

#include <algorithm>

#include "agent/host/plan_files.hpp"
#include "common/text/text.hpp"

namespace prove {

namespace {

Error nothing_at(const Path& path) {
    return {ErrorKind::missing, "there is no file " + quoted(path.text())};
}

constexpr int most_links = 40;

}  // namespace

void Predictions::put_directory(const Path& path, const FileInfo& info) {
    Entry entry;
    entry.info = info;
    entry.info.type = FileInfo::Type::directory;
    const auto now = stat(path);
    entry.hides_below = !now || now->type != FileInfo::Type::directory;
    files_[path] = std::move(entry);
}

void Predictions::put_file(const Path& path, const FileInfo& info, const Content& content,
                           std::optional<std::string> bytes) {
    Entry entry;
    entry.info = info;
    entry.info.type = FileInfo::Type::regular;
    entry.content = content;
    entry.bytes = std::move(bytes);
    files_[path] = std::move(entry);
}

void Predictions::put_attributes(const Path& path, const FileInfo& info) {
    const auto found = files_.find(path);
    if (found != files_.end()) {
        found->second.info = info;
        return;
    }
    Entry entry;  // content and names below stay those of the machine
    entry.info = info;
    files_[path] = std::move(entry);
}

void Predictions::put_link(const Path& path, const std::string& target) {
    Entry entry;
    entry.info.type = FileInfo::Type::symlink;
    entry.info.mode = 0777;
    own(entry.info);
    entry.target = target;
    files_[path] = std::move(entry);
}

void Predictions::put_absent(const Path& path) {
    std::erase_if(files_, [&path](const auto& known) { return known.first.is_below(path); });
    Entry entry;
    entry.absent = true;
    files_[path] = std::move(entry);
}

void Predictions::put_unknown(const Path& path, const std::string& depends_on) {
    if (stat(path)) return;
    Entry entry;
    entry.info.mode = 0644;
    own(entry.info);
    entry.unknown = depends_on;
    files_[path] = std::move(entry);
}

// The same path with predicted and real links on its way followed, so that /lib/x finds what was predicted for
// /usr/lib/x.
Path Predictions::canonical(const Path& path) const {
    if (path.is_root()) return path;
    Path folder = path.parent();
    for (int links = 0; links < most_links; ++links) {
        const auto link = first_link(folder);
        if (!link) return folder / path.name();
        const std::string target = read_link(*link);
        Path at = !target.empty() && target.front() == '/' ? Path() : link->parent();
        for (const std::string& part : split(target, '/'))
            if (part == "..")
                at = at.parent();
            else if (!part.empty() && part != ".")
                at = at / part;
        folder = *link == folder ? at : at / folder.text().substr(link->text().size() + 1);
    }
    return path;
}

Predictions::Found Predictions::find(const Path& path) const {
    const auto exact = files_.find(path);
    if (exact != files_.end()) return {&exact->second, false};
    for (Path above = path; !above.is_root();) {
        above = above.parent();
        const auto known = files_.find(above);
        if (known == files_.end()) continue;
        const Entry& entry = known->second;
        const bool folder = entry.info.type == FileInfo::Type::directory;
        if (entry.absent || entry.hides_below || !folder) return {nullptr, true};
    }
    return {};
}

bool Predictions::decides(const Path& path) const {
    const Found found = find(canonical(path));
    return found.entry != nullptr || found.hidden;
}

std::optional<FileInfo> Predictions::stat(const Path& path) const {
    if (files_.empty()) return under_.stat(path);
    const Path at = canonical(path);
    const Found found = find(at);
    if (found.hidden || (found.entry != nullptr && found.entry->absent)) return std::nullopt;
    return found.entry != nullptr ? found.entry->info : under_.stat(at);
}

// The entry that holds a regular file's content; null where it is the machine's.
const Predictions::Entry* Predictions::content_entry(const Path& path) const {
    const Found found = find(path);
    if (found.hidden || (found.entry != nullptr && found.entry->absent)) throw nothing_at(path);
    if (found.entry == nullptr) return nullptr;
    if (!found.entry->unknown.empty()) throw Unknown(found.entry->unknown);
    if (found.entry->info.type != FileInfo::Type::regular)
        throw Error(ErrorKind::refused, quoted(path.text()) + " is not a regular file");
    return found.entry->content ? found.entry : nullptr;
}

std::string Predictions::read_file(const Path& path, std::size_t limit) const {
    if (files_.empty()) return under_.read_file(path, limit);
    const Path at = canonical(path);
    const Entry* entry = content_entry(at);
    if (entry == nullptr) return under_.read_file(at, limit);
    if (entry->content->size > limit)
        throw Error(ErrorKind::full, quoted(path.text()) + " is larger than " + std::to_string(limit) + " bytes");
    return entry->bytes ? *entry->bytes : entry->content->bytes();
}

Hash Predictions::hash_file(const Path& path) const {
    if (files_.empty()) return under_.hash_file(path);
    const Path at = canonical(path);
    const Entry* entry = content_entry(at);
    return entry == nullptr ? under_.hash_file(at) : entry->content->hash;
}

std::string Predictions::read_link(const Path& path) const {
    const Found found = find(path);
    if (found.hidden || (found.entry != nullptr && found.entry->absent)) throw nothing_at(path);
    if (found.entry == nullptr) return under_.read_link(path);
    if (found.entry->info.type != FileInfo::Type::symlink)
        throw Error(ErrorKind::refused, quoted(path.text()) + " is not a symbolic link");
    return found.entry->target;
}

std::vector<std::string> Predictions::list_directory(const Path& path) const {
    if (files_.empty()) return under_.list_directory(path);
    const Path at = canonical(path);
    const auto info = stat(at);
    if (!info) throw Error(ErrorKind::missing, "there is no directory " + quoted(path.text()));
    if (info->type != FileInfo::Type::directory)
        throw Error(ErrorKind::refused, quoted(path.text()) + " is not a directory");
    std::set<std::string> names;
    const Found found = find(at);
    if (found.entry == nullptr || !found.entry->hides_below)
        for (std::string& name : under_.list_directory(at)) names.insert(std::move(name));
    for (const auto& [known, entry] : files_) {
        if (known.is_root() || known.parent() != at) continue;
        if (entry.absent)
            names.erase(known.name());
        else
            names.insert(known.name());
    }
    return {names.begin(), names.end()};
}

std::optional<Path> Predictions::first_link(const Path& folder) const {
    if (files_.empty()) return under_.first_link(folder);
    const auto real = under_.first_link(folder);
    Path at;
    if (folder.is_root()) return std::nullopt;
    for (const std::string& part : split(std::string_view(folder.text()).substr(1), '/')) {
        at = at / part;
        const auto known = files_.find(at);
        if (known == files_.end()) {
            if (real == at && !find(at).hidden) return at;
            continue;
        }
        if (!known->second.absent && known->second.info.type == FileInfo::Type::symlink) return at;
        if (known->second.absent) return std::nullopt;
    }
    return std::nullopt;
}

}  // namespace prove
