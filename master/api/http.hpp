// HTTP as the API's resources see it: requests in, replies out, no Beast. The server (http_server.cpp) owns sockets,
// limits and time-outs; resources never see a malformed or oversized request.
#pragma once

#include <cstdint>
#include <functional>
#include <map>
#include <memory>
#include <optional>
#include <string>

namespace prove {

// The one path whose bodies may be large.
inline constexpr const char* contents_path = "/v1/contents";

// Who is at the other end of a Unix socket, as the kernel says (S71).
struct PeerCredentials {
    std::uint32_t uid = 0;
    std::uint32_t gid = 0;
    std::int32_t pid = 0;
};

struct HttpRequest {
    std::string method;                          // "GET", "POST", "DELETE"
    std::string path;                            // decoded, without the query
    std::map<std::string, std::string> query;    // decoded
    std::string body;
    std::string accept;                          // the Accept field
    PeerCredentials peer;
};

struct HttpResponse {
    int status = 200;
    std::string content_type = "application/json";
    std::string body;
};

// The answer to one request: either one response, or a stream of chunks. Thread-safe; a peer that went away makes every
// call do nothing. Whoever holds it last without having answered makes the server answer 500.
class HttpReply {
 public:
    virtual ~HttpReply() = default;
    virtual void send(HttpResponse response) = 0;
    virtual void begin_stream(const std::string& content_type) = 0;
    // `written` is called in the server's thread once the chunk is on its way: write the next one then, so that a slow
    // reader is waited for instead of being buffered. It is not called when the peer is gone.
    virtual void write(std::string chunk, std::function<void()> written) = 0;
    virtual void finish() = 0;
    virtual bool closed() const = 0;
    // Called in the server's thread when the peer goes away before the end; set it before streaming.
    virtual void on_close(std::function<void()> closed) = 0;
    // Runs `work` in the server's thread, soon.
    virtual void post(std::function<void()> work) = 0;
};

// Runs in the server's thread and must not block: what takes time answers later through the HttpReply.
using HttpHandler = std::function<void(HttpRequest, std::shared_ptr<HttpReply>)>;

// An RFC 9457 problem document: `detail` is the sentence that the CLI prints.
HttpResponse problem(int status, const std::string& title, const std::string& detail);

// A percent-encoded path or query part decoded; nullopt for broken encodings, NUL, and in paths "//", ".", ".." and an
// encoded slash.
std::optional<std::string> decode_path(const std::string& raw);
std::optional<std::map<std::string, std::string>> decode_query(const std::string& raw);
// What is not plain in one part of a path percent-encoded, a slash too.
std::string encode_path_part(const std::string& text);
std::string encode_query(const std::map<std::string, std::string>& query);

}  // namespace prove
