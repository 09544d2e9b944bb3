// Long-lived children: see child.hpp.
#include "common/process/child.hpp"

#include <fcntl.h>
#include <poll.h>
#include <signal.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <unistd.h>

#include <array>
#include <cerrno>
#include <limits>

#include "common/process/start.hpp"
#include "common/text/text.hpp"
#include "proto/error.hpp"

namespace prove {

namespace {

std::array<Fd, 2> make_pipe() {
    std::array<int, 2> ends{};
    if (::pipe2(ends.data(), O_CLOEXEC) != 0) throw system_error("cannot make a pipe", errno);
    return {Fd(ends[0]), Fd(ends[1])};
}

std::vector<std::pair<int, rlimit>> limits_of(const ChildLimits& limits) {
    std::vector<std::pair<int, rlimit>> result = {{RLIMIT_CORE, {0, 0}}};
    const auto add = [&](int resource, const std::optional<std::uint64_t>& value) {
        if (value) result.push_back({resource, {*value, *value}});
    };
    add(RLIMIT_AS, limits.memory_bytes);
    add(RLIMIT_CPU, limits.cpu_seconds);
    add(RLIMIT_FSIZE, limits.file_bytes);
    add(RLIMIT_NOFILE, limits.open_files);
    add(RLIMIT_NPROC, limits.processes);
    return result;
}

}  // namespace

ChildProcess::ChildProcess(const ChildOptions& options) {
    auto input = make_pipe();
    auto output = make_pipe();
    auto errors = make_pipe();
    std::vector<Fd> sources;
    for (const Fd* fd : {&input[0], &output[1], &errors[1]}) sources.push_back(high_fd(*fd));
    for (const Fd* fd : options.extra) sources.push_back(high_fd(*fd));

    StartPlan plan;
    plan.argv = options.argv;
    plan.credentials = credentials_of(options.user, options.group);
    plan.environment = child_environment(plan.credentials, options.env);
    plan.cwd = options.cwd;
    plan.limits = limits_of(options.limits);
    plan.death_signal = SIGKILL;
    for (const Fd& fd : sources) plan.descriptors.push_back(fd.get());
    const PreparedStart start(std::move(plan));
    {
        const BlockedSignals blocked;
        pid_ = start.start();
    }
    // The child is past its exec now, or has failed.
    if (const StartFailure failure = start.failure(); failure.stage != StartStage::none) {
        if (pid_ > 0) ::waitpid(pid_, nullptr, 0);
        throw start.error_of(failure);
    }
    process_ = Fd(static_cast<int>(::syscall(SYS_pidfd_open, pid_, 0)));
    input_ = std::move(input[1]);
    output_ = std::move(output[0]);
    errors_ = std::move(errors[0]);
}

ChildProcess::~ChildProcess() {
    kill();
}

bool ChildProcess::wait(Milliseconds at_most) {
    if (status_) return true;
    pollfd waiting = {process_.get(), POLLIN, 0};
    const auto ms = std::min<std::int64_t>(at_most.count(), std::numeric_limits<int>::max());
    while (::poll(&waiting, 1, static_cast<int>(ms)) < 0 && errno == EINTR) {
    }
    return ended().has_value();
}

std::optional<std::string> ChildProcess::ended() {
    if (!status_) {
        int status = 0;
        if (::waitpid(pid_, &status, WNOHANG) != pid_) return std::nullopt;
        status_ = status;
    }
    if (WIFSIGNALED(*status_)) return "signal " + std::to_string(WTERMSIG(*status_));
    return "exit code " + std::to_string(WEXITSTATUS(*status_));
}

void ChildProcess::kill() {
    if (status_) return;
    // Its group too: it is the leader of one, and its pid is not reused before it is reaped.
    ::kill(-pid_, SIGKILL);
    ::kill(pid_, SIGKILL);
    int status = 0;
    while (::waitpid(pid_, &status, 0) < 0 && errno == EINTR) {
    }
    status_ = status;
}

}  // namespace prove
