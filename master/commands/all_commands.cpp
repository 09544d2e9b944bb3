// The list of commands, and what they share.
#include "common/text/text.hpp"
#include "master/commands/command.hpp"

namespace prove {

CommandTable::CommandTable() {
    commands_.push_back(ping_command());
    commands_.push_back(facts_command());
    commands_.push_back(cmd_command());
    commands_.push_back(states_command());
    commands_.push_back(survey_command());
    commands_.push_back(fetch_command());
}

const MasterCommand& CommandTable::find(const std::string& operation) const {
    for (const auto& command : commands_)
        if (command->operation() == operation) return *command;
    const auto near = nearest(operation, names());
    throw Error(ErrorKind::usage, "there is no operation " + quoted(operation) +
                                      (near.empty() ? "" : "; did you mean " + quoted(near) + "?"));
}

std::vector<std::string> CommandTable::names() const {
    std::vector<std::string> names;
    for (const auto& command : commands_) names.push_back(command->operation());
    return names;
}

Judged judge_plainly(const JobResult& result) {
    Judged judged;
    judged.reason = result.reason;
    switch (result.end) {
        case JobResult::End::done:
            judged.end = TargetEnd::done;
            break;
        case JobResult::End::failed:
            judged.end = TargetEnd::failed;
            break;
        case JobResult::End::refused:
            judged.end = TargetEnd::refused;
            break;
        case JobResult::End::cancelled:
            judged.end = TargetEnd::cancelled;
            break;
        case JobResult::End::interrupted:
            judged.end = TargetEnd::interrupted;
            break;
    }
    return judged;
}

Prepared MasterCommand::prepare(const PrepareFrom& from) const {
    Prepared prepared;
    prepared.body = from.options;
    return prepared;
}

Judged MasterCommand::judge(const Value&, const JobResult& result, const Value&) const {
    return judge_plainly(result);
}

}  // namespace prove
