// The list of Actions, and the boundary around them.
#include "agent/actions/families.hpp"
#include "agent/engine/part_runner.hpp"

namespace prove {

std::vector<std::unique_ptr<Action>> all_actions() {
    std::vector<std::unique_ptr<Action>> actions;
    actions.push_back(make_cmd());
    actions.push_back(make_facts());
    actions.push_back(make_fetch());
    actions.push_back(make_ping());
    actions.push_back(make_states());
    actions.push_back(make_survey());
    return actions;
}

ActionResult run_action(const std::string& operation, const Value& body, const ActionContext& context) {
    try {
        for (const auto& action : all_actions())
            if (action->name() == operation) return action->run(body, context);
        return {JobResult::End::refused, "this Prove has no operation '" + operation + "'", {}};
    } catch (const Error& error) {
        // What is held as a whole has not begun: the run itself is a content, and only the master has it.
        if (error.kind() == ErrorKind::held) return {JobResult::End::refused, "nothing was run: " + reason_of(error), {}};
        const bool cancelled = error.kind() == ErrorKind::cancelled;
        return {cancelled ? JobResult::End::cancelled : JobResult::End::failed, reason_of(error), {}};
    } catch (const std::exception& fault) {
        return {JobResult::End::failed, std::string("a fault of Prove's own: ") + fault.what(), {}};
    }
}

}  // namespace prove
