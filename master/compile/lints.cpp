// Lints of state files.
#include "master/compile/lints.hpp"

#include "common/text/text.hpp"

namespace prove {

namespace {

void lint_conditions(const std::vector<Condition>& conditions, const DraftState& state, Diagnostics& diagnostics) {
    for (const Condition& condition : conditions)
        if (condition.kind == Condition::Kind::changed)
            diagnostics.warning(condition.position, state.id.text(),
                                "'changed' is forgotten when a run is cut short; 'notify: " + state.id.text() +
                                    "' in " + quoted(condition.value.text()) + " would be owed until it is done");
}

}  // namespace

void lint_text(const SourceFile& source, Diagnostics& diagnostics) {
    std::uint32_t number = 0;
    for (const std::string& line : split_lines(source.text)) {
        ++number;
        const std::size_t start = line.find_first_not_of(" \t");
        if (start == std::string::npos) continue;
        if (line.back() == '\\')
            diagnostics.warning({source.path, number, static_cast<std::uint32_t>(line.size())}, "",
                                "Mako joins this line with the next; where the backslash is meant, write the text in "
                                "<%text> or in a .plain.yml");
        if (start > 0 && line.compare(start, 2, "##") == 0)
            diagnostics.warning(
                {source.path, number, static_cast<std::uint32_t>(start + 1)}, "",
                "Mako takes this line for a comment and drops it; where it is meant as text, write it in "
                "<%text> or in a .plain.yml");
    }
}

void lint_states(const CompiledFile& file, Diagnostics& diagnostics) {
    for (const DraftState& state : file.draft->states)
        for (const DraftVariant& variant : state.variants) {
            lint_conditions(variant.onlyif, state, diagnostics);
            for (const DraftPart& part : variant.parts) lint_conditions(part.part.onlyif, state, diagnostics);
        }
}

}  // namespace prove
