// One connection: reading, limits, answering, streaming. What Beast 1.74 lets through and must not (F13) is refused in
// `objection`.
#include "master/api/http_connection.hpp"

#include <sys/socket.h>

#include "proto/error.hpp"

namespace asio = boost::asio;
namespace beast = boost::beast;
namespace http = boost::beast::http;

namespace prove {

namespace {

PeerCredentials credentials_of(LocalSocket::socket& socket) {
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
    if (request.version() != 11) return "only HTTP/1.1 is understood";
    if (fields > limits.fields) return "more than " + std::to_string(limits.fields) + " header fields";
    if (hosts != 1) return "exactly one Host field is needed, found " + std::to_string(hosts);
    if (request.count(http::field::content_length) > 1) return "more than one Content-Length field";
    if (request.target().size() > limits.target_bytes) return "the request target is too long";
    return "";
}

}  // namespace

Connection::Connection(HttpLoop& loop, LocalSocket::socket socket)
    : loop_(loop), peer_(credentials_of(socket)), stream_(std::move(socket)) {}

void Connection::start() {
    loop_.connections.insert(shared_from_this());
    read_request(loop_.limits.header_time);
}

void Connection::stop() {
    if (idle_ || streaming_) close();
}

void Connection::close() {
    if (closed_) return;
    closed_ = true;
    const auto self = shared_from_this();  // the set's may be the last one
    beast::error_code ignored;
    stream_.socket().shutdown(LocalSocket::socket::shutdown_both, ignored);
    stream_.close();
    if (streaming_) --loop_.streams;
    loop_.connections.erase(self);
    if (const auto callback = std::exchange(on_close_, nullptr)) callback();
    if (loop_.connections.empty() && loop_.on_last_closed) loop_.on_last_closed();
}

void Connection::read_request(std::chrono::milliseconds patience) {
    answered_ = false;
    parser_.emplace();
    parser_->header_limit(static_cast<std::uint32_t>(loop_.limits.header_bytes));
    parser_->body_limit(std::max(loop_.limits.body_bytes, loop_.limits.content_bytes));  // until its path is known
    idle_ = buffer_.size() == 0;
    if (!idle_) return read_header();
    stream_.expires_after(patience);
    stream_.async_read_some(buffer_.prepare(4096), [self = shared_from_this()](beast::error_code error, std::size_t n) {
        if (error || self->closed_) return self->close();
        self->idle_ = false;
        self->buffer_.commit(n);
        self->read_header();
    });
}

void Connection::read_header() {
    stream_.expires_after(loop_.limits.header_time);
    http::async_read_header(stream_, buffer_, *parser_,
                            [self = shared_from_this()](beast::error_code error, std::size_t) {
                                if (error) return self->refuse_for(error);
                                const auto& request = self->parser_->get();
                                self->keep_alive_ = request.keep_alive();
                                if (const std::string wrong = objection(request, self->loop_.limits); !wrong.empty())
                                    return self->refuse(400, wrong);
                                const bool large = request.target() == contents_path;
                                const std::size_t most =
                                    large ? self->loop_.limits.content_bytes : self->loop_.limits.body_bytes;
                                if (self->parser_->content_length().value_or(0) > most)
                                    return self->refuse_for(http::error::body_limit);
                                self->parser_->body_limit(most);
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

void Connection::refuse(int status, const std::string& detail) {
    keep_alive_ = false;
    answer(problem(status, "the request was refused", detail));
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
    loop_.handler(std::move(request), make_reply(loop_, shared_from_this()));
}

void Connection::answer(HttpResponse response) {
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
        if (error || !message->keep_alive() || self->loop_.stopping || self->closed_) return self->close();
        self->read_request(self->loop_.limits.idle_time);
    });
}

void Connection::begin_stream(const std::string& content_type) {
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

void Connection::write(std::string chunk, std::function<void()> written) {
    if (!streaming_ || closed_) return;
    queue_.push_back({std::move(chunk), std::move(written), false});
    pump();
}

void Connection::finish() {
    if (!streaming_ || closed_) return;
    queue_.push_back({{}, {}, true});
    pump();
}

void Connection::on_close(std::function<void()> callback) {
    if (closed_) return callback();
    on_close_ = std::move(callback);
}

void Connection::pump() {
    if (busy_ || queue_.empty() || closed_) return;
    busy_ = true;
    writing_ = true;
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
}

void Connection::wrote() {
    busy_ = false;
    if (closed_) return;
    if (writing_) {
        writing_ = false;
        const Chunk chunk = std::move(queue_.front());
        queue_.pop_front();
        if (chunk.last) return close();
        if (chunk.written) chunk.written();
    }
    pump();
}

// During a stream nothing more is to come from the client; anything, its end above all, ends the stream.
void Connection::watch_for_close() {
    stream_.expires_never();
    stream_.async_read_some(asio::buffer(&probe_, 1),
                            [self = shared_from_this()](beast::error_code, std::size_t) { self->close(); });
}

}  // namespace prove
