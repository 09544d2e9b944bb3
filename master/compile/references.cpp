// Resolving references.
#include "master/compile/references.hpp"

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
    if (const auto exact = graph_.by_id.find(text); exact != graph_.by_id.end()) {
        found_.push_back(exact->second);
        return found_;
    }
    if (text.rfind(file_prefix, 0) == 0) {
        const std::string_view name = std::string_view(text).substr(file_prefix.size());
        bool known = false;
        for (const CompiledFile& file : *graph_.files) known = known || file.name == name;
        for (NodeIndex node = 0; node < graph_.nodes.size(); ++node)
            if (graph_.nodes[node].file->name == name && node != from) found_.push_back(node);
        if (!known) unknown(reference, from, key);  // a file without states is satisfied
        return found_;
    }
    if (is_glob(text)) {
        bool itself = false;
        for (NodeIndex node = 0; node < graph_.nodes.size(); ++node) {
            if (!glob_matches(text, graph_.id(node))) continue;
            if (node == from)
                itself = true;
            else
                found_.push_back(node);
        }
        if (found_.empty() && !itself) unknown(reference, from, key);
        return found_;
    }
    unknown(reference, from, key);
    return found_;
}

void References::check_id(const Reference& reference, NodeIndex from, const char* key) {
    if (graph_.by_id.find(reference.text) == graph_.by_id.end()) unknown(reference, from, key);
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
        for (NodeIndex node = 0; node < graph_.nodes.size(); ++node) ids.push_back(graph_.id(node));
        const std::string near = nearest(text, ids);
        if (!near.empty()) {
            message += "; did you mean " + quoted(near) + "?";
        } else if (const std::string file = elsewhere(text); !file.empty()) {
            message += "; the state file " + quoted(file) + " has it: bring it in with _include";
        }
    }
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
