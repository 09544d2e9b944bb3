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
#include "common/yaml/words.hpp"

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
        const auto trouble = told(exception.msg, position_of(source, exception.mark), source, builder.open_position());
        builder.problem(trouble.first, trouble.second);
    }
    diagnostics.append(found);
    if (found.has_errors()) return std::nullopt;
    return builder.take();
}

}  // namespace prove
