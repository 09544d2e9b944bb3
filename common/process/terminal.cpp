// A pseudo-terminal for a program. See the header.
#include "common/process/terminal.hpp"

#include <fcntl.h>
#include <poll.h>
#include <stdlib.h>
#include <sys/wait.h>
#include <unistd.h>

#include <array>
#include <cerrno>

#include "common/files/fd.hpp"
#include "common/process/start.hpp"
#include "common/text/text.hpp"
#include "proto/error.hpp"

namespace prove {

namespace {

constexpr int look_again_ms = 200;
constexpr std::size_t most_shown = 4'096;

struct Terminal {
    Fd ours;
    // Held open, so that ours does not end before the program has opened it.
    Fd theirs;
    std::string name;
};

Terminal make_terminal() {
    Terminal terminal;
    terminal.ours = Fd(::posix_openpt(O_RDWR | O_NOCTTY | O_CLOEXEC));
    std::array<char, 128> name{};
    if (!terminal.ours || ::grantpt(terminal.ours.get()) != 0 || ::unlockpt(terminal.ours.get()) != 0 ||
        ::ptsname_r(terminal.ours.get(), name.data(), name.size()) != 0)
        throw system_error("cannot make a terminal", errno);
    terminal.name = name.data();
    terminal.theirs = open_file(terminal.name, O_RDWR | O_NOCTTY);
    return terminal;
}

Fd copy_of(int number) {
    Fd copy(::fcntl(number, F_DUPFD_CLOEXEC, StartPlan::lowest_source));
    if (!copy) throw system_error("cannot copy a descriptor", errno);
    return copy;
}

bool ends_like_a_question(const std::string& shown) {
    return trim_end(shown).ends_with(":");
}

}  // namespace

int run_in_terminal(const std::vector<std::string>& argv, const std::function<std::optional<std::string>()>& answer) {
    const Terminal terminal = make_terminal();
    std::array<Fd, 3> standard = {copy_of(STDIN_FILENO), copy_of(STDOUT_FILENO), copy_of(STDERR_FILENO)};
    StartPlan plan;
    plan.argv = argv;
    plan.credentials = credentials_of("", "");
    plan.environment = child_environment(plan.credentials, {});
    plan.terminal = terminal.name;
    for (const Fd& fd : standard) plan.descriptors.push_back(fd.get());
    const PreparedStart start(std::move(plan));
    pid_t pid = -1;
    {
        const BlockedSignals blocked;
        pid = start.start();
    }
    const auto throw_failure = [&start] {
        if (const StartFailure failure = start.failure(); failure.stage != StartStage::none) throw start.error_of(failure);
    };
    if (pid < 0) throw_failure();
    // Only the program writes there from now on, and who reads sees its end.
    for (Fd& fd : standard) fd.close();

    std::string shown;
    bool answered = false;
    int status = 0;
    while (::waitpid(pid, &status, WNOHANG) == 0) {
        pollfd waiting = {terminal.ours.get(), POLLIN, 0};
        if (::poll(&waiting, 1, look_again_ms) <= 0) continue;
        std::array<char, 1'024> buffer;
        const ssize_t size = ::read(terminal.ours.get(), buffer.data(), buffer.size());
        if (size <= 0 || answered) continue;
        shown.append(buffer.data(), static_cast<std::size_t>(size));
        if (shown.size() > most_shown) shown.erase(0, shown.size() - most_shown);
        if (!ends_like_a_question(shown)) continue;
        answered = true;
        // No answer is an empty one: the program is to refuse it, and to say so.
        write_all(terminal.ours, answer().value_or("") + "\n", "a terminal");
    }
    throw_failure();
    return WIFSIGNALED(status) ? 128 + WTERMSIG(status) : WEXITSTATUS(status);
}

}  // namespace prove
