// Wrong usage, in words: see usage.hpp.
#include "common/manual/usage.hpp"

#include <CLI/CLI.hpp>

#include <cstdio>

#include "common/text/text.hpp"
#include "proto/error.hpp"

namespace prove {

namespace {

bool is_option(const std::string& word) {
    return word.size() > 1 && word.front() == '-';
}

std::string did_you_mean(const std::string& word, const std::vector<std::string>& names) {
    const std::string near = nearest(word, names);
    return near.empty() ? "" : "; did you mean " + prove::quoted(near) + "?";
}

// The options that this command takes: its own, and those of the commands that it belongs to.
std::vector<std::string> option_names(const CLI::App* app) {
    std::vector<std::string> names;
    for (; app != nullptr; app = app->get_parent())
        for (const CLI::Option* option : app->get_options()) {
            for (const auto& name : option->get_lnames()) names.push_back("--" + name);
            for (const auto& name : option->get_snames()) names.push_back("-" + name);
        }
    return names;
}

std::vector<std::string> command_names(const CLI::App& app) {
    std::vector<std::string> names;
    for (const CLI::App* command : app.get_subcommands([](const CLI::App*) { return true; }))
        names.push_back(command->get_name());
    return names;
}

// `stray`: the words that nothing took, as they were written.
std::string usage_text(const CLI::App& app, const std::vector<std::string>& stray, const CLI::ParseError& error) {
    for (const auto& word : stray) {
        if (!is_option(word)) continue;
        const std::string name = word.substr(0, word.find('='));
        return "there is no option " + prove::quoted(name) + did_you_mean(name, option_names(&app));
    }
    const auto commands = command_names(app);
    if (!commands.empty() && !stray.empty()) {
        const auto hint = did_you_mean(stray.front(), commands);
        return "there is no command " + prove::quoted(stray.front()) +
               (hint.empty() ? "; there are " + join_words(commands) : hint);
    }
    if (!commands.empty() && dynamic_cast<const CLI::RequiredError*>(&error) != nullptr)
        return "which command? there are " + join_words(commands);
    if (!stray.empty()) return prove::quoted(stray.front()) + " is one word more than this command takes";
    return error.what();
}

}  // namespace

std::optional<int> parse_command_line(CLI::App& app, int argc, char** argv) {
    try {
        app.parse(argc, argv);
        return std::nullopt;
    } catch (const CLI::ParseError& error) {
        if (error.get_exit_code() == 0) return app.exit(error);
        const CLI::App* deepest = &app;
        while (!deepest->get_subcommands().empty()) deepest = deepest->get_subcommands().front();
        std::string command = deepest->get_name();
        for (const CLI::App* up = deepest->get_parent(); up != nullptr; up = up->get_parent())
            command = up->get_name() + " " + command;
        std::fprintf(stderr, "%s: %s\nsee '%s --help'\n", app.get_name().c_str(),
                     escape_control(usage_text(*deepest, app.remaining(true), error)).c_str(), command.c_str());
        return 2;
    }
}

}  // namespace prove
