// Finding a route, authorising, and turning errors into problem documents.
#include "master/api/router.hpp"

#include <algorithm>
#include <charconv>

#include <grp.h>
#include <pwd.h>

#include "common/text/text.hpp"
#include "master/api/shapes.hpp"

namespace prove {

namespace {

std::vector<std::string> parts_of(const std::string& path) { return split(path, '/'); }

// The path's parameters where it fits the pattern.
std::optional<std::map<std::string, std::string>> match(const std::string& pattern, const std::string& path) {
    const auto wanted = parts_of(pattern), found = parts_of(path);
    if (wanted.size() != found.size()) return std::nullopt;
    std::map<std::string, std::string> parameters;
    for (std::size_t i = 0; i < wanted.size(); ++i) {
        if (wanted[i].size() > 2 && wanted[i].front() == '{') {
            parameters[wanted[i].substr(1, wanted[i].size() - 2)] = found[i];
        } else if (wanted[i] != found[i]) {
            return std::nullopt;
        }
    }
    return parameters;
}

int status_of(ErrorKind kind) {
    switch (kind) {
        case ErrorKind::usage:
        case ErrorKind::invalid: return 400;
        case ErrorKind::refused: return 403;
        case ErrorKind::missing: return 404;
        case ErrorKind::cancelled: return 409;
        case ErrorKind::catalog: return 422;
        case ErrorKind::unavailable:
        case ErrorKind::held:
        case ErrorKind::timeout: return 503;
        case ErrorKind::full: return 507;
        case ErrorKind::internal:
        case ErrorKind::failed: break;
    }
    return 500;
}

const char* title_of(int status) {
    switch (status) {
        case 400: return "the request is wrong";
        case 403: return "not allowed";
        case 404: return "not found";
        case 405: return "method not allowed";
        case 409: return "not possible now";
        case 422: return "the catalog is wrong";
        case 503: return "not available now";
        case 507: return "no space left";
        default: return "a fault of Prove's own";
    }
}

}  // namespace

Value Exchange::body() const {
    if (request.body.empty()) return Value::object();
    JsonLimits limits;
    limits.bytes = 1u << 20;
    Value value = read_json(request.body, limits);
    if (!value.is_mapping()) throw Error(ErrorKind::invalid, "the body must be a JSON object, found " + value.described());
    return value;
}

std::string Exchange::query(const std::string& name, const std::string& fallback) const {
    const auto found = request.query.find(name);
    return found == request.query.end() ? fallback : found->second;
}

std::uint64_t Exchange::number(const std::string& name, std::uint64_t fallback, std::uint64_t most) const {
    const std::string text = query(name);
    if (text.empty()) return fallback;
    std::uint64_t value = 0;
    const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), value);
    if (error != std::errc() || end != text.data() + text.size() || value > most)
        throw Error(ErrorKind::usage, "'" + name + "' must be a number up to " + std::to_string(most) + ", found '" + text + "'");
    return value;
}

void Exchange::send(int status, const Value& value) const {
    reply->send({status, "application/json", write_json(value) + "\n"});
}

void Exchange::fail(const Error& error) const { reply->send(response_for(error)); }

HttpResponse response_for(const Error& error) {
    const int status = status_of(error.kind());
    Value document = Value::object();
    document.set("type", "about:blank");
    document.set("title", title_of(status));
    document.set("status", status);
    document.set("detail", error.full_text());
    if (const auto* catalog = dynamic_cast<const CatalogError*>(&error))
        document.set("diagnostics", to_value(catalog->diagnostics()));
    return {status, "application/problem+json", write_json(document) + "\n"};
}

Caller caller_of(const PeerCredentials& peer) {
    Caller caller;
    caller.uid = peer.uid;
    caller.user = std::to_string(peer.uid);
    caller.from = "socket uid " + std::to_string(peer.uid);

    std::vector<char> buffer(16 * 1024);
    passwd entry{};
    passwd* found = nullptr;
    if (getpwuid_r(peer.uid, &entry, buffer.data(), buffer.size(), &found) != 0 || found == nullptr) return caller;
    caller.user = entry.pw_name;

    int count = 256;
    std::vector<gid_t> ids(static_cast<std::size_t>(count));
    if (getgrouplist(entry.pw_name, entry.pw_gid, ids.data(), &count) < 0) return caller;
    ids.resize(static_cast<std::size_t>(count));
    for (const gid_t id : ids) {
        group group_entry{};
        group* group_found = nullptr;
        std::vector<char> names(64 * 1024);
        if (getgrgid_r(id, &group_entry, names.data(), names.size(), &group_found) == 0 && group_found != nullptr)
            caller.groups.emplace_back(group_entry.gr_name);
    }
    return caller;
}

Router::Router(std::vector<ApiRoute> routes, Authorizer& authorizer, Logger log)
    : routes_(std::move(routes)), authorizer_(authorizer), log_(std::move(log)) {}

void Router::operator()(HttpRequest request, std::shared_ptr<HttpReply> reply) const {
    Exchange exchange;
    exchange.request = std::move(request);
    exchange.reply = reply;
    try {
        dispatch(std::move(exchange));
    } catch (const Error& error) {
        if (error.kind() == ErrorKind::internal) log_.error("a request failed", {{"why", error.full_text()}});
        reply->send(response_for(error));
    } catch (const std::exception& fault) {
        log_.error("a request failed", {{"why", fault.what()}});
        reply->send(problem(500, title_of(500), "a fault of Prove's own; the master's log has the details"));
    }
}

void Router::dispatch(Exchange exchange) const {
    std::vector<std::string> methods;
    for (const ApiRoute& route : routes_) {
        auto parameters = match(route.path, exchange.request.path);
        if (!parameters) continue;
        if (route.method != exchange.request.method) {
            methods.push_back(route.method);
            continue;
        }
        for (const auto& [name, value] : exchange.request.query)
            if (std::find(route.queries.begin(), route.queries.end(), name) == route.queries.end())
                throw Error(ErrorKind::usage, "unknown query parameter '" + name + "'");
        exchange.parameters = std::move(*parameters);
        exchange.caller = caller_of(exchange.request.peer);
        if (route.needs == ApiRoute::Needs::permission)
            exchange.permit = authorizer_.authorize(exchange.caller, route.permission, exchange.request.path);
        return route.handle(std::move(exchange));
    }
    if (methods.empty()) throw Error(ErrorKind::missing, "there is nothing at '" + exchange.request.path + "'");
    exchange.reply->send(problem(405, title_of(405), "'" + exchange.request.path + "' takes " + join(methods, ", ")));
}

}  // namespace prove
