// The local door's thread: a poll over signals, its socket and the few who ask.
#include "agent/daemon/control.hpp"

#include <poll.h>
#include <signal.h>
#include <sys/signalfd.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/un.h>
#include <unistd.h>

#include <cerrno>
#include <cstring>
#include <deque>
#include <list>
#include <mutex>
#include <thread>
#include <vector>

#include "common/files/fd.hpp"
#include "common/files/files.hpp"
#include "common/transport/wake.hpp"

namespace prove {

namespace {

constexpr std::size_t most_request_bytes = 64u << 10;
constexpr std::size_t most_clients = 16;

sockaddr_un address_of(const std::string& path) {
    sockaddr_un address{};
    address.sun_family = AF_UNIX;
    if (path.size() >= sizeof(address.sun_path))
        throw Error(ErrorKind::usage, "the path of the socket is too long for the system: '" + path + "'");
    std::memcpy(address.sun_path, path.c_str(), path.size() + 1);
    return address;
}

Fd unix_socket() {
    Fd fd(::socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0));
    if (!fd) throw system_error("cannot make a socket", errno);
    return fd;
}

sigset_t handled_signals() {
    sigset_t set;
    sigemptyset(&set);
    for (const int signal : {SIGTERM, SIGINT, SIGUSR1}) sigaddset(&set, signal);
    return set;
}

Fd listen_at(const std::string& path) {
    make_private_folder(parent_of(path));
    const auto address = address_of(path);
    ::unlink(path.c_str());              // the data folder's lock says that no other agent of ours runs
    Fd fd = unix_socket();
    if (::bind(fd.get(), reinterpret_cast<const sockaddr*>(&address), sizeof(address)) != 0)
        throw system_error("cannot listen at '" + path + "'", errno);
    if (::chmod(path.c_str(), 0600) != 0 || ::listen(fd.get(), 16) != 0)
        throw system_error("cannot listen at '" + path + "'", errno);
    return fd;
}

// Root, or whoever runs the agent; the socket's folder lets nobody else through anyway.
bool may_ask(const Fd& client) {
    ucred peer{};
    socklen_t size = sizeof(peer);
    if (::getsockopt(client.get(), SOL_SOCKET, SO_PEERCRED, &peer, &size) != 0) return false;
    return peer.uid == 0 || peer.uid == ::geteuid();
}

void send_line(const Fd& fd, const std::string& line) {
    std::string_view rest = line;
    while (!rest.empty()) {
        const auto sent = ::send(fd.get(), rest.data(), rest.size(), MSG_NOSIGNAL);
        if (sent < 0 && errno == EINTR) continue;
        if (sent <= 0) return;           // gone, or too slow
        rest.remove_prefix(static_cast<std::size_t>(sent));
    }
}

}  // namespace

class ControlServer::Loop {
 public:
    Loop(const std::string& path, Handlers handlers, const Logger& log)
        : path_(path), handlers_(std::move(handlers)), log_(log), listener_(listen_at(path)), replies_(std::make_shared<Replies>()) {
        const auto set = handled_signals();
        signals_ = Fd(::signalfd(-1, &set, SFD_CLOEXEC | SFD_NONBLOCK));
        if (!signals_) throw system_error("cannot listen to signals", errno);
        thread_ = std::thread([this] { run(); });
    }
    ~Loop() {
        {
            const std::lock_guard lock(replies_->mutex);
            replies_->stopping = true;
        }
        replies_->wake.signal();
        thread_.join();
        ::unlink(path_.c_str());
    }
    Loop(const Loop&) = delete;
    Loop& operator=(const Loop&) = delete;

 private:
    struct Client {
        Fd fd;
        std::uint64_t number = 0;
        std::string request;
        bool asked = false;
    };
    // Outlives the server, since a reply may be held longer.
    struct Replies {
        std::mutex mutex;
        std::deque<std::pair<std::uint64_t, std::string>> lines;
        bool stopping = false;
        Wake wake;
    };

    void run() {
        while (true) {
            std::vector<pollfd> polled{{replies_->wake.fd(), POLLIN, 0}, {signals_.get(), POLLIN, 0}, {listener_.get(), POLLIN, 0}};
            for (const auto& client : clients_) polled.push_back({client.fd.get(), POLLIN, 0});
            if (::poll(polled.data(), polled.size(), -1) < 0 && errno != EINTR) return;
            if (polled[1].revents != 0) take_signals();
            if (polled[0].revents != 0) replies_->wake.clear();
            if (!send_replies()) return;
            std::size_t at = 3;
            for (auto client = clients_.begin(); client != clients_.end() && at < polled.size(); ++at) {
                const bool gone = polled[at].revents != 0 && !read_from(*client);
                client = gone ? clients_.erase(client) : std::next(client);
            }
            if (polled[2].revents != 0) take_client();
        }
    }

    void take_signals() {
        signalfd_siginfo info{};
        while (::read(signals_.get(), &info, sizeof(info)) == static_cast<ssize_t>(sizeof(info)))
            handlers_.signal(static_cast<int>(info.ssi_signo));
    }

    void take_client() {
        Fd fd(::accept4(listener_.get(), nullptr, nullptr, SOCK_CLOEXEC));
        if (!fd || clients_.size() >= most_clients || !may_ask(fd)) return;
        const timeval patience{5, 0};
        ::setsockopt(fd.get(), SOL_SOCKET, SO_SNDTIMEO, &patience, sizeof(patience));
        clients_.push_back({std::move(fd), ++numbers_, {}, false});
    }

    // False where the client is gone or talks nonsense. After its request only its end is waited for.
    bool read_from(Client& client) {
        char buffer[4'096];
        const auto got = ::recv(client.fd.get(), buffer, sizeof(buffer), MSG_DONTWAIT);
        if (got < 0) return errno == EINTR || errno == EAGAIN;
        if (got == 0 || client.asked) return false;
        client.request.append(buffer, static_cast<std::size_t>(got));
        if (client.request.size() > most_request_bytes) return false;
        const auto end = client.request.find('\n');
        if (end == std::string::npos) return true;
        client.asked = true;
        ask(client.number, client.request.substr(0, end));
        return true;
    }

    void ask(std::uint64_t number, const std::string& line) {
        const auto answer = [replies = replies_, number](const char* kind, Value value) {
            Value reply = Value::object();
            reply.set(kind, std::move(value));
            const std::lock_guard lock(replies->mutex);
            replies->lines.emplace_back(number, write_json(reply) + "\n");
            replies->wake.signal();
        };
        const Fail fail = [answer](const std::string& error) { answer("error", Value(error)); };
        try {
            handlers_.request(read_json(line), [answer](Value ok) { answer("ok", std::move(ok)); }, fail);
        } catch (const Error& error) {
            fail(error.text());
        }
    }

    bool send_replies() {
        std::deque<std::pair<std::uint64_t, std::string>> lines;
        bool stopping = false;
        {
            const std::lock_guard lock(replies_->mutex);
            lines.swap(replies_->lines);
            stopping = replies_->stopping;
        }
        for (const auto& [number, line] : lines)
            for (auto client = clients_.begin(); client != clients_.end(); ++client)
                if (client->number == number) {
                    send_line(client->fd, line);
                    clients_.erase(client);
                    break;
                }
        return !stopping;
    }

    std::string path_;
    Handlers handlers_;
    Logger log_;
    Fd listener_;
    Fd signals_;
    std::shared_ptr<Replies> replies_;
    std::list<Client> clients_;
    std::uint64_t numbers_ = 0;
    std::thread thread_;
};

ControlServer::ControlServer(const std::string& socket_path, Handlers handlers, const Logger& log)
    : loop_(std::make_unique<Loop>(socket_path, std::move(handlers), log)) {}
ControlServer::~ControlServer() = default;

void ControlServer::block_signals() {
    const auto set = handled_signals();
    ::pthread_sigmask(SIG_BLOCK, &set, nullptr);
}

Value ask_agent(const std::string& socket_path, const Value& request) {
    const auto address = address_of(socket_path);
    const Fd fd = unix_socket();
    if (::connect(fd.get(), reinterpret_cast<const sockaddr*>(&address), sizeof(address)) != 0) {
        if (errno == EACCES) throw Error(ErrorKind::refused, "only root may ask prove-agent at '" + socket_path + "'");
        throw Error(ErrorKind::unavailable, "no prove-agent is running at '" + socket_path + "'");
    }
    send_line(fd, write_json(request) + "\n");
    const auto line = read_all(fd, 16u << 20, socket_path);
    if (line.empty()) throw Error(ErrorKind::unavailable, "prove-agent ended before it answered");
    const Value reply = read_json(std::string_view(line).substr(0, line.find('\n')), JsonLimits::state_run());
    if (const Value* error = reply.find("error")) throw Error(ErrorKind::failed, error->text());
    return reply.at("ok");
}

}  // namespace prove
