// A Host that passes everything on to another one. Tests override the verbs that they are about.
#pragma once

#include <string>
#include <utility>
#include <vector>

#include "agent/host/host.hpp"

namespace prove::test {

class ForwardingHost : public Host {
  public:
    explicit ForwardingHost(Host& inner) : inner_(inner) {}

    void begin_part(PartContext context) override { inner_.begin_part(std::move(context)); }
    std::vector<Change> end_part() override { return inner_.end_part(); }
    std::optional<std::string> unpredictable() const override { return inner_.unpredictable(); }
    std::optional<FileInfo> stat(const Path& p) const override { return inner_.stat(p); }
    std::string read_file(const Path& p, std::size_t limit) const override { return inner_.read_file(p, limit); }
    Hash hash_file(const Path& p) const override { return inner_.hash_file(p); }
    std::string read_link(const Path& p) const override { return inner_.read_link(p); }
    std::vector<std::string> list_directory(const Path& p) const override { return inner_.list_directory(p); }
    std::optional<Path> first_link(const Path& p) const override { return inner_.first_link(p); }
    std::optional<UserInfo> user(const std::string& n) const override { return inner_.user(n); }
    std::optional<UserInfo> user(std::uint32_t id) const override { return inner_.user(id); }
    std::optional<GroupInfo> group(const std::string& n) const override { return inner_.group(n); }
    std::optional<GroupInfo> group(std::uint32_t id) const override { return inner_.group(id); }
    std::vector<std::string> groups_of(const std::string& n) const override { return inner_.groups_of(n); }
    std::optional<std::string> password_hash(const std::string& n) const override { return inner_.password_hash(n); }
    PackageInfo package(const std::string& n) const override { return inner_.package(n); }
    UnitInfo unit(const std::string& n) const override { return inner_.unit(n); }
    CommandResult look(const Command& c) const override { return inner_.look(c); }
    std::vector<std::string> ask(const ProgramCall& c) const override { return inner_.ask(c); }

    void write_file(const Path& p, const FileWish& w) override { inner_.write_file(p, w); }
    void edit_file(const Path& p, const std::string& c) override { inner_.edit_file(p, c); }
    void make_directory(const Path& p, const Attributes& a, bool m) override { inner_.make_directory(p, a, m); }
    void set_attributes(const Path& p, const Attributes& a) override { inner_.set_attributes(p, a); }
    void link(const Path& p, const LinkWish& w) override { inner_.link(p, w); }
    void remove(const Path& p, bool r) override { inner_.remove(p, r); }
    CommandResult run(const Command& c, const std::optional<Path>& creates) override { return inner_.run(c, creates); }
    void run_program(const ProgramCall& c) override { inner_.run_program(c); }
    void prepare_install(const std::vector<PackageWish>& w) override { inner_.prepare_install(w); }
    void prepare_removal(const std::vector<std::string>& n, bool p) override { inner_.prepare_removal(n, p); }
    void install(const std::vector<PackageWish>& w) override { inner_.install(w); }
    void remove_packages(const std::vector<std::string>& n, bool p) override { inner_.remove_packages(n, p); }
    void start(const std::string& u) override { inner_.start(u); }
    void stop(const std::string& u) override { inner_.stop(u); }
    void enable(const std::string& u) override { inner_.enable(u); }
    void disable(const std::string& u) override { inner_.disable(u); }
    void reload(const std::string& u) override { inner_.reload(u); }
    void restart(const std::string& u) override { inner_.restart(u); }
    void set_user(const UserWish& w) override { inner_.set_user(w); }
    void set_group(const GroupWish& w) override { inner_.set_group(w); }

  protected:
    Host& inner_;
};

}  // namespace prove::test
