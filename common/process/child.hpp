// A program that runs beside us for long and talks with us through pipes: a render worker. It ends with its owner: the
// destructor kills and reaps it, and the kernel kills it when the thread that started it ends, however that happens.
// One thread at a time.
#pragma once

#include <cstdint>
#include <map>
#include <optional>
#include <string>
#include <vector>

#include "common/files/fd.hpp"
#include "common/time/clock.hpp"

namespace prove {

struct ChildLimits {
    std::optional<std::uint64_t> memory_bytes;  // address space
    std::optional<std::uint64_t> cpu_seconds;
    std::optional<std::uint64_t> file_bytes;  // of any file that it writes
    std::optional<std::uint64_t> open_files;
    std::optional<std::uint64_t> processes;  // of its user, all together
};

struct ChildOptions {
    std::vector<std::string> argv;
    std::string user, group;  // empty: as we are
    std::string cwd = "/";
    std::map<std::string, std::string> env;  // added to the fixed environment (S84)
    ChildLimits limits;                      // core dumps are always off
    std::vector<const Fd*> extra;            // become 3, 4, ... of the child; borrowed for the call
};

class ChildProcess {
  public:
    // Throws Error where it cannot be started.
    explicit ChildProcess(const ChildOptions& options);
    ~ChildProcess();
    ChildProcess(const ChildProcess&) = delete;
    ChildProcess& operator=(const ChildProcess&) = delete;

    int pid() const { return pid_; }
    // Our ends of its standard input, output and errors; they block unless their owner changes that.
    Fd& input() { return input_; }
    Fd& output() { return output_; }
    Fd& errors() { return errors_; }

    // How it ended, in words ("exit code 1", "signal 9"); nothing while it runs.
    std::optional<std::string> ended();
    // Waits for its end; false where it still runs after that time.
    bool wait(Milliseconds at_most);
    // Kills it and what is in its process group, and reaps it.
    void kill();

  private:
    int pid_ = -1;
    std::optional<int> status_;
    Fd process_;  // pidfd, to wait with a limit
    Fd input_, output_, errors_;
};

}  // namespace prove
