// A machine as it would be: what was predicted, laid over a HostReader. Only OverlayHost writes into it. Its own
// answers are definite ("absent" where nothing is known to be there); that absence may be unknown is OverlayHost's
// concern. Throws Unknown only for the content of what a command is to make.
#pragma once

#include <map>
#include <optional>
#include <set>
#include <string>
#include <vector>

#include "agent/host/host.hpp"
#include "agent/host/plan_accounts.hpp"

namespace prove {

class Predictions final : public HostReader {
  public:
    explicit Predictions(const HostReader& under) : under_(under) {}

    void put_directory(const Path& path, const FileInfo& info);
    void put_file(const Path& path, const FileInfo& info, const Content& content, std::optional<std::string> bytes);
    void put_attributes(const Path& path, const FileInfo& info);
    void put_link(const Path& path, const std::string& target);
    void put_absent(const Path& path);
    // Something that a command makes; `depends_on` is what its content depends on.
    void put_unknown(const Path& path, const std::string& depends_on);
    void put_package(const std::string& name, const PackageInfo& info) { packages_[name] = info; }
    void put_unit(const std::string& name, const UnitInfo& info) { units_[name] = info; }
    void put_user(const UserPlan& plan);
    void put_group(const GroupPlan& plan);

    // Whether what is at this path was predicted, and so is not merely not there yet.
    bool decides(const Path& path) const;

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

  private:
    struct Entry {
        bool absent = false;
        FileInfo info;
        bool hides_below = false;  // a new directory in the place of something else
        std::optional<Content> content;
        std::optional<std::string> bytes;
        std::string target;
        std::string unknown;  // what its content depends on; empty: it is known
    };
    // What is predicted for exactly this path: an entry, "hidden by a prediction above it", or nothing.
    struct Found {
        const Entry* entry = nullptr;
        bool hidden = false;
    };
    Found find(const Path& path) const;
    Path canonical(const Path& path) const;
    const Entry* content_entry(const Path& path) const;
    std::uint32_t new_id() { return next_id_++; }

    const HostReader& under_;
    std::map<Path, Entry> files_;
    std::map<std::string, PackageInfo> packages_;
    std::map<std::string, UnitInfo> units_;
    std::map<std::string, UserInfo> users_;
    std::map<std::string, GroupInfo> groups_;
    std::map<std::string, std::set<std::string>> memberships_;
    std::map<std::string, std::string> passwords_;
    // Numbers of accounts whose number is not known yet: from a range that no account has, so that nothing looks owned
    // by an account that is still to be made.
    std::uint32_t next_id_ = 4'200'000'000U;
};

}  // namespace prove
