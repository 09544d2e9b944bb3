// A machine with nothing on it: an empty root folder, the user root and the group root. Under an OverlayHost it is the
// host of the unit tests.
#pragma once

#include "agent/host/host.hpp"

namespace prove {

class NullReader final : public HostReader {
  public:
    std::optional<FileInfo> stat(const Path& path) const override;
    std::string read_file(const Path& path, std::size_t limit = 64u << 20) const override;
    Hash hash_file(const Path& path) const override;
    std::string read_link(const Path& path) const override;
    std::vector<std::string> list_directory(const Path& path) const override;
    std::optional<Path> first_link(const Path& folder) const override;
    std::optional<UserInfo> user(const std::string& name) const override;
    std::optional<UserInfo> user(std::uint32_t uid) const override;
    std::optional<GroupInfo> group(const std::string& name) const override;
    std::optional<GroupInfo> group(std::uint32_t gid) const override;
    std::vector<std::string> groups_of(const std::string& user) const override;
    std::optional<std::string> password_hash(const std::string& user) const override;
    PackageInfo package(const std::string& name) const override;
    UnitInfo unit(const std::string& name) const override;
    CommandResult look(const Command& command) const override;
    std::vector<std::string> ask(const ProgramCall& call) const override;
};

}  // namespace prove
