// A Host that only pretends: it lays predicted changes over a host that it reads and has no way to write. It is the
// plan (over the machine), the proof (the same, right after a change: nothing may be recorded) and the unit tests' host
// (over NullReader). It records the changes that LinuxHost would, since both carry out the same plans.
#pragma once

#include <string>
#include <vector>

#include "agent/host/plan_files.hpp"
#include "agent/host/predictions.hpp"
#include "agent/host/recorder.hpp"

namespace prove {

class OverlayHost final : public Host {
  public:
    // `under` is borrowed and must outlive this.
    explicit OverlayHost(const HostReader& under) : under_(under), predicted_(under) {}
    OverlayHost(const OverlayHost&) = delete;
    OverlayHost& operator=(const OverlayHost&) = delete;

    void begin_part(PartContext context) override { recorder_.begin(std::move(context)); }
    std::vector<Change> end_part() override { return recorder_.end(); }
    std::optional<std::string> unpredictable() const override;

    // Readers throw Unknown for what is absent as far as we know, once something unpredictable would have happened.
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
    void record(std::vector<Change> changes);
    void record(Change change);
    void put_folders(const std::vector<Path>& folders);
    void put_file(const FilePlan& plan);
    void expect_nothing_predicted() const;
    void add_unpredictable(std::string reason);
    template <class Read>
    auto known_or_unknown(Read&& read) const;

    const HostReader& under_;
    Predictions predicted_;
    Recorder recorder_;
    std::vector<std::string> unpredictable_;  // each thing that would do what nobody can predict, in order
    std::string first_change_;                // the state that would first change something; look() depends on it
    bool changed_ = false;
};

}  // namespace prove
