// Reading YAML: see yaml.hpp. This file looks at the bytes first, drives yaml-cpp, and puts its exceptions into words.
#include "common/yaml/yaml.hpp"

#include <yaml-cpp/exceptions.h>
#include <yaml-cpp/parser.h>

#include <sstream>
#include <string>

#include "common/text/duration.hpp"
#include "common/text/text.hpp"
#include "common/text/utf8.hpp"
#include "common/yaml/builder.hpp"

namespace prove {

namespace {

SourcePosition position_of_byte(std::string_view text, std::size_t at, const FileName& file) {
    std::uint32_t line = 1;
    std::size_t line_start = 0;
    for (std::size_t i = 0; i < at; ++i)
        if (text[i] == '\n') ++line, line_start = i + 1;
    return {file, line, static_cast<std::uint32_t>(utf8_length(text.substr(line_start, at - line_start)) + 1)};
}

// The first byte that YAML text cannot have, or npos.
std::size_t find_bad_byte(std::string_view text) {
    if (const std::size_t nul = text.find('\0'); nul != std::string_view::npos) return nul;
    if (is_utf8(text)) return std::string_view::npos;
    for (std::size_t at = 0; at < text.size();) {
        const Utf8Character character = utf8_at(text, at);
        if (!character.valid) return at;
        at += character.size;
    }
    return std::string_view::npos;
}

bool bytes_are_good(std::string_view text, const FileName& file, Diagnostics& diagnostics, const YamlLimits& limits) {
    if (text.size() > limits.bytes) {
        diagnostics.error({file, 0, 0}, "",
                          "larger than " + show_size(limits.bytes) + ", which is the most that is read");
        return false;
    }
    const std::size_t bad = find_bad_byte(text);
    if (bad == std::string_view::npos) return true;
    diagnostics.error(
        position_of_byte(text, bad, file), "",
        text[bad] == '\0' ? "a NUL byte; this is not text" : "a byte that is not UTF-8; save the file as UTF-8");
    return false;
}

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
    {"illegal tab when looking for indentation", "a tab in the indentation; only blanks may indent"},
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

std::string in_our_words(const std::string& message, char found) {
    if (message == "unknown token")
        return "a text cannot begin with " + quoted(std::string_view(&found, 1)) + "; write it in quotes";
    if (message.rfind("unknown escape character", 0) == 0)
        return "unknown escape '\\" + std::string(message.substr(message.size() - 1)) +
               "' in a double-quoted text; use single quotes, or '\\\\' for a backslash";
    for (const auto& [theirs, ours] : sentences)
        if (message.rfind(theirs, 0) == 0) return std::string(ours);
    return "not valid YAML: " + message;
}

void tell_exception(const YAML::Exception& exception, const YamlSource& source, YamlBuilder& builder) {
    const SourcePosition position = source.position(exception.mark);
    // For these yaml-cpp marks the end of the file; what helps is the beginning.
    if (exception.msg.find("flow not found") != std::string::npos) {
        const bool list = exception.msg.find("sequence") != std::string::npos;
        builder.problem(builder.open_position(), std::string(list ? "a '[' without its ']'" : "a '{' without its '}'"));
        return;
    }
    const std::string_view line = position.line > 0 ? source.line(position.line) : std::string_view();
    if (line.substr(0, line.find_first_not_of(" \t")).find('\t') != std::string_view::npos) {
        builder.problem(position, "a tab in the indentation; only blanks may indent");
        return;
    }
    builder.problem(position, in_our_words(exception.msg, source.at(exception.mark)));
}

}  // namespace

std::optional<Value> read_yaml(std::string_view text, const FileName& file, Diagnostics& diagnostics,
                               const YamlLimits& limits) {
    if (!bytes_are_good(text, file, diagnostics, limits)) return std::nullopt;
    if (text.substr(0, 3) == "\xEF\xBB\xBF") text.remove_prefix(3);
    // yaml-cpp would keep the CR at the end of plain scalars.
    std::string bytes(text);
    if (text.find('\r') != std::string_view::npos) bytes = replace_all(std::move(bytes), "\r\n", "\n");

    Diagnostics found;
    const YamlSource source(bytes, file);
    YamlBuilder builder(source, limits.depth, found);
    std::istringstream stream(bytes);
    try {
        YAML::Parser parser(stream);
        while (parser.HandleNextDocument(builder)) {
        }
    } catch (const YamlStop&) {
        // Told already.
    } catch (const YAML::Exception& exception) {
        tell_exception(exception, source, builder);
    }
    diagnostics.append(found);
    if (found.has_errors()) return std::nullopt;
    return builder.take();
}

Value read_yaml(std::string_view text, const FileName& file, const YamlLimits& limits) {
    Diagnostics diagnostics;
    auto value = read_yaml(text, file, diagnostics, limits);
    if (!value) throw CatalogError(std::move(diagnostics));
    return std::move(*value);
}

}  // namespace prove
