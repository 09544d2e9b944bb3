// Lints of state files.
#include "master/compile/lints.hpp"

#include <algorithm>

#include "common/text/text.hpp"
#include "common/text/utf8.hpp"
#include "master/compile/data_file.hpp"
#include "master/compile/state_keys.hpp"

namespace prove {

namespace {

void lint_conditions(const std::vector<Condition>& conditions, const DraftState& state, Diagnostics& diagnostics) {
    for (const Condition& condition : conditions)
        if (condition.kind == Condition::Kind::changed)
            diagnostics.warning(condition.position, state.id.text(),
                                "'changed' is forgotten when a run is cut short; 'notify: " + state.id.text() +
                                    "' in " + quoted(condition.value.text()) + " would be owed until it is done");
}

// The text without what Mako takes as it is: <%text>, and blocks of Python.
std::string without_literals(std::string text) {
    for (std::size_t at = text.find("<%"); at < text.size(); at = text.find("<%", at + 1)) {
        const bool is_text = text.compare(at, 6, "<%text") == 0;
        const char next = at + 2 < text.size() ? text[at + 2] : 'x';
        if (!is_text && std::string_view("! \t\r\n").find(next) == std::string_view::npos) continue;
        const std::size_t end = std::min(text.find(is_text ? "</%text>" : "%>", at), text.size());
        for (; at < end; ++at)
            if (text[at] != '\n') text[at] = ' ';
    }
    return text;
}

}  // namespace

void lint_mako(const FileName& path, const std::string& text, bool is_state_file, Diagnostics& diagnostics) {
    const std::string remedy =
        is_state_file ? "write the text in <%text> or in a .plain.yml" : "write the text in <%text>";
    std::uint32_t number = 0;
    for (const std::string& line : split_lines(without_literals(text))) {
        ++number;
        const std::size_t start = line.find_first_not_of(" \t");
        if (start == std::string::npos) continue;
        if (line.back() == '\\')
            diagnostics.warning({path, number, static_cast<std::uint32_t>(utf8_length(line))}, "",
                                "Mako joins this line with the next; where the backslash is meant, " + remedy);
        if (is_state_file && start > 0 && line.compare(start, 2, "##") == 0)
            diagnostics.warning(
                {path, number, static_cast<std::uint32_t>(start + 1)}, "",
                "Mako takes this line for a comment and drops it; where it is meant as text, " + remedy);
    }
}

void lint_states(const CompiledFile& file, Diagnostics& diagnostics) {
    for (const DraftState& state : file.draft->states) {
        if (state.common != nullptr) lint_conditions(state.common->onlyif, state, diagnostics);
        for (const DraftVariant& variant : state.variants) {
            lint_conditions(variant.onlyif, state, diagnostics);
            for (const DraftPart& part : variant.parts) lint_conditions(part.part.onlyif, state, diagnostics);
        }
    }
}

void lint_file(const SourceFile& source, const CompiledFile& file, Diagnostics& diagnostics) {
    if (file.rendered && engine_of(source.format) == "mako") lint_mako(source.path, source.text, true, diagnostics);
    lint_states(file, diagnostics);
}

}  // namespace prove
