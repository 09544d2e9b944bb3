// survey: what stands on this host that states can describe, for `prove-cli adopt`.
#include "agent/actions/survey.hpp"

#include "agent/actions/families.hpp"
#include "common/text/glob.hpp"
#include "common/text/text.hpp"

namespace prove {
namespace {

// What is sent as base64 in a result of at most 4 MiB.
constexpr std::size_t most_contents = 2u << 20;

class SurveyAction final : public Action {
  public:
    std::string name() const override { return "survey"; }
    ActionResult run(const Value& body, const ActionContext& context) const override {
        const Survey survey = survey_from(body);
        for (const auto* globs : {&survey.packages, &survey.services, &survey.users})
            for (const std::string& glob : *globs)
                if (!is_valid_glob(glob)) throw Error(ErrorKind::invalid, quoted(glob) + " is no name and no glob");
        const std::unique_ptr<Host> host = context.make_host();
        Value notes = Value::array();
        ActionResult result;
        result.body = Value::object();
        const auto add = [&](const char* kind, Findings findings) {
            if (!findings.list.list().empty()) result.body.set(kind, std::move(findings.list));
            for (std::string& note : findings.notes) notes.push(std::move(note));
        };
        add("packages", survey_packages(*host, survey));
        add("services", survey_services(*host, survey));
        Accounts accounts = survey_accounts(*host, survey);
        add("groups", std::move(accounts.groups));
        add("users", std::move(accounts.users));
        add("files", survey_files(*host, survey, most_contents));
        if (!notes.list().empty()) result.body.set("notes", std::move(notes));
        return result;
    }
};

}  // namespace

std::unique_ptr<Action> make_survey() {
    return std::make_unique<SurveyAction>();
}

}  // namespace prove
