// Texts with secrets in them: marks, what is put in their place, and what is shown instead.
#include <catch2/catch.hpp>

#include "proto/messages.hpp"
#include "proto/secret_text.hpp"

using namespace prove;

namespace {

const std::string mark = secret_mark("prove1.01234567.aGVsbG8=");
const std::string other = secret_mark("prove1.01234567.d29ybGQ=");

Value secret(const std::string& text) {
    Value value = Value::object();
    value.set("$secret", text);
    return value;
}

}  // namespace

TEST_CASE("a mark is the same for the same ciphertext, and says nothing of it", "[secrets]") {
    CHECK(secret_mark("prove1.01234567.aGVsbG8=") == mark);
    CHECK(mark != other);
    CHECK(mark.find("aGVsbG8") == std::string::npos);
    CHECK(marks_in("a " + mark + mark + " b " + other) == std::vector<std::string>{mark, mark, other});
    CHECK(marks_in("Secret<& " + mark.substr(0, mark.size() - 1)).empty());
}

TEST_CASE("S91 wherever a run is shown three stars stand for a secret", "[secrets]") {
    CHECK(without_marks("postgres://me:" + mark + "@db/" + other) == "postgres://me:***@db/***");
    CHECK(without_marks("no secret <é>") == "no secret <é>");
    const Value value = read_json(R"({"a":[{"$secret":"x )" + mark + R"("}],"b":"text","c":{"$secret":"prove1.x"}})");
    CHECK(write_json(shown(value)) == R"({"a":["x ***"],"b":"text","c":"***"})");
    CHECK(secret(mark).described() == "a secret (!secret)");
}

TEST_CASE("secrets are put in once, and what they say is never looked into", "[secrets]") {
    const SecretTable secrets = {{mark, "<" + other + ">"}, {other, "x"}};
    CHECK(with_secrets("a " + mark + " b " + other, secrets) == "a <" + other + "> b x");
    CHECK_THROWS_AS(with_secrets(mark, {}), Error);
}

TEST_CASE("a mark that a filter changed is noticed", "[secrets]") {
    const SecretTable known = {{mark, ""}};
    CHECK(changed_mark("x " + mark + " " + mark, known).empty());
    CHECK(changed_mark("nothing", known).empty());
    std::string upper = mark;
    for (char& c : upper) c = c >= 'a' && c <= 'z' ? static_cast<char>(c - 32) : c;
    CHECK(changed_mark(mark + upper, known) == mark);
    std::string escaped = mark;
    escaped.replace(escaped.find('<'), 1, "&lt;");
    CHECK(changed_mark(escaped, known) == mark);
    CHECK(changed_mark("x" + mark.substr(0, 12), known) == mark);
    CHECK(changed_mark(mark.substr(mark.size() - 12) + mark, known) == mark);
}

TEST_CASE("a value is known later where it is a secret or an output, at any depth", "[secrets]") {
    CHECK(is_secret(secret(mark)));
    CHECK_FALSE(is_secret(read_json(R"({"$secret":"x","more":1})")));
    CHECK_FALSE(is_secret(read_json(R"({"$secret":["x"]})")));
    CHECK(holds_secret(read_json(R"({"a":[{"b":{"$secret":"x"}}]})")));
    CHECK(holds_what_is_known_later(read_json(R"([{"$out":"a.b"}])")));
    CHECK_FALSE(holds_what_is_known_later(read_json(R"([{"out":"a.b"}])")));
}

TEST_CASE("secrets travel beside the states, in the body of the command", "[secrets]") {
    StatesBody body;
    body.run = Value::object();
    body.secrets = {{mark, "canary"}};
    CHECK(states_body_from(to_value(body)).secrets == body.secrets);
    CHECK(to_value(StatesBody{.run = Value::object()}).find("secrets") == nullptr);
    Value wrong = to_value(body);
    wrong.set("secrets", read_json(R"({"m":5})"));
    CHECK_THROWS_AS(states_body_from(wrong), Error);
}
