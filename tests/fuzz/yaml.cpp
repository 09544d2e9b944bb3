// YAML: any text is a value or has errors, each with words and at a place of that text; what is read writes and reads
// back as the same value.
#include "common/yaml/yaml.hpp"

#include <algorithm>

#include "fuzz.hpp"
#include "proto/value.hpp"

using namespace prove;

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
    const auto text = fuzz::text_of(data, size);
    const auto file = std::make_shared<const std::string>("a.yml");
    Diagnostics diagnostics;
    const auto value = read_yaml(text, file, diagnostics);
    fuzz::expect(value.has_value() != diagnostics.has_errors(), "a text is read, or has errors");
    const auto lines = static_cast<std::size_t>(std::count(text.begin(), text.end(), '\n')) + 1;
    for (const auto& diagnostic : diagnostics.sorted()) {
        fuzz::expect(!diagnostic.text.empty(), "an error has words");
        fuzz::expect(diagnostic.position.line <= lines, "an error is at a line of the text");
        fuzz::expect(diagnostic.position.column <= size + 1, "an error is at a column of the text");
    }
    if (value) fuzz::expect(read_yaml(write_yaml(*value), file) == *value, "YAML reads back");
    return 0;
}
