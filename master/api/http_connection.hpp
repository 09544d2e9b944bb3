// Inside the HTTP server: its loop, one Connection per peer, and the HttpReply that handlers hold. Everything here runs
// in the server's thread, but for LoopGate. Beast lives in the .cpp files that include this, and nowhere else.
#pragma once

#include <utility>

#include <boost/asio/io_context.hpp>
#include <boost/asio/local/stream_protocol.hpp>
#include <boost/asio/post.hpp>
#include <boost/asio/steady_timer.hpp>
#include <boost/beast/core/basic_stream.hpp>
#include <boost/beast/core/flat_buffer.hpp>
#include <boost/beast/http.hpp>

#include <deque>
#include <mutex>
#include <optional>
#include <set>

#include "master/api/http_server.hpp"

namespace prove {

using LocalSocket = boost::asio::local::stream_protocol;

// The way into the server's thread for those who may outlive the server: a job's answer can come after it has gone.
// Once closed, what is posted is dropped. From any thread.
class LoopGate {
  public:
    explicit LoopGate(boost::asio::io_context& context) : context_(&context) {}
    // False where the server has gone; then `work` never runs.
    bool post(std::function<void()> work) {
        const std::lock_guard lock(mutex_);
        if (context_ != nullptr) boost::asio::post(*context_, std::move(work));
        return context_ != nullptr;
    }
    void close() {
        const std::lock_guard lock(mutex_);
        context_ = nullptr;
    }

  private:
    std::mutex mutex_;
    boost::asio::io_context* context_;
};

class Connection;

// What all connections of a server share.
struct HttpLoop {
    HttpLoop(const HttpLimits& l, HttpHandler h, Logger g) : limits(l), handler(std::move(h)), log(std::move(g)) {}

    const HttpLimits limits;
    const HttpHandler handler;
    const Logger log;
    boost::asio::io_context context{1};
    const std::shared_ptr<LoopGate> gate = std::make_shared<LoopGate>(context);
    std::set<std::shared_ptr<Connection>> connections;  // those that are open; nobody else keeps one alive for long
    std::function<void()> on_last_closed;               // set while stopping
    std::size_t streams = 0;
    bool stopping = false;
};

// Reads one request after the other and answers each.
class Connection : public std::enable_shared_from_this<Connection> {
  public:
    // Throws Error where the peer's identity cannot be learned.
    Connection(HttpLoop& loop, LocalSocket::socket socket);

    void start();
    // The server is stopping: what waits for a request or streams goes at once, what is being answered may end.
    void stop();
    void close();

    // What an HttpReply asks for; all of them do nothing after close().
    void answer(HttpResponse response);
    void begin_stream(const std::string& content_type);
    void write(std::string chunk, std::function<void()> written);
    void finish();
    void on_close(std::function<void()> callback);
    bool answered() const { return answered_; }

  private:
    struct Chunk {
        std::string bytes;
        std::function<void()> written;
        bool last = false;
    };

    void read_request(std::chrono::milliseconds patience);
    void read_header();
    void read_body();
    void handle();
    void refuse(int status, const std::string& detail);
    void refuse_for(boost::beast::error_code error);
    void pump();
    void wrote();
    void watch_for_close();

    HttpLoop& loop_;
    const PeerCredentials peer_;
    boost::beast::basic_stream<LocalSocket> stream_;
    boost::beast::flat_buffer buffer_;
    std::optional<boost::beast::http::request_parser<boost::beast::http::string_body>> parser_;
    std::optional<boost::beast::http::response<boost::beast::http::empty_body>> header_;
    std::optional<boost::beast::http::response_serializer<boost::beast::http::empty_body>> serializer_;
    std::deque<Chunk> queue_;
    std::function<void()> on_close_;
    char probe_ = 0;
    bool idle_ = true;  // between requests
    bool keep_alive_ = true, answered_ = false, streaming_ = false, busy_ = false, writing_ = false, closed_ = false;
};

// Hands every call over to the server's thread; answers 500 when it goes away unanswered.
std::shared_ptr<HttpReply> make_reply(HttpLoop& loop, const std::shared_ptr<Connection>& connection);

}  // namespace prove
