// Boost.Beast over a Unix socket. One thread runs the loop; a Connection reads one request after the other and answers
// each through a ConnectionReply. What Beast 1.74 lets through and must not (F13) is refused in `objection`.
#include "master/api/http_server.hpp"

#include <utility>

#include <boost/asio/io_context.hpp>
#include <boost/asio/local/stream_protocol.hpp>
#include <boost/asio/post.hpp>
#include <boost/asio/steady_timer.hpp>
#include <boost/beast/core/basic_stream.hpp>
#include <boost/beast/core/flat_buffer.hpp>
#include <boost/beast/http.hpp>

#include <atomic>
#include <deque>
#include <optional>
#include <set>
#include <thread>

#include <grp.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <unistd.h>

#include "proto/error.hpp"

namespace asio = boost::asio;
namespace beast = boost::beast;
namespace http = boost::beast::http;
using Local = asio::local::stream_protocol;

namespace prove {

namespace {

PeerCredentials credentials_of(Local::socket& socket) {
    ucred peer{};
    socklen_t size = sizeof peer;
    if (getsockopt(socket.native_handle(), SOL_SOCKET, SO_PEERCRED, &peer, &size) != 0)
        throw system_error("cannot learn who is at the other end of the API's socket", errno);
    return {peer.uid, peer.gid, peer.pid};
}

// What is wrong with a header that Beast accepted; empty when nothing is.
std::string objection(const http::request<http::string_body>& request, const HttpLimits& limits) {
    std::size_t fields = 0, hosts = 0;
    for (const auto& field : request) {
        ++fields;
        if (field.name() == http::field::host) ++hosts;
        if (field.name() == http::field::transfer_encoding && !beast::iequals(field.value(), "chunked"))
            return "only the transfer encoding 'chunked' is understood";
    }
    if (fields > limits.fields) return "more than " + std::to_string(limits.fields) + " header fields";
    if (hosts != 1) return "exactly one Host field is needed, found " + std::to_string(hosts);
    if (request.count(http::field::content_length) > 1) return "more than one Content-Length field";
    if (request.target().size() > limits.target_bytes) return "the request target is too long";
    return "";
}

}  // namespace

struct HttpServer::Loop {
    Loop(const HttpLimits& l, HttpHandler h, Logger g) : limits(l), handler(std::move(h)), log(std::move(g)) {}

    const HttpLimits limits;
    const HttpHandler handler;
    const Logger log;
    std::string path;
    asio::io_context context{1};
    Local::acceptor acceptor{context};
    asio::steady_timer accept_pause{context};
    std::set<class Connection*> connections;
    std::size_t streams = 0;
    bool stopping = false;
    std::thread thread;

    void listen(const HttpSocket& socket);
    void accept();
};

class Connection : public std::enable_shared_from_this<Connection> {
 public:
    Connection(HttpServer::Loop& loop, Local::socket socket)
        : loop_(loop), peer_(credentials_of(socket)), stream_(std::move(socket)) {
        loop_.connections.insert(this);
    }
    ~Connection() {
        loop_.connections.erase(this);
        if (streaming_) --loop_.streams;
    }

    void read_request(std::chrono::milliseconds patience) {
        answered_ = false;
        parser_.emplace();
        parser_->header_limit(static_cast<std::uint32_t>(loop_.limits.header_bytes));
        parser_->body_limit(loop_.limits.body_bytes);
        if (buffer_.size() > 0) return read_header();
        stream_.expires_after(patience);
        stream_.async_read_some(buffer_.prepare(4096), [self = shared_from_this()](beast::error_code error, std::size_t n) {
            if (error) return self->close();
            self->buffer_.commit(n);
            self->read_header();
        });
    }

    void answer(HttpResponse response) {
        if (answered_ || closed_) return;
        answered_ = true;
        auto message = std::make_shared<http::response<http::string_body>>();
        message->version(11);
        message->result(static_cast<unsigned>(response.status));
        message->set(http::field::server, "prove-master");
        message->set(http::field::content_type, response.content_type);
        message->keep_alive(keep_alive_ && !loop_.stopping);
        message->body() = std::move(response.body);
        message->prepare_payload();
        stream_.expires_after(loop_.limits.write_time);
        http::async_write(stream_, *message, [self = shared_from_this(), message](beast::error_code error, std::size_t) {
            if (error || !message->keep_alive()) return self->close();
            self->read_request(self->loop_.limits.idle_time);
        });
    }

    void begin_stream(const std::string& content_type) {
        if (answered_ || closed_) return;
        if (loop_.streams >= loop_.limits.streams)
            return answer(problem(503, "too many streams", "too many event streams are open; close one and try again"));
        answered_ = true;
        streaming_ = true;
        ++loop_.streams;
        header_.emplace();
        header_->version(11);
        header_->result(http::status::ok);
        header_->set(http::field::server, "prove-master");
        header_->set(http::field::content_type, content_type);
        header_->set(http::field::cache_control, "no-store");
        header_->keep_alive(false);
        header_->chunked(true);
        serializer_.emplace(*header_);
        busy_ = true;
        stream_.expires_after(loop_.limits.write_time);
        http::async_write_header(stream_, *serializer_, [self = shared_from_this()](beast::error_code error, std::size_t) {
            if (error) return self->close();
            self->wrote();
        });
        watch_for_close();
    }

    void write(std::string chunk, std::function<void()> written) {
        if (!streaming_ || closed_) return;
        queue_.push_back({std::move(chunk), std::move(written), false});
        pump();
    }

    void finish() {
        if (!streaming_ || closed_) return;
        queue_.push_back({{}, {}, true});
        pump();
    }

    void on_close(std::function<void()> callback) {
        if (closed_) return callback();
        on_close_ = std::move(callback);
    }

    bool answered() const { return answered_; }
    bool streaming() const { return streaming_; }
    void close();

 private:
    struct Chunk {
        std::string bytes;
        std::function<void()> written;
        bool last = false;
    };

    void read_header();
    void read_body();
    void handle();
    void refuse(int status, const std::string& detail) {
        keep_alive_ = false;
        answer(problem(status, "the request was refused", detail));
    }
    void refuse_for(beast::error_code error);

    void pump() {
        if (busy_ || queue_.empty() || closed_) return;
        busy_ = true;
        stream_.expires_after(loop_.limits.write_time);
        const auto done = [self = shared_from_this()](beast::error_code error, std::size_t) {
            if (error) return self->close();
            self->wrote();
        };
        if (queue_.front().last) {
            asio::async_write(stream_, http::make_chunk_last(), done);
        } else {
            asio::async_write(stream_, http::make_chunk(asio::buffer(queue_.front().bytes)), done);
        }
        writing_ = true;
    }

    void wrote() {
        busy_ = false;
        if (writing_) {
            writing_ = false;
            Chunk chunk = std::move(queue_.front());
            queue_.pop_front();
            if (chunk.last) return close();
            if (chunk.written) chunk.written();
        }
        pump();
    }

    // During a stream nothing more is to come from the client; anything, its end above all, ends the stream.
    void watch_for_close() {
        stream_.expires_never();
        stream_.async_read_some(asio::buffer(&probe_, 1), [self = shared_from_this()](beast::error_code, std::size_t) {
            self->close();
        });
    }

    HttpServer::Loop& loop_;
    const PeerCredentials peer_;
    beast::basic_stream<Local> stream_;
    beast::flat_buffer buffer_;
    std::optional<http::request_parser<http::string_body>> parser_;
    std::optional<http::response<http::empty_body>> header_;
    std::optional<http::response_serializer<http::empty_body>> serializer_;
    std::deque<Chunk> queue_;
    std::function<void()> on_close_;
    char probe_ = 0;
    bool keep_alive_ = true, answered_ = false, streaming_ = false, busy_ = false, writing_ = false, closed_ = false;
};

namespace {

// Hands every call over to the server's thread; answers 500 when it goes away unanswered.
class ConnectionReply final : public HttpReply {
 public:
    ConnectionReply(asio::io_context& context, std::shared_ptr<Connection> connection)
        : context_(context), connection_(std::move(connection)) {}
    ~ConnectionReply() override {
        asio::post(context_, [connection = std::move(connection_)] {
            if (connection->answered()) return;
            connection->answer(problem(500, "no answer", "a fault of Prove's own: the request was left unanswered"));
        });
    }
    void send(HttpResponse response) override {
        asio::post(context_, [c = connection_, r = std::move(response)]() mutable { c->answer(std::move(r)); });
    }
    void begin_stream(const std::string& content_type) override {
        asio::post(context_, [c = connection_, content_type] { c->begin_stream(content_type); });
    }
    void write(std::string chunk, std::function<void()> written) override {
        asio::post(context_, [c = connection_, b = std::move(chunk), w = std::move(written)]() mutable {
            c->write(std::move(b), std::move(w));
        });
    }
    void finish() override {
        asio::post(context_, [c = connection_] { c->finish(); });
    }
    void on_close(std::function<void()> callback) override {
        asio::post(context_, [this_closed = closed_, c = connection_, f = std::move(callback)]() mutable {
            c->on_close([this_closed, g = std::move(f)] {
                this_closed->store(true);
                if (g) g();
            });
        });
    }
    bool closed() const override { return closed_->load(); }
    void post(std::function<void()> work) override { asio::post(context_, std::move(work)); }

 private:
    asio::io_context& context_;
    std::shared_ptr<Connection> connection_;
    std::shared_ptr<std::atomic<bool>> closed_ = std::make_shared<std::atomic<bool>>(false);
};

}  // namespace

void Connection::close() {
    if (closed_) return;
    closed_ = true;
    beast::error_code ignored;
    stream_.socket().shutdown(Local::socket::shutdown_both, ignored);
    stream_.close();
    queue_.clear();
    if (const auto callback = std::exchange(on_close_, nullptr)) callback();
}

void Connection::read_header() {
    stream_.expires_after(loop_.limits.header_time);
    http::async_read_header(stream_, buffer_, *parser_, [self = shared_from_this()](beast::error_code error, std::size_t) {
        if (error) return self->refuse_for(error);
        const auto& request = self->parser_->get();
        self->keep_alive_ = request.keep_alive();
        if (const std::string wrong = objection(request, self->loop_.limits); !wrong.empty())
            return self->refuse(400, wrong);
        self->read_body();
    });
}

void Connection::read_body() {
    stream_.expires_after(loop_.limits.body_time);
    http::async_read(stream_, buffer_, *parser_, [self = shared_from_this()](beast::error_code error, std::size_t) {
        if (error) return self->refuse_for(error);
        self->handle();
    });
}

void Connection::refuse_for(beast::error_code error) {
    if (error == http::error::header_limit) return refuse(431, "the request's header is larger than allowed");
    if (error == http::error::body_limit) return refuse(413, "the request's body is larger than allowed");
    if (error == beast::error::timeout) {
        loop_.log.warning("a request was too slow", {{"uid", static_cast<long>(peer_.uid)}});
        return close();
    }
    if (error.category() == http::make_error_code(http::error::bad_version).category() &&
        error != http::error::end_of_stream && error != http::error::partial_message)
        return refuse(400, "the request is not well-formed HTTP/1.1");
    close();
}

void Connection::handle() {
    auto message = parser_->release();
    const std::string target(message.target());
    const std::size_t mark = std::min(target.find('?'), target.size());
    const auto path = decode_path(target.substr(0, mark));
    const auto query = decode_query(mark < target.size() ? target.substr(mark + 1) : "");
    if (!path || !query) return refuse(400, "the request's path or query is not well-formed");

    HttpRequest request;
    request.method = std::string(message.method_string());
    request.path = *path;
    request.query = *query;
    request.body = std::move(message.body());
    request.accept = std::string(message[http::field::accept]);
    request.peer = peer_;
    loop_.handler(std::move(request), std::make_shared<ConnectionReply>(loop_.context, shared_from_this()));
}

void HttpServer::Loop::listen(const HttpSocket& socket) {
    path = socket.path;
    sockaddr_un limit{};
    if (path.size() >= sizeof limit.sun_path)
        throw Error(ErrorKind::usage, "the socket's path '" + path + "' is too long: at most " +
                                          std::to_string(sizeof limit.sun_path - 1) + " bytes; set another `runtime` folder");
    {
        Local::socket probe(context);
        beast::error_code error;
        probe.connect(Local::endpoint(path), error);
        if (!error) throw Error(ErrorKind::refused, "another prove-master answers on '" + path + "'");
        if (error == asio::error::connection_refused) ::unlink(path.c_str());
    }
    try {
        acceptor.open();
        acceptor.bind(Local::endpoint(path));
        if (::chmod(path.c_str(), socket.mode) != 0) throw system_error("cannot set the mode of '" + path + "'", errno);
        if (!socket.group.empty()) {
            const group* found = ::getgrnam(socket.group.c_str());
            if (found == nullptr) throw Error(ErrorKind::missing, "there is no group '" + socket.group + "' for '" + path + "'");
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
    acceptor.async_accept([this](beast::error_code error, Local::socket socket) {
        if (stopping || error == asio::error::operation_aborted) return;
        if (error) {
            // Out of descriptors: the listener stays readable, so accepting at once again would spin.
            log.warning("cannot accept a connection to the API", {{"why", error.message()}});
            accept_pause.expires_after(std::chrono::milliseconds(200));
            accept_pause.async_wait([this](beast::error_code) { if (!stopping) accept(); });
            return;
        }
        if (connections.size() < limits.connections) {
            try {
                std::make_shared<Connection>(*this, std::move(socket))->read_request(limits.header_time);
            } catch (const Error& refused) {
                log.warning("a connection to the API was dropped", {{"why", refused.text()}});
            }
        } else {
            log.warning("a connection to the API was dropped: too many are open");
        }
        accept();
    });
}

HttpServer::HttpServer(const HttpSocket& socket, const HttpLimits& limits, HttpHandler handler, Logger log)
    : loop_(std::make_unique<Loop>(limits, std::move(handler), std::move(log))) {
    loop_->listen(socket);
    loop_->thread = std::thread([loop = loop_.get()] { loop->context.run(); });
}

HttpServer::~HttpServer() {
    asio::steady_timer deadline(loop_->context);
    asio::post(loop_->context, [loop = loop_.get(), &deadline] {
        loop->stopping = true;
        beast::error_code ignored;
        loop->acceptor.close(ignored);
        loop->accept_pause.cancel();
        deadline.expires_after(std::chrono::seconds(2));
        deadline.async_wait([loop](beast::error_code) {
            const auto open = loop->connections;
            for (Connection* connection : open) connection->close();
        });
        if (loop->connections.empty()) deadline.cancel();
    });
    loop_->thread.join();
    ::unlink(loop_->path.c_str());
}

void HttpServer::post(std::function<void()> work) { asio::post(loop_->context, std::move(work)); }

}  // namespace prove
