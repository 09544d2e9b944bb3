// file.line: one line in a file that others own. Its traps are old and well known: a `match` that does not match its
// own line appends again in every run (refused when compiled), several matches are a guess (refused), and a file
// without a last line end must not have two lines run together.
#include <regex.h>

#include <algorithm>
#include <optional>

#include "agent/functions/families.hpp"
#include "common/text/text.hpp"

namespace prove {

namespace {

// An extended regular expression, as grep -E takes it; POSIX's own, since std::regex recurses once per character.
class Pattern {
  public:
    explicit Pattern(const std::string& text) {
        const int code = regcomp(&compiled_, text.c_str(), REG_EXTENDED | REG_NOSUB);
        if (code == 0) return;
        char why[200] = {};
        regerror(code, &compiled_, why, sizeof(why));
        throw Error(ErrorKind::invalid, quoted(text) + " is not a regular expression: " + lower(why));
    }
    ~Pattern() { regfree(&compiled_); }
    Pattern(const Pattern&) = delete;
    Pattern& operator=(const Pattern&) = delete;

    bool matches(const std::string& line) const { return regexec(&compiled_, line.c_str(), 0, nullptr, 0) == 0; }

  private:
    regex_t compiled_{};
};

struct Lines {
    std::vector<std::string> lines;
    bool ends_with_newline = true;

    explicit Lines(const std::string& content) {
        if (content.empty()) return;
        ends_with_newline = content.back() == '\n';
        lines = split(std::string_view(content).substr(0, content.size() - (ends_with_newline ? 1 : 0)), '\n');
    }
    std::string text() const {
        if (lines.empty()) return "";
        return join(lines, "\n") + (ends_with_newline ? "\n" : "");
    }
};

std::vector<std::size_t> matching(const Lines& file, const std::string& pattern_text) {
    const Pattern pattern(pattern_text);
    std::vector<std::size_t> found;
    for (std::size_t i = 0; i < file.lines.size(); ++i)
        if (pattern.matches(file.lines[i])) found.push_back(i);
    return found;
}

[[noreturn]] void refuse_several(const Arguments& args, const std::vector<std::size_t>& found) {
    std::vector<std::string> numbers;
    for (std::size_t i = 0; i < found.size() && i < 5; ++i) numbers.push_back(std::to_string(found[i] + 1));
    throw Error(ErrorKind::failed, "'match' " + quoted(args.text("match")) + " matches " +
                                       std::to_string(found.size()) + " lines of " + quoted(args.text("path")) +
                                       " (line " + join(numbers, ", ") + "); which one is meant cannot be told");
}

// Where a new line goes: after the last match of `after`, before the first of `before`, or nowhere to be found.
std::optional<std::size_t> place_for(const Arguments& args, const Lines& file) {
    if (args.has("after")) {
        const auto found = matching(file, args.text("after"));
        return found.empty() ? std::nullopt : std::optional(found.back() + 1);
    }
    const auto found = matching(file, args.text("before"));
    return found.empty() ? std::nullopt : std::optional(found.front());
}

void insert(const Arguments& args, Lines& file) {
    const bool has_place = args.has("after") || args.has("before");
    const auto place = has_place ? place_for(args, file) : std::nullopt;
    const char* sought = args.has("match") ? "match" : args.has("after") ? "after" : "before";
    const std::string& otherwise = args.text("on_no_match");
    const bool found_what_was_named = !args.has("match") && (!has_place || place);
    if (!found_what_was_named && otherwise == "ignore") return;
    if (!found_what_was_named && otherwise == "fail")
        throw Error(ErrorKind::failed, "no line of " + quoted(args.text("path")) + " matches '" + sought + "' " +
                                           quoted(args.text(sought)));
    const std::size_t at = place.value_or(file.lines.size());
    // A line after the last one ends it; and then the file's last line is ours, and ends, too.
    if (at == file.lines.size()) file.ends_with_newline = true;
    file.lines.insert(file.lines.begin() + static_cast<std::ptrdiff_t>(at), args.text("line"));
}

void make_present(const Arguments& args, Lines& file) {
    if (args.has("match")) {
        const auto found = matching(file, args.text("match"));
        if (found.size() > 1) refuse_several(args, found);
        if (found.size() == 1) {
            file.lines[found.front()] = args.text("line");
            return;
        }
    } else if (std::find(file.lines.begin(), file.lines.end(), args.text("line")) != file.lines.end()) {
        return;
    }
    insert(args, file);
}

void make_absent(const Arguments& args, Lines& file) {
    if (!args.has("match")) {
        std::erase(file.lines, args.text("line"));
        return;
    }
    const auto found = matching(file, args.text("match"));
    if (found.size() > 1) refuse_several(args, found);
    if (found.size() == 1) file.lines.erase(file.lines.begin() + static_cast<std::ptrdiff_t>(found.front()));
}

void converge(const Arguments& args, Host& host) {
    const Path path = args.path("path");
    const bool present = args.text("ensure") == "present";
    std::string before;
    if (host.stat(path)) {
        before = host.read_file(path);
    } else {
        if (!present) return;
        if (!args.boolean("create"))
            throw Error(ErrorKind::missing,
                        "there is no file " + quoted(path.text()) + "; say create: true to have it made");
        host.edit_file(path, args.text("line") + "\n");
        return;
    }
    Lines file(before);
    if (present)
        make_present(args, file);
    else
        make_absent(args, file);
    host.edit_file(path, file.text());
}

std::vector<ArgumentProblem> check(const Arguments& args) {
    std::vector<ArgumentProblem> problems;
    const bool present = args.text("ensure") == "present";
    const auto line = args.optional_text("line");
    if (!line && present)
        problems.push_back({"", "it needs the argument 'line': the whole line, without its line end"});
    if (!line && !present && !args.has("match"))
        problems.push_back({"", "it needs 'line' or 'match' to know what to remove"});
    if (line && line->find('\n') != std::string::npos)
        problems.push_back({"line", "'line' has a line end in it; write a part for each line"});
    for (const char* name : {"match", "after", "before"}) {
        if (!args.has(name)) continue;
        try {
            const Pattern pattern(args.text(name));
            if (line && std::string(name) == "match" && !pattern.matches(*line))
                problems.push_back(
                    {name, "'match' does not match 'line' itself, so the line would be added again in every run"});
        } catch (const Error& error) {
            problems.push_back({name, error.text()});
        }
    }
    return problems;
}

std::vector<Argument> arguments() {
    const char* pattern_help = "; an extended regular expression, as grep -E takes it";
    return {
        {.name = "path", .type = ArgumentType::path, .required = true, .help = "the file"},
        {.name = "line", .type = ArgumentType::text, .help = "the whole line, without its line end"},
        {.name = "match",
         .type = ArgumentType::text,
         .help = std::string("the line that is replaced (or removed); must match 'line' itself, and one line at most") +
                 pattern_help},
        {.name = "after",
         .type = ArgumentType::text,
         .help = std::string("put a new line after the last that matches") + pattern_help},
        {.name = "before",
         .type = ArgumentType::text,
         .help = std::string("put a new line before the first that matches") + pattern_help},
        {.name = "ensure",
         .type = ArgumentType::choice,
         .fallback = "present",
         .help = "whether the line shall be there",
         .choices = {"present", "absent"}},
        {.name = "on_no_match",
         .type = ArgumentType::choice,
         .fallback = "append",
         .help = "what to do where nothing matches 'match', or the place of 'after' or 'before' is not found",
         .choices = {"append", "fail", "ignore"}},
        {.name = "create",
         .type = ArgumentType::boolean,
         .fallback = false,
         .help = "make the file where it is missing"},
    };
}

}  // namespace

void register_file_line(FunctionRegistry& registry) {
    FunctionSchema schema{
        .name = "file.line",
        .summary = "a line in a file",
        .changed = "the line was added, replaced or removed",
        .arguments = arguments(),
        .claims = {{.kind = "path", .aspect = "line", .argument = "path", .compared = {"ensure"}, .also = "line"}},
        .at_most_one_of = {{"after", "before"}},
        .example =
            "fn: file.line\n"
            "path: /etc/ssh/sshd_config\n"
            "line: PermitRootLogin no\n"
            "match: ^#?PermitRootLogin\n",
    };
    registry.add({.schema = std::move(schema), .converge = converge, .subject = "path", .check = check});
}

}  // namespace prove
