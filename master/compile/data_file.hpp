// State and variable files as data: which of them a worker must render, and their YAML or JSON, written or rendered.
#pragma once

#include <optional>
#include <string>

#include "master/catalog/catalog.hpp"

namespace prove {

// A file without syntax of its template engine is never sent to a worker.
bool needs_rendering(const SourceFile& source);
// What a worker renders a file of this format with; "" for those that are only read.
std::string engine_of(FileFormat format);
bool is_json(FileFormat format);

// `text` is the file's own, or what it was rendered to; `name` is what positions in it are to say. Nothing where it is
// wrong; what is wrong goes to `diagnostics`. Null for an empty file.
std::optional<Value> read_data(const SourceFile& source, const std::string& text, const FileName& name,
                               Diagnostics& diagnostics);

}  // namespace prove
