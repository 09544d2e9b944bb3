// The API's one list of routes, and the way from a request to its handler: path and method are looked up, the caller is
// authorised for what the route needs (S4, S5), and only then the handler runs, with the Permit in its hands.
#pragma once

#include <functional>
#include <map>
#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "common/log/log.hpp"
#include "master/api/http.hpp"
#include "master/commands/master.hpp"
#include "master/jobs/permit.hpp"

namespace prove {

// One request on its way: what it asks and what its handler may use.
struct Exchange {
    HttpRequest request;
    std::map<std::string, std::string> parameters;   // of the path: {"id": "01jd8zk4"}
    std::shared_ptr<HttpReply> reply;
    Caller caller;
    std::optional<Permit> permit;                    // absent where the route needs none

    // The body as a JSON mapping; an empty body is an empty mapping. Throws Error(invalid).
    Value body() const;
    // A query parameter; unknown ones were refused before the handler ran.
    std::string query(const std::string& name, const std::string& fallback = "") const;
    std::uint64_t number(const std::string& name, std::uint64_t fallback, std::uint64_t most) const;
    void send(int status, const Value& value) const;
    void fail(const Error& error) const;             // a problem document with the status that fits its kind
};

struct ApiRoute {
    enum class Needs { nothing, permission, by_body };   // by_body: the handler authorises, since the body decides
    std::string method;
    std::string path;                    // "/v1/jobs/{id}/events"
    Needs needs = Needs::permission;
    Permission permission = Permission::jobs_read;
    std::vector<std::string> queries;    // the query parameters that it knows
    std::function<void(Exchange)> handle;
};

class Router {
 public:
    Router(std::vector<ApiRoute> routes, Authorizer& authorizer, Logger log);
    const std::vector<ApiRoute>& routes() const { return routes_; }
    // An HttpHandler: never throws; every request is answered.
    void operator()(HttpRequest request, std::shared_ptr<HttpReply> reply) const;

 private:
    void dispatch(Exchange exchange) const;
    std::vector<ApiRoute> routes_;
    Authorizer& authorizer_;
    Logger log_;
};

// Who a peer is: its user's name and groups, from the account database.
Caller caller_of(const PeerCredentials& peer);

// The status that an error is answered with, and the problem document; a CatalogError carries its diagnostics.
HttpResponse response_for(const Error& error);

}  // namespace prove
