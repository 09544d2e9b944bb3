// What a plain (unquoted) scalar is: YAML 1.2's core schema without its traps. Pure.
#pragma once

#include <string>
#include <string_view>

#include "proto/value.hpp"

namespace prove {

struct PlainScalar {
    Value value;
    std::string problem;  // not empty: it is not to be read at all, and why
};
PlainScalar read_plain_scalar(const std::string& text);

}  // namespace prove
