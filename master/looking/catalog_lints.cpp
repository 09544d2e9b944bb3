// Gathering over all targets, and what is left over in the end.
#include "master/looking/catalog_lints.hpp"

#include <algorithm>
#include <functional>
#include <unordered_set>

#include "common/files/files.hpp"
#include "common/text/glob.hpp"
#include "common/text/text.hpp"
#include "master/catalog/component.hpp"
#include "proto/late.hpp"

namespace prove {

namespace {

// A file that `template:` makes a template need not say so by its name; larger ones are not looked through.
constexpr std::size_t largest_read = 64u << 10;

bool ends_with(const std::string& text, std::string_view end) {
    return text.size() >= end.size() && text.compare(text.size() - end.size(), end.size(), end) == 0;
}

// The nodes that are notified or run by others, the members of such groups, and what stands in blocks: it runs with them.
std::vector<bool> asked_for(const StateRun& run) {
    std::vector<bool> result(run.nodes.size());
    std::vector<NodeIndex> rest;
    const std::function<void(const std::vector<NodeIndex>&)> ask = [&](const std::vector<NodeIndex>& nodes) {
        for (const NodeIndex node : nodes) {
            if (result[node]) continue;
            result[node] = true;
            rest.push_back(node);
        }
    };
    for (const Node& node : run.nodes) {
        if (node.block || (node.group && !node.lazy)) {
            ask(node.members);
            ask(node.rescue);
            ask(node.always);
        }
        for (const Variant& variant : node.variants) {
            ask(variant.notify);
            ask(variant.notify_failure);
            for (const StatePart& part : variant.parts) {
                ask(part.notify);
                ask(part.notify_failure);
                if (part.runs) ask({*part.runs});
            }
        }
    }
    while (!rest.empty()) {
        const Node& node = run.nodes[rest.back()];
        rest.pop_back();
        ask(node.members);
    }
    // Of a group that nobody asks for the group alone is reported.
    for (const Node& node : run.nodes)
        for (const NodeIndex member : node.members) result[member] = true;
    return result;
}

bool is_described(const Node& node) {
    return std::any_of(node.variants.begin(), node.variants.end(), [](const Variant& variant) {
        return !variant.description.empty() ||
               std::any_of(variant.parts.begin(), variant.parts.end(),
                           [](const StatePart& part) { return !part.description.empty(); });
    });
}

bool begins_with(const std::vector<std::string>& path, const std::vector<std::string>& begin) {
    return begin.size() <= path.size() && std::equal(begin.begin(), begin.end(), path.begin());
}

void add_texts(const Value& value, std::set<std::string>& texts) {
    if (value.is_text() && value.text().size() < 4096) texts.insert(value.text());
    if (value.is_list())
        for (const Value& member : value.list()) add_texts(member, texts);
    if (value.is_mapping())
        for (const Mapping::Member& member : value.mapping()) add_texts(member.value, texts);
}

void add_words(const std::string& text, std::unordered_set<std::string>& words) {
    const auto is_part = [](char c) {
        return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') || c == '.' || c == '_' || c == '-';
    };
    for (std::size_t at = 0; at < text.size();) {
        std::size_t end = at;
        while (end < text.size() && is_part(text[end])) ++end;
        if (end > at) words.insert(text.substr(at, end - at));
        at = end + 1;
    }
}

}  // namespace

void CatalogLints::add_run(const StateRun& run) {
    // What a late state will ask for nobody knows yet.
    const bool any_may_be = std::any_of(run.nodes.begin(), run.nodes.end(), is_late);
    std::vector<bool> asked;
    for (NodeIndex index = 0; index < run.nodes.size(); ++index) {
        const Node& node = run.nodes[index];
        if (!node.lazy || !node.position.known()) continue;
        if (asked.empty()) asked = asked_for(run);
        LazyState& state = lazy_[node.position.text()];
        if (state.id.empty()) {
            state.position = node.position;
            state.id = node.id.text();
        }
        state.asked_for = state.asked_for || any_may_be || asked[index] || is_described(node);
    }
}

void CatalogLints::add_variables(const std::vector<ExplainedVariable>& variables) {
    for (const ExplainedVariable& variable : variables)
        for (const VariableSetting& setting : variable.settings) {
            add_texts(setting.value, variable_texts_);
            if (!setting.position.known()) continue;
            Variable& known = variables_[variable.path];
            if (known.places.empty()) known.position = setting.position;
            known.places.insert(setting.position.text());
        }
}

void CatalogLints::find_lazy(Diagnostics& diagnostics) const {
    for (const auto& [place, state] : lazy_)
        if (!state.asked_for)
            diagnostics.warning(state.position, state.id,
                                "no target's states notify or run this lazy state, so it runs only where --state names "
                                "it; give it a 'description' where that is meant");
}

void CatalogLints::find_unread(const Texts& texts, Diagnostics& diagnostics) const {
    std::set<std::vector<std::string>> read;
    for (const std::string& text : texts.templates) read.merge(variables_read(text));
    const bool all_are = read.count(std::vector<std::string>{}) != 0;
    for (const std::string& text : texts.others) read.merge(variables_read(text));
    if (!all_are) read.erase(std::vector<std::string>{});  // the word alone, in what need not be a template
    const auto is_touched = [&](const std::vector<std::string>& path) {
        return std::any_of(read.begin(), read.end(), [&](const std::vector<std::string>& one) {
            return begins_with(path, one) || begins_with(one, path);
        });
    };
    std::set<std::vector<std::string>> reported;
    for (const auto& [whole, variable] : variables_) {
        if (is_touched(whole)) continue;
        std::vector<std::string> path;
        for (const std::string& name : whole) {
            path.push_back(name);
            if (!is_touched(path)) break;
        }
        if (!reported.insert(path).second) continue;
        const std::size_t others = variable.places.size() - 1;
        diagnostics.warning(variable.position, "",
                            "no template reads the variable " + quoted(join(path, ".")) +
                                (others == 0 ? "" : ", which is set in " + counted(others, "other place") + " too"));
    }
    // Parameters that no target's variables have: of a component that nobody uses, or without a default.
    for (const std::string& name : catalog_.component_names()) {
        const Component& component = *catalog_.component(name);
        for (const Argument& parameter : component.parameters) {
            const std::vector<std::string> path = {name, parameter.name};
            if (is_touched(path) || reported.count({name}) != 0 || reported.count(path) != 0) continue;
            const SourcePosition& place = parameter.fallback.position();
            diagnostics.warning(place.known() ? place : component.position, "",
                                "no template reads the parameter " + quoted(parameter.name) + " of the component " +
                                    quoted(name));
        }
    }
}

void CatalogLints::find_unnamed(const Texts& texts, Diagnostics& diagnostics) const {
    std::set<std::string> patterns;
    std::unordered_set<std::string> words;
    const auto look_through = [&](const auto& list) {
        for (const std::string& text : list) {
            patterns.merge(urls_named(text));
            add_words(text, words);
        }
    };
    look_through(texts.templates);
    look_through(texts.others);
    look_through(variable_texts_);
    std::vector<std::string> globs;
    for (const std::string& pattern : patterns)
        if (pattern.find('*') != std::string::npos) globs.push_back(pattern);
    for (const std::string& url : catalog_.served_urls()) {
        const bool is_named = patterns.count(url) != 0 || words.count(name_of_path(url)) != 0 ||
                              std::any_of(globs.begin(), globs.end(),
                                          [&](const std::string& glob) { return glob_matches(glob, url); });
        if (!is_named)
            diagnostics.warning({catalog_.served_file(url)->path, 0, 0}, "",
                                "nothing in the catalog names this file, " + quoted(url));
    }
}

Diagnostics CatalogLints::found() const {
    Texts texts;
    for (const std::string& path : catalog_.source_paths()) texts.templates.push_back(catalog_.source_file(path)->text);
    for (const std::string& url : catalog_.served_urls()) {
        const ServedFile& file = *catalog_.served_file(url);
        const bool is_template = ends_with(url, ".mako") || ends_with(url, ".jinja");
        if (is_template || file.size < largest_read)
            (is_template ? texts.templates : texts.others).push_back(catalog_.read_served(file));
    }
    Diagnostics diagnostics;
    find_lazy(diagnostics);
    find_unread(texts, diagnostics);
    find_unnamed(texts, diagnostics);
    return diagnostics;
}

}  // namespace prove
