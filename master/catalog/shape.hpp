// Reads one mapping of the catalog strictly: what is asked for is checked for its type, what was never asked for is an
// error. Unlike Fields of proto, nothing is thrown: all that is wrong goes to the Diagnostics, and reading goes on.
#pragma once

#include <optional>
#include <string>
#include <vector>

#include "proto/error.hpp"
#include "proto/value.hpp"

namespace prove {

// A name that stands somewhere in the catalog and refers to something.
struct NamedRef {
    std::string name;
    SourcePosition position;
};

class Shape {
  public:
    // `where` goes before each message: "target web1". A null is an empty mapping; anything else but a mapping an
    // error.
    Shape(const Value& value, std::string where, Diagnostics& diagnostics);

    // What is there; null where absent. Marks the key as known.
    const Value* find(const std::string& key);
    std::optional<std::string> text(const std::string& key);
    std::string required_text(const std::string& key);
    std::optional<bool> boolean(const std::string& key);
    std::optional<std::int64_t> integer(const std::string& key, std::int64_t least, std::int64_t most);
    std::optional<std::string> choice(const std::string& key, const std::vector<std::string>& choices);
    // A list of names, or one name; empty where absent or null.
    std::vector<NamedRef> names(const std::string& key);
    // A mapping; an empty one where absent or null.
    Value mapping(const std::string& key);
    // A key that cannot stand here, with what to do instead.
    void refuse(const std::string& key, const std::string& text);
    // Unknown keys.
    void end();

    void error(const SourcePosition& position, std::string text);
    // The place of a key; of the mapping where the key is absent.
    SourcePosition position_of_key(const std::string& key) const;
    const std::string& where() const { return where_; }
    Diagnostics& diagnostics() { return diagnostics_; }

  private:
    void wrong_type(const std::string& key, const Value& value, const std::string& expected);

    const Value& value_;
    const Mapping* mapping_ = nullptr;  // null where it is none
    std::string where_;
    Diagnostics& diagnostics_;
    std::vector<std::string> known_;
};

// "; did you mean 'x'?", or the first few of `candidates` where none is near: what stands after an unknown name.
std::string suggestion(const std::string& word, const std::vector<std::string>& candidates, const std::string& plural);

}  // namespace prove
