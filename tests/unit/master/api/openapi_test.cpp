// docs/openapi.yml is the API's contract: the same routes, permissions, parameters and shapes as the code has.
#include <catch2/catch.hpp>

#include <set>

#include "common/files/files.hpp"
#include "common/text/text.hpp"
#include "common/yaml/yaml.hpp"
#include "tests/support/in_sources.hpp"
#include "tests/unit/master/api/api_world.hpp"

using namespace prove;
using namespace prove::test;

namespace {

Value description() {
    return read_yaml(find_whole_file(test::in_sources("/docs/openapi.yml")).value(),
                     std::make_shared<const std::string>("docs/openapi.yml"));
}

std::string method_of(const ApiRoute& route) { return lower(route.method); }

const Value& operation(const Value& document, const ApiRoute& route) {
    return document.at("paths").at(route.path).at(method_of(route));
}

// A schema by its reference "#/components/schemas/Job".
const Value& resolved(const Value& document, const Value& schema) {
    const Value* reference = schema.find("$ref");
    if (reference == nullptr) return schema;
    const auto parts = split(reference->text(), '/');
    return document.at("components").at(parts.at(2)).at(parts.at(3));
}

// "?target=web1" where a route cannot do without.
std::string required_query(const Value& operation) {
    std::string query;
    const Value* parameters = operation.find("parameters");
    for (const auto& parameter : parameters == nullptr ? Value::List{} : parameters->list())
        if (parameter.at("in").text() == "query" && parameter.at("required").boolean())
            query += (query.empty() ? "?" : "&") + parameter.at("name").text() + "=web1";
    return query;
}

// What does not fit the schema, with its place; empty where all does. As much of JSON Schema as the file uses.
std::string misfit(const Value& document, const Value& reference, const Value& value, const std::string& place) {
    const Value& schema = resolved(document, reference);
    const std::string type = schema.at("type").text();
    if (type == "string" && !value.is_text()) return place + " is not a string";
    if (type == "integer" && !value.is_integer()) return place + " is not an integer";
    if (type == "boolean" && !value.is_boolean()) return place + " is not a boolean";
    if (const Value* choices = schema.find("enum")) {
        for (const auto& choice : choices->list())
            if (choice == value) return "";
        return place + " is '" + value.text() + "', which is not listed";
    }
    if (type == "array") {
        for (const auto& item : value.list())
            if (const std::string wrong = misfit(document, schema.at("items"), item, place + "[]"); !wrong.empty()) return wrong;
    }
    const Value* properties = schema.find("properties");
    if (type != "object" || properties == nullptr) return "";
    for (const auto& member : value.mapping()) {
        const Value* property = properties->find(member.key);
        if (property == nullptr) return place + "." + member.key + " is not described";
        if (const std::string wrong = misfit(document, *property, member.value, place + "." + member.key); !wrong.empty()) return wrong;
    }
    for (const auto& name : schema.at("required").list())
        if (value.find(name.text()) == nullptr) return place + "." + name.text() + " is missing";
    return "";
}

}  // namespace

TEST_CASE("docs/openapi.yml has every route and no other", "[api][openapi]") {
    ApiWorld world;
    std::set<std::string> described, routed;
    const Value document = description();
    for (const auto& path : document.at("paths").mapping())
        for (const auto& method : path.value.mapping()) described.insert(method.key + " " + path.key);
    for (const ApiRoute& route : world.router.routes()) routed.insert(method_of(route) + " " + route.path);
    CHECK(described == routed);
}

TEST_CASE("docs/openapi.yml names each route's permission and query parameters", "[api][openapi]") {
    ApiWorld world;
    const Value document = description();
    for (const ApiRoute& route : world.router.routes()) {
        INFO(route.method << " " << route.path);
        const Value& described = operation(document, route);
        switch (route.needs) {
            case ApiRoute::Needs::nothing: CHECK(described.at("x-permission").text() == "none"); break;
            case ApiRoute::Needs::by_body: CHECK(described.at("x-permission").text() == "by operation"); break;
            case ApiRoute::Needs::permission: CHECK(described.at("x-permission").text() == name_of(route.permission)); break;
        }
        std::set<std::string> queries, in_path;
        if (const Value* parameters = described.find("parameters"))
            for (const auto& parameter : parameters->list())
                (parameter.at("in").text() == "query" ? queries : in_path).insert(parameter.at("name").text());
        CHECK(queries == std::set<std::string>(route.queries.begin(), route.queries.end()));
        for (const auto& part : split(route.path, '/'))
            if (part.rfind("{", 0) == 0) CHECK(in_path.erase(part.substr(1, part.size() - 2)) == 1);
        CHECK(in_path.empty());
    }
}

// Of the routes that want one.
const std::map<std::string, std::string> bodies = {
    {"POST /v1/jobs", R"({"operation":"ping","target":"*"})"},
    {"POST /v1/pauses", R"({"target":"*","why":"racks","for_ms":1000})"},
    {"POST /v1/pauses/resume", R"({"target":"*"})"},
};

TEST_CASE("what routes answer fits the schemas of docs/openapi.yml", "[api][openapi]") {
    ApiWorld world;
    world.master.tell("accepted", "web1");
    world.master.tell("job_ended");
    const Value document = description();
    int compared = 0;
    for (const ApiRoute& route : world.router.routes()) {
        INFO(route.method << " " << route.path);
        const auto body = bodies.find(route.method + " " + route.path);
        const ApiAnswer answer = world.ask(route.method, filled(route.path) + required_query(operation(document, route)),
                                           body == bodies.end() ? "" : body->second);
        const Value* described = operation(document, route).at("responses").find(std::to_string(answer.status));
        REQUIRE(described != nullptr);
        const Value& content = described->at("content");
        if (const Value* json = content.find("application/json")) {
            CHECK(answer.type == "application/json");
            CHECK(misfit(document, json->at("schema"), answer.body, "answer") == "");
            ++compared;
        } else if (const Value* lines = content.find("application/x-ndjson")) {
            CHECK(answer.type == "application/x-ndjson");
            CHECK(misfit(document, lines->at("schema"), read_json(answer.text.substr(answer.text.find('{'), answer.text.find('\n', answer.text.find('{')) - answer.text.find('{'))), "event") == "");
        } else {
            CHECK(answer.type.rfind("text/plain", 0) == 0);
        }
    }
    CHECK(compared > 12);
}

TEST_CASE("a refusal fits the schema of a problem document", "[api][openapi]") {
    ApiWorld world;
    Diagnostics diagnostics;
    diagnostics.error({}, "motd", "unknown argument 'pth'");
    world.master.failure = std::make_shared<CatalogError>(diagnostics);
    const Value document = description();
    const Value& schema = document.at("components").at("schemas").at("Problem");
    CHECK(misfit(document, schema, world.ask("GET", "/v1/nothing").body, "problem") == "");
    CHECK(misfit(document, schema, world.ask("POST", "/v1/jobs", R"({"operation":"ping","target":"*"})").body, "problem") == "");
}

TEST_CASE("bodies that docs/openapi.yml describes are taken with all their members", "[api][openapi]") {
    ApiWorld world;
    const Value document = description();
    for (const ApiRoute& route : world.router.routes()) {
        const Value* described = operation(document, route).find("requestBody");
        if (described == nullptr || described->at("content").find("application/json") == nullptr) continue;
        INFO(route.method << " " << route.path);
        Value body = Value::object();
        for (const auto& property : resolved(document, described->at("content").at("application/json").at("schema")).at("properties").mapping()) {
            const std::string type = property.value.at("type").text();
            if (type == "integer") {
                body.set(property.key, 1000);
            } else if (type == "boolean") {
                body.set(property.key, true);
            } else if (type == "object") {
                body.set(property.key, Value::object());
            } else {
                const Value* choices = property.value.find("enum");
                body.set(property.key, choices == nullptr ? Value("web1") : choices->list().front());
            }
        }
        const ApiAnswer answer = world.ask(route.method, filled(route.path), write_json(body));
        INFO(answer.text);
        CHECK(answer.status / 100 == 2);
    }
}
