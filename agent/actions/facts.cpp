// facts: what the host says about itself; only what was asked for is gathered. `problems` names the custom facts that
// could not be had, and is left out where there are none.
#include "agent/facts/facts.hpp"

#include "agent/actions/families.hpp"

namespace prove {
namespace {

class FactsAction final : public Action {
  public:
    std::string name() const override { return "facts"; }
    ActionResult run(const Value& body, const ActionContext& context) const override {
        FactsRequest request;
        request.names = facts_body_from(body.is_null() ? Value::object() : body).names;
        request.custom_folder = context.facts_folder;
        Facts facts = gather_facts(*context.make_host(), request);
        ActionResult result;
        result.body = Value::object();
        result.body.set("facts", std::move(facts.values));
        if (facts.problems.empty()) return result;
        Value problems = Value::array();
        for (std::string& problem : facts.problems) problems.push(std::move(problem));
        result.body.set("problems", std::move(problems));
        return result;
    }
};

}  // namespace

std::unique_ptr<Action> make_facts() {
    return std::make_unique<FactsAction>();
}

}  // namespace prove
