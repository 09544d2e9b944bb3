// Target expressions: what each term means, how they are joined, and what is said of a wrong one, at which character.
#include <catch2/catch.hpp>

#include <set>

#include "master/catalog/target_expression.hpp"

using prove::ExpressionError;
using prove::TargetExpression;
using prove::TargetView;
using prove::Value;

namespace {

TargetView web1() {
    TargetView view;
    view.name = "web1";
    view.host = "web1.example.com";
    view.executor = "agent";
    view.status = "connected";
    view.roles = {"webserver", "mail"};
    view.groups = {"eu"};
    return view;
}

bool matches(const std::string& expression, const TargetView& view = web1()) {
    return TargetExpression::parse(expression).matches(view);
}

// Where and why an expression is wrong; fails the test where it is not.
std::pair<std::size_t, std::string> fault(const std::string& expression) {
    try {
        TargetExpression::parse(expression);
    } catch (const ExpressionError& error) {
        return {error.offset(), error.message()};
    }
    FAIL("taken: " << expression);
    return {};
}

Value facts() {
    auto os = Value::object();
    os.set("family", "debian");
    os.set("version", "12.5");
    os.set("name", "Debian GNU/Linux");
    auto result = Value::object();
    result.set("os", os);
    auto cpu = Value::object();
    cpu.set("count", 8);
    result.set("cpu", cpu);
    result.set("container", false);
    auto addresses = Value::array();
    addresses.push("10.0.0.1");
    addresses.push("192.168.7.1");
    result.set("addresses", addresses);
    return result;
}

bool matches_facts(const std::string& expression) {
    const auto known = facts();
    auto view = web1();
    view.facts = &known;
    return matches(expression, view);
}

}  // namespace

TEST_CASE("a name, a glob or a list of them chooses targets by name, and is anchored at both ends", "[expression]") {
    CHECK(matches("web1"));
    CHECK(matches("*"));
    CHECK(matches("web*"));
    CHECK(matches("w[a-e]b?"));
    CHECK(matches("db1,web1"));
    CHECK(matches("db*,web*"));
    CHECK_FALSE(matches("web"));
    CHECK_FALSE(matches("eb1"));
    CHECK_FALSE(matches("db1,db2"));
}

TEST_CASE("a regular expression is found anywhere in the name unless it is anchored", "[expression]") {
    CHECK(matches("/eb/"));
    CHECK(matches("/^web[0-9]+$/"));
    CHECK_FALSE(matches("/^eb/"));
    CHECK_FALSE(matches("/web2/"));
}

TEST_CASE("\\d is a digit, and what else stands after a backslash means what it says or is refused", "[expression]") {
    CHECK(matches(R"(/^web\d$/)"));
    CHECK_FALSE(matches(R"(/^\d/)"));
    CHECK(matches(R"(/^\w+$/)"));
    CHECK_FALSE(matches(R"(/web\./)"));
    CHECK(fault(R"(/(w)\1/)").second ==
          "the regular expression is wrong: back-references such as '\\1' are not possible");
    CHECK(fault(R"(/web[\d]/)").second ==
          "the regular expression is wrong: a '\\' within '[]' means only itself; write what is meant");
    CHECK(matches("/[]b]1/"));
    CHECK(matches("/^[[:alpha:]]+[^]]$/"));
    CHECK(fault("/[[:alpha/").second == "the regular expression is wrong: a '[' is not closed");
    CHECK(fault(R"(/\q/)").second == "the regular expression is wrong: '\\q' means nothing here");
    CHECK(fault("/*/").second ==
          "the regular expression is wrong: '*', '+', '?' or '{' has nothing before it to repeat");
    CHECK(fault("/(?=a)/").second.find("the regular expression is wrong") == 0);
}

TEST_CASE("a slash within a regular expression is written with a backslash", "[expression]") {
    CHECK(matches(R"(/^web1$|a\/b/)"));
}

TEST_CASE("role, group, executor and status take names, lists and globs", "[expression]") {
    CHECK(matches("role:webserver"));
    CHECK(matches("role:db,mail"));
    CHECK(matches("role:web*"));
    CHECK(matches("group:eu"));
    CHECK(matches("executor:agent"));
    CHECK(matches("status:connected"));
    CHECK_FALSE(matches("role:web"));
    CHECK_FALSE(matches("group:us"));
    CHECK_FALSE(matches("executor:ssh"));
    CHECK_FALSE(matches("status:pending"));
}

TEST_CASE("a status or an executor that there is not is a slip, not an empty answer", "[expression]") {
    CHECK(fault("status:conected") == std::pair<std::size_t, std::string>(
                                          7,
                                          "expected connected, disconnected, pending, conflict, ssh or unknown, found "
                                          "'conected'; did you mean 'connected'?"));
    CHECK(fault("web* and status:connected,up").first == 26);
    CHECK(fault("executor:agnet").second == "expected agent, ssh or local, found 'agnet'; did you mean 'agent'?");
    CHECK(matches("status:conn*"));
    CHECK_FALSE(matches("status:dis*"));
}

TEST_CASE("a plain name that no target has is an error with the nearest one, a glob is none", "[expression]") {
    const std::vector<std::string> known = {"web1", "web2", "db1"};
    const auto complaint = [&](const std::string& expression) -> std::string {
        try {
            TargetExpression::parse(expression).check_names(known);
        } catch (const prove::Error& error) {
            CHECK(error.kind() == prove::ErrorKind::usage);
            return error.text();
        }
        return "";
    };
    CHECK(complaint("wbe1") == "there is no target 'wbe1'; did you mean 'web1'?");
    CHECK(complaint("role:x and not (db1,mail)") == "there is no target 'mail'; see: prove-cli targets");
    for (const auto* right : {"web1,db1", "x*", "/^x/", "role:nobody or group:none", "fact:os.family=debian"})
        CHECK(complaint(right).empty());
}

TEST_CASE("and binds closer than or, not closer than and", "[expression]") {
    CHECK(matches("web1 or db1 and db2"));
    CHECK_FALSE(matches("(web1 or db1) and db2"));
    CHECK(matches("not db1 and web1"));
    CHECK_FALSE(matches("not (db1 or web1)"));
    CHECK(matches("not not web1"));
    CHECK(matches("role:webserver and group:eu and not (web2 or web3)"));
    CHECK(matches("((web1))"));
}

TEST_CASE("words that only begin as operators do are names", "[expression]") {
    auto view = web1();
    view.name = "android";
    CHECK(matches("android", view));
    CHECK(matches("order or android", view));
    CHECK(matches("notary or android", view));
}

TEST_CASE("facts are compared by their text, as versions, or as numbers", "[expression]") {
    CHECK(matches_facts("fact:os.family=debian"));
    CHECK(matches_facts("fact:os.family=deb*"));
    CHECK(matches_facts("fact:os.family!=redhat"));
    CHECK_FALSE(matches_facts("fact:os.family!=debian"));
    CHECK(matches_facts("fact:os.version>=12"));
    CHECK(matches_facts("fact:os.version<12.11"));
    CHECK_FALSE(matches_facts("fact:os.version<9"));
    CHECK(matches_facts("fact:os.version>9"));
    CHECK(matches_facts("fact:cpu.count>=8"));
    CHECK(matches_facts("fact:cpu.count<10"));
    CHECK(matches_facts("fact:cpu.count<=8"));
    CHECK_FALSE(matches_facts("fact:cpu.count>8"));
    CHECK(matches_facts("fact:container=false"));
}

TEST_CASE("a list of facts equals what any of its members equals", "[expression]") {
    CHECK(matches_facts("fact:addresses=10.*"));
    CHECK_FALSE(matches_facts("fact:addresses!=10.*"));
    CHECK_FALSE(matches_facts("fact:addresses=172.*"));
    CHECK_FALSE(matches_facts("fact:addresses>1"));
}

TEST_CASE("a value with blanks or parentheses stands in quotes", "[expression]") {
    CHECK(matches_facts("fact:os.name='Debian GNU/Linux' and web1"));
    CHECK(matches_facts("fact:os.name=\"Debian GNU/Linux\""));
}

TEST_CASE("a fact that a target does not have holds no comparison, also not an unequal one", "[expression]") {
    CHECK_FALSE(matches_facts("fact:os.color=red"));
    CHECK_FALSE(matches_facts("fact:os.color!=red"));
    CHECK_FALSE(matches_facts("fact:os.family.deeper=x"));
    CHECK_FALSE(matches_facts("fact:os=debian"));
    CHECK(matches_facts("not fact:os.color=red"));
}

TEST_CASE("S8 of a target that was never seen no fact holds", "[expression]") {
    CHECK_FALSE(matches("fact:os.family=debian"));
    CHECK_FALSE(matches("fact:os.family!=debian"));
}

TEST_CASE("variables are compared as facts are", "[expression]") {
    auto variables = Value::object();
    variables.set("site", "blog");
    auto view = web1();
    view.variables = &variables;
    CHECK(matches("var:site=blog", view));
    CHECK_FALSE(matches("var:site!=blog", view));
    CHECK_FALSE(matches("var:site=blog"));
}

TEST_CASE("an expression says what it will ask of a target", "[expression]") {
    CHECK(TargetExpression::parse("web1 and not fact:os.family=debian").uses_facts());
    CHECK_FALSE(TargetExpression::parse("web1 or role:x").uses_facts());
    CHECK(TargetExpression::parse("(var:a=b)").uses_variables());
    CHECK(TargetExpression::parse("web1,db* and not db7 or role:web1").literal_names() ==
          std::vector<std::string>{"web1", "db7"});
    CHECK(TargetExpression::parse("role:a,b* or role:c").literals(TargetExpression::Kind::role) ==
          std::vector<std::string>{"a", "c"});
}

TEST_CASE("S8 an empty expression chooses nothing and is an error", "[expression]") {
    CHECK(fault("") == std::pair<std::size_t, std::string>{0, "no target is named; '*' means all"});
    CHECK(fault("  \t").second == "no target is named; '*' means all");
    CHECK(fault("//").second == "the regular expression is wrong: it is empty, which would mean every target");
}

TEST_CASE("an error of an expression points at its character", "[expression]") {
    using Fault = std::pair<std::size_t, std::string>;
    CHECK(fault("web1 db1") == Fault{5, "expected 'and', 'or' or the end, found 'db1'"});
    CHECK(fault("web1 AND db1") == Fault{5, "expected 'and', 'or' or the end, found 'AND'; did you mean 'and'?"});
    CHECK(fault("web1 and") == Fault{8, "expected a target, a term such as role:webserver, or '(', found the end"});
    CHECK(fault("and web1") == Fault{0, "expected a target before 'and'"});
    CHECK(fault("web1 or or db1") == Fault{8, "expected a target before 'or'"});
    CHECK(fault("(web1 or db1") == Fault{0, "this '(' is never closed"});
    CHECK(fault("web1)") == Fault{4, "expected 'and', 'or' or the end, found a ')' that closes nothing"});
    CHECK(fault("()") ==
          Fault{1, "expected a target, a term such as role:webserver, or '(', found a ')' that closes nothing"});
    CHECK(fault("web1,,db1") == Fault{5, "expected a name right after the ','"});
    CHECK(fault("web1,") == Fault{5, "expected a name right after the ','"});
    CHECK(fault("web1, db1") == Fault{5, "expected a name right after the ','"});
    CHECK(fault("web[12") == Fault{0, "the pattern 'web[12' has a '[' without its ']', or ends in '\\'"});
    CHECK(fault("rol:web") == Fault{0, "there is no term 'rol:'; did you mean 'role:'?"});
    CHECK(fault("x and G@os:Debian").first == 6);
    CHECK(fault("role:") == Fault{5, "expected a name right after ':'"});
    CHECK(fault("fact:os.family") ==
          Fault{14, "expected =, !=, <, <=, > or >= and a value, without blanks, as in fact:os.family=debian"});
    CHECK(fault("fact:=x") == Fault{5, "expected a name before the operator, as in fact:os.family=debian"});
    CHECK(fault("fact:os..x=1") == Fault{5, "a name in 'os..x' is empty"});
    CHECK(fault("var:site=") == Fault{9, "expected a value, as in var:site=blog"});
    CHECK(fault("fact:os.name='x") == Fault{13, "this quote is never closed"});
    CHECK(fault("/web") == Fault{0, "this '/' has no second one that ends the regular expression"});
    CHECK(fault("/(/") == Fault{0, "the regular expression is wrong: a parenthesis is not closed"});
    CHECK(fault("/a/b") == Fault{3, "expected a blank, found 'b'"});
}

TEST_CASE("the text of an expression's error shows it with a caret, counted in characters", "[expression]") {
    try {
        TargetExpression::parse("var:ort=grün db1");
        FAIL("taken");
    } catch (const ExpressionError& error) {
        CHECK(error.kind() == prove::ErrorKind::usage);
        CHECK(error.text() == "expected 'and', 'or' or the end, found 'db1'\n    var:ort=grün db1\n                 ^");
    }
}

TEST_CASE("characters that no name has are a slip, not a name that nobody has", "[expression]") {
    using Fault = std::pair<std::size_t, std::string>;
    CHECK(fault("!web*") == Fault{0, "no name has '!' in it; 'not' turns a term round, as in web* and not web1"});
    CHECK(fault("web*,!web1").first == 5);
    CHECK(fault("web*&db*") == Fault{0, "no name has '&' in it"});
    CHECK(fault("role:gr\u00fcn") == Fault{5, "no name has '\u00fc' in it"});
    CHECK(fault("'web 1'") == Fault{0, "no name has ' ' in it"});
    CHECK_NOTHROW(TargetExpression::parse("[!a-c]*,web\\[1"));
}

TEST_CASE("no expression, however it is made, exhausts the stack or runs for long", "[expression]") {
    CHECK(fault(std::string(5000, '(')).second == "nested deeper than 64 levels");
    std::string nots;
    for (int i = 0; i < 1000; ++i) nots += "not ";
    CHECK(fault(nots + "a").second == "nested deeper than 64 levels");
    CHECK(fault(std::string(9000, 'a')).second == "an expression has at most 8192 bytes");
    CHECK(fault("/" + std::string(300, 'a') + "/").second ==
          "the regular expression is wrong: it is longer than 256 characters");
    CHECK(fault("/((a{100}){100}){1000}/").second ==
          "the regular expression is wrong: its '+' and its counts in '{}' multiply to more than 256");
    CHECK_THROWS_AS(TargetExpression::parse("/((a{99}){99}){99}/"), ExpressionError);
    CHECK(fault("/6+++++++++++++++++++++++++++++++/").second.find("multiply to more than 256") != std::string::npos);
    CHECK(fault("/((((((((((a+)+)+)+)+)+)+)+)+)+)+/").second.find("multiply to more") != std::string::npos);
    auto view = web1();
    view.name = std::string(253, 'a');
    CHECK_FALSE(matches("/(a*)*b/", view));
    CHECK_FALSE(matches("/(a|a)*b/", view));
    CHECK_FALSE(matches("/((a?){16}){16}b/", view));
    CHECK_FALSE(matches("*a*a*a*a*a*a*a*a*b", view));
}

TEST_CASE("an expression is text in UTF-8 without NUL", "[expression]") {
    CHECK(fault("a\xff").second == "an expression is text in UTF-8");
    CHECK(fault(std::string("a\0b", 3)).second == "an expression is text in UTF-8");
}

TEST_CASE("an expression cut off anywhere is either right or a clear error", "[expression]") {
    const std::string whole = "role:web*,db and not (fact:os.name='a b' or /x[0-9]/) or group:eu";
    for (std::size_t size = 0; size <= whole.size(); ++size) {
        try {
            TargetExpression::parse(whole.substr(0, size)).matches(web1());
        } catch (const ExpressionError& error) {
            CHECK(error.offset() <= size);
            CHECK_FALSE(error.message().empty());
        }
    }
}
