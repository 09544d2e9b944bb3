// yaml-cpp's events and exceptions: see readers.hpp.
#include <yaml-cpp/anchor.h>
#include <yaml-cpp/emitterstyle.h>
#include <yaml-cpp/eventhandler.h>
#include <yaml-cpp/exceptions.h>
#include <yaml-cpp/mark.h>
#include <yaml-cpp/parser.h>

#include <sstream>

#include "common/text/text.hpp"
#include "common/text/utf8.hpp"
#include "common/yaml/builder.hpp"
#include "common/yaml/readers.hpp"

namespace prove {

namespace {

// yaml-cpp's marks count bytes, positions count characters.
SourcePosition position_of(const YamlSource& source, const YAML::Mark& mark) {
    if (mark.is_null()) return {source.file(), 0, 0};
    const auto line = static_cast<std::uint32_t>(mark.line + 1);
    auto column = static_cast<std::size_t>(mark.column);
    if (!source.is_ascii()) column = utf8_length(source.line(line).substr(0, column));
    return {source.file(), line, static_cast<std::uint32_t>(column + 1)};
}

// The byte there; NUL past the end.
char byte_at(const YamlSource& source, const YAML::Mark& mark) {
    const std::string_view text = source.line(static_cast<std::size_t>(mark.line + 1));
    const auto column = static_cast<std::size_t>(mark.column);
    return column < text.size() ? text[column] : '\0';
}

// Whether the quoted text that begins there ends somewhere; true for everything that is not quoted. yaml-cpp 0.7 takes
// the end of the file for the closing quote.
bool quote_is_closed(const YamlSource& source, const YAML::Mark& mark) {
    const char quote = byte_at(source, mark);
    if (quote != '"' && quote != '\'') return true;
    const std::string_view text = source.text();
    std::size_t i =
        source.line_start(static_cast<std::size_t>(mark.line) + 1) + static_cast<std::size_t>(mark.column) + 1;
    for (; i < text.size(); ++i) {
        if (quote == '"' && text[i] == '\\') {
            ++i;
        } else if (text[i] == quote) {
            if (quote == '"' || i + 1 == text.size() || text[i + 1] != quote) return true;
            ++i;
        }
    }
    return false;
}

// What yaml-cpp says of a tag that is not written: "?" before a plain scalar, "!" before others.
std::string written_tag(const std::string& tag) {
    return tag == "?" || tag == "!" ? "" : tag;
}

class Events final : public YAML::EventHandler {
  public:
    Events(const YamlSource& source, YamlBuilder& builder) : source_(source), builder_(builder) {}

    void OnDocumentStart(const YAML::Mark& mark) override { builder_.document(position_of(source_, mark)); }
    void OnDocumentEnd() override {}
    void OnNull(const YAML::Mark& mark, YAML::anchor_t) override { builder_.null(position_of(source_, mark)); }
    void OnAlias(const YAML::Mark& mark, YAML::anchor_t) override {
        builder_.stop(
            position_of(source_, mark),
            "'*' begins an alias, which is not read here; write it out, or quote a text that begins with '*'");
    }
    void OnAnchor(const YAML::Mark& mark, const std::string&) override {
        builder_.stop(
            position_of(source_, mark),
            "'&' begins an anchor, which is not read here; write it out, or quote a text that begins with '&'");
    }
    void OnScalar(const YAML::Mark& mark, const std::string& tag, YAML::anchor_t, const std::string& text) override {
        const SourcePosition position = position_of(source_, mark);
        const bool plain = tag == "?";
        if (!plain && !source_.follows_tab(position) && !quote_is_closed(source_, mark))
            builder_.problem(position, "a quoted text is not closed");
        builder_.scalar(position, written_tag(tag), plain, text);
    }
    void OnSequenceStart(const YAML::Mark& mark, const std::string& tag, YAML::anchor_t,
                         YAML::EmitterStyle::value) override {
        builder_.begin_list(position_of(source_, mark), written_tag(tag));
    }
    void OnSequenceEnd() override { builder_.end(); }
    void OnMapStart(const YAML::Mark& mark, const std::string& tag, YAML::anchor_t,
                    YAML::EmitterStyle::value) override {
        builder_.begin_mapping(position_of(source_, mark), written_tag(tag));
    }
    void OnMapEnd() override { builder_.end(); }

  private:
    const YamlSource& source_;
    YamlBuilder& builder_;
};

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
    const SourcePosition position = position_of(source, exception.mark);
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
    builder.problem(position, in_our_words(exception.msg, byte_at(source, exception.mark)));
}

}  // namespace

std::optional<Value> read_carefully(const YamlSource& source, std::size_t depth_limit, Diagnostics& diagnostics) {
    Diagnostics found;
    YamlBuilder builder(source, depth_limit, found);
    Events events(source, builder);
    std::istringstream stream{std::string(source.text())};
    try {
        YAML::Parser parser(stream);
        while (parser.HandleNextDocument(events)) {
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

}  // namespace prove
