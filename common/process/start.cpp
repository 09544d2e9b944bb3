// Starting one program: see start.hpp.
#include "common/process/start.hpp"

#include <fcntl.h>
#include <grp.h>
#include <signal.h>
#include <sys/mman.h>
#include <sys/prctl.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <unistd.h>

#include <algorithm>
#include <cerrno>
#include <new>
#include <string_view>

#include "common/text/text.hpp"

namespace prove {

namespace {

std::string path_of(const std::vector<std::string>& environment) {
    for (const auto& variable : environment)
        if (variable.rfind("PATH=", 0) == 0) return variable.substr(5);
    return "/usr/bin:/bin";
}

// The files that a program's name may mean. PATH is the child's, not ours.
std::vector<std::string> candidates_of(const std::string& program, const std::vector<std::string>& environment) {
    if (program.find('/') != std::string::npos) return {program};
    std::vector<std::string> result;
    for (const auto& folder : split(path_of(environment), ':'))
        // An empty part would mean the current folder.
        if (!folder.empty()) result.push_back(folder + "/" + program);
    return result;
}

std::vector<char*> pointers(std::vector<std::string>& words) {
    std::vector<char*> result;
    for (auto& word : words) result.push_back(word.data());
    result.push_back(nullptr);
    return result;
}

void check_words(const std::vector<std::string>& words, const char* what) {
    for (const auto& word : words)
        if (word.find('\0') != std::string::npos)
            throw Error(ErrorKind::invalid, std::string(what) + " has a NUL in it");
}

}  // namespace

void close_range_of(unsigned first, unsigned last) noexcept {
    if (::close_range(first, last, 0) == 0) return;
    // Kernels before 5.9. Descriptors are numbered densely from 0, so this ends soon in practice.
    rlimit limit{};
    if (::getrlimit(RLIMIT_NOFILE, &limit) != 0) limit.rlim_cur = 65'536;
    const rlim_t end = std::min<rlim_t>(std::min<rlim_t>(limit.rlim_cur, 65'536), static_cast<rlim_t>(last) + 1);
    for (rlim_t number = first; number < end; ++number) ::close(static_cast<int>(number));
}

Fd high_fd(const Fd& fd) {
    Fd high(::fcntl(fd.get(), F_DUPFD_CLOEXEC, StartPlan::lowest_source));
    if (!high) throw system_error("cannot copy a descriptor", errno);
    return high;
}

BlockedSignals::BlockedSignals() : before_() {
    sigset_t all;
    sigfillset(&all);
    pthread_sigmask(SIG_SETMASK, &all, &before_);
}

BlockedSignals::~BlockedSignals() {
    pthread_sigmask(SIG_SETMASK, &before_, nullptr);
}

PreparedStart::PreparedStart(StartPlan plan) : plan_(std::move(plan)) {
    if (plan_.argv.empty() || plan_.argv.front().empty()) throw Error(ErrorKind::invalid, "a command has no program");
    check_words(plan_.argv, "a command's argument");
    check_words(plan_.environment, "an environment variable");
    check_words({plan_.cwd}, "a working directory");
    candidates_ = plan_.file.empty() ? candidates_of(plan_.argv.front(), plan_.environment)
                                     : std::vector<std::string>{plan_.file};
    argv_ = pointers(plan_.argv);
    environment_ = pointers(plan_.environment);
    void* shared = ::mmap(nullptr, sizeof(StartFailure), PROT_READ | PROT_WRITE, MAP_SHARED | MAP_ANONYMOUS, -1, 0);
    if (shared == MAP_FAILED) throw system_error("cannot get memory to start a program", errno);
    failure_ = ::new (shared) StartFailure();  // in memory that ~PreparedStart unmaps; nothing to delete
}

PreparedStart::~PreparedStart() {
    ::munmap(failure_, sizeof(StartFailure));
}

void PreparedStart::fail(StartStage stage) const noexcept {
    *failure_ = {stage, errno};
    ::_exit(127);
}

pid_t PreparedStart::start() const noexcept {
    *failure_ = {};
    const pid_t pid = ::vfork();
    if (pid == 0) become_program();
    if (pid < 0) *failure_ = {StartStage::vfork, errno};
    return pid;
}

void PreparedStart::become_program() const noexcept {
    // What a parent ignores stays ignored through exec: a shell without SIGPIPE never ends.
    for (int number = 1; number < NSIG; ++number) ::signal(number, SIG_DFL);
    if (::setsid() < 0) fail(StartStage::session);
    if (plan_.death_signal != 0 && ::prctl(PR_SET_PDEATHSIG, plan_.death_signal) != 0) fail(StartStage::session);
    // The first terminal that the leader of a session opens is the session's.
    if (!plan_.terminal.empty() && ::close(::open(plan_.terminal.c_str(), O_RDWR)) != 0) fail(StartStage::session);
    const int count = static_cast<int>(plan_.descriptors.size());
    for (int target = 0; target < count; ++target)
        if (::dup2(plan_.descriptors[static_cast<std::size_t>(target)], target) < 0) fail(StartStage::descriptors);
    close_range_of(static_cast<unsigned>(count), ~0u);
    for (const auto& [resource, limit] : plan_.limits)
        if (::setrlimit(static_cast<__rlimit_resource>(resource), &limit) != 0) fail(StartStage::limits);

    const Credentials& account = plan_.credentials;
    if (account.change) {
        // The bare system calls: glibc's would change the parent's other threads too, whose list this memory holds.
        if (::syscall(SYS_setgroups, account.groups.size(), account.groups.data()) != 0 ||
            ::syscall(SYS_setresgid, account.gid, account.gid, account.gid) != 0 ||
            ::syscall(SYS_setresuid, account.uid, account.uid, account.uid) != 0)
            fail(StartStage::account);
        // A change of user clears it.
        if (plan_.death_signal != 0) ::prctl(PR_SET_PDEATHSIG, plan_.death_signal);
    }
    if (plan_.umask) ::umask(*plan_.umask);
    if (::chdir(plan_.cwd.c_str()) != 0) fail(StartStage::folder);
    sigset_t none;
    sigemptyset(&none);
    ::sigprocmask(SIG_SETMASK, &none, nullptr);
    int worst = ENOENT;
    for (const auto& file : candidates_) {
        ::execve(file.c_str(), argv_.data(), environment_.data());
        // As sh has it: one that may not be run is worth telling only if no later one can be run.
        if (errno != ENOENT && errno != ENOTDIR) worst = errno;
        if (worst != ENOENT && worst != EACCES) break;
    }
    errno = worst;
    fail(StartStage::program);
}

Error PreparedStart::error_of(const StartFailure& failure) const {
    const std::string what = "cannot run " + quoted(plan_.argv.front());
    switch (failure.stage) {
        case StartStage::program: {
            if (failure.error_number == ENOEXEC)
                return Error(ErrorKind::invalid,
                             what + ": it is neither a script that begins with #! nor a program for this machine");
            if (failure.error_number == ENOENT && !plan_.file.empty())
                return Error(ErrorKind::missing, what + ": the interpreter in its first line is not there");
            if (failure.error_number != ENOENT) return system_error(what, failure.error_number);
            const bool bare = plan_.argv.front().find('/') == std::string::npos;
            return Error(ErrorKind::missing,
                         what + (bare ? ": there is no such program in " + path_of(plan_.environment)
                                      : ": there is no such file, or not its interpreter"));
        }
        case StartStage::folder:
            return system_error(what + " in " + quoted(plan_.cwd), failure.error_number);
        case StartStage::account:
            return system_error(what + " as user id " + std::to_string(plan_.credentials.uid), failure.error_number);
        default:
            return system_error(what, failure.error_number);
    }
}

}  // namespace prove
