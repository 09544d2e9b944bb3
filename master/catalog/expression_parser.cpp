// The grammar of target expressions, by recursive descent:
//   any  := all ('or' all)*      all := not ('and' not)*      not := 'not' not | '(' any ')' | term
//   term := /regex/ | KIND:value | name,glob*,...
// Bounded in length and depth, so that no text from a socket can exhaust the stack.
#include <algorithm>
#include <array>
#include <memory>
#include <string>
#include <string_view>
#include <utility>

#include "common/text/glob.hpp"
#include "common/text/text.hpp"
#include "common/text/utf8.hpp"
#include "master/catalog/expression_term.hpp"

namespace prove {

namespace {

using Kind = TargetExpression::Kind;
using Term = TargetExpression::Term;

constexpr std::size_t longest_expression = 8192;
constexpr int deepest_nesting = 64;

constexpr std::array<std::pair<std::string_view, Kind>, 6> kinds{{{"role", Kind::role},
                                                                  {"group", Kind::group},
                                                                  {"fact", Kind::fact},
                                                                  {"var", Kind::variable},
                                                                  {"executor", Kind::executor},
                                                                  {"status", Kind::status}}};

// What a target may be, so that a mistyped one is not taken for "none".
const std::vector<std::string> statuses = {"connected", "disconnected", "pending", "conflict", "ssh", "unknown"};
const std::vector<std::string> executors = {"agent", "ssh", "local"};

bool is_blank(char c) {
    return c == ' ' || c == '\t' || c == '\n' || c == '\r';
}

bool is_letter_or_digit(char c) {
    return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9');
}

class Parser {
  public:
    explicit Parser(const std::string& text) : text_(text) {}

    TermPointer parse() {
        if (text_.size() > longest_expression)
            fail(longest_expression, "an expression has at most " + std::to_string(longest_expression) + " bytes");
        if (!is_utf8(text_) || text_.find('\0') != std::string::npos) fail(0, "an expression is text in UTF-8");
        skip_blanks();
        if (at_end()) fail(at_, "no target is named; '*' means all");
        auto result = any();
        if (!at_end()) fail_at_word("expected 'and', 'or' or the end");
        return result;
    }

    Comparison fact_comparison() {
        auto result = comparison("os.family=debian");
        skip_blanks();
        if (!at_end())
            fail_at_word("a condition compares one fact, and several conditions are a list: expected the end");
        return result;
    }

  private:
    [[noreturn]] void fail(std::size_t offset, const std::string& message) const {
        throw ExpressionError(text_, std::min(offset, text_.size()), message);
    }

    [[noreturn]] void fail_at_word(const std::string& expected) const {
        if (at_end()) fail(at_, expected + ", found the end");
        if (text_[at_] == ')') fail(at_, expected + ", found a ')' that closes nothing");
        const auto word = std::string(peek_word());
        const auto small = lower(word);
        const bool shouted = word != small && (small == "and" || small == "or" || small == "not");
        const auto found = word.empty() ? std::string(1, text_[at_]) : word;
        fail(at_, expected + ", found " + quoted(found) + (shouted ? "; did you mean '" + small + "'?" : ""));
    }

    bool at_end() const { return at_ >= text_.size(); }
    void skip_blanks() {
        while (!at_end() && is_blank(text_[at_])) ++at_;
    }

    // What stands here up to a blank or a parenthesis.
    std::string_view peek_word() const {
        auto end = at_;
        while (end < text_.size() && !is_blank(text_[end]) && text_[end] != '(' && text_[end] != ')') ++end;
        return std::string_view(text_).substr(at_, end - at_);
    }

    bool take_word(std::string_view word) {
        if (peek_word() != word) return false;
        at_ += word.size();
        skip_blanks();
        return true;
    }

    TermPointer any() { return joined(Kind::any, "or", &Parser::all); }
    TermPointer all() { return joined(Kind::all, "and", &Parser::negation); }

    TermPointer joined(Kind kind, std::string_view word, TermPointer (Parser::*next)()) {
        auto first = (this->*next)();
        if (peek_word() != word) return first;
        auto term = std::make_shared<Term>();
        term->kind = kind;
        term->children.push_back(std::move(first));
        while (take_word(word)) term->children.push_back((this->*next)());
        return term;
    }

    TermPointer negation() {
        const auto begin = at_;
        if (++depth_ > deepest_nesting)
            fail(begin, "nested deeper than " + std::to_string(deepest_nesting) + " levels");
        TermPointer result;
        if (take_word("not")) {
            auto term = std::make_shared<Term>();
            term->kind = Kind::negation;
            term->children.push_back(negation());
            result = std::move(term);
        } else if (!at_end() && text_[at_] == '(') {
            ++at_;
            skip_blanks();
            result = any();
            if (at_end()) fail(begin, "this '(' is never closed");
            if (text_[at_] != ')') fail_at_word("expected 'and', 'or' or ')'");
            ++at_;
            skip_blanks();
        } else {
            result = term();
        }
        --depth_;
        return result;
    }

    TermPointer term() {
        if (at_end() || text_[at_] == ')') fail_at_word("expected a target, a term such as role:webserver, or '('");
        for (const auto* word : {"and", "or"})
            if (peek_word() == word) fail(at_, "expected a target before " + quoted(word));
        auto result = text_[at_] == '/' ? regex() : kind_or_names();
        skip_blanks();
        return result;
    }

    TermPointer regex() {
        const auto begin = at_++;
        std::string pattern;
        while (!at_end() && text_[at_] != '/') {
            if (text_[at_] == '\\' && at_ + 1 < text_.size()) {
                if (text_[at_ + 1] != '/') pattern += '\\';
                ++at_;
            }
            pattern += text_[at_++];
        }
        if (at_end()) fail(begin, "this '/' has no second one that ends the regular expression");
        ++at_;
        expect_word_end();
        auto term = std::make_shared<Term>();
        term->kind = Kind::regex;
        try {
            term->regex.emplace(pattern);
        } catch (const Error& error) {
            fail(begin, "the regular expression is wrong: " + error.text());
        }
        return term;
    }

    // Nothing may be glued to the end of a regular expression or a quoted text.
    void expect_word_end() const {
        if (!at_end() && !is_blank(text_[at_]) && text_[at_] != ')') fail_at_word("expected a blank");
    }

    TermPointer kind_or_names() {
        const auto begin = at_;
        const auto colon = peek_word().find(':');
        auto term = std::make_shared<Term>();
        if (colon == std::string_view::npos) {
            term->globs = globs("a target's name");
            return term;
        }
        term->kind = kind_named(std::string(peek_word().substr(0, colon)), begin);
        at_ += colon + 1;
        if (term->kind == Kind::fact || term->kind == Kind::variable)
            term->comparison = comparison(term->kind == Kind::fact ? "fact:os.family=debian" : "var:site=blog");
        else
            term->globs = globs("a name right after ':'", known_values(term->kind));
        return term;
    }

    Kind kind_named(const std::string& name, std::size_t offset) const {
        std::vector<std::string> names;
        for (const auto& [known, kind] : kinds) {
            if (known == name) return kind;
            names.emplace_back(known);
        }
        const auto near = nearest(name, names);
        fail(offset, "there is no term " + quoted(name + ":") +
                         (near.empty() ? "; there are " + join_words(names) : "; did you mean '" + near + ":'?"));
    }

    // Empty: any value may be right.
    static std::vector<std::string> known_values(Kind kind) {
        return kind == Kind::status ? statuses : kind == Kind::executor ? executors : std::vector<std::string>{};
    }

    void expect_known(const std::string& value, const std::vector<std::string>& known, std::size_t offset) const {
        if (known.empty() || is_glob(value) || std::find(known.begin(), known.end(), value) != known.end()) return;
        const auto near = nearest(value, known);
        fail(offset, "expected " + join_words(known, "or") + ", found " + quoted(value) +
                         (near.empty() ? "" : "; did you mean " + quoted(near) + "?"));
    }

    std::vector<std::string> globs(const std::string& wanted, const std::vector<std::string>& known = {}) {
        std::vector<std::string> result;
        for (bool more = true; more;) {
            const auto begin = at_;
            auto glob = value_up_to(',');
            if (glob.empty()) fail(at_, "expected " + (result.empty() ? wanted : "a name right after the ','"));
            expect_characters_of_names(glob, begin);
            if (!is_valid_glob(glob))
                fail(begin, "the pattern " + quoted(glob) + " has a '[' without its ']', or ends in '\\'");
            expect_known(glob, known, begin);
            result.push_back(std::move(glob));
            more = !at_end() && text_[at_] == ',';
            if (more) ++at_;
        }
        return result;
    }

    // What no name can have would silently match nothing: `!web*` of other tools, `web*&db*`.
    void expect_characters_of_names(const std::string& glob, std::size_t begin) const {
        bool in_set = false;
        for (const char c : glob) {
            if (c == '[') in_set = true;
            if (c == ']') in_set = false;
            const bool known = is_letter_or_digit(c) || std::string_view("._-*?[]\\").find(c) != std::string_view::npos;
            if (known || in_set) continue;
            const std::string shown(utf8_prefix(std::string_view(glob).substr(glob.find(c)), 1));
            fail(begin, "no name has " + quoted(shown) + " in it" +
                            (c == '!' ? "; 'not' turns a term round, as in web* and not web1" : ""));
        }
    }

    Comparison comparison(const std::string& example) {
        const auto word = peek_word();
        const auto found = find_operator(word);
        if (!found)
            fail(at_ + word.size(), "expected =, !=, <, <=, > or >= and a value, without blanks, as in " + example);
        Comparison result;
        result.path = std::string(word.substr(0, found->offset));
        if (result.path.empty()) fail(at_, "expected a name before the operator, as in " + example);
        for (const auto& part : split(result.path, '.'))
            if (part.empty()) fail(at_, "a name in " + quoted(result.path) + " is empty");
        result.op = found->op;
        at_ += found->offset + found->size;
        const auto begin = at_;
        result.wanted = value_up_to('\0');
        if (at_ == begin) fail(at_, "expected a value, as in " + example);
        if (!is_valid_glob(result.wanted))
            fail(begin, "the pattern " + quoted(result.wanted) + " has a '[' without its ']'");
        return result;
    }

    // A value ends at a blank, a parenthesis or `stop`; within quotes all of these belong to it.
    std::string value_up_to(char stop) {
        std::string result;
        while (!at_end() && !is_blank(text_[at_]) && text_[at_] != '(' && text_[at_] != ')' && text_[at_] != stop) {
            if (text_[at_] != '\'' && text_[at_] != '"') {
                result += text_[at_++];
                continue;
            }
            const auto begin = at_;
            const auto end = text_.find(text_[at_], at_ + 1);
            if (end == std::string::npos) fail(begin, "this quote is never closed");
            result += text_.substr(begin + 1, end - begin - 1);
            at_ = end + 1;
        }
        return result;
    }

    const std::string& text_;
    std::size_t at_ = 0;
    int depth_ = 0;
};

}  // namespace

TermPointer parse_expression(const std::string& text) {
    return Parser(text).parse();
}

Comparison parse_fact_comparison(const std::string& text) {
    return Parser(text).fact_comparison();
}

}  // namespace prove
