// YAML to Value, strictly: a subset of YAML 1.2 whose traps are errors with a place and a hint (catalog.md). Refused
// are duplicate keys, anchors and aliases, merge keys, tags (but !secret and !out), tabs as indentation, a second
// document, keys that are not text, numbers with leading zeros (a mode without quotes), bytes that are not UTF-8, NUL,
// and what crosses a limit (S81). Pure. Every value and key knows its file, line and column.
//
// Plain scalars are read as YAML 1.2's core schema has it: null and ~; true and false; integers with 0o and 0x; floats.
// `yes`, `no`, `on` and `off` are text. A tagged scalar `!secret x` is the mapping {"$secret": "x"}, `!out x` {"$out":
// "x"}.
#pragma once

#include <optional>
#include <string_view>

#include "proto/error.hpp"
#include "proto/value.hpp"

namespace prove {

struct YamlLimits {
    std::size_t bytes = 1u << 20;
    std::size_t depth = 64;
    // What a program wrote, not a person (a rendered state file), may be larger.
    static YamlLimits rendered() { return {8u << 20, 64}; }
};

// The file's value; null for an empty file. All that is wrong goes to `diagnostics`, with excerpts; nothing is returned
// then. After a syntax error nothing more of that file is read.
std::optional<Value> read_yaml(std::string_view text, const FileName& file, Diagnostics& diagnostics,
                               const YamlLimits& limits = {});
// The same; throws CatalogError with everything that is wrong.
Value read_yaml(std::string_view text, const FileName& file, const YamlLimits& limits = {});

}  // namespace prove
