// Translating positions, and showing what a template's line was rendered to.
#include "master/compile/source_map.hpp"

#include <algorithm>

#include "common/text/excerpt.hpp"
#include "common/text/text.hpp"
#include "common/text/utf8.hpp"
#include "master/compile/state_keys.hpp"
#include "master/render/template_source.hpp"
#include "proto/secret_text.hpp"

namespace prove {

namespace {

// How many characters both texts begin with.
std::size_t common_prefix(std::string_view left, std::string_view right) {
    const std::size_t most = std::min(left.size(), right.size());
    std::size_t at = 0;
    while (at < most && left[at] == right[at]) ++at;
    return utf8_length(left.substr(0, at));
}

}  // namespace

SourceMap::SourceMap(const Catalog& catalog, const SourceFile& source, const Rendered& rendered)
    : catalog_(catalog),
      source_(source),
      rendered_(rendered),
      rendered_name_(std::make_shared<const std::string>(*source.path)),
      rendered_lines_(split_lines(rendered.text)) {}

const std::string& SourceMap::template_line(const SourcePosition& position) const {
    static const std::string none;
    const std::string& path = *position.file;
    auto found = template_lines_.find(path);
    if (found == template_lines_.end()) {
        std::vector<std::string> lines;
        try {
            lines = split_lines(path == *source_.path ? source_.text : find_template(catalog_, path, "").text);
        } catch (const Error&) {
            // Without the template's line a column cannot be told; the line is right all the same.
        }
        found = template_lines_.emplace(path, std::move(lines)).first;
    }
    return position.line == 0 || position.line > found->second.size() ? none : found->second[position.line - 1];
}

SourcePosition SourceMap::translated(const SourcePosition& position) const {
    if (position.file != rendered_name_ || position.line == 0 || rendered_.line_map.empty()) return position;
    const std::size_t line = std::min<std::size_t>(position.line, rendered_.line_map.size()) - 1;
    SourcePosition result = rendered_.line_map[line];
    if (result.column == 0 && line < rendered_lines_.size() && position.column > 0) {
        const std::size_t same = common_prefix(template_line(result), rendered_lines_[line]);
        result.column = static_cast<std::uint32_t>(std::min<std::size_t>(position.column, same + 1));
    }
    return result;
}

void SourceMap::translate(Value& value) const {
    value.set_position(translated(value.position()));
    if (value.is_list())
        for (Value& member : value.list()) translate(member);
    if (value.is_mapping())
        for (Mapping::Member& member : value.mapping()) {
            translate(member.key_position);
            translate(member.value);
        }
}

void SourceMap::translate(std::vector<Reference>& references) const {
    for (Reference& reference : references) translate(reference.position);
}

void SourceMap::translate(std::vector<Condition>& conditions) const {
    for (Condition& condition : conditions) {
        translate(condition.position);
        translate(condition.value);
    }
}

void SourceMap::translate(DraftState& state) const {
    translate(state.position);
    for (auto* references : {&state.requirements, &state.listen, &state.listen_failure, &state.members})
        translate(*references);
    for (Probe& probe : state.probes) translate(probe.conditions);
    translate(state.include);
    if (state.common != nullptr) {
        for (auto* references : {&state.common->requirements, &state.common->notify, &state.common->notify_failure})
            translate(*references);
        translate(state.common->onlyif);
        translate(state.common->unless);
        for (Probe& probe : state.common->probes) translate(probe.conditions);
    }
    for (DraftVariant& variant : state.variants) {
        translate(variant.notify);
        translate(variant.notify_failure);
        translate(variant.onlyif);
        translate(variant.unless);
        for (DraftPart& draft : variant.parts) {
            translate(draft.part.position);
            translate(draft.part.arguments);
            translate(draft.part.onlyif);
            translate(draft.part.unless);
            translate(draft.part.that);
            translate(draft.run);
            translate(draft.notify);
            translate(draft.notify_failure);
        }
    }
}

void SourceMap::translate(std::optional<DraftCall>& call) const {
    if (!call) return;
    translate(call->name.position);
    translate(call->with);
}

void SourceMap::translate(DraftFile& file) const {
    translate(file.includes);
    translate(file.required_files);
    for (DraftState& state : file.states) translate(state);
}

// A text that names an earlier line (of a key that is there twice) names the rendered text's.
std::string SourceMap::translated_text(const std::string& text) const {
    static const std::string earlier = "; first in line ";
    const std::size_t at = text.rfind(earlier);
    if (at == std::string::npos) return text;
    const std::string number = text.substr(at + earlier.size());
    if (number.empty() || number.size() > 8 || number.find_first_not_of("0123456789") != std::string::npos) return text;
    const SourcePosition first = translated({rendered_name_, static_cast<std::uint32_t>(std::stoul(number)), 0});
    const bool is_same = first.file_name() == *source_.path;
    return text.substr(0, at) + "; first in " + (is_same ? "line " + std::to_string(first.line) : first.text());
}

// The rendered lines right above that are not as they are written: a value of several lines breaks what comes after it.
std::string SourceMap::rendered_above(std::uint32_t number) const {
    constexpr std::size_t most = 3;
    std::string result;
    for (std::size_t line = number - 1; line > 0 && line + most >= number && line <= rendered_.line_map.size();
         --line) {
        const std::string& text = rendered_lines_[line - 1];
        if (text == template_line(rendered_.line_map[line - 1])) break;
        const std::string shown = excerpt(without_marks(text), static_cast<std::uint32_t>(line), 1);
        result = shown.substr(0, shown.find('\n') + 1) + result;
    }
    return result;
}

Diagnostics SourceMap::translated(const Diagnostics& diagnostics) const {
    Diagnostics result;
    for (Diagnostic diagnostic : diagnostics.all()) {
        const SourcePosition rendered = diagnostic.position;
        translate(diagnostic.position);
        if (rendered.file == rendered_name_ && rendered.line > 0 && rendered.line <= rendered_lines_.size()) {
            diagnostic.text = translated_text(diagnostic.text);
            const std::string& line = rendered_lines_[rendered.line - 1];
            const std::string for_eyes = without_marks(line);
            const auto column =
                rendered.column == 0 ? 0 : utf8_length(without_marks(utf8_prefix(line, rendered.column - 1))) + 1;
            const std::string& written = template_line(diagnostic.position);
            diagnostic.excerpt = excerpt(written, diagnostic.position.line, diagnostic.position.column,
                                         written == line ? word_width(written, diagnostic.position.column) : 1);
            const std::string above = written == line && diagnostic.where.empty() ? rendered_above(rendered.line) : "";
            if (written != line || !above.empty())
                diagnostic.excerpt += "\nrendered to:\n" + above +
                                      excerpt(for_eyes, rendered.line, column, word_width(for_eyes, column));
        }
        result.add(std::move(diagnostic));
    }
    return result;
}

}  // namespace prove
