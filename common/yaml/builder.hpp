// The events of a YAML parser become a Value here, and what we do not read becomes a diagnostic. Knows no parser: both
// readers tell it what they meet. A tree of theirs would cost half as much again and forgets where keys stand.
#pragma once

#include <string>
#include <vector>

#include "common/yaml/source.hpp"
#include "proto/error.hpp"
#include "proto/value.hpp"

namespace prove {

// Thrown where going on makes no sense; the diagnostic is made already.
struct YamlStop {};

class YamlBuilder {
  public:
    YamlBuilder(const YamlSource& source, std::size_t depth_limit, Diagnostics& diagnostics)
        : source_(source), depth_limit_(depth_limit), diagnostics_(diagnostics) {}

    Value take() { return std::move(root_); }
    void problem(const SourcePosition& position, std::string text);
    [[noreturn]] void stop(const SourcePosition& position, std::string text);
    // Where the innermost mapping or list that is open now begins; unknown where none is.
    SourcePosition open_position() const {
        return frames_.empty() ? SourcePosition{} : frames_.back().value.position();
    }
    bool in_mapping() const { return !frames_.empty() && frames_.back().value.is_mapping(); }
    bool wants_key() const { return in_mapping() && !frames_.back().has_key; }

    void document(const SourcePosition& position);
    void null(const SourcePosition& position);
    // `tag` is empty where none is written; `plain`: neither in quotes nor a block.
    void scalar(const SourcePosition& position, const std::string& tag, bool plain, std::string text);
    void begin_list(const SourcePosition& position, const std::string& tag) { open(position, tag, Value::array()); }
    void begin_mapping(const SourcePosition& position, const std::string& tag) { open(position, tag, Value::object()); }
    void end();  // of the innermost list or mapping

  private:
    struct Frame {
        Value value;  // a list or a mapping
        bool has_key = false;
        std::string key;
        SourcePosition key_position;
    };
    void check_indentation(const SourcePosition& position);
    void open(const SourcePosition& position, const std::string& tag, Value empty);
    void add(Value value);
    void take_key(const SourcePosition& position, std::string key, bool plain);

    const YamlSource& source_;
    std::size_t depth_limit_;
    Diagnostics& diagnostics_;
    std::vector<Frame> frames_;
    Value root_;
    int documents_ = 0;
};

}  // namespace prove
