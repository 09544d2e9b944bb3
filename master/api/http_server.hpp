// The HTTP server of the API: one thread, one event loop, a Unix socket. It holds every limit and time-out of
// security.md section 15 and refuses what section 16 lists before a handler sees a request.
#pragma once

#include <chrono>
#include <cstddef>
#include <memory>
#include <string>

#include "common/log/log.hpp"
#include "master/api/http.hpp"

namespace prove {

struct HttpLimits {
    std::size_t header_bytes = 8 * 1024;
    std::size_t body_bytes = 1024 * 1024;
    std::size_t content_bytes = 8 * 1024 * 1024;  // of a body for contents_path
    std::size_t fields = 100;
    std::size_t target_bytes = 2 * 1024;
    std::size_t connections = 512;
    std::size_t streams = 100;
    std::chrono::milliseconds header_time{10'000};
    std::chrono::milliseconds body_time{30'000};
    std::chrono::milliseconds idle_time{60'000};
    std::chrono::milliseconds write_time{60'000};
};

struct HttpSocket {
    std::string path;  // replaced if a socket of a dead server is there
    unsigned mode = 0660;
    std::string group;  // empty: as it is made
};

class HttpServer {
  public:
    // Listens when it returns; throws Error where it cannot. `handler` runs in the server's thread.
    HttpServer(const HttpSocket& socket, const HttpLimits& limits, HttpHandler handler, Logger log);
    // Stops accepting, gives what is being answered up to 2 s, closes the rest at once (streams can be attached again
    // elsewhere) and removes the socket. Replies that are still held do nothing from then on.
    ~HttpServer();
    HttpServer(const HttpServer&) = delete;
    HttpServer& operator=(const HttpServer&) = delete;

    // Runs `work` in the server's thread, soon. From any thread.
    void post(std::function<void()> work);

    struct Loop;

  private:
    std::unique_ptr<Loop> loop_;
};

}  // namespace prove
