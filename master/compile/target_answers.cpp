// Asking every target whether it is meant.
#include "master/compile/target_answers.hpp"

#include "common/text/text.hpp"
#include "master/catalog/target_expression.hpp"
#include "master/compile/target_scope.hpp"

namespace prove {

namespace {

// A template may make up any number of expressions.
constexpr std::size_t most_known = 1'000;

Value list_of(const std::vector<std::string>& texts) {
    return Value(Value::List(texts.begin(), texts.end()));
}

Value entry_of(const ResolvedTarget& target, const Value& facts) {
    Value entry = Value::object();
    entry.set("name", target.target->id.text());
    entry.set("host", target.target->host);
    entry.set("roles", list_of(target.roles));
    entry.set("groups", list_of(target.groups));
    entry.set("facts", facts);
    return entry;
}

}  // namespace

std::shared_ptr<const TargetAnswer> TargetAnswers::find(const std::string& text, bool merging) {
    const TargetExpression expression = TargetExpression::parse(text);
    if (expression.uses_variables() && merging)
        throw Error(ErrorKind::catalog, "targets() in a variable file cannot ask for var:, which is being made here");
    for (const std::string& name : expression.literal_names())
        if (catalog_.target(TargetId(name)) == nullptr)
            throw Error(ErrorKind::catalog, "targets() names " + quoted(name) + ", which no target is called");
    // Before looking: what is said meanwhile makes the answer an old one.
    const std::uint64_t version = directory_.version(expression.uses(TargetExpression::Kind::status));
    if (version != 0) {
        const std::lock_guard lock(mutex_);
        const auto known = known_.find(text);
        if (known != known_.end() && known->second.version == version) return known->second.answer;
    }
    auto answer = std::make_shared<TargetAnswer>();
    answer->targets = matching(expression);
    answer->hash = hash_of(write_json(answer->targets));
    if (version == 0) return answer;
    const std::lock_guard lock(mutex_);
    if (known_.size() >= most_known) known_.clear();
    known_[text] = {version, answer};
    return answer;
}

std::string status_of(const TargetDirectory& directory, const Target& target) {
    return target.executor == "ssh" ? "ssh" : directory.status_of(target.id);
}

Value TargetAnswers::matching(const TargetExpression& expression) {
    Value result = Value::array();
    for (const Target& target : catalog_.targets()) {
        const Value facts = directory_.facts_of(target.id);
        const ResolvedTarget resolved = catalog_.resolve(target.id, facts);
        Value variables;
        if (expression.uses_variables()) {
            Diagnostics ignored;  // they are shown when that target is compiled
            variables =
                TargetScope({catalog_, renderer_, *this}, resolved, facts, Value::object(), ignored).variables();
        }
        TargetView view;
        view.name = target.id.text();
        view.host = target.host;
        view.executor = target.executor;
        view.status = status_of(directory_, target);
        view.roles = resolved.roles;
        view.groups = resolved.groups;
        view.facts = facts.is_null() ? nullptr : &facts;
        view.variables = expression.uses_variables() ? &variables : nullptr;
        if (expression.matches(view)) result.push(entry_of(resolved, facts));
    }
    return result;
}

}  // namespace prove
