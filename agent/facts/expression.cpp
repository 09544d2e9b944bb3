// Conditions on facts. See the header.
#include "agent/facts/expression.hpp"

#include "agent/facts/facts.hpp"
#include "common/text/comparison.hpp"
#include "common/text/glob.hpp"
#include "common/text/text.hpp"

namespace prove {

namespace {

bool is_known(const std::string& path) {
    if (path.rfind("custom.", 0) == 0) return true;
    for (const FactDescription& fact : fact_descriptions())
        if (path == fact.name || path.rfind(fact.name + ".", 0) == 0) return true;
    return false;
}

Comparison parse(const std::string& expression) {
    const auto found = find_operator(expression);
    if (!found || found->offset == 0)
        throw Error(ErrorKind::invalid,
                    quoted(expression) + " is no condition on a fact; write it as os.family=debian");
    Comparison comparison;
    comparison.path = std::string(trim(std::string_view(expression).substr(0, found->offset)));
    comparison.op = found->op;
    comparison.wanted = std::string(trim(std::string_view(expression).substr(found->offset + found->size)));
    if (!is_known(comparison.path)) {
        std::vector<std::string> names;
        for (const FactDescription& fact : fact_descriptions()) names.push_back(fact.name);
        const std::string near = nearest(comparison.path, names);
        throw Error(ErrorKind::invalid, "there is no fact " + quoted(comparison.path) +
                                            (near.empty() ? "; 'prove-cli facts' shows which there are"
                                                          : "; did you mean " + quoted(near) + "?"));
    }
    const bool has_glob =
        comparison.op == Comparison::Operator::equal || comparison.op == Comparison::Operator::unequal;
    if (has_glob && !is_valid_glob(comparison.wanted))
        throw Error(ErrorKind::invalid, quoted(comparison.wanted) + " is not a pattern: it has an unclosed '['");
    return comparison;
}

}  // namespace

bool fact_holds(const std::string& expression, const Value& facts) {
    return parse(expression).holds(facts);
}

void check_fact_expression(const std::string& expression) {
    (void)parse(expression);
}

}  // namespace prove
