// Each operation by what tells its jobs apart.
#include "master/cli/job_text.hpp"

#include "common/text/text.hpp"

namespace prove {

std::string job_text(const Value& job) {
    const std::string operation = job.at("operation").text();
    const Value& options = job.at("options");
    if (const Value* state = options.find("state")) {
        const std::string plan = options.at("mode").text() == "plan" ? " --plan" : "";
        const Value* path = state->at("arguments").find("path");
        return "state" + plan + " " + state->at("function").text() +
               (path != nullptr && path->is_text() ? " path=" + path->text() : "");
    }
    if (operation == "fetch") return "copy from " + options.at("path").text();
    if (const Value* mode = options.find("mode")) return operation + " " + mode->text();
    if (const Value* shell = options.find("shell")) return operation + " " + shell->text();
    if (const Value* argv = options.find("argv")) {
        std::vector<std::string> words;
        for (const auto& word : argv->list()) words.push_back(word.text());
        return operation + " " + join(words, " ");
    }
    return operation;
}

}  // namespace prove
