// Matching of target expressions, and what can be asked of one before it is matched.
#include "master/catalog/target_expression.hpp"

#include <algorithm>

#include "common/text/excerpt.hpp"
#include "common/text/glob.hpp"
#include "common/text/text.hpp"
#include "common/text/utf8.hpp"
#include "master/catalog/expression_term.hpp"

namespace prove {

namespace {

using Kind = TargetExpression::Kind;
using Term = TargetExpression::Term;

// The expression and a caret. Not excerpt(): an expression has no line number.
std::string with_caret(const std::string& expression, std::size_t offset, const std::string& message) {
    const auto before = escape_control(expression.substr(0, offset));
    return message + "\n    " + escape_control(expression) + "\n    " + std::string(utf8_length(before), ' ') + "^";
}

bool any_glob_matches(const std::vector<std::string>& globs, const std::string& text) {
    return std::any_of(globs.begin(), globs.end(), [&](const auto& glob) { return glob_matches(glob, text); });
}

bool any_glob_matches(const std::vector<std::string>& globs, const std::vector<std::string>& texts) {
    return std::any_of(texts.begin(), texts.end(), [&](const auto& text) { return any_glob_matches(globs, text); });
}

bool holds(const Term& term, const TargetView& view) {
    const auto child_holds = [&](const TermPointer& child) { return holds(*child, view); };
    switch (term.kind) {
        case Kind::all:
            return std::all_of(term.children.begin(), term.children.end(), child_holds);
        case Kind::any:
            return std::any_of(term.children.begin(), term.children.end(), child_holds);
        case Kind::negation:
            return !child_holds(term.children.front());
        case Kind::names:
            return any_glob_matches(term.globs, view.name);
        case Kind::regex:
            return term.regex->found_in(view.name);
        case Kind::role:
            return any_glob_matches(term.globs, view.roles);
        case Kind::group:
            return any_glob_matches(term.globs, view.groups);
        case Kind::executor:
            return any_glob_matches(term.globs, view.executor);
        case Kind::status:
            return any_glob_matches(term.globs, view.status);
        case Kind::fact:
            return view.facts != nullptr && term.comparison->holds(*view.facts);
        case Kind::variable:
            return view.variables != nullptr && term.comparison->holds(*view.variables);
    }
    return false;
}

bool uses_kind(const Term& term, Kind kind) {
    return term.kind == kind || std::any_of(term.children.begin(), term.children.end(),
                                            [&](const TermPointer& child) { return uses_kind(*child, kind); });
}

void collect_patterns(const Term& term, Kind kind, std::vector<std::string>& result) {
    if (term.kind == kind) result.insert(result.end(), term.globs.begin(), term.globs.end());
    for (const auto& child : term.children) collect_patterns(*child, kind, result);
}

}  // namespace

ExpressionError::ExpressionError(const std::string& expression, std::size_t offset, std::string message)
    : Error(ErrorKind::usage, with_caret(expression, offset, message)), offset_(offset), message_(std::move(message)) {}

TargetExpression TargetExpression::parse(const std::string& text) {
    return TargetExpression(parse_expression(text));
}

TargetExpression TargetExpression::of_globs(std::vector<std::string> globs) {
    auto term = std::make_shared<Term>();
    term->globs = std::move(globs);
    return TargetExpression(std::move(term));
}

TargetExpression TargetExpression::of_regex(const std::string& pattern) {
    auto term = std::make_shared<Term>();
    term->kind = Kind::regex;
    term->regex.emplace(pattern);
    return TargetExpression(std::move(term));
}

bool TargetExpression::matches(const TargetView& view) const {
    return holds(*root_, view);
}

bool TargetExpression::uses(Kind kind) const {
    return uses_kind(*root_, kind);
}

void TargetExpression::check_names(const std::vector<std::string>& known) const {
    for (const auto& name : literal_names()) {
        if (std::find(known.begin(), known.end(), name) != known.end()) continue;
        const auto near = nearest(name, known);
        throw Error(ErrorKind::usage, "there is no target " + quoted(name) +
                                          (near.empty() ? "; see: prove-cli targets"
                                                        : "; did you mean " + quoted(near) + "?"));
    }
}

std::vector<std::string> TargetExpression::patterns(Kind kind) const {
    std::vector<std::string> result;
    collect_patterns(*root_, kind, result);
    return result;
}

std::vector<std::string> TargetExpression::literals(Kind kind) const {
    auto result = patterns(kind);
    result.erase(std::remove_if(result.begin(), result.end(), [](const auto& glob) { return is_glob(glob); }),
                 result.end());
    return result;
}

}  // namespace prove
