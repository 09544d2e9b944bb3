// libyaml's events: see readers.hpp. Gives up at the first sign of anything that both parsers might not read alike.
#include <yaml.h>

#include "common/yaml/builder.hpp"
#include "common/yaml/readers.hpp"

namespace prove {

namespace {

struct GiveUp {};

class Parser {
  public:
    explicit Parser(std::string_view text) {
        if (yaml_parser_initialize(&parser_) == 0) throw GiveUp();
        yaml_parser_set_input_string(&parser_, reinterpret_cast<const unsigned char*>(text.data()), text.size());
        yaml_parser_set_encoding(&parser_, YAML_UTF8_ENCODING);
    }
    ~Parser() { yaml_parser_delete(&parser_); }
    Parser(const Parser&) = delete;
    Parser& operator=(const Parser&) = delete;
    yaml_parser_t* get() { return &parser_; }

  private:
    yaml_parser_t parser_{};
};

class Event {
  public:
    explicit Event(Parser& parser) {
        if (yaml_parser_parse(parser.get(), &event_) == 0) throw GiveUp();
    }
    ~Event() { yaml_event_delete(&event_); }
    Event(const Event&) = delete;
    Event& operator=(const Event&) = delete;
    const yaml_event_t& operator*() const { return event_; }

  private:
    yaml_event_t event_{};
};

// What libyaml takes for line ends and yaml-cpp for characters: CR alone, U+0085, U+2028 and U+2029. And U+FEFF, and
// blanks at the very end, which yaml-cpp may count to a block.
bool has_odd_characters(const YamlSource& source) {
    const std::string_view text = source.text();
    if (!text.empty() && (text.back() == ' ' || text.back() == '\t')) return true;
    if (text.find('\r') != std::string_view::npos) return true;
    if (source.is_ascii()) return false;
    for (const char* odd : {"\xC2\x85", "\xE2\x80\xA8", "\xE2\x80\xA9", "\xEF\xBB\xBF"})
        if (text.find(odd) != std::string_view::npos) return true;
    return false;
}

std::string tag_of(const unsigned char* tag) {
    if (tag == nullptr) return "";
    std::string result(reinterpret_cast<const char*>(tag));
    if (result != "!secret" && result != "!out") throw GiveUp();
    return result;
}

bool is_null(const std::string& text) {
    return text.empty() || text == "~" || text == "null" || text == "Null" || text == "NULL";
}

class Quick {
  public:
    Quick(const YamlSource& source, YamlBuilder& builder) : source_(source), builder_(builder) {}

    // False at the end.
    bool take(const yaml_event_t& event) {
        const SourcePosition position = {source_.file(), static_cast<std::uint32_t>(event.start_mark.line + 1),
                                         static_cast<std::uint32_t>(event.start_mark.column + 1)};
        switch (event.type) {
            case YAML_STREAM_START_EVENT:
            case YAML_DOCUMENT_END_EVENT:
                return true;
            case YAML_DOCUMENT_START_EVENT:
                begin(event.data.document_start);
                return true;
            case YAML_SCALAR_EVENT:
                scalar(event, position);
                return true;
            case YAML_SEQUENCE_START_EVENT:
                if (event.data.sequence_start.anchor != nullptr) throw GiveUp();
                enter(event.data.sequence_start.style == YAML_FLOW_SEQUENCE_STYLE);
                builder_.begin_list(position, tag_of(event.data.sequence_start.tag));
                return true;
            case YAML_MAPPING_START_EVENT:
                if (event.data.mapping_start.anchor != nullptr) throw GiveUp();
                enter(event.data.mapping_start.style == YAML_FLOW_MAPPING_STYLE);
                builder_.begin_mapping(position, tag_of(event.data.mapping_start.tag));
                return true;
            case YAML_SEQUENCE_END_EVENT:
            case YAML_MAPPING_END_EVENT:
                flows_ -= flows_ > 0 ? 1 : 0;
                builder_.end();
                return true;
            case YAML_STREAM_END_EVENT:
                return false;
            default:
                throw GiveUp();
        }
    }

  private:
    void enter(bool flow) { flows_ += flow || flows_ > 0 ? 1 : 0; }

    template <class Start>
    void begin(const Start& start) {
        if (begun_ || start.version_directive != nullptr || start.tag_directives.start != start.tag_directives.end)
            throw GiveUp();
        begun_ = true;
    }

    // yaml-cpp takes one line after a tag and for a key, no '?' within brackets, no value that is left out there behind
    // a line's end, and no block that stands further left than its list.
    bool is_odd(const yaml_event_t& event, const SourcePosition& position, const std::string& text, bool tagged) const {
        const bool plain = event.data.scalar.style == YAML_PLAIN_SCALAR_STYLE;
        const bool long_one = event.start_mark.line != event.end_mark.line;
        if (long_one && (tagged || builder_.wants_key())) return true;
        if (flows_ > 0 && plain && text.find('?') != std::string::npos) return true;
        if (flows_ > 0 && plain && text.empty() && event.start_mark.line != last_line_) return true;
        if (flows_ > 0 || builder_.in_mapping()) return false;
        const SourcePosition around = builder_.open_position();
        return position.line > around.line && position.column <= around.column;
    }

    void scalar(const yaml_event_t& event, const SourcePosition& position) {
        const auto& scalar = event.data.scalar;
        if (scalar.anchor != nullptr) throw GiveUp();
        const bool plain = scalar.style == YAML_PLAIN_SCALAR_STYLE;
        std::string tag = tag_of(scalar.tag);
        std::string text(reinterpret_cast<const char*>(scalar.value), scalar.length);
        if (is_odd(event, position, text, !tag.empty())) throw GiveUp();
        last_line_ = event.start_mark.line;
        if (!plain || !tag.empty() || !is_null(text)) return builder_.scalar(position, tag, plain, std::move(text));
        // Where nothing is written, both have places of their own for it.
        if (builder_.wants_key() || (text.empty() && !builder_.in_mapping())) throw GiveUp();
        builder_.null(position);
    }

    const YamlSource& source_;
    YamlBuilder& builder_;
    bool begun_ = false;
    std::size_t flows_ = 0;      // how many brackets are open; what stands in one is in brackets itself
    std::size_t last_line_ = 0;  // of the scalar before
};

}  // namespace

std::optional<Value> read_quickly(const YamlSource& source, std::size_t depth_limit) {
    if (has_odd_characters(source)) return std::nullopt;
    Diagnostics found;
    YamlBuilder builder(source, depth_limit, found);
    Quick quick(source, builder);
    try {
        Parser parser(source.text());
        while (quick.take(*Event(parser))) {
        }
    } catch (const GiveUp&) {
        return std::nullopt;
    } catch (const YamlStop&) {
        return std::nullopt;
    }
    if (found.has_errors()) return std::nullopt;
    return builder.take();
}

}  // namespace prove
