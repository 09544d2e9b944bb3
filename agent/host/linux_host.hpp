// The Host that changes this machine. It composes the rooms for files, accounts, packages, units and commands, and
// keeps what they know for one run: make one for each run. Where the catalog's wish is met already it costs no fork.
#pragma once

#include <map>
#include <optional>
#include <string>
#include <vector>

#include "agent/host/apt.hpp"
#include "agent/host/commands.hpp"
#include "agent/host/file_system.hpp"
#include "agent/host/recorder.hpp"
#include "agent/host/systemd.hpp"
#include "common/process/accounts.hpp"
#include "common/time/clock.hpp"

namespace prove {

class LinuxHost final : public Host {
  public:
    explicit LinuxHost(const Clock& clock);
    LinuxHost(const LinuxHost&) = delete;
    LinuxHost& operator=(const LinuxHost&) = delete;

    void begin_part(PartContext context) override { recorder_.begin(std::move(context)); }
    std::vector<Change> end_part() override { return recorder_.end(); }
    std::optional<std::string> unpredictable() const override { return std::nullopt; }

    std::optional<FileInfo> stat(const Path& path) const override { return FileSystem::stat(path); }
    std::string read_file(const Path& path, std::size_t limit = 64u << 20) const override;
    Hash hash_file(const Path& path) const override { return FileSystem::hash_file(path); }
    std::string read_link(const Path& path) const override { return FileSystem::read_link(path); }
    std::vector<std::string> list_directory(const Path& path) const override {
        return FileSystem::list_directory(path);
    }
    std::optional<Path> first_link(const Path& folder) const override { return FileSystem::first_link(folder); }
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

    void write_file(const Path& path, const FileWish& wish) override;
    void edit_file(const Path& path, const std::string& content) override;
    void make_directory(const Path& path, const Attributes& attributes, bool make_dirs) override;
    void set_attributes(const Path& path, const Attributes& attributes) override;
    void link(const Path& path, const LinkWish& wish) override;
    void remove(const Path& path, bool recurse) override;
    CommandResult run(const Command& command, const std::optional<Path>& creates) override;
    void run_program(const ProgramCall& call) override;
    void prepare_install(const std::vector<PackageWish>& wishes) override;
    void prepare_removal(const std::vector<std::string>& names, bool purge) override;
    void install(const std::vector<PackageWish>& wishes) override;
    void remove_packages(const std::vector<std::string>& names, bool purge) override;
    void start(const std::string& unit) override;
    void stop(const std::string& unit) override;
    void enable(const std::string& unit) override;
    void disable(const std::string& unit) override;
    void reload(const std::string& unit) override;
    void restart(const std::string& unit) override;
    void set_user(const UserWish& wish) override;
    void set_group(const GroupWish& wish) override;

  private:
    std::vector<Change> make_folders(const Folders& folders, const std::vector<Change>& changes);
    void put_file(const FilePlan& plan, const std::vector<std::string>& validate);
    void validate(const Path& path, const std::vector<std::string>& command, const std::string& candidate) const;
    void file_changed(const Path& path);
    void forget_all();
    const AccountFiles& accounts() const;
    // From other sources than the local files, where the machine has such; asked once for each name.
    std::optional<std::string> getent(const char* database, const std::string& key) const;

    // One transaction: what changed by it, also where it failed, waits in prepared_ for the parts that it was for.
    void transact(const std::vector<std::string>& names, const std::function<void()>& work);
    // Records the share of these packages in a transaction; what came along goes to the part whose transaction it was, or
    // to the first that has a share in a prepared one.
    void claim(const std::vector<std::string>& names, bool own_transaction);

    // Looking fills caches, which are no part of what the machine is: hence mutable.
    Recorder recorder_;
    mutable Commands commands_;
    FileSystem files_;
    mutable Apt apt_;
    mutable Systemd systemd_;
    mutable std::optional<AccountFiles> accounts_;
    mutable std::optional<bool> has_remote_accounts_;
    mutable std::map<std::string, std::optional<std::string>> remote_;
    std::map<std::string, Change> prepared_;
    std::vector<Change> came_along_;
};

}  // namespace prove
