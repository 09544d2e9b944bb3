// Boost.Beast, blocking, over the Unix socket.
#include "master/api/client.hpp"

#include <utility>

#include <boost/asio/io_context.hpp>
#include <boost/asio/local/stream_protocol.hpp>
#include <boost/beast/core/flat_buffer.hpp>
#include <boost/beast/http.hpp>

#include "master/api/http.hpp"
#include "master/api/shapes.hpp"

namespace asio = boost::asio;
namespace beast = boost::beast;
namespace http = boost::beast::http;
using Local = asio::local::stream_protocol;

namespace prove {

namespace {

constexpr std::size_t largest_answer = 256u << 20;

// One connection, used for one request.
struct Wire {
    asio::io_context context{1};
    Local::socket socket{context};
    beast::flat_buffer buffer;

    Wire(const std::string& path, const std::string& method, const std::string& target, const std::string& body) {
        beast::error_code error;
        socket.connect(Local::endpoint(path), error);
        if (error == asio::error::access_denied)
            throw Error(ErrorKind::refused, "not allowed to talk to the master on '" + path +
                                                "': become root or a member of the socket's group");
        if (error)
            throw Error(ErrorKind::unavailable,
                        "no master answers on '" + path + "' (" + error.message() +
                            "): is prove-master running? see 'systemctl status prove-master', name another socket with "
                            "--master, or work without a master with --catalog DIR");
        http::request<http::string_body> request(http::string_to_verb(method), target, 11);
        request.set(http::field::host, "localhost");
        request.set(http::field::user_agent, "prove-cli");
        request.keep_alive(false);
        request.body() = body;
        if (!body.empty())
            request.set(http::field::content_type, target == contents_path ? "application/octet-stream" : "application/json");
        request.prepare_payload();
        http::write(socket, request, error);
        // A request that is refused while it is being sent breaks the pipe, and its answer is there all the same.
        if (error && error != asio::error::broken_pipe && error != asio::error::connection_reset) lost(error);
    }

    [[noreturn]] static void lost(const beast::error_code& error) {
        throw Error(ErrorKind::unavailable, "the connection to the master broke: " + error.message());
    }
};

[[noreturn]] void throw_problem(unsigned status, const std::string& body) {
    std::string detail = "the master answered with status " + std::to_string(status);
    const Value* diagnostics = nullptr;
    Value document;
    try {
        document = read_json(body);
        if (const Value* text = document.find("detail")) detail = text->text();
        diagnostics = document.find("diagnostics");
    } catch (const Error&) {
        // Not a problem document: the status is all there is to say.
    }
    if (diagnostics != nullptr) throw CatalogError(diagnostics_from(*diagnostics));
    switch (status) {
        case 400: case 422: throw Error(ErrorKind::usage, detail);
        case 403: case 409: throw Error(ErrorKind::refused, detail);
        case 404: throw Error(ErrorKind::missing, detail);
        case 503: throw Error(ErrorKind::unavailable, detail);
        case 507: throw Error(ErrorKind::full, detail);
        default: throw Error(ErrorKind::internal, detail);
    }
}

}  // namespace

std::string ApiClient::exchange_text(const std::string& method, const std::string& target, const std::string& body) {
    Wire wire(socket_, method, target, body);
    http::response_parser<http::string_body> parser;
    parser.body_limit(largest_answer);
    beast::error_code error;
    http::read(wire.socket, wire.buffer, parser, error);
    if (error) Wire::lost(error);
    const auto& response = parser.get();
    if (response.result_int() >= 300) throw_problem(response.result_int(), response.body());
    return response.body();
}

Value ApiClient::exchange(const std::string& method, const std::string& target, const std::string& body) {
    const auto text = exchange_text(method, target, body);
    if (text.empty()) return {};
    JsonLimits limits = JsonLimits::state_run();
    limits.bytes = largest_answer;
    limits.nodes = 10'000'000;
    limits.string_bytes = 16u << 20;
    return read_json(text, limits);
}

Value ApiClient::get(const std::string& path, const std::map<std::string, std::string>& query) {
    return exchange("GET", path + encode_query(query), "");
}

std::string ApiClient::get_text(const std::string& path) { return exchange_text("GET", path, ""); }

Value ApiClient::post(const std::string& path, const Value& body) { return exchange("POST", path, write_json(body)); }

Value ApiClient::post_bytes(const std::string& path, const std::string& bytes) { return exchange("POST", path, bytes); }

Value ApiClient::remove(const std::string& path) { return exchange("DELETE", path, ""); }

bool ApiClient::stream(const std::string& path, const std::map<std::string, std::string>& query,
                       const std::function<bool(const Value&)>& on_line) {
    Wire wire(socket_, "GET", path + encode_query(query), "");
    http::response_parser<http::buffer_body> parser;
    parser.body_limit(boost::none);
    beast::error_code error;
    http::read_header(wire.socket, wire.buffer, parser, error);
    if (error) Wire::lost(error);

    const bool refused = parser.get().result_int() >= 300;
    JsonLimits limits = JsonLimits::state_run();
    limits.string_bytes = 16u << 20;
    std::string pending;
    char chunk[16 * 1024];
    while (!parser.is_done()) {
        parser.get().body().data = chunk;
        parser.get().body().size = sizeof chunk;
        http::read_some(wire.socket, wire.buffer, parser, error);
        if (error == asio::error::interrupted) {
            if (!on_line(Value())) return false;
            continue;
        }
        if (error && error != http::error::need_buffer) Wire::lost(error);
        pending.append(chunk, sizeof chunk - parser.get().body().size);
        if (refused) continue;
        std::size_t start = 0;
        for (std::size_t end; (end = pending.find('\n', start)) != std::string::npos; start = end + 1) {
            if (end > start && !on_line(read_json(std::string_view(pending).substr(start, end - start), limits))) return false;
        }
        pending.erase(0, start);
    }
    if (refused) throw_problem(parser.get().result_int(), pending);
    return true;
}

}  // namespace prove
