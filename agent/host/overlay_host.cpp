// Reading through an overlay. The verbs are in overlay_verbs.cpp.
#include "agent/host/overlay_host.hpp"

#include <algorithm>

#include "common/text/text.hpp"

namespace prove {

namespace {

constexpr std::size_t named_reasons = 3;

}  // namespace

std::optional<std::string> OverlayHost::unpredictable() const {
    if (unpredictable_.empty()) return std::nullopt;
    std::vector<std::string> named(
        unpredictable_.begin(),
        unpredictable_.begin() + static_cast<std::ptrdiff_t>(std::min(named_reasons, unpredictable_.size())));
    if (unpredictable_.size() > named_reasons)
        named.push_back(std::to_string(unpredictable_.size() - named_reasons) + " more");
    return join_words(named);
}

void OverlayHost::add_unpredictable(std::string reason) {
    if (std::find(unpredictable_.begin(), unpredictable_.end(), reason) == unpredictable_.end())
        unpredictable_.push_back(std::move(reason));
}

// An optional that is empty, or an Error that something is missing, is Unknown where something unpredictable came
// first.
template <class Read>
auto OverlayHost::known_or_unknown(Read&& read) const {
    try {
        return read();
    } catch (const Error& error) {
        if (error.kind() == ErrorKind::missing && !unpredictable_.empty()) throw Unknown(*unpredictable());
        throw;
    }
}

std::optional<FileInfo> OverlayHost::stat(const Path& path) const {
    auto info = predicted_.stat(path);
    if (!info && !unpredictable_.empty() && !predicted_.decides(path)) throw Unknown(*unpredictable());
    return info;
}

std::string OverlayHost::read_file(const Path& path, std::size_t limit) const {
    return known_or_unknown([&] { return predicted_.read_file(path, limit); });
}

Hash OverlayHost::hash_file(const Path& path) const {
    return known_or_unknown([&] { return predicted_.hash_file(path); });
}

std::string OverlayHost::read_link(const Path& path) const {
    return known_or_unknown([&] { return predicted_.read_link(path); });
}

std::vector<std::string> OverlayHost::list_directory(const Path& path) const {
    return known_or_unknown([&] { return predicted_.list_directory(path); });
}

std::optional<Path> OverlayHost::first_link(const Path& folder) const {
    return predicted_.first_link(folder);
}

std::optional<UserInfo> OverlayHost::user(const std::string& name) const {
    auto info = predicted_.user(name);
    if (!info && !unpredictable_.empty()) throw Unknown(*unpredictable());
    return info;
}

std::optional<UserInfo> OverlayHost::user(std::uint32_t uid) const {
    auto info = predicted_.user(uid);
    if (!info && !unpredictable_.empty()) throw Unknown(*unpredictable());
    return info;
}

std::optional<GroupInfo> OverlayHost::group(const std::string& name) const {
    auto info = predicted_.group(name);
    if (!info && !unpredictable_.empty()) throw Unknown(*unpredictable());
    return info;
}

std::optional<GroupInfo> OverlayHost::group(std::uint32_t gid) const {
    auto info = predicted_.group(gid);
    if (!info && !unpredictable_.empty()) throw Unknown(*unpredictable());
    return info;
}

std::vector<std::string> OverlayHost::groups_of(const std::string& user) const {
    return predicted_.groups_of(user);
}

std::optional<std::string> OverlayHost::password_hash(const std::string& user) const {
    return predicted_.password_hash(user);
}

PackageInfo OverlayHost::package(const std::string& name) const {
    PackageInfo info = predicted_.package(name);
    // It might come along with another package, or with a command.
    if (info.state == PackageInfo::State::absent && !unpredictable_.empty()) throw Unknown(*unpredictable());
    return info;
}

UnitInfo OverlayHost::unit(const std::string& name) const {
    UnitInfo info = predicted_.unit(name);
    if (!info.exists && !unpredictable_.empty()) throw Unknown(*unpredictable());
    return info;
}

// A program looks at the machine itself, which knows nothing of what was only predicted.
void OverlayHost::expect_nothing_predicted() const {
    if (changed_)
        throw Unknown(first_change_.empty() ? "changes that are only predicted"
                                            : "what state " + quoted(first_change_) + " would change");
}

CommandResult OverlayHost::look(const Command& command) const {
    expect_nothing_predicted();
    return under_.look(command);
}

std::vector<std::string> OverlayHost::ask(const ProgramCall& call) const {
    expect_nothing_predicted();
    return under_.ask(call);
}

}  // namespace prove
