// survey: what stands on hosts that states can describe. It reads any file as root, so that it takes what cmd takes.
#include "common/text/glob.hpp"
#include "common/text/text.hpp"
#include "master/commands/command.hpp"
#include "proto/survey.hpp"

namespace prove {

namespace {

class SurveyCommand final : public MasterCommand {
  public:
    std::string operation() const override { return "survey"; }
    Value checked(const Value& options) const override {
        return as_usage([&] {
            const Survey survey = survey_from(options);
            for (const auto* globs : {&survey.packages, &survey.services, &survey.users})
                for (const std::string& glob : *globs)
                    if (!is_valid_glob(glob)) throw Error(ErrorKind::usage, quoted(glob) + " is no name and no glob");
            for (const std::string& path : survey.files)
                if (!path.starts_with('/')) throw Error(ErrorKind::usage, quoted(path) + " is no absolute path");
            return to_value(survey);
        });
    }
    Permission permission(const Value&) const override { return Permission::cmd; }
};

}  // namespace

std::unique_ptr<MasterCommand> survey_command() {
    return std::make_unique<SurveyCommand>();
}

}  // namespace prove
