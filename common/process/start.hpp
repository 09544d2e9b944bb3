// Starting one program: everything is prepared as plain arrays first, so that between vfork and exec only system calls
// are left. Used by the supervisor of a command and by ChildProcess; nobody outside this room needs it.
//
// vfork, since the child then shares our memory until its exec: 1 ms at any size of ours, where fork costs 15 ms at
// 500 MB (limits.md). What the child does is limited to system calls that touch only what is its own.
#pragma once

#include <signal.h>
#include <sys/resource.h>
#include <sys/types.h>

#include <array>
#include <map>
#include <optional>
#include <string>
#include <utility>
#include <vector>

#include "common/files/fd.hpp"
#include "proto/error.hpp"

namespace prove {

// Whom a program runs as.
struct Credentials {
    bool change = false;  // false: as we are
    uid_t uid = 0;
    gid_t gid = 0;
    std::vector<gid_t> groups;
    std::string home;  // for HOME
};
// `user` and `group` are names or digits; both empty: as we are. Throws Error(missing) for an unknown account.
Credentials credentials_of(const std::string& user, const std::string& group);

// S84: PATH, HOME, LANG=C.UTF-8, and what is added; as NAME=VALUE.
std::vector<std::string> child_environment(const Credentials& credentials,
                                           const std::map<std::string, std::string>& added);

// Where starting can fail, in the order of what the child does.
enum class StartStage : int { none = 0, vfork, session, descriptors, limits, account, folder, program };
struct StartFailure {
    StartStage stage = StartStage::none;
    int error_number = 0;
};

struct StartPlan {
    std::vector<std::string> argv;
    std::string file;  // what is executed; empty: what argv[0] means
    std::vector<std::string> environment;
    Credentials credentials;
    std::string cwd = "/";
    std::optional<unsigned> umask;
    // What becomes descriptor 0, 1, 2, 3 ... of the program; all are at least `lowest_source`. Nothing else is
    // inherited.
    std::vector<int> descriptors;
    std::vector<std::pair<int, rlimit>> limits;
    std::string terminal;  // becomes the program's own; empty: none
    int death_signal = 0;  // sent to the program when the thread that started it ends
    static constexpr int lowest_source = 20;
};

// Closes all descriptors from first to last. Only system calls.
void close_range_of(unsigned first, unsigned last) noexcept;

// A descriptor that may be a source: a copy with a number at or above StartPlan::lowest_source.
Fd high_fd(const Fd& fd);

class PreparedStart {
  public:
    // Throws Error where the plan itself is wrong: no argv, a NUL in a word.
    explicit PreparedStart(StartPlan plan);
    ~PreparedStart();
    PreparedStart(const PreparedStart&) = delete;
    PreparedStart& operator=(const PreparedStart&) = delete;

    // Safe after a fork in a program with threads. The child's pid, or -1; all signals must be blocked by the caller
    // and are unblocked in the program. A failure after vfork shows in failure(), when the child was reaped at the
    // latest.
    pid_t start() const noexcept;
    StartFailure failure() const noexcept { return *failure_; }
    // The Error for a failure: "cannot run 'foo': there is no such program in /usr/bin:/bin".
    Error error_of(const StartFailure& failure) const;
    const StartPlan& plan() const { return plan_; }

  private:
    [[noreturn]] void become_program() const noexcept;
    [[noreturn]] void fail(StartStage stage) const noexcept;

    StartPlan plan_;
    std::vector<std::string> candidates_;  // files to try, in the order of PATH
    std::vector<char*> argv_, environment_;
    // Shared memory: seen by us also where a sanitizer turns vfork into fork.
    StartFailure* failure_ = nullptr;
};

// All signals blocked while it lives, so that no handler of ours runs in a child.
class BlockedSignals {
  public:
    BlockedSignals();
    ~BlockedSignals();
    BlockedSignals(const BlockedSignals&) = delete;
    BlockedSignals& operator=(const BlockedSignals&) = delete;

  private:
    sigset_t before_;
};

}  // namespace prove
