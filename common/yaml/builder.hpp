// The events of yaml-cpp's parser become a Value here, and what we do not read becomes a diagnostic. Used by yaml.cpp
// only. Its tree (YAML::Node) would cost half as much again and forgets where keys stand.
#pragma once

#include <yaml-cpp/anchor.h>
#include <yaml-cpp/emitterstyle.h>
#include <yaml-cpp/eventhandler.h>
#include <yaml-cpp/mark.h>

#include <string>
#include <string_view>
#include <vector>

#include "common/yaml/yaml.hpp"

namespace prove {

// Thrown through yaml-cpp where going on makes no sense; the diagnostic is made already.
struct YamlStop {};

// Turns marks, which count bytes, into positions, which count characters, and finds excerpts.
class YamlSource {
  public:
    YamlSource(std::string_view text, FileName file);
    SourcePosition position(const YAML::Mark& mark) const;
    std::string_view line(std::size_t number) const;  // from 1
    std::string excerpt_at(const SourcePosition& position) const;
    char at(const YAML::Mark& mark) const;  // the byte there; NUL past the end
    // Whether the quoted text that begins there ends somewhere; true for everything that is not quoted. yaml-cpp 0.7
    // takes the end of the file for the closing quote.
    bool quote_is_closed(const YAML::Mark& mark) const;
    // Whether only blanks with a tab among them stand before it in its line.
    bool follows_tab(const YAML::Mark& mark) const;

  private:
    std::string_view text_;
    FileName file_;
    bool ascii_;
    std::vector<std::size_t> line_starts_;
};

class YamlBuilder final : public YAML::EventHandler {
  public:
    YamlBuilder(const YamlSource& source, std::size_t depth_limit, Diagnostics& diagnostics)
        : source_(source), depth_limit_(depth_limit), diagnostics_(diagnostics) {}

    Value take() { return std::move(root_); }
    void problem(const SourcePosition& position, std::string text);
    // Where the innermost mapping or list that is open now begins; unknown where none is.
    SourcePosition open_position() const {
        return frames_.empty() ? SourcePosition{} : frames_.back().value.position();
    }

    void OnDocumentStart(const YAML::Mark& mark) override;
    void OnDocumentEnd() override {}
    void OnNull(const YAML::Mark& mark, YAML::anchor_t anchor) override;
    void OnAlias(const YAML::Mark& mark, YAML::anchor_t anchor) override;
    void OnScalar(const YAML::Mark& mark, const std::string& tag, YAML::anchor_t anchor,
                  const std::string& value) override;
    void OnSequenceStart(const YAML::Mark& mark, const std::string& tag, YAML::anchor_t anchor,
                         YAML::EmitterStyle::value style) override;
    void OnSequenceEnd() override { close(); }
    void OnMapStart(const YAML::Mark& mark, const std::string& tag, YAML::anchor_t anchor,
                    YAML::EmitterStyle::value style) override;
    void OnMapEnd() override { close(); }
    void OnAnchor(const YAML::Mark& mark, const std::string& name) override;

  private:
    struct Frame {
        Value value;  // a list or a mapping
        bool has_key = false;
        std::string key;
        SourcePosition key_position;
    };
    void check_indentation(const YAML::Mark& mark);
    void open(const YAML::Mark& mark, const std::string& tag, Value empty);
    void close();
    void add(Value value);
    bool wants_key() const { return !frames_.empty() && frames_.back().value.is_mapping() && !frames_.back().has_key; }
    void take_key(const YAML::Mark& mark, const std::string& key, bool plain);
    [[noreturn]] void stop(const SourcePosition& position, std::string text);

    const YamlSource& source_;
    std::size_t depth_limit_;
    Diagnostics& diagnostics_;
    std::vector<Frame> frames_;
    Value root_;
    int documents_ = 0;
};

}  // namespace prove
