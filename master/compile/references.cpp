// Resolving references.
#include "master/compile/references.hpp"

#include <algorithm>

#include "common/text/glob.hpp"
#include "common/text/text.hpp"

namespace prove {

namespace {

constexpr std::string_view file_prefix = "file:";

bool begins_state(std::string_view line, const std::string& id) {
    for (const std::string& written : {id, '"' + id + '"', "'" + id + "'"})
        if (line.rfind(written, 0) == 0 && line.substr(written.size(), 1) == ":") return true;
    return false;
}

}  // namespace

References::References(const Catalog& catalog, const Graph& graph, bool complete, Diagnostics& diagnostics)
    : catalog_(catalog), graph_(graph), complete_(complete), diagnostics_(diagnostics) {}

const std::vector<NodeIndex>& References::resolve(const Reference& reference, NodeIndex from, const char* key) {
    found_.clear();
    const std::string& text = reference.text;
    const std::vector<std::string>& scopes = graph_.nodes[from].file->scopes;
    for (std::size_t i = std::min<std::size_t>(reference.outer, scopes.size() - 1); i < scopes.size(); ++i) {
        if (const auto exact = graph_.by_id.find(scopes[i] + text); exact != graph_.by_id.end()) {
            found_.push_back(exact->second);
            return found_;
        }
    }
    if (text.rfind(file_prefix, 0) == 0) {
        resolve_file(reference, from, key);
        return found_;
    }
    if (is_glob(text))
        for (std::size_t i = std::min<std::size_t>(reference.outer, scopes.size() - 1); i < scopes.size(); ++i)
            if (match(scopes[i], text, from)) return found_;
    unknown(reference, from, key);
    return found_;
}

// Whether any id in this scope matches. A glob does not mean the state that it stands in.
bool References::match(const std::string& scope, const std::string& glob, NodeIndex from) {
    bool any = false;
    for (NodeIndex node = 0; node < graph_.nodes.size(); ++node) {
        const std::string& id = graph_.id(node);
        if (id.rfind(scope, 0) != 0 || !glob_matches(glob, id.substr(scope.size()))) continue;
        any = true;
        if (node != from) found_.push_back(node);
    }
    return any;
}

void References::resolve_file(const Reference& reference, NodeIndex from, const char* key) {
    const std::string_view name = std::string_view(reference.text).substr(file_prefix.size());
    bool known = false;
    for (const CompiledFile& file : *graph_.files) known = known || file.name == name;
    for (NodeIndex node = 0; node < graph_.nodes.size(); ++node)
        if (graph_.nodes[node].file->name == name && node != from) found_.push_back(node);
    if (!known) unknown(reference, from, key);  // a file without states is satisfied
}

std::optional<NodeIndex> References::resolve_id(const Reference& reference, NodeIndex from, const char* key) {
    const std::vector<std::string>& scopes = graph_.nodes[from].file->scopes;
    for (std::size_t i = std::min<std::size_t>(reference.outer, scopes.size() - 1); i < scopes.size(); ++i)
        if (const auto exact = graph_.by_id.find(scopes[i] + reference.text); exact != graph_.by_id.end())
            return exact->second;
    if (is_glob(reference.text))
        diagnostics_.error(reference.position, graph_.id(from),
                           quoted(key) + " takes the id of one state, found the glob " + quoted(reference.text));
    else
        unknown(reference, from, key);
    return std::nullopt;
}

void References::unknown(const Reference& reference, NodeIndex from, const char* key) {
    if (!complete_) return;  // it may be in a file that could not be read, whose own error is shown
    const std::string& text = reference.text;
    std::string message = quoted(key) + " names " + quoted(text) + ", which no state of this run ";
    message += is_glob(text) ? "matches" : "has";
    if (text.rfind(file_prefix, 0) == 0) {
        std::vector<std::string> names;
        for (const CompiledFile& file : *graph_.files) names.push_back(std::string(file_prefix) + file.name);
        const std::string near = nearest(text, names);
        const std::string name = text.substr(file_prefix.size());
        message = quoted(key) + " names " + quoted(text) + ", but this run has no state file " + quoted(name);
        if (!near.empty())
            message += "; did you mean " + quoted(near) + "?";
        else if (catalog_.state_file(name) != nullptr)
            message += "; bring it in with _include";
    } else if (!is_glob(text)) {
        std::vector<std::string> ids;
        const std::string& own = graph_.nodes[from].file->prefix();
        for (NodeIndex node = 0; node < graph_.nodes.size(); ++node) {
            const std::string& id = graph_.id(node);
            ids.push_back(id.rfind(own, 0) == 0 ? id.substr(own.size()) : id);
        }
        const std::string near = nearest(text, ids);
        if (!near.empty()) {
            message += "; did you mean " + quoted(near) + "?";
        } else if (const std::string file = elsewhere(text); !file.empty()) {
            message += "; the state file " + quoted(file) + " has it: bring it in with _include";
        }
    }
    // A key of a block or of a meta.include stands in every state inside, and was written once.
    if (told_.insert(reference.position.text() + message).second)
        diagnostics_.error(reference.position, graph_.id(from), message);
}

// A state file outside this run that seems to have such a state: only a look at its text.
std::string References::elsewhere(const std::string& id) const {
    for (const std::string& name : catalog_.state_file_names()) {
        const SourceFile* file = catalog_.state_file(name);
        if (file == nullptr) continue;
        for (const std::string& line : split_lines(file->text))
            if (begins_state(line, id)) return name;
    }
    return "";
}

}  // namespace prove
