// Walks the CLI11 tree.
#include "common/manual/manual.hpp"

#include <sstream>

#include <CLI/CLI.hpp>

#include "common/text/text.hpp"

namespace prove {

namespace {

// Text for roff: backslashes and leading dots and quotes mean something there.
std::string roff(const std::string& text) {
    std::string result;
    for (const char c : text) {
        if (c == '\\') {
            result += "\\\\";
        } else if (c == '-') {
            result += "\\-";
        } else if ((c == '.' || c == '\'') && (result.empty() || result.back() == '\n')) {
            result += std::string("\\&") + c;
        } else {
            result += c;
        }
    }
    return result;
}

std::string path_of(const CLI::App& app) {
    std::string path = app.get_name();
    for (const CLI::App* up = app.get_parent(); up != nullptr; up = up->get_parent()) path = up->get_name() + " " + path;
    return path;
}

std::string option_names(const CLI::Option& option) {
    std::string names = option.get_positional() ? option.get_name(true) : option.get_name(false, true);
    names = replace_all(names, ",", ", ");
    // CLI11 adds the choices of an option to its type's name: "WHEN:{auto,always}".
    const std::string type = option.get_type_name();
    if (!option.get_positional() && !type.empty()) names += " " + type.substr(0, type.find(":{"));
    return names;
}

void write_options(std::ostream& out, const CLI::App& app) {
    for (const CLI::Option* option : app.get_options())
        out << ".TP\n.B " << roff(option_names(*option)) << "\n" << roff(option->get_description()) << "\n";
}

void write_examples(std::ostream& out, const CLI::App& app) {
    const std::string footer = app.get_footer();
    const std::string head = "Examples:\n";
    if (footer.rfind(head, 0) != 0) return;
    out << ".PP\nExamples:\n.PP\n.nf\n.RS\n";
    for (const auto& line : split_lines(footer.substr(head.size()))) out << roff(line) << "\n";
    out << ".RE\n.fi\n";
}

void write_commands(std::ostream& out, const CLI::App& app) {
    for (const CLI::App* command : app.get_subcommands([](const CLI::App*) { return true; })) {
        out << ".SS " << roff(path_of(*command)) << "\n" << roff(command->get_description()) << "\n";
        write_options(out, *command);
        write_examples(out, *command);
        write_commands(out, *command);
    }
}

void write_pairs(std::ostream& out, const char* heading, const std::string& lines) {
    if (lines.empty()) return;
    out << ".SH " << heading << "\n";
    for (const auto& line : split_lines(lines)) {
        const auto parts = split(line, '\t');
        out << ".TP\n.B " << roff(parts.at(0)) << "\n" << roff(parts.size() > 1 ? parts[1] : "") << "\n";
    }
}

void write_markdown(std::ostream& out, const CLI::App& app) {
    out << "\n## " << path_of(app) << "\n\n" << app.get_description() << "\n\n";
    out << "| | |\n| --- | --- |\n";
    for (const CLI::Option* option : app.get_options())
        out << "| `" << replace_all(option_names(*option), "|", "\\|") << "` | " << replace_all(option->get_description(), "|", "\\|")
            << " |\n";
    const std::string footer = app.get_footer(), head = "Examples:\n";
    if (footer.rfind(head, 0) == 0) {
        out << "\n```\n";
        for (const auto& line : split_lines(footer.substr(head.size()))) {
            if (line.empty()) break;
            out << (line.rfind("  ", 0) == 0 ? line.substr(2) : line) << "\n";
        }
        out << "```\n";
    }
    for (const CLI::App* command : app.get_subcommands([](const CLI::App*) { return true; })) write_markdown(out, *command);
}

// One `case` branch for each level of commands: what may follow there.
void write_branches(std::ostream& out, const CLI::App& app, const std::string& words) {
    std::string candidates;
    for (const CLI::App* command : app.get_subcommands([](const CLI::App*) { return true; })) candidates += command->get_name() + " ";
    for (const CLI::Option* option : app.get_options())
        for (const auto& name : option->get_lnames()) candidates += "--" + name + " ";
    out << "        '" << words << "') candidates='" << trim_end(candidates) << "' ;;\n";
    for (const CLI::App* command : app.get_subcommands([](const CLI::App*) { return true; }))
        write_branches(out, *command, words.empty() ? command->get_name() : words + " " + command->get_name());
}

}  // namespace

std::string man_page(const CLI::App& app, const ManualPage& page) {
    std::ostringstream out;
    std::string title = page.name;
    for (char& c : title) c = static_cast<char>(c >= 'a' && c <= 'z' ? c - 'a' + 'A' : c);
    out << ".TH " << roff(title) << " " << page.section << " \"\" \"Prove\" \"Prove\"\n";
    out << ".SH NAME\n" << roff(page.name) << " \\- " << roff(app.get_description()) << "\n";
    out << ".SH SYNOPSIS\n.B " << roff(page.name) << "\n[OPTIONS]"
        << (app.get_subcommands([](const CLI::App*) { return true; }).empty() ? "" : " COMMAND ...") << "\n.SH DESCRIPTION\n";
    for (const auto& line : split_lines(page.description)) out << (line.empty() ? std::string(".PP") : roff(line)) << "\n";
    out << ".SH OPTIONS\n";
    write_options(out, app);
    write_examples(out, app);
    if (!app.get_subcommands([](const CLI::App*) { return true; }).empty()) {
        out << ".SH COMMANDS\n";
        write_commands(out, app);
    }
    write_pairs(out, "\"EXIT STATUS\"", page.exit_status);
    write_pairs(out, "FILES", page.files);
    if (!page.see_also.empty()) out << ".SH \"SEE ALSO\"\n" << roff(page.see_also) << "\n";
    return out.str();
}

std::string markdown_reference(const CLI::App& app) {
    std::ostringstream out;
    write_markdown(out, app);
    return out.str();
}

std::string bash_completion(const CLI::App& app, const std::string& program) {
    std::string function = "_" + replace_all(program, "-", "_");
    std::ostringstream out;
    out << "# bash completion for " << program << ", made from its own command tree.\n" << function << "()\n{\n"
        << "    local current=${COMP_WORDS[COMP_CWORD]} words='' word candidates=''\n"
        << "    for word in \"${COMP_WORDS[@]:1:COMP_CWORD-1}\"; do\n"
        << "        case \"$word\" in -*) continue ;; esac\n"
        << "        case \" $(" << function << "_below \"$words\") \" in *\" $word \"*) words=\"${words:+$words }$word\" ;; esac\n"
        << "    done\n"
        << "    candidates=$(" << function << "_below \"$words\")\n"
        << "    COMPREPLY=($(compgen -W \"$candidates\" -- \"$current\"))\n}\n"
        << function << "_below()\n{\n    local candidates=''\n    case \"$1\" in\n";
    write_branches(out, app, "");
    out << "    esac\n    printf '%s' \"$candidates\"\n}\ncomplete -o default -F " << function << " " << program << "\n";
    return out.str();
}

}  // namespace prove
