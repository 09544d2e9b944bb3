// See the header.
#include "master/cli/component_source.hpp"

#include <algorithm>
#include <map>

#include "common/files/files.hpp"
#include "common/text/text.hpp"
#include "common/yaml/yaml.hpp"

namespace prove {

namespace {

constexpr const char* targets_file = "targets.json";

// component.yml as far as it can be read: what is wrong with it is told when the catalog is loaded.
Value words_of(const std::string& folder) {
    for (const char* name : {"component.yml", "component.yaml"}) {
        const auto text = find_whole_file(folder + "/" + name);
        if (!text) continue;
        Diagnostics ignored;
        return read_yaml(*text, std::make_shared<const std::string>(name), ignored).value_or(Value());
    }
    return Value();
}

std::vector<std::string> required_by(const std::string& folder) {
    std::vector<std::string> names;
    const Value words = words_of(folder);
    const Value* required = words.is_mapping() ? words.find("requires") : nullptr;
    if (required == nullptr) return names;
    if (required->is_text()) names.push_back(required->text());
    if (required->is_list())
        for (const Value& name : required->list())
            if (name.is_text()) names.push_back(name.text());
    if (required->is_mapping())
        for (const Mapping::Member& member : required->mapping()) names.push_back(member.key);
    return names;
}

class ComponentSource final : public CatalogSource {
 public:
    ComponentSource(const ComponentFolder& component, std::string targets) : targets_(std::move(targets)) {
        add(component.name, component.folder);
    }

    std::vector<TreeFile> list(Diagnostics& diagnostics) override {
        std::vector<TreeFile> files;
        for (const auto& [name, folder] : folders_) {
            Diagnostics here;
            for (TreeFile& file : read_tree(folder, {}, here)) {
                file.path = prefix(name) + file.path;
                files.push_back(std::move(file));
            }
            for (Diagnostic diagnostic : here.all()) {
                diagnostic.position = position_of(prefix(name) + diagnostic.position.file_name());
                diagnostics.add(std::move(diagnostic));
            }
        }
        TreeFile targets;
        targets.path = targets_file;
        targets.size = targets_.size();
        files.push_back(std::move(targets));
        std::sort(files.begin(), files.end(), [](const auto& a, const auto& b) { return a.path < b.path; });
        return files;
    }

    std::optional<std::string> read(const std::string& path, std::size_t limit) override {
        if (path == targets_file) return targets_;
        for (const auto& [name, folder] : folders_)
            if (path.rfind(prefix(name), 0) == 0)
                return find_whole_file(folder + "/" + path.substr(prefix(name).size()), limit);
        return std::nullopt;
    }

    bool changed(const std::vector<TreeFile>&) const override { return false; }

 private:
    static std::string prefix(const std::string& name) { return "components/" + name + "/"; }

    void add(const std::string& name, const std::string& folder) {
        if (!folders_.emplace(name, folder).second) return;
        for (const std::string& required : required_by(folder)) {
            const std::string beside = parent_of(folder) + "/" + required;
            if (required.find('/') == std::string::npos && is_folder(beside)) add(required, beside);
        }
    }

    const std::string targets_;
    std::map<std::string, std::string> folders_;
};

}  // namespace

ComponentFolder component_folder(const std::string& directory) {
    const std::string folder = real_directory(directory);
    const auto has = [&](const char* name) { return exists(folder + "/" + name); };
    if (!has("component.yml") && !has("component.yaml") && !has("states") && !has("states.yml"))
        throw Error(ErrorKind::usage, quoted(directory) + " is no component: it has neither component.yml nor states");
    const Value words = words_of(folder);
    const Value* name = words.is_mapping() ? words.find("name") : nullptr;
    return {name != nullptr && name->is_text() ? name->text() : name_of_path(folder), folder};
}

std::unique_ptr<CatalogSource> component_source(const ComponentFolder& component, std::string targets) {
    return std::make_unique<ComponentSource>(component, std::move(targets));
}

}  // namespace prove
