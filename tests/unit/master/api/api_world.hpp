// The whole API over a real socket, with a master that answers as it was told to.
#pragma once

#include <optional>

#include <unistd.h>

#include "master/api/http_server.hpp"
#include "master/api/resources.hpp"
#include "master/store/memory_store.hpp"
#include "tests/support/fake_clock.hpp"
#include "tests/support/fake_master.hpp"
#include "tests/unit/master/api/socket.hpp"

namespace prove::test {

struct ApiAnswer {
    int status = 0;
    std::string type;
    Value body;
    std::string text;
};

struct ApiWorld {
    // `allowed`: whether the user that runs the tests is an administrator of this master.
    explicit ApiWorld(bool allowed = true, HttpLimits limits = {})
        : authorizer({allowed ? std::vector<unsigned>{::getuid()} : std::vector<unsigned>{}, {"no-such-group"}}, store, clock),
          router(all_routes(context), authorizer, silent_logger()) {
        server.emplace(HttpSocket{folder.socket(), 0600, ""}, limits,
                       [this](HttpRequest request, std::shared_ptr<HttpReply> reply) { router(std::move(request), std::move(reply)); },
                       silent_logger());
    }

    ApiAnswer ask(const std::string& method, const std::string& target, const std::string& body = "", const std::string& fields = "") {
        RawClient client(folder.socket());
        client.send(method + " " + target + " HTTP/1.1\r\nHost: localhost\r\nConnection: close\r\n" + fields +
                    "Content-Length: " + std::to_string(body.size()) + "\r\n\r\n" + body);
        const std::string all = client.read();
        ApiAnswer answer;
        answer.status = client.status();
        const std::size_t type = all.find("Content-Type: "), end = all.find("\r\n\r\n");
        if (type != std::string::npos) answer.type = all.substr(type + 14, all.find("\r\n", type) - type - 14);
        if (end != std::string::npos) answer.text = all.substr(end + 4);
        if (answer.type.find("json") != std::string::npos && answer.type.find("ndjson") == std::string::npos) answer.body = read_json(answer.text);
        return answer;
    }

    ShortFolder folder;
    FakeMaster master;
    MemoryStore store;
    FakeClock clock;
    Authorizer authorizer;
    ApiContext context{master, authorizer, clock, "0.1.0"};
    Router router;
    std::optional<HttpServer> server;
};

// A path of a route with something in the place of its parameters.
inline std::string filled(std::string path) {
    for (const auto& [name, value] : std::map<std::string, std::string>{{"{id}", "01jd8zk4"}, {"{target}", "web1"}, {"{which}", "web1"}, {"{name}", "nightly"}})
        if (const auto at = path.find(name); at != std::string::npos) path.replace(at, name.size(), value);
    return path;
}

}  // namespace prove::test
