// Wrong usage, in words: see usage.hpp.
#include "common/manual/usage.hpp"

#include <CLI/CLI.hpp>

#include <cstdio>
#include <memory>
#include <sstream>

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

// The values that an option may have: CLI11 tells them in its type's name, "WHEN:{auto,always}". Empty: not such a one.
std::vector<std::string> choices_of(const std::string& type) {
    const std::size_t begin = type.find('{');
    if (begin == std::string::npos || type.back() != '}') return {};
    return split(type.substr(begin + 1, type.size() - begin - 2), ',');
}

// What CLI11 says of a value that is none of its option's: "--format: dto not in {text,dot,svg}".
std::string wrong_choice(const std::string& text) {
    const std::size_t name = text.find(": "), set = text.rfind(" not in {");
    if (name == std::string::npos || set == std::string::npos || set < name) return text;
    const auto choices = choices_of(text.substr(set));
    if (choices.empty()) return text;
    const std::string word = text.substr(name + 2, set - name - 2), hint = did_you_mean(word, choices);
    return text.substr(0, name) + " takes " + join_words(choices) + ", not " + prove::quoted(word) + hint;
}

// Help without CLI11's own notation: words of which there may be several, choices, and what must be there.
class HelpText final : public CLI::Formatter {
  public:
    std::string make_option_usage(const CLI::Option* option) const override {
        const std::string words = option->get_name(true) + (option->get_expected_max() > 1 ? "..." : "");
        return option->get_required() ? words : "[" + words + "]";
    }
    std::string make_option_opts(const CLI::Option* option) const override {
        if (option->get_positional() || option->get_type_size() == 0) return "";
        const auto choices = choices_of(option->get_type_name());
        return " " + (choices.empty() ? option->get_type_name() : join(choices, "|")) +
               (option->get_required() ? " (required)" : "");
    }
};

void use_help_text(CLI::App& app, const std::shared_ptr<HelpText>& help) {
    app.formatter(help);
    for (CLI::App* command : app.get_subcommands([](CLI::App*) { return true; })) use_help_text(*command, help);
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
    return wrong_choice(error.what());
}

}  // namespace

std::optional<int> parse_command_line(CLI::App& app, int argc, char** argv) {
    use_help_text(app, std::make_shared<HelpText>());
    try {
        app.parse(argc, argv);
        return std::nullopt;
    } catch (const CLI::ParseError& error) {
        if (error.get_exit_code() == 0) {  // help and version, where everything else is written: stdout, not std::cout
            std::ostringstream text;
            const int status = app.exit(error, text, text);
            std::fputs(text.str().c_str(), stdout);
            return status;
        }
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
