// Starting a render worker, and talking with it.
#include "master/render/worker_process.hpp"

#include <poll.h>
#include <sys/socket.h>

#include <array>
#include <cerrno>

#include "common/text/text.hpp"
#include "proto/value.hpp"

namespace prove {

namespace {

// A rendered text of 8 MiB, every byte of it escaped, and the lines' places.
constexpr std::size_t longest_frame = 64u << 20;
constexpr std::size_t shown_errors = 2000;

// Reads the modules as the first frame from descriptor 3, and imports them from there: nothing of ours has to be found
// on disk, what an engine needs is loaded when it is first used, and the process list shows a short line.
constexpr const char* bootstrap =
    "import sys\n"
    "sys.path[:]=[p for p in sys.path if p]\n"
    "import json,os\n"
    "from importlib.machinery import ModuleSpec\n"
    "def read(n):\n"
    "    d=b''\n"
    "    while len(d)<n:\n"
    "        p=os.read(3,n-len(d))\n"
    "        if not p: os._exit(0)\n"
    "        d+=p\n"
    "    return d\n"
    "texts=dict(json.loads(read(int.from_bytes(read(4),'big'))))\n"
    "class Ours:\n"
    "    def find_spec(self,name,path=None,target=None):\n"
    "        return ModuleSpec(name,self) if name in texts else None\n"
    "    def create_module(self,spec): return None\n"
    "    def exec_module(self,m): exec(compile(texts[m.__name__],m.__name__+'.py','exec'),m.__dict__)\n"
    "sys.meta_path.insert(0,Ours())\n"
    "import prove_worker\n"
    "prove_worker.main()\n";

std::string first_frame() {
    Value modules = Value::array();
    for (const WorkerModule& module : worker_modules()) modules.push(Value::List{module.name, module.text});
    return write_json(modules);
}

std::string settings_frame(const RenderLimits& limits) {
    Value settings = Value::object();
    settings.set("memory", static_cast<std::int64_t>(limits.memory));
    settings.set("output", static_cast<std::int64_t>(limits.output));
    settings.set("cpu", static_cast<std::int64_t>(limits.processor.count()));
    settings.set("wall", static_cast<std::int64_t>(limits.time.count()));
    return write_json(settings);
}

// What stays open to templates, as the worker says.
void refuse_open(const Value& open) {
    std::vector<std::string> what;
    for (const auto& one : open.list()) what.push_back(one.text());
    if (what.empty()) return;
    throw Error(ErrorKind::refused, "templates are not rendered: " + join_words(what) +
                                        " of this master would be open to them here; it takes a kernel with Landlock "
                                        "(5.13, Debian 12's has it) and seccomp on x86-64 or arm64");
}

}  // namespace

WorkerProcess::WorkerProcess(const RenderLimits& limits) {
    std::array<int, 2> ends{};
    if (::socketpair(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0, ends.data()) != 0)
        throw system_error("cannot make a socket for a render worker", errno);
    channel_ = Fd(ends[0]);
    const Fd theirs(ends[1]);
    ChildOptions options;
    // Not -I, which would not hear of the one variable that gives a set the same order in every worker. The environment is
    // ours, -s leaves out the home, and the bootstrap the folder: it is as shut in as with -I.
    options.argv = {"/usr/bin/python3", "-s", "-B", "-c", bootstrap};
    options.env = {{"PYTHONHASHSEED", "0"}};
    options.extra = {&theirs};
    try {
        process_ = std::make_unique<ChildProcess>(options);
    } catch (Error& error) {
        throw Error(ErrorKind::unavailable,
                    "a render worker cannot start: " + error.text() + "; templates need the package python3");
    }
    process_->input().close();
    try {
        const Deadline deadline = Deadline::after(clock_, limits.time);
        send(first_frame(), deadline);
        send(settings_frame(limits), deadline);
        const Value ready = read_json(receive(deadline));
        if (limits.must_be_fenced) refuse_open(ready.at("open"));
        used_ = false;
    } catch (const WorkerLost& gone) {
        // The last line of Python's own message says what is missing.
        const auto lines = split_lines(gone.text);
        throw Error(ErrorKind::unavailable, "a render worker cannot start: " + (lines.empty() ? "" : lines.back()));
    }
}

void WorkerProcess::lost() {
    process_->wait(Milliseconds(200));
    process_->kill();
    std::string said;
    try {
        said = read_all(process_->errors(), 64u << 10, "a render worker's errors");
    } catch (const Error&) {
        // Only words for a message are missing then.
    }
    const auto end = process_->ended();
    if (said.size() > shown_errors) said.erase(0, said.size() - shown_errors);
    throw WorkerLost{WorkerLost::Why::ended, trim(said).empty() ? end.value_or("it is gone") : std::string(trim(said))};
}

void WorkerProcess::wait(short events, const Deadline& deadline) {
    for (;;) {
        pollfd waiting = {channel_.get(), events, 0};
        const int ready = ::poll(&waiting, 1, deadline.poll_ms(clock_));
        if (ready > 0) return;
        if (ready < 0 && errno != EINTR) lost();
        if (deadline.passed(clock_)) {
            process_->kill();
            throw WorkerLost{WorkerLost::Why::time, "no answer in time"};
        }
    }
}

void WorkerProcess::send(std::string_view frame, const Deadline& deadline) {
    const std::size_t size = frame.size();
    std::string bytes = {static_cast<char>(size >> 24), static_cast<char>(size >> 16), static_cast<char>(size >> 8),
                         static_cast<char>(size)};
    bytes += frame;
    std::string_view rest = bytes;
    while (!rest.empty()) {
        wait(POLLOUT, deadline);
        const ssize_t written = ::send(channel_.get(), rest.data(), rest.size(), MSG_NOSIGNAL | MSG_DONTWAIT);
        if (written > 0)
            rest.remove_prefix(static_cast<std::size_t>(written));
        else if (errno != EINTR && errno != EAGAIN)
            lost();
    }
}

void WorkerProcess::read(char* to, std::size_t size, const Deadline& deadline) {
    while (size > 0) {
        wait(POLLIN, deadline);
        const ssize_t got = ::recv(channel_.get(), to, size, MSG_DONTWAIT);
        if (got > 0) {
            to += got;
            size -= static_cast<std::size_t>(got);
        } else if (got == 0 || (errno != EINTR && errno != EAGAIN)) {
            lost();
        }
    }
}

std::string WorkerProcess::receive(const Deadline& deadline) {
    std::array<unsigned char, 4> header{};
    read(reinterpret_cast<char*>(header.data()), header.size(), deadline);
    const std::size_t size =
        (std::size_t{header[0]} << 24) | (std::size_t{header[1]} << 16) | (std::size_t{header[2]} << 8) | header[3];
    if (size > longest_frame) {
        process_->kill();
        throw WorkerLost{WorkerLost::Why::ended, "it answered with more than 64 MiB"};
    }
    std::string frame(size, '\0');
    read(frame.data(), size, deadline);
    used_ = true;
    return frame;
}

}  // namespace prove
