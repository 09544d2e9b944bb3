// What prove-cli asks a master with: one request at a time over the API's Unix socket. Blocking; one thread.
#pragma once

#include <functional>
#include <map>
#include <string>
#include <string_view>

#include "proto/value.hpp"

namespace prove {

class ApiClient {
 public:
    // Connects with each request. `socket` is the path of the master's API socket.
    explicit ApiClient(std::string socket) : socket_(std::move(socket)) {}

    // The answer's JSON. A problem document becomes an Error with its `detail`: 400 usage, 403 refused, 404 missing,
    // 409 refused, 422 usage (CatalogError where it carries diagnostics), 503 and 507 unavailable, else internal.
    // No master there: Error(unavailable) that says how to start one.
    Value get(const std::string& path, const std::map<std::string, std::string>& query = {});
    // What is no JSON.
    std::string get_text(const std::string& path);
    Value post(const std::string& path, const Value& body);
    // Bytes as they are.
    Value post_bytes(const std::string& path, const std::string& bytes);
    Value remove(const std::string& path);

    // A stream of JSON lines (and a null when a signal interrupted the wait); ends when the master ends it (true) or
    // `on_line` gives false (false). A connection that breaks is an Error(unavailable): attach again where it stopped.
    bool stream(const std::string& path, const std::map<std::string, std::string>& query,
                const std::function<bool(const Value&)>& on_line);

 private:
    std::string exchange_text(const std::string& method, const std::string& target, const std::string& body);
    Value exchange(const std::string& method, const std::string& target, const std::string& body);
    std::string socket_;
};

}  // namespace prove
