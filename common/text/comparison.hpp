// One comparison of a named value with a text: `os.family=debian`, `memory.total>=4000`, `site!=blog*`. What fact: and
// var: terms are made of.
#pragma once

#include <optional>
#include <string>
#include <string_view>

#include "proto/value.hpp"

namespace prove {

struct Comparison {
    enum class Operator { equal, unequal, less, less_or_equal, greater, greater_or_equal };
    std::string path;  // names joined by dots
    Operator op = Operator::equal;
    std::string wanted;  // a glob for equal and unequal

    // A value that is not there holds no comparison, also not `!=`. Of a list any member that is equal counts as equal.
    bool holds(const Value& mapping) const;
};

struct OperatorFound {
    Comparison::Operator op;
    std::size_t offset = 0, size = 0;
};
// As it is written: "=", "!=" ...
const char* symbol_of(Comparison::Operator op);
// The first operator in a text.
std::optional<OperatorFound> find_operator(std::string_view text);

}  // namespace prove
