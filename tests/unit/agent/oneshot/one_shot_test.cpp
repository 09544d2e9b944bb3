// The life of prove-exec, over a pipe within this process: commands, results, and above all the end of the connection.
#include <fcntl.h>
#include <unistd.h>

#include <catch2/catch.hpp>
#include <array>
#include <csignal>
#include <thread>

#include "agent/oneshot/one_shot.hpp"
#include "common/files/fd.hpp"
#include "common/files/files.hpp"
#include "tests/support/processes.hpp"

using namespace prove;

namespace {

// A OneShot in a thread, and the far ends of its pipe.
class FakeHost {
  public:
    explicit FakeHost(Milliseconds silence = PipeLink::silence) {
        std::signal(SIGPIPE, SIG_IGN);
        std::array<int, 2> in{}, out{};
        if (::pipe2(in.data(), O_CLOEXEC) != 0 || ::pipe2(out.data(), O_CLOEXEC) != 0)
            throw std::runtime_error("no pipe");
        to_host = Fd(in[1]);
        from_host = Fd(out[0]);
        near_in_ = Fd(in[0]);
        near_out_ = Fd(out[1]);
        thread_ = std::thread([this, silence] {
            PipeLink link(near_in_.get(), near_out_.get(), clock_, silence);
            OneShot one_shot(link, clock_, {.ledger = folder.path() + "/ledger", .facts = folder.path()},
                             [this] { left = true; });
            why = one_shot.run();
            near_out_.close();
        });
    }
    ~FakeHost() {
        to_host.close();
        thread_.join();
    }
    void send(const PipeFrame& frame) { write_all(to_host, to_bytes(frame), "the pipe"); }
    JobId command(const std::string& operation, const Value& body) {
        JobCommand command;
        command.job = JobId(*JobId::Raw::from(std::string(15, 'j') + static_cast<char>('a' + jobs_++)));
        command.operation = operation;
        command.body = body;
        send({PipeType::command, write_json(to_value(command))});
        return command.job;
    }
    JobId shell(const std::string& line) {
        CmdBody body;
        body.shell = line;
        return command("cmd", to_value(body));
    }
    // The next frame that is no heartbeat; nothing at the end.
    std::optional<PipeFrame> next() {
        for (;;) {
            while (auto frame = reader_.next())
                if (frame->type != PipeType::heartbeat) return frame;
            std::array<char, 4'096> buffer;
            const ssize_t size = ::read(from_host.get(), buffer.data(), buffer.size());
            if (size <= 0) return std::nullopt;
            reader_.add(std::string_view(buffer.data(), static_cast<std::size_t>(size)));
        }
    }
    JobResult result() {
        for (;;) {
            const auto frame = next();
            if (!frame) throw Error(ErrorKind::missing, "the host ended without a result");
            if (frame->type == PipeType::result) return job_result_from(read_json(frame->payload));
        }
    }
    void join() {
        to_host.close();
        thread_.join();
        thread_ = std::thread([] {});
    }

    TemporaryFolder folder;
    Fd to_host, from_host;
    std::atomic<bool> left{false};
    std::string why;

  private:
    SystemClock clock_;
    Fd near_in_, near_out_;
    std::thread thread_;
    PipeReader reader_;
    int jobs_ = 0;
};

}  // namespace

TEST_CASE("commands are done in the order in which they come, each with one result", "[oneshot]") {
    FakeHost host;
    const JobId first = host.shell("exit 3");
    const JobId second = host.command("ping", Value::object());
    const JobId third = host.command("dance", Value::object());
    const JobResult one = host.result(), two = host.result(), three = host.result();
    CHECK(one.job == first);
    CHECK(one.reason == "exit code 3");
    CHECK(two.job == second);
    CHECK(two.end == JobResult::End::done);
    CHECK(three.job == third);
    CHECK(three.end == JobResult::End::refused);
}

TEST_CASE("output comes while a command runs", "[oneshot]") {
    FakeHost host;
    host.shell("echo hello; read never");
    const auto frame = host.next();
    REQUIRE(frame->type == PipeType::event);
    const JobEvent event = job_event_from(read_json(frame->payload));
    CHECK(event.output.bytes == "hello\n");
}

TEST_CASE("a command is told to stop by its job's id, and another's id stops nothing", "[oneshot]") {
    FakeHost host;
    const JobId job = host.shell("echo begun; sleep 60");
    (void)host.next();
    host.send({PipeType::cancel, write_json(to_value(Cancel{JobId(*JobId::Raw::from(std::string(16, 'x'))), ""}))});
    host.send({PipeType::cancel, write_json(to_value(Cancel{job, "somebody"}))});
    const JobResult result = host.result();
    CHECK(result.end == JobResult::End::cancelled);
}

TEST_CASE("P31 when the connection ends, what runs is ended with all it started", "[oneshot]") {
    const std::string mark = "96.5" + std::to_string(::getpid());
    {
        FakeHost host;
        host.shell("echo begun; setsid sleep " + mark + " & sleep " + mark);
        (void)host.next();
        CHECK(count_processes(mark) > 0);
        host.join();
        CHECK(host.why == "the connection was closed");
        CHECK_FALSE(host.left);
    }
    CHECK(comes_true(std::chrono::seconds(3), [&] { return count_processes(mark) == 0; }));
}

TEST_CASE("P31 silence is the end of the connection, too: a cut cable closes no pipe", "[oneshot]") {
    const std::string mark = "95.4" + std::to_string(::getpid());
    FakeHost host(Milliseconds(1'500));
    host.shell("echo begun; sleep " + mark);
    (void)host.next();
    while (host.next()) {
    }
    CHECK(host.why == "nothing was heard for 1.5 s");
    CHECK(count_processes(mark) == 0);
}

TEST_CASE("heartbeats are a sign of life", "[oneshot]") {
    FakeHost host(Milliseconds(1'500));
    for (int i = 0; i < 6; ++i) {
        std::this_thread::sleep_for(std::chrono::milliseconds(500));
        host.send({PipeType::heartbeat, ""});
    }
    host.command("ping", Value::object());
    CHECK(host.result().end == JobResult::End::done);
}

TEST_CASE("what is no frame, no message, or not for prove-exec ends the connection, and nothing is done", "[oneshot]") {
    for (const std::string& bytes :
         {std::string("hello there\n"), to_bytes({PipeType::command, "{"}),
          to_bytes({PipeType::command, "{\"job\": 1}"}), to_bytes({PipeType::command, "[]"})}) {
        FakeHost host;
        write_all(host.to_host, bytes, "the pipe");
        CHECK_FALSE(host.next());
        CHECK_FALSE(host.why.empty());
        CHECK(host.why != "the connection was closed");
    }
}

TEST_CASE("a command that is cut in the middle by the end of the connection is not begun", "[oneshot]") {
    const TemporaryFolder folder;
    FakeHost host;
    CmdBody body;
    body.shell = "touch " + folder.path() + "/begun";
    JobCommand command;
    command.job = JobId(*JobId::Raw::from(std::string(16, 'j')));
    command.operation = "cmd";
    command.body = to_value(body);
    const std::string bytes = to_bytes({PipeType::command, write_json(to_value(command))});
    write_all(host.to_host, bytes.substr(0, bytes.size() - 1), "the pipe");
    host.join();
    CHECK_FALSE(exists(folder.path() + "/begun"));
}
