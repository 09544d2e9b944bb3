// The empty machine. See the header.
#include "agent/host/null_reader.hpp"

#include "common/text/text.hpp"

namespace prove {

namespace {

Error nothing_at(const Path& path) {
    return {ErrorKind::missing, "there is no file " + quoted(path.text())};
}

}  // namespace

std::optional<FileInfo> NullReader::stat(const Path& path) const {
    if (!path.is_root()) return std::nullopt;
    FileInfo root;
    root.type = FileInfo::Type::directory;
    root.mode = 0755;
    return root;
}

std::string NullReader::read_file(const Path& path, std::size_t) const {
    throw nothing_at(path);
}
Hash NullReader::hash_file(const Path& path) const {
    throw nothing_at(path);
}
std::string NullReader::read_link(const Path& path) const {
    throw nothing_at(path);
}

std::vector<std::string> NullReader::list_directory(const Path& path) const {
    if (!path.is_root()) throw nothing_at(path);
    return {};
}

std::optional<Path> NullReader::first_link(const Path&) const {
    return std::nullopt;
}

std::optional<UserInfo> NullReader::user(const std::string& name) const {
    return name == "root" ? std::optional(UserInfo{"root", 0, 0, "root", "/root", "/bin/sh"}) : std::nullopt;
}
std::optional<UserInfo> NullReader::user(std::uint32_t uid) const {
    return uid == 0 ? user("root") : std::nullopt;
}
std::optional<GroupInfo> NullReader::group(const std::string& name) const {
    return name == "root" ? std::optional(GroupInfo{"root", 0, {}}) : std::nullopt;
}
std::optional<GroupInfo> NullReader::group(std::uint32_t gid) const {
    return gid == 0 ? group("root") : std::nullopt;
}
std::vector<std::string> NullReader::groups_of(const std::string&) const {
    return {};
}
std::optional<std::string> NullReader::password_hash(const std::string&) const {
    return std::nullopt;
}
PackageInfo NullReader::package(const std::string&) const {
    return {};
}
UnitInfo NullReader::unit(const std::string&) const {
    return {};
}

std::vector<std::string> NullReader::ask(const ProgramCall& call) const {
    throw Error(ErrorKind::missing, "there is no machine to run " + quoted(call.name) + " on");
}

CommandResult NullReader::look(const Command&) const {
    CommandResult result;
    result.exit_code = 127;
    return result;
}

}  // namespace prove
