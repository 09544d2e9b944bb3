// A Host that fails its nth verb, as a full disk or a kill would: before it did anything, or after it did all of it but
// before anybody heard. Reads pass through.
#pragma once

#include <string>
#include <utility>
#include <vector>

#include "agent/host/host.hpp"

namespace prove::testing {

class FailingHost final : public Host {
  public:
    enum class When { before, after };
    // The nth verb (from 1) fails with `error`; 0: none.
    FailingHost(Host& inner, int nth, When when = When::before, Error error = Error(ErrorKind::failed, "made to fail"))
        : inner_(inner), nth_(nth), when_(when), error_(std::move(error)) {}

    int verbs() const { return verbs_; }

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

    void write_file(const Path& p, const FileWish& w) override {
        verb([&] { inner_.write_file(p, w); });
    }
    void edit_file(const Path& p, const std::string& c) override {
        verb([&] { inner_.edit_file(p, c); });
    }
    void make_directory(const Path& p, const Attributes& a, bool m) override {
        verb([&] { inner_.make_directory(p, a, m); });
    }
    void set_attributes(const Path& p, const Attributes& a) override {
        verb([&] { inner_.set_attributes(p, a); });
    }
    void link(const Path& p, const LinkWish& w) override {
        verb([&] { inner_.link(p, w); });
    }
    void remove(const Path& p, bool r) override {
        verb([&] { inner_.remove(p, r); });
    }
    void run_program(const ProgramCall& c) override {
        verb([&] { inner_.run_program(c); });
    }
    CommandResult run(const Command& c, const std::optional<Path>& creates) override {
        CommandResult result;
        verb([&] { result = inner_.run(c, creates); });
        return result;
    }
    // Not counted: their failure is none (host.hpp).
    void prepare_install(const std::vector<PackageWish>& w) override { inner_.prepare_install(w); }
    void prepare_removal(const std::vector<std::string>& n, bool p) override { inner_.prepare_removal(n, p); }
    void install(const std::vector<PackageWish>& w) override {
        verb([&] { inner_.install(w); });
    }
    void remove_packages(const std::vector<std::string>& n, bool p) override {
        verb([&] { inner_.remove_packages(n, p); });
    }
    void start(const std::string& u) override {
        verb([&] { inner_.start(u); });
    }
    void stop(const std::string& u) override {
        verb([&] { inner_.stop(u); });
    }
    void enable(const std::string& u) override {
        verb([&] { inner_.enable(u); });
    }
    void disable(const std::string& u) override {
        verb([&] { inner_.disable(u); });
    }
    void reload(const std::string& u) override {
        verb([&] { inner_.reload(u); });
    }
    void restart(const std::string& u) override {
        verb([&] { inner_.restart(u); });
    }
    void set_user(const UserWish& w) override {
        verb([&] { inner_.set_user(w); });
    }
    void set_group(const GroupWish& w) override {
        verb([&] { inner_.set_group(w); });
    }

  private:
    template <class Work>
    void verb(Work&& work) {
        const bool fails = ++verbs_ == nth_;
        if (fails && when_ == When::before) throw error_;
        work();
        if (fails) throw error_;
    }

    Host& inner_;
    int nth_;
    When when_;
    Error error_;
    int verbs_ = 0;
};

}  // namespace prove::testing
