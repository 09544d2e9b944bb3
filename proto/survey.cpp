// The body of a survey. See the header.
#include "proto/survey.hpp"

#include <utility>

namespace prove {

Value to_value(const Survey& survey) {
    Value result = Value::object();
    for (const auto& [key, list] : {std::pair{"packages", &survey.packages}, std::pair{"services", &survey.services},
                                    std::pair{"users", &survey.users}, std::pair{"files", &survey.files}})
        if (!list->empty()) result.set(key, Value(Value::List(list->begin(), list->end())));
    return result;
}

Survey survey_from(const Value& body) {
    Fields fields(body, "survey");
    Survey survey;
    survey.packages = fields.texts("packages");
    survey.services = fields.texts("services");
    survey.users = fields.texts("users");
    survey.files = fields.texts("files");
    fields.end();
    return survey;
}

}  // namespace prove
