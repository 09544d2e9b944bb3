// Every name in a catalog that refers to something must find it, with the nearest name where it does not. Runs after
// all sections are read, since a target may name a role that stands in a later file.
#include <algorithm>

#include "common/text/glob.hpp"
#include "common/text/text.hpp"
#include "master/catalog/parts.hpp"

namespace prove {

namespace {

template <class Map>
std::vector<std::string> keys_of(const Map& map) {
    std::vector<std::string> result;
    for (const auto& [key, value] : map) result.push_back(key);
    return result;
}

class ReferenceCheck {
  public:
    ReferenceCheck(const CatalogParts& parts, Diagnostics& diagnostics) : parts_(parts), diagnostics_(diagnostics) {}

    void roles(const std::vector<NamedRef>& refs, const std::string& where) { all(refs, parts_.roles, "role", where); }
    void states(const std::vector<NamedRef>& refs, const std::string& where) {
        for (const auto& ref : refs) state(ref, where);
    }
    void variable_files(const std::vector<NamedRef>& refs, const std::string& where) {
        all(refs, parts_.variable_files, "variable file", where);
    }
    void components(const std::vector<NamedRef>& refs, const std::string& where) {
        all(refs, parts_.components, "component", where);
    }

    void targets(const std::vector<NamedRef>& refs, const std::string& where) {
        for (const auto& ref : refs) {
            if (parts_.target_index.count(ref.name) != 0) continue;
            const auto hint = is_glob(ref.name) ? std::string("; a list holds names, for patterns there is 'glob'")
                                                : suggestion(ref.name, keys_of(parts_.target_index), "targets");
            missing(ref, "target", where, hint);
        }
    }

  private:
    void missing(const NamedRef& ref, const std::string& what, const std::string& where, const std::string& hint) {
        diagnostics_.error(ref.position, where, "there is no " + what + " " + quoted(ref.name) + hint);
    }

    template <class Map>
    void all(const std::vector<NamedRef>& refs, const Map& known, const std::string& what, const std::string& where) {
        for (const auto& ref : refs)
            if (known.count(ref.name) == 0) missing(ref, what, where, suggestion(ref.name, keys_of(known), what + "s"));
    }

    // People write a state file with its suffix or folder, or the name of a component that has only a folder of states.
    void state(const NamedRef& ref, const std::string& where) {
        if (parts_.states.count(ref.name) != 0) return;
        auto names = keys_of(parts_.states);
        const auto begins = [&](const std::string& name) { return name.rfind(ref.name + "/", 0) == 0; };
        names.erase(std::remove_if(names.begin(), names.end(), [&](const auto& name) { return !begins(name); }),
                    names.end());
        if (!names.empty()) return missing(ref, "state file", where, ", but there are " + join_words(names));
        const auto file = std::find_if(parts_.states.begin(), parts_.states.end(), [&](const auto& state) {
            return state.second->path &&
                   (*state.second->path == ref.name || *state.second->path == "states/" + ref.name);
        });
        if (file != parts_.states.end())
            return missing(ref, "state file", where,
                           "; it is called " + quoted(file->first) + ", without folder and suffix");
        missing(ref, "state file", where, suggestion(ref.name, keys_of(parts_.states), "state files"));
    }

    const CatalogParts& parts_;
    Diagnostics& diagnostics_;
};

}  // namespace

void check_references(const CatalogParts& parts, Diagnostics& diagnostics) {
    ReferenceCheck check(parts, diagnostics);
    for (std::size_t i = 0; i < parts.targets.size(); ++i) {
        const auto where = "target " + parts.targets[i].id.text();
        check.roles(parts.target_refs[i].roles, where);
        check.states(parts.target_refs[i].states, where);
        check.variable_files(parts.target_refs[i].variable_files, where);
    }
    for (const auto& group : parts.groups) {
        const auto where = "group " + group.name;
        check.roles(group.roles, where);
        check.states(group.states, where);
        check.variable_files(group.variable_files, where);
        check.targets(group.list_refs, where);
    }
    for (const auto& [name, role] : parts.roles) {
        check.components(role.components, "role " + name);
        check.states(role.states, "role " + name);
        check.variable_files(role.variable_files, "role " + name);
    }
}

}  // namespace prove
