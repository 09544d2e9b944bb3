// The supervisor of one command: see supervisor.hpp. Runs in a fork of a program with threads: nothing here may
// allocate or lock.
#include "common/process/supervisor.hpp"

#include <fcntl.h>
#include <poll.h>
#include <signal.h>
#include <sys/prctl.h>
#include <sys/signalfd.h>
#include <sys/socket.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

#include <algorithm>
#include <array>
#include <cerrno>
#include <charconv>
#include <cstdint>
#include <cstring>

namespace prove {

namespace {

constexpr std::int64_t polite_ms = 1'000;    // between SIGTERM and SIGKILL
constexpr std::int64_t forceful_ms = 5'000;  // how long SIGKILL is repeated
constexpr int round_ms = 10;

std::int64_t now_ms() noexcept {
    timespec now{};
    ::clock_gettime(CLOCK_BOOTTIME, &now);
    return static_cast<std::int64_t>(now.tv_sec) * 1'000 + now.tv_nsec / 1'000'000;
}

// Closes everything but these, which it sorts.
void keep_only(std::array<int, 8>& kept) noexcept {
    std::sort(kept.begin(), kept.end());
    unsigned next = 0;
    for (const int fd : kept) {
        if (fd < 0) continue;
        if (static_cast<unsigned>(fd) > next) close_range_of(next, static_cast<unsigned>(fd) - 1);
        next = static_cast<unsigned>(fd) + 1;
    }
    close_range_of(next, ~0u);
}

// One pass over our direct children. Processes deeper down become direct ones as their parents end.
int signal_children(int signal_number) noexcept {
    // /proc/thread-self/children, which is there since 3.17 only: we are our only thread.
    std::array<char, 64> path = {"/proc/self/task/"};
    char* const digits = path.data() + std::strlen(path.data());
    std::strcpy(std::to_chars(digits, digits + 12, static_cast<int>(::getpid())).ptr, "/children");
    const int fd = ::open(path.data(), O_RDONLY | O_CLOEXEC);
    if (fd < 0) return 0;
    std::array<char, 16'384> buffer;
    const ssize_t size = ::read(fd, buffer.data(), buffer.size());
    ::close(fd);
    int count = 0;
    pid_t pid = 0;
    for (ssize_t i = 0; i < size; ++i) {
        const char c = buffer[static_cast<std::size_t>(i)];
        if (c >= '0' && c <= '9') {
            pid = pid * 10 + (c - '0');
        } else if (pid > 0) {
            ::kill(pid, signal_number);
            ++count;
            pid = 0;
        }
    }
    return count;
}

class Supervisor {
  public:
    explicit Supervisor(const SupervisorPlan& plan) noexcept : plan_(plan) {}

    [[noreturn]] void run() noexcept {
        ::prctl(PR_SET_NAME, "prove-command");
        ::prctl(PR_SET_CHILD_SUBREAPER, 1);
        sigset_t child_signal;
        sigemptyset(&child_signal);
        sigaddset(&child_signal, SIGCHLD);
        children_ = ::signalfd(-1, &child_signal, SFD_CLOEXEC | SFD_NONBLOCK);
        const auto& sources = plan_.start->plan().descriptors;
        std::array<int, 8> kept = {plan_.control, children_,  plan_.outputs[0], plan_.outputs[1],
                                   sources[0],    sources[1], sources[2],       sources.size() > 3 ? sources[3] : -1};
        keep_only(kept);

        char order = 0;
        if (::recv(plan_.control, &order, 1, 0) != 1 || order != supervisor_go) ::_exit(0);
        leader_ = plan_.start->start();
        if (leader_ < 0) report_failure(plan_.start->failure());
        for (const int fd : sources) ::close(fd);
        watch();
    }

  private:
    [[noreturn]] void watch() noexcept {
        for (;;) {
            std::array<pollfd, 2> waiting = {{{plan_.control, POLLIN, 0}, {children_, POLLIN, 0}}};
            ::poll(waiting.data(), waiting.size(), -1);
            reap();
            if (leader_ended_) finish(false, 0);
            if (waiting[0].revents == 0) continue;
            char order = 0;
            const bool ours_is_gone = ::recv(plan_.control, &order, 1, MSG_DONTWAIT) <= 0;
            if (ours_is_gone && plan_.survives_us) go_on_alone();
            if (ours_is_gone || order == supervisor_end_tree) finish(true, end_tree());
        }
    }

    // Collects what has ended; true while there are children.
    bool reap() noexcept {
        std::array<char, sizeof(signalfd_siginfo) * 8> ignored;
        while (::read(children_, ignored.data(), ignored.size()) > 0) {
        }
        for (;;) {
            int status = 0;
            const pid_t pid = ::waitpid(-1, &status, WNOHANG);
            if (pid <= 0) return pid == 0;
            if (pid != leader_) continue;
            leader_ended_ = true;
            leader_status_ = status;
        }
    }

    void wait_for_children(int ms) noexcept {
        pollfd waiting = {children_, POLLIN, 0};
        ::poll(&waiting, 1, ms);
    }

    // First politely, then not. Gives the number of processes that withstand (in an uninterruptible sleep).
    int end_tree() noexcept {
        ::kill(-leader_, SIGTERM);
        ::kill(-leader_, SIGCONT);  // a stopped process would not see it
        signal_children(SIGTERM);
        bool told_orphans = false;
        const std::int64_t polite_until = now_ms() + polite_ms;
        for (std::int64_t now = now_ms(); now < polite_until; now = now_ms()) {
            if (!reap()) return 0;
            if (leader_ended_ && !told_orphans) {
                // Its children are ours now; those in other sessions were not told yet.
                signal_children(SIGTERM);
                told_orphans = true;
            }
            wait_for_children(static_cast<int>(polite_until - now));
        }
        const std::int64_t forceful_until = now_ms() + forceful_ms;
        int left = 0;
        while (now_ms() < forceful_until) {
            if (!leader_ended_) ::kill(-leader_, SIGKILL);
            left = signal_children(SIGKILL);
            wait_for_children(round_ms);
            if (!reap()) return 0;
        }
        return left;
    }

    // Nobody listens any more: takes the output away, so that the command does not stop at a full pipe, until it ends.
    [[noreturn]] void go_on_alone() noexcept {
        std::array<char, 16'384> ignored;
        std::array<pollfd, 3> waiting = {
            {{children_, POLLIN, 0}, {plan_.outputs[0], POLLIN, 0}, {plan_.outputs[1], POLLIN, 0}}};
        while (!leader_ended_) {
            ::poll(waiting.data(), waiting.size(), -1);
            for (std::size_t i = 1; i < waiting.size(); ++i)
                if (waiting[i].revents != 0 && ::read(waiting[i].fd, ignored.data(), ignored.size()) == 0)
                    waiting[i].fd = -1;
            reap();
        }
        ::_exit(0);
    }

    [[noreturn]] void finish(bool by_order, int left) noexcept {
        const StartFailure failure = plan_.start->failure();
        if (failure.stage != StartStage::none) report_failure(failure);
        SupervisorReport report;
        report.wait_status = leader_ended_ ? leader_status_ : SIGKILL;
        report.by_order = by_order ? 1 : 0;
        report.left = left;
        send(report);
    }
    [[noreturn]] void report_failure(const StartFailure& failure) noexcept {
        SupervisorReport report;
        report.kind = SupervisorReport::Kind::start_failed;
        report.stage = static_cast<std::int32_t>(failure.stage);
        report.error_number = failure.error_number;
        send(report);
    }
    [[noreturn]] void send(const SupervisorReport& report) noexcept {
        ::send(plan_.control, &report, sizeof(report), MSG_NOSIGNAL);
        ::_exit(0);
    }

    const SupervisorPlan& plan_;
    int children_ = -1;
    pid_t leader_ = -1;
    bool leader_ended_ = false;
    int leader_status_ = 0;
};

}  // namespace

void supervise(const SupervisorPlan& plan) noexcept {
    Supervisor(plan).run();
}

}  // namespace prove
