// Running a command: see run.hpp. This side reads and decides; the supervisor starts, watches and ends.
#include "common/process/run.hpp"

#include <fcntl.h>
#include <poll.h>
#include <signal.h>
#include <sys/mman.h>
#include <sys/socket.h>
#include <sys/wait.h>
#include <unistd.h>

#include <array>
#include <cerrno>
#include <memory>
#include <optional>

#include "common/files/fd.hpp"
#include "common/files/files.hpp"
#include "common/process/start.hpp"
#include "common/process/supervisor.hpp"
#include "common/text/text.hpp"
#include "common/time/deadline.hpp"
#include "proto/error.hpp"

namespace prove {

namespace {

constexpr Milliseconds output_grace{100};     // for output that is still on its way when the command has ended
constexpr Milliseconds ending_limit{10'000};  // for the supervisor to end a tree; it needs 6 s at most

struct Pipe {
    Fd read, write;
};
Pipe make_pipe() {
    std::array<int, 2> ends{};
    if (::pipe2(ends.data(), O_CLOEXEC) != 0) throw system_error("cannot make a pipe", errno);
    Pipe pipe{Fd(ends[0]), Fd(ends[1])};
    // Only our end: a command may be surprised by an output that would block.
    ::fcntl(pipe.read.get(), F_SETFL, O_NONBLOCK);
    return pipe;
}

// A file in memory; before kernel 3.17 one without a name, in the first folder that takes it.
Fd nameless_file(const char* name) {
    Fd fd(::memfd_create(name, MFD_CLOEXEC));
    for (const char* folder : {"/dev/shm", "/run", "/var/tmp", "/tmp"}) {
        if (fd) break;
        const std::string path = std::string(folder) + "/." + name + "-" + random_name(16);
        fd = try_open(path, O_RDWR | O_CREAT | O_EXCL | O_NOFOLLOW, 0700);
        if (fd) ::unlink(path.c_str());
    }
    if (!fd) throw system_error("cannot make a file without a name", errno);
    return fd;
}

// Input as such a file: whatever its size, nobody has to feed it while the command runs.
Fd input_of(const Command& command) {
    if (command.input.empty()) return open_file("/dev/null", O_RDONLY);
    Fd fd = nameless_file("prove-input");
    write_all(fd, command.input, "a command's input");
    ::lseek(fd.get(), 0, SEEK_SET);
    return fd;
}

// A program in memory, as descriptor 3 of the command: scripts are opened by their interpreter once more, so it stays
// open there. Not a file, which would need a folder that programs may be run from and stay behind a crash of ours.
// Opened anew for reading, since what is open for writing cannot be run.
constexpr const char* program_file = "/proc/self/fd/3";
Fd program_of(const std::string& bytes) {
    const Fd fd = nameless_file("prove-program");
    write_all(fd, bytes, "a program in memory");
    return high_fd(open_file("/proc/self/fd/" + std::to_string(fd.get()), O_RDONLY));
}

// One stream of output, on its way to the sink and to the result.
class Stream {
  public:
    Stream(OutputStream which, Fd fd, std::string& kept, CommandResult& result, const Command& command,
           const OutputSink& sink)
        : which_(which), fd_(std::move(fd)), kept_(kept), result_(result), limit_(command.output_limit), sink_(sink) {}
    int fd() const { return fd_.get(); }  // -1 when it has ended, which poll() passes over
    bool ended() const { return !fd_; }

    // Takes what is there now, but not without end: others wait too.
    void take() {
        for (int i = 0; i < 16 && fd_; ++i) {
            std::array<char, 65'536> buffer;
            const ssize_t count = ::read(fd_.get(), buffer.data(), buffer.size());
            if (count < 0 && errno == EINTR) continue;
            if (count < 0 && errno == EAGAIN) return;
            if (count <= 0) {
                fd_.close();
                return;
            }
            keep(std::string_view(buffer.data(), static_cast<std::size_t>(count)));
        }
    }

  private:
    void keep(std::string_view bytes) {
        if (sink_) sink_(which_, bytes);
        const std::size_t room = limit_ - std::min(limit_, kept_.size());
        kept_ += bytes.substr(0, room);
        if (bytes.size() > room) result_.truncated = true;
    }

    OutputStream which_;
    Fd fd_;
    std::string& kept_;
    CommandResult& result_;
    std::size_t limit_;
    const OutputSink& sink_;
};

// Our end of a supervisor. When it goes, the command has ended.
class SupervisedCommand {
  public:
    SupervisedCommand(const PreparedStart& start, const Pipe& out, const Pipe& err, bool survives_us) {
        std::array<int, 2> ends{};
        if (::socketpair(AF_UNIX, SOCK_SEQPACKET | SOCK_CLOEXEC, 0, ends.data()) != 0)
            throw system_error("cannot make a socket pair", errno);
        control_ = Fd(ends[0]);
        const Fd theirs(ends[1]);
        SupervisorPlan plan;
        plan.start = &start;
        plan.control = theirs.get();
        plan.survives_us = survives_us;
        if (survives_us) {
            plan.outputs[0] = out.read.get();
            plan.outputs[1] = err.read.get();
        }
        const BlockedSignals blocked;
        pid_ = ::fork();
        if (pid_ < 0) throw system_error("cannot start a process", errno);
        if (pid_ == 0) supervise(plan);
    }
    ~SupervisedCommand() {
        // Nothing reported yet means that an exception passes: end_tree first, since the end of the connection alone
        // would let a command that survives us go on.
        if (!reported_) tell(supervisor_end_tree);
        control_.close();
        while (::waitpid(pid_, nullptr, 0) < 0 && errno == EINTR) {
        }
    }
    SupervisedCommand(const SupervisedCommand&) = delete;
    SupervisedCommand& operator=(const SupervisedCommand&) = delete;

    pid_t pid() const { return pid_; }
    int fd() const { return control_.get(); }
    void tell(char order) const { ::send(control_.get(), &order, 1, MSG_NOSIGNAL | MSG_DONTWAIT); }
    void abandon() const { ::kill(pid_, SIGKILL); }
    // After poll() said that there is something: what it reported, or nothing where it is gone.
    std::optional<SupervisorReport> receive() {
        reported_ = true;
        SupervisorReport report;
        if (::recv(control_.get(), &report, sizeof(report), 0) != sizeof(report)) return std::nullopt;
        return report;
    }

  private:
    Fd control_;
    pid_t pid_ = -1;
    bool reported_ = false;
};

class Run {
  public:
    Run(const Command& command, const CommandOptions& options) : command_(command), options_(options) {}

    CommandResult run() {
        const std::int64_t started_ms = clock_.boot_ms();
        Pipe out = make_pipe();
        Pipe err = make_pipe();
        const Fd input = high_fd(input_of(command_));
        Fd out_end = high_fd(out.write);
        Fd err_end = high_fd(err.write);
        std::vector<int> descriptors = {input.get(), out_end.get(), err_end.get()};
        const Fd program = command_.program ? program_of(*command_.program) : Fd();
        if (program) descriptors.push_back(program.get());
        const PreparedStart start(plan(std::move(descriptors)));
        SupervisedCommand supervised(start, out, err, options_.survives_us);
        for (Fd* fd : {&out_end, &err_end, &out.write, &err.write}) fd->close();

        std::array<Stream, 2> streams = {
            Stream(OutputStream::out, std::move(out.read), result_.out, result_, command_, options_.output),
            Stream(OutputStream::err, std::move(err.read), result_.err, result_, command_, options_.output)};
        if (options_.before_start) options_.before_start(supervised.pid());
        supervised.tell(supervisor_go);
        {
            std::optional<Cancellation::Waker> waker;
            if (options_.cancellation != nullptr)
                waker.emplace(*options_.cancellation, [&] { supervised.tell(supervisor_end_tree); });
            understand(follow(supervised, streams), start);
        }
        drain(streams);
        result_.duration = Milliseconds(clock_.boot_ms() - started_ms);
        return std::move(result_);
    }

  private:
    StartPlan plan(std::vector<int> descriptors) const {
        StartPlan plan;
        plan.argv = command_.argv;
        if (command_.program) plan.file = program_file;
        plan.credentials = credentials_of(command_.user, command_.group);
        plan.environment = child_environment(plan.credentials, command_.env);
        if (!command_.cwd.empty()) plan.cwd = command_.cwd;
        plan.umask = command_.umask;
        plan.descriptors = std::move(descriptors);
        return plan;
    }

    // Until the supervisor reports; at the deadline it is told to end the tree.
    std::optional<SupervisorReport> follow(SupervisedCommand& supervised, std::array<Stream, 2>& streams) {
        Deadline deadline = command_.timeout.count() > 0 ? Deadline::after(clock_, command_.timeout) : Deadline();
        for (;;) {
            std::array<pollfd, 3> waiting = {
                {{supervised.fd(), POLLIN, 0}, {streams[0].fd(), POLLIN, 0}, {streams[1].fd(), POLLIN, 0}}};
            ::poll(waiting.data(), waiting.size(), deadline.poll_ms(clock_));
            for (std::size_t i = 0; i < streams.size(); ++i)
                if (waiting[i + 1].revents != 0) streams[i].take();
            if (waiting[0].revents != 0) return supervised.receive();
            if (!deadline.passed(clock_)) continue;
            if (result_.timed_out) {
                supervised.abandon();
                continue;
            }
            result_.timed_out = true;
            supervised.tell(supervisor_end_tree);
            deadline = Deadline::after(clock_, ending_limit);
        }
    }

    void understand(const std::optional<SupervisorReport>& report, const PreparedStart& start) {
        if (report) {
            // It may have ended by itself in the very moment.
            result_.timed_out = result_.timed_out && report->by_order != 0;
            result_.cancelled = !result_.timed_out && report->by_order != 0;
        }
        if (!report) {
            if (!result_.timed_out)
                throw Error(ErrorKind::failed,
                            "the process that watched over " + quoted(command_.argv.front()) + " was killed");
            result_.signal = SIGKILL;
        } else if (report->kind == SupervisorReport::Kind::start_failed) {
            throw start.error_of({static_cast<StartStage>(report->stage), report->error_number});
        } else if (WIFSIGNALED(report->wait_status)) {
            result_.signal = WTERMSIG(report->wait_status);
        } else {
            result_.exit_code = WEXITSTATUS(report->wait_status);
        }
        if (result_.signal != 0) result_.exit_code = 128 + result_.signal;
    }

    // The command has ended; what it wrote is in the pipes. Their end may never come: a daemon may hold them open.
    void drain(std::array<Stream, 2>& streams) {
        const Deadline deadline = Deadline::after(clock_, output_grace);
        while (!(streams[0].ended() && streams[1].ended())) {
            std::array<pollfd, 2> waiting = {{{streams[0].fd(), POLLIN, 0}, {streams[1].fd(), POLLIN, 0}}};
            if (::poll(waiting.data(), waiting.size(), deadline.poll_ms(clock_)) == 0) return;
            for (auto& stream : streams) stream.take();
            if (deadline.passed(clock_)) return;
        }
    }

    const Command& command_;
    const CommandOptions& options_;
    const SystemClock clock_;
    CommandResult result_;
};

}  // namespace

CommandResult run_command(const Command& command, const CommandOptions& options) {
    return Run(command, options).run();
}

}  // namespace prove
