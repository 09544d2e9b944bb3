// See the header.
#include "common/yaml/words.hpp"

#include <algorithm>

#include "common/text/text.hpp"

namespace prove {

namespace {

constexpr std::string_view no_break_space = "\xC2\xA0";
constexpr std::string_view tab_trouble = "a tab in the indentation; only blanks may indent";

// Sentences instead of yaml-cpp's messages: what is wrong in the user's terms, and what to do. Found by prefix.
struct Sentence {
    std::string_view theirs;
    std::string_view ours;
};
constexpr Sentence sentences[] = {
    {"illegal map value",
     "a ': ' where no value can begin; check the indentation, and quote a text that has ': ' in it"},
    {"illegal map key", "no key can stand here; check the indentation"},
    {"illegal block entry", "a '- ' where no list can begin; a list's first '- ' stands on a line of its own"},
    {"end of map not found", "this fits to no line above; check the indentation"},
    {"end of sequence not found", "this fits to no line above; check the indentation"},
    {"illegal EOF in scalar", "a quoted text is not closed"},
    {"illegal document indicator in scalar", "a quoted text is not closed before '---' or '...'"},
    {"illegal tab when looking for indentation", tab_trouble},
    {"illegal flow end", "a ']' or '}' that closes nothing; quote it if it is text"},
    {"the referenced anchor is not defined",
     "'*' begins an alias, which is not read here; write it out, or quote a text that begins with '*'"},
    {"alias not found after *", "'*' begins an alias, which is not read here; quote a text that begins with '*'"},
    {"anchor not found after &", "'&' begins an anchor, which is not read here; quote a text that begins with '&'"},
    {"illegal character found while scanning al",
     "'*' begins an alias, which is not read here; quote a text that begins with '*'"},
    {"illegal character found while scanning an",
     "'&' begins an anchor, which is not read here; quote a text that begins with '&'"},
    {"bad character found while scanning hex",
     "a hexadecimal escape in a double-quoted text has other characters than 0-9 and a-f"},
    {"unexpected character in block scalar",
     "after '|' or '>' only '+', '-' and a digit may stand; the text begins on the next line"},
};

bool begins_with(std::string_view text, std::string_view with) {
    return text.substr(0, with.size()) == with;
}

std::string in_our_words(const std::string& message, char found) {
    if (message == "unknown token")
        return "a text cannot begin with " + quoted(std::string_view(&found, 1)) + "; write it in quotes";
    if (begins_with(message, "unknown escape character"))
        return "unknown escape '\\" + std::string(message.substr(message.size() - 1)) +
               "' in a double-quoted text; use single quotes, or '\\\\' for a backslash";
    for (const auto& [theirs, ours] : sentences)
        if (begins_with(message, theirs)) return std::string(ours);
    return "not valid YAML: " + message;
}

std::string_view without_indentation(std::string_view line) {
    const std::size_t begin = line.find_first_not_of(" \t");
    return begin == std::string_view::npos ? std::string_view() : line.substr(begin);
}

// A line after which yaml-cpp stumbles over the next one, since it was text and no key or list; "" where it is none.
std::string slip_in(std::string_view line) {
    std::string_view text = without_indentation(line);
    if (begins_with(text, "\xE2\x80\x93") || begins_with(text, "\xE2\x80\x94"))
        return "a list begins with '-', not with the dash of a word processor";
    const bool dashed = begins_with(text, "- ");
    if (!dashed && text.size() > 1 && text[0] == '-' && text[1] != '-') return "there is no blank after the '-'";
    if (dashed) text = without_indentation(text.substr(1));
    const std::size_t colon = text.find(':');
    const bool is_key = colon != std::string_view::npos && colon > 0 && colon + 1 < text.size() &&
                        text[colon + 1] != ' ' && text[colon + 1] != '/' &&
                        text.substr(0, colon).find_first_of(" \"'{[") == std::string_view::npos;
    return is_key ? "there is no blank after the ':'" : "";
}

// What stands in the middle of a line where yaml-cpp expected a new one.
std::string in_the_middle(std::string_view before) {
    const std::size_t last = before.find_last_not_of(' ');
    const bool after_quote = last != std::string_view::npos && (before[last] == '\'' || before[last] == '"');
    return after_quote
               ? "a quoted text ends before this; a quote within it is written '' or \\\", and what follows belongs "
                 "into the quotes"
               : "this cannot stand after what is before it in the line; quote a text that is meant as a whole";
}

SourcePosition begin_of(SourcePosition position, std::string_view line) {
    position.column = static_cast<std::uint32_t>(std::min(line.find_first_not_of(' '), line.size()) + 1);
    return position;
}

// The last line above this one that has anything in it; 0 where there is none.
std::uint32_t line_above(const YamlSource& source, std::uint32_t line) {
    while (--line > 0)
        if (!without_indentation(source.line(line)).empty()) break;
    return line;
}

std::optional<TroubleAt> trouble_in_flow(const std::string& message, const YamlSource& source,
                                         const SourcePosition& position, const SourcePosition& open) {
    if (message.find("flow not found") == std::string::npos) return std::nullopt;
    // Where it is not closed yaml-cpp marks the end of the file; what helps is the beginning.
    const bool list = message.find("sequence") != std::string::npos;
    if (!source.bracket_is_closed(open))
        return TroubleAt{open, list ? "a '[' without its ']'" : "a '{' without its '}'"};
    return TroubleAt{position, "there is no ',' before this; or a text with ': ' in it needs quotes"};
}

}  // namespace

TroubleAt told(const std::string& message, const SourcePosition& position, const YamlSource& source,
               const SourcePosition& open) {
    if (auto trouble = trouble_in_flow(message, source, position, open)) return *trouble;
    const std::string_view line = position.line > 0 ? source.line(position.line) : std::string_view();
    if (line.substr(0, line.find_first_not_of(" \t-?")).find('\t') != std::string_view::npos)
        return {position, std::string(tab_trouble)};
    const std::string_view before = source.before(position);
    const std::string_view rest = source.from(position);
    const char found = rest.empty() ? '\0' : rest.front();
    if (before.find(no_break_space) != std::string_view::npos &&
        begins_with(without_indentation(before), no_break_space))
        return {begin_of(position, line), "a no-break space, which only looks like a blank; only blanks may indent"};
    if (message == "unknown token" && found == '%' && !before.empty() && before.back() == '{')
        return {position, "'{%' is Jinja's, for files named .yml.jinja; quote it if it is text"};
    if (begins_with(message, "illegal map value")) {
        const std::uint32_t above = line_above(source, position.line);
        if (std::string slip = slip_in(source.line(above)); !slip.empty())
            return {begin_of({position.file, above, 0}, source.line(above)), std::move(slip)};
    }
    const bool fits_nowhere =
        begins_with(message, "end of map not found") || begins_with(message, "end of sequence not found");
    if (fits_nowhere && before.find_first_not_of(" -?") != std::string_view::npos)
        return {position, in_the_middle(before)};
    return {position, in_our_words(message, found)};
}

std::optional<TroubleAt> foreign_line(const YamlSource& source) {
    for (std::size_t number = 1; number <= source.lines(); ++number) {
        const std::string_view line = source.line(number);
        const SourcePosition position{source.file(), static_cast<std::uint32_t>(number), 1};
        if (begins_with(line, "%"))
            return TroubleAt{position,
                             "a '%' that begins a line is a directive of YAML, which is not read here; '% if' and "
                             "the like are Mako's, in files that are templates"};
        if (begins_with(line, "<<<<<<< ") || begins_with(line, ">>>>>>> "))
            return TroubleAt{position, "a mark of Git's where versions could not be merged; settle it"};
    }
    return std::nullopt;
}

}  // namespace prove
