// Listening, accepting and stopping. A Connection (http_connection.cpp) does the rest.
#include "master/api/http_server.hpp"

#include <thread>

#include <grp.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <unistd.h>

#include "master/api/http_connection.hpp"
#include "proto/error.hpp"

namespace asio = boost::asio;
namespace beast = boost::beast;

namespace prove {

namespace {

constexpr std::chrono::seconds time_to_finish{2};

// Who comes when too many are there is told so, if the socket takes it at once, and let go.
void turn_away(LocalSocket::socket& socket) {
    const HttpResponse response =
        problem(503, "too many connections", "too many connections are open; close one and try again");
    const std::string text = "HTTP/1.1 503 Service Unavailable\r\nContent-Type: " + response.content_type +
                             "\r\nConnection: close\r\nContent-Length: " + std::to_string(response.body.size()) +
                             "\r\n\r\n" + response.body;
    (void)::send(socket.native_handle(), text.data(), text.size(), MSG_DONTWAIT | MSG_NOSIGNAL);
}

}  // namespace

struct HttpServer::Loop : HttpLoop {
    using HttpLoop::HttpLoop;

    std::string path;
    LocalSocket::acceptor acceptor{context};
    asio::steady_timer accept_pause{context};
    asio::steady_timer deadline{context};
    std::thread thread;

    void listen(const HttpSocket& socket);
    void accept();
    void take(LocalSocket::socket socket);
    void stop();
};

void HttpServer::Loop::listen(const HttpSocket& socket) {
    path = socket.path;
    sockaddr_un limit{};
    if (path.size() >= sizeof limit.sun_path)
        throw Error(ErrorKind::usage, "the socket's path '" + path + "' is too long: at most " +
                                          std::to_string(sizeof limit.sun_path - 1) +
                                          " bytes; set another `runtime` folder");
    {
        LocalSocket::socket probe(context);
        beast::error_code error;
        probe.connect(LocalSocket::endpoint(path), error);
        if (!error) throw Error(ErrorKind::refused, "another prove-master answers on '" + path + "'");
        if (error == asio::error::connection_refused) ::unlink(path.c_str());
    }
    try {
        acceptor.open();
        acceptor.bind(LocalSocket::endpoint(path));
        if (::chmod(path.c_str(), socket.mode) != 0) throw system_error("cannot set the mode of '" + path + "'", errno);
        if (!socket.group.empty()) {
            const group* found = ::getgrnam(socket.group.c_str());
            if (found == nullptr)
                throw Error(ErrorKind::missing, "there is no group '" + socket.group + "' for '" + path + "'");
            if (::chown(path.c_str(), static_cast<uid_t>(-1), found->gr_gid) != 0)
                throw system_error("cannot give '" + path + "' to the group '" + socket.group + "'", errno);
        }
        acceptor.listen();
    } catch (const boost::system::system_error& error) {
        throw system_error("cannot listen on '" + path + "'", error.code().value());
    }
    accept();
}

void HttpServer::Loop::accept() {
    acceptor.async_accept([this](beast::error_code error, LocalSocket::socket socket) {
        if (stopping || error == asio::error::operation_aborted) return;
        if (error) {
            // Out of descriptors: the listener stays readable, so accepting at once again would spin.
            log.warning("cannot accept a connection to the API", {{"why", error.message()}});
            accept_pause.expires_after(std::chrono::milliseconds(200));
            accept_pause.async_wait([this](beast::error_code) {
                if (!stopping) accept();
            });
            return;
        }
        take(std::move(socket));
        accept();
    });
}

void HttpServer::Loop::take(LocalSocket::socket socket) {
    if (connections.size() >= limits.connections) {
        log.warning("a connection to the API was turned away: too many are open");
        return turn_away(socket);
    }
    try {
        std::make_shared<Connection>(*this, std::move(socket))->start();
    } catch (const Error& refused) {
        log.warning("a connection to the API was dropped", {{"why", refused.text()}});
    }
}

// The loop ends by itself when its last connection has gone.
void HttpServer::Loop::stop() {
    stopping = true;
    beast::error_code ignored;
    acceptor.close(ignored);
    accept_pause.cancel();
    for (const auto& connection : std::set(connections)) connection->stop();
    if (connections.empty()) return;
    on_last_closed = [this] { deadline.cancel(); };
    deadline.expires_after(time_to_finish);
    deadline.async_wait([this](beast::error_code) {
        for (const auto& connection : std::set(connections)) connection->close();
    });
}

HttpServer::HttpServer(const HttpSocket& socket, const HttpLimits& limits, HttpHandler handler, Logger log)
    : loop_(std::make_unique<Loop>(limits, std::move(handler), std::move(log))) {
    loop_->listen(socket);
    loop_->thread = std::thread([loop = loop_.get()] { loop->context.run(); });
}

HttpServer::~HttpServer() {
    asio::post(loop_->context, [loop = loop_.get()] { loop->stop(); });
    loop_->thread.join();
    loop_->gate->close();
    ::unlink(loop_->path.c_str());
}

void HttpServer::post(std::function<void()> work) {
    loop_->gate->post(std::move(work));
}

}  // namespace prove
