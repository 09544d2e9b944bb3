// The one seam to a machine. State functions look at a host through HostReader and change it only through Host's verbs.
// A verb compares first: where the host is already so it does nothing; where it is not, it makes the change and records
// it. What a function changed is what its Host recorded. LinuxHost changes the machine; OverlayHost lays predicted
// changes over a host that it only reads (plan, proof), and over nothing is the unit tests' host.
//
// One thread at a time uses a Host. Verbs throw Error where they cannot: the part fails with that text.
#pragma once

#include <chrono>
#include <cstdint>
#include <functional>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "agent/host/content.hpp"
#include "common/files/path.hpp"
#include "common/process/accounts.hpp"
#include "common/process/cancel.hpp"
#include "common/process/command.hpp"
#include "proto/error.hpp"
#include "proto/outcome.hpp"

namespace prove {

// What a plan cannot know. Thrown by readers and verbs of an OverlayHost; the part becomes Outcome::unknown.
class Unknown : public std::exception {
  public:
    // `depends_on`: "package blog, not installed yet", "the command of state certificate".
    explicit Unknown(std::string depends_on) : depends_on_(std::move(depends_on)) {}
    const std::string& depends_on() const { return depends_on_; }
    const char* what() const noexcept override { return depends_on_.c_str(); }

  private:
    std::string depends_on_;
};

struct FileInfo {
    enum class Type { regular, directory, symlink, other };
    Type type = Type::regular;
    unsigned mode = 0;  // permission bits with setuid, setgid and sticky
    std::uint32_t uid = 0;
    std::uint32_t gid = 0;
    std::uint64_t size = 0;
};

struct PackageInfo {
    enum class State { absent, config_files, broken, installed };  // broken: unpacked or half-configured
    State state = State::absent;
    std::string version;
    bool held = false;
};

struct UnitInfo {
    bool exists = false;          // a unit file or a loaded unit of that name
    std::string active_state;     // "active", "inactive", "failed", "activating" ...
    std::string unit_file_state;  // "enabled", "disabled", "static", "masked" ...
    bool needs_daemon_reload = false;
    bool active() const { return active_state == "active" || active_state == "reloading"; }
    bool enabled() const {
        return unit_file_state == "enabled" || unit_file_state == "enabled-runtime" || unit_file_state == "alias";
    }
};

// A program that came with the run and converges something by itself: a component's own function. It is told a verb,
// "plan" or "apply", and its arguments, and answers with what it would change.
struct ProgramCall {
    std::string name;  // "webserver.vhost"
    Content program;   // its bytes
    Value arguments = Value::object();
};

// Looking. Reads never change anything; look() runs a command that the user says only looks.
struct HostReader {
    virtual ~HostReader() = default;
    // The final part is never followed. nullopt: nothing there. Throws Unknown where a plan cannot know.
    virtual std::optional<FileInfo> stat(const Path& path) const = 0;
    // Whole regular file; Error(full) above `limit` bytes, Error(missing) where there is none.
    virtual std::string read_file(const Path& path, std::size_t limit = 64u << 20) const = 0;
    virtual Hash hash_file(const Path& path) const = 0;
    virtual std::string read_link(const Path& path) const = 0;
    virtual std::vector<std::string> list_directory(const Path& path) const = 0;  // names, sorted
    // The first part of the way to `folder`, itself included, that is a symbolic link; nullopt where there is none.
    virtual std::optional<Path> first_link(const Path& folder) const = 0;
    virtual std::optional<UserInfo> user(const std::string& name) const = 0;
    virtual std::optional<UserInfo> user(std::uint32_t uid) const = 0;
    virtual std::optional<GroupInfo> group(const std::string& name) const = 0;
    virtual std::optional<GroupInfo> group(std::uint32_t gid) const = 0;
    virtual std::vector<std::string> groups_of(const std::string& user) const = 0;  // supplementary, sorted
    virtual std::optional<std::string> password_hash(const std::string& user) const = 0;
    virtual PackageInfo package(const std::string& name) const = 0;
    virtual UnitInfo unit(const std::string& name) const = 0;  // "nginx" means nginx.service
    virtual CommandResult look(const Command& command) const = 0;
    // What this program would change, a line for each; empty: nothing. It is trusted to only look when it is told to plan.
    virtual std::vector<std::string> ask(const ProgramCall& call) const = 0;
};

// ---- wishes: what a verb is asked to bring about. An absent optional means "as it is".

struct Attributes {
    std::optional<std::string> user;  // a name, or digits
    std::optional<std::string> group;
    std::optional<unsigned> mode;
};

enum class SymlinkPolicy { refuse, follow, replace };

struct FileWish {
    Content content;
    Attributes attributes;  // of a new file: root:root 0644 where nothing is said
    SymlinkPolicy symlink = SymlinkPolicy::refuse;
    bool make_dirs = false;    // missing parents, root 0755
    bool create_only = false;  // an existing regular file is right, whatever is in it
    bool show_diff = true;
    std::vector<std::string> validate;  // a command; "{}" in an argument is the new file's path
};

struct LinkWish {
    std::string target;  // as written into the link
    bool force = false;  // may replace a file (never a directory that is not empty)
    bool make_dirs = false;
};

struct PackageWish {
    enum class Refresh { automatic, always, never };
    std::string name;
    std::string version;  // empty: any
    Refresh refresh = Refresh::automatic;
    std::optional<bool> recommends;  // empty: as the host's apt is configured
    bool operator==(const PackageWish&) const = default;
};

struct UserWish {
    std::string name;
    std::optional<std::uint32_t> uid;
    std::optional<std::string> group;  // primary
    std::vector<std::string> groups;
    bool exclusive_groups = false;
    std::optional<std::string> home, shell, comment, password_hash;
    bool create_home = true;
    bool system = false;
};
struct GroupWish {
    std::string name;
    std::optional<std::uint32_t> gid;
    bool system = false;
};

// What a Host carries for the part that runs on it now.
struct PartContext {
    std::string state;                           // the state's id: what a later Unknown depends on
    std::int64_t deadline_boot_ms = 0;           // by the boot clock; 0: none
    const Cancellation* cancellation = nullptr;  // may be null
    OutputSink output;                           // output of commands as it comes; may be empty
    std::function<void()> before_first_change;   // called once, before the first change of the part is made
    bool sensitive = false;                      // record no diffs
};

// Wanting.
struct Host : HostReader {
    // A part begins and ends. end_part gives what was recorded since begin_part, in order.
    virtual void begin_part(PartContext context) = 0;
    virtual std::vector<Change> end_part() = 0;
    // Whether something in this run so far would do what cannot be predicted (packages, commands), and what: an error
    // that a plan then meets is not a failure but unknown. Always nullopt on a LinuxHost.
    virtual std::optional<std::string> unpredictable() const = 0;

    virtual void write_file(const Path& path, const FileWish& wish) = 0;
    // Rewrites an existing regular file, keeping owner, group and mode (file.line); creates it 0644 where absent.
    virtual void edit_file(const Path& path, const std::string& content) = 0;
    virtual void make_directory(const Path& path, const Attributes& attributes, bool make_dirs) = 0;
    virtual void set_attributes(const Path& path, const Attributes& attributes) = 0;
    virtual void link(const Path& path, const LinkWish& wish) = 0;
    virtual void remove(const Path& path, bool recurse) = 0;

    // Runs a command that changes the machine: always recorded, as an event. For cmd.* only. `creates`: a path that
    // the command is to bring, which an overlay then predicts.
    virtual CommandResult run(const Command& command, const std::optional<Path>& creates) = 0;

    // Asks the program and, where it would change anything, has it do so; what it said beforehand is what is recorded.
    virtual void run_program(const ProgramCall& call) = 0;

    // Packages: one transaction for all of them. `prepare_*` runs the transaction for several parts ahead; the later
    // calls then find it done and record their own share of it. A failure of a prepared transaction is no error: each
    // part then tries alone.
    virtual void prepare_install(const std::vector<PackageWish>& wishes) = 0;
    virtual void prepare_removal(const std::vector<std::string>& names, bool purge) = 0;
    virtual void install(const std::vector<PackageWish>& wishes) = 0;
    virtual void remove_packages(const std::vector<std::string>& names, bool purge) = 0;

    virtual void start(const std::string& unit) = 0;
    virtual void stop(const std::string& unit) = 0;
    virtual void enable(const std::string& unit) = 0;
    virtual void disable(const std::string& unit) = 0;
    virtual void reload(const std::string& unit) = 0;   // an event: always done, always recorded
    virtual void restart(const std::string& unit) = 0;  // an event

    virtual void set_user(const UserWish& wish) = 0;  // makes it, or changes what differs
    virtual void set_group(const GroupWish& wish) = 0;
};

}  // namespace prove
