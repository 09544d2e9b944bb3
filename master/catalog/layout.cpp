// The table of catalog.md's "Layout". One pass over the sorted paths; the first folder of a path decides who looks at
// the rest of it.
#include "master/catalog/layout.hpp"

#include <algorithm>
#include <map>
#include <set>

#include "common/text/text.hpp"
#include "master/catalog/file_kind.hpp"

namespace prove {

namespace {

using Kind = LayoutFile::Kind;

const std::vector<std::string> sections{"targets", "groups", "roles", "schedules"};
const std::vector<std::string> root_names{"prove.yml", "targets.yml", "groups.yml", "roles.yml",   "schedules.yml",
                                          "targets.d", "groups.d",    "roles.d",    "schedules.d", "roles",
                                          "variables", "states",      "files",      "components",  "templates"};
const std::vector<std::string> component_names{"component.yml", "variables.yml", "states.yml", "roles.yml",
                                               "states",        "files",         "templates",  "functions",
                                               "tests"};

std::string file_name(const std::string& path) {
    return path.substr(path.rfind('/') + 1);
}

class LayoutReader {
  public:
    explicit LayoutReader(Diagnostics& diagnostics) : diagnostics_(diagnostics) {}

    void add(const TreeFile& file) {
        const auto parts = split(file.path, '/');
        if (parts[0] == "components")
            component_file(file, parts);
        else if (parts.size() == 1)
            root_file(file);
        else
            root_folder(file, parts);
    }

    Layout take() {
        const auto rank = [](const LayoutFile& entry) {
            if (entry.kind == Kind::options) return 0;
            if (!entry.component.empty()) return 3;
            return entry.file->path.find(".d/") == std::string::npos ? 1 : 2;
        };
        std::stable_sort(layout_.files.begin(), layout_.files.end(),
                         [&](const auto& a, const auto& b) { return rank(a) < rank(b); });
        layout_.components.assign(components_.begin(), components_.end());
        return std::move(layout_);
    }

  private:
    void error(const TreeFile& file, std::string text) {
        diagnostics_.error(position_of(file.path), "", std::move(text));
    }

    // A file of which nobody knows what it is: an error where a name is near enough to be a slip, else a warning.
    void unknown(const TreeFile& file, const std::string& name, const std::vector<std::string>& known,
                 const std::string& in) {
        if (!reported_.insert(in + "/" + name).second) return;
        const auto near = nearest(name, known);
        const auto text = quoted(name) + " is no part of " + in;
        if (near.empty())
            diagnostics_.warning(position_of(file.path), "", text + ": nothing of it is read");
        else
            error(file, text + "; did you mean " + quoted(near) + "?");
    }

    // Two files of one name: which of them counts would be a riddle, so neither does.
    bool claim(const TreeFile& file, const std::string& what) {
        const auto [other, is_new] = claimed_.emplace(what, file.path);
        if (!is_new) error(file, "this and " + quoted(other->second) + " would both be " + what + "; keep one of them");
        return is_new;
    }

    LayoutFile& put(const TreeFile& file, Kind kind, std::string name, const std::string& component = {}) {
        auto& entry = layout_.files.emplace_back();
        entry.kind = kind;
        entry.file = &file;
        entry.name = std::move(name);
        entry.component = component;
        return entry;
    }

    // A file that is plain YAML or JSON always; false, with an error, where its name says otherwise.
    bool is_plain(const TreeFile& file, const NamedFile& named) {
        if (named.follows_renderer || named.format == FileFormat::plain_yaml || named.format == FileFormat::json)
            return true;
        error(file, "this is plain YAML, never a template; name it " + quoted(named.stem + ".yml"));
        return false;
    }

    void section_file(const TreeFile& file, const NamedFile& named, const std::string& section,
                      const std::string& component) {
        if (!is_plain(file, named)) return;
        auto& entry = put(file, Kind::section, section, component);
        entry.section = section;
        entry.format = named.format == FileFormat::json ? FileFormat::json : FileFormat::plain_yaml;
    }

    void root_file(const TreeFile& file) {
        const auto named = named_file(file.path);
        if (!named) return;  // Makefile, LICENSE ...: nobody takes these for a part of the catalog
        if (named->stem == "prove") {
            if (!is_plain(file, *named) || !claim(file, "the options of the catalog")) return;
            put(file, Kind::options, "").format =
                named->format == FileFormat::json ? FileFormat::json : FileFormat::plain_yaml;
        } else if (std::find(sections.begin(), sections.end(), named->stem) != sections.end()) {
            if (claim(file, "the " + named->stem + " of the catalog")) section_file(file, *named, named->stem, "");
        } else {
            unknown(file, file.path, root_names, "a catalog");
        }
    }

    void root_folder(const TreeFile& file, const std::vector<std::string>& parts) {
        const auto& folder = parts[0];
        if (folder == "files") return served(file, file.path.substr(6), "");
        if (folder == "states") return state(file, file.path.substr(7), "");
        if (folder == "templates") return text(file, "");
        if (folder == "variables") return variables(file, file.path.substr(10));
        if (folder == "roles") return role(file, file.path.substr(6));
        const auto section = folder.size() > 2 && folder.compare(folder.size() - 2, 2, ".d") == 0
                                 ? folder.substr(0, folder.size() - 2)
                                 : "";
        if (std::find(sections.begin(), sections.end(), section) == sections.end())
            return unknown(file, folder, root_names, "a catalog");
        const auto named = named_file(file_name(file.path));
        if (parts.size() > 2 || !named)
            return error(file, "files of " + quoted(folder) + " end in .yml, .yaml or .json and stand directly in it");
        section_file(file, *named, section, "");
    }

    void component_file(const TreeFile& file, const std::vector<std::string>& parts) {
        if (parts.size() == 1)
            return error(file, "this is a file; components stand in a folder of this name, each in its own");
        if (parts.size() == 2) return error(file, "a component is a folder: components/NAME/states.yml");
        const auto& component = parts[1];
        if (!is_component_name(component)) {
            if (reported_.insert("component " + component).second)
                error(file, "a component's name has letters, digits, '_' and '-', found " + quoted(component));
            return;
        }
        components_.insert(component);
        if (parts.size() == 3) return component_root_file(file, component);
        const auto begin = parts[0].size() + parts[1].size() + parts[2].size() + 3;
        if (parts[2] == "files") return served(file, file.path.substr(begin), component);
        if (parts[2] == "states") return state(file, file.path.substr(begin), component);
        if (parts[2] == "templates") return text(file, component);
        if (parts[2] == "functions") return function(file, file.path.substr(begin), component);
        if (parts[2] == "tests") return;  // its own cases, which `prove-cli component test` reads
        if (parts[2] == "variables") return error(file, "the defaults of a component stand in one file, variables.yml");
        unknown(file, parts[2], component_names, "component " + quoted(component));
    }

    void component_root_file(const TreeFile& file, const std::string& component) {
        const auto named = named_file(file_name(file.path));
        if (!named) return;
        if (named->stem == "states") {
            state(file, "", component);
        } else if (named->stem == "variables") {
            if (claim(file, "the defaults of component " + quoted(component)))
                set_format(put(file, Kind::defaults, component, component), *named);
        } else if (named->stem == "roles" || named->stem == "component") {
            if (!claim(file, "the " + named->stem + " file of component " + quoted(component))) return;
            if (named->stem == "roles") return section_file(file, *named, "roles", component);
            if (is_plain(file, *named))
                put(file, Kind::component_options, component, component).format =
                    named->format == FileFormat::json ? FileFormat::json : FileFormat::plain_yaml;
        } else {
            unknown(file, file_name(file.path), component_names, "component " + quoted(component));
        }
    }

    // A state calls functions/vhost `webserver.vhost`, whatever it is written in.
    void function(const TreeFile& file, const std::string& name, const std::string& component) {
        if (is_component_name(name)) {
            put(file, Kind::function, name, component);
            return;
        }
        error(file, "a function is an executable directly in functions/, whose name has letters, digits, '_' and '-' "
                    "and no suffix, found " + quoted(name));
    }

    static void set_format(LayoutFile& entry, const NamedFile& named) {
        entry.format = named.format;
        entry.follows_renderer = named.follows_renderer;
    }

    // `below` is the path below states/; empty for a component's own states.yml.
    void state(const TreeFile& file, const std::string& below, const std::string& component) {
        const auto named = named_file(below.empty() ? file_name(file.path) : below);
        if (!named) {
            if (is_template_name(file.path)) return text(file, component);
            return error(file, "not a state file: its name ends in none of " + known_suffixes());
        }
        if (!component.empty() && !claim_component_states(file, component, below.empty())) return;
        auto name = below.empty() ? component : (component.empty() ? "" : component + "/") + named->stem;
        if (!is_source_name(name))
            return error(file, "a state file's name has letters, digits, '.', '_' and '-' only, found " + quoted(name));
        if (!claim(file, "the state file " + quoted(name))) return;
        set_format(put(file, Kind::state, std::move(name), component), *named);
    }

    // A component has states.yml or states/, not both.
    bool claim_component_states(const TreeFile& file, const std::string& component, bool single) {
        auto& mine = single ? single_states_ : state_folders_;
        const auto& others = single ? state_folders_ : single_states_;
        if (others.count(component) != 0) {
            if (reported_.insert("states of " + component).second)
                error(file, "component " + quoted(component) + " has states.yml and states/; keep one of them");
            return false;
        }
        mine.insert(component);
        return true;
    }

    void variables(const TreeFile& file, const std::string& below) {
        const auto named = named_file(below);
        if (!named) return error(file, "not a variable file: its name ends in none of " + known_suffixes());
        if (!is_source_name(named->stem))
            return error(file, "a variable file's name has letters, digits, '.', '_' and '-' only, found " +
                                   quoted(named->stem));
        if (claim(file, "the variable file " + quoted(named->stem)))
            set_format(put(file, Kind::variables, named->stem), *named);
    }

    void role(const TreeFile& file, const std::string& below) {
        const auto named = named_file(below);
        if (!named || below.find('/') != std::string::npos)
            return error(file, "files of 'roles' end in .yml, .yaml or .json and stand directly in it");
        if (!is_plain(file, *named) || !claim(file, "role " + quoted(named->stem))) return;
        put(file, Kind::role, named->stem).format =
            named->format == FileFormat::json ? FileFormat::json : FileFormat::plain_yaml;
    }

    void text(const TreeFile& file, const std::string& component) { put(file, Kind::text, "", component); }

    void served(const TreeFile& file, const std::string& below, const std::string& component) {
        auto url = "prove://" + (component.empty() ? "" : component + "/") + below;
        if (claim(file, url)) put(file, Kind::served, std::move(url), component);
    }

    Diagnostics& diagnostics_;
    Layout layout_;
    std::set<std::string> components_, single_states_, state_folders_, reported_;
    std::map<std::string, std::string> claimed_;  // what -> the path that is it
};

}  // namespace

Layout lay_out(const std::vector<TreeFile>& tree, Diagnostics& diagnostics) {
    LayoutReader reader(diagnostics);
    for (const auto& file : tree) reader.add(file);
    return reader.take();
}

}  // namespace prove
