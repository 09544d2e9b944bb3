// Catalog::load: lists the directory, reads its files, checks every section and every reference, and either gives a
// catalog that is right or everything that is wrong with it. State and variable files are kept as text.
#include <algorithm>

#include "common/text/excerpt.hpp"
#include "common/text/plain_text.hpp"
#include "common/text/text.hpp"
#include "common/yaml/yaml.hpp"
#include "master/catalog/file_kind.hpp"
#include "master/catalog/inventory.hpp"
#include "master/catalog/layout.hpp"
#include "master/catalog/loaded_catalog.hpp"

namespace prove {

namespace {

using LayoutKind = LayoutFile::Kind;

constexpr std::size_t largest_text = 1u << 20;   // of what is rendered or read as YAML
constexpr std::size_t largest_json = 32u << 20;  // inventories that a program writes
constexpr std::size_t most_inventory_nodes = 4'000'000;

JsonLimits inventory_limits() {
    auto limits = JsonLimits::state_run();
    limits.bytes = largest_json;
    limits.nodes = most_inventory_nodes;
    limits.keys_per_object = most_inventory_nodes;
    return limits;
}

class Loader {
  public:
    explicit Loader(std::unique_ptr<CatalogSource> source) : source_(std::move(source)) {}

    void keep_in(const std::string& folder) { parts_->kept.emplace(folder); }

    std::shared_ptr<const Catalog> load(const std::vector<Inventory>& inventories = {}) {
        for (const auto& inventory : inventories) begin_inventory(inventory);
        parts_->tree = source_->list(diagnostics_);
        const auto layout = lay_out(parts_->tree, diagnostics_);
        for (const auto& component : layout.components) parts_->components[component].name = component;
        for (const auto& file : layout.files) read(file);
        apply_renderer(layout);
        for (const auto& file : layout.files) register_source(file);
        for (const auto& inventory : inventories) add_targets(inventory);
        check_references(*parts_, diagnostics_);
        check_components(*parts_, diagnostics_);
        check_secret_keys(*parts_, diagnostics_);
        if (!diagnostics_.has_errors()) {
            settle_executors(*parts_);
            check_schedules(*parts_, diagnostics_);
        }
        add_excerpts();
        if (diagnostics_.has_errors()) throw CatalogError(excerpted_);
        parts_->hash = catalog_hash();
        return std::make_shared<LoadedCatalog>(std::move(source_), std::move(parts_), excerpted_.sorted());
    }

  private:
    // Its groups come first: those of the catalog may match by them.
    void begin_inventory(const Inventory& inventory) {
        diagnostics_.append(inventory.problems);
        for (const auto& [name, text] : inventory.texts) {
            parts_->plain_texts[name] = text;
            hashes_.emplace_back(name, hash_of(text));
        }
        read_groups(inventory.groups, *parts_, diagnostics_);
    }

    // And its targets last: an error of two of one name stands with the inventory and names the catalog's.
    void add_targets(const Inventory& inventory) {
        if (!inventory.yields) return read_targets(inventory.targets, *parts_, diagnostics_);
        auto others = Value::array();
        for (const auto& target : inventory.targets.list())
            if (parts_->target_index.count(target.at("name").text()) == 0) others.push(target);
        read_targets(others, *parts_, diagnostics_);
    }

    // nullopt, with an error, where it cannot be read.
    std::optional<std::string> content_of(const LayoutFile& file, std::size_t limit) {
        const auto& path = file.file->path;
        if (file.file->size > limit) {
            diagnostics_.error(position_of(path), "",
                               "is larger than " + std::to_string(limit >> 20) + " MiB; split it up");
            return std::nullopt;
        }
        try {
            auto content = source_->read(path, limit);
            if (!content)
                diagnostics_.error(position_of(path), "", "vanished while the catalog was read; load it again");
            return content;
        } catch (const Error& error) {
            diagnostics_.error(position_of(path), "", error.text());
            return std::nullopt;
        }
    }

    void read(const LayoutFile& file) {
        if (file.kind == LayoutKind::served) return read_served_file(file);
        if (file.kind == LayoutKind::function) return read_function(file);
        const bool is_inventory = file.kind == LayoutKind::section && file.format == FileFormat::json;
        auto text = content_of(file, is_inventory ? largest_json : largest_text);
        const bool is_plain = file.kind == LayoutKind::options || file.kind == LayoutKind::section ||
                              file.kind == LayoutKind::role || file.kind == LayoutKind::component_options;
        if (text) hashes_.emplace_back(file.file->path, hash_of(*text));
        if (!text || !is_right_text(file.file->path, *text)) {
            if (!is_plain) keep_source(file, "", {});  // its name is there: who refers to it makes no error of that
            return;
        }
        if (!is_plain) return keep_source(file, std::move(*text), hashes_.back().second);
        const auto& kept = parts_->plain_texts[file.file->path] = std::move(*text);
        read_plain(file, kept);
    }

    bool is_right_text(const std::string& path, const std::string& text) {
        const auto bad = why_no_text(text);
        if (!bad) return true;
        auto position = position_of(path);
        position.line = static_cast<std::uint32_t>(bad->line);
        position.column = static_cast<std::uint32_t>(bad->column);
        diagnostics_.error(std::move(position), "", bad->problem);
        return false;
    }

    void read_served_file(const LayoutFile& file) {
        if (const auto content = content_of(file, TreeLimits{}.file_bytes))
            parts_->served[file.name] = served(file, *content);
    }

    ServedFile served(const LayoutFile& file, const std::string& content) {
        const auto hash = hash_of(content);
        hashes_.emplace_back(file.file->path, hash);
        auto path = std::make_shared<const std::string>(file.file->path);
        const auto kept_at = parts_->kept ? parts_->kept->add(content) : 0;
        return {file.name, std::move(path), file.component, hash, content.size(), kept_at};
    }

    // What a target could not run is told here, where the author is.
    void read_function(const LayoutFile& file) {
        const auto content = content_of(file, TreeLimits{}.file_bytes);
        if (!content) return;
        auto& function = parts_->components[file.component].functions[file.name];
        function.name = file.component + "." + file.name;
        function.program = served(file, *content);
        if (!function.position.known()) function.position = position_of(file.file->path);
        if (!file.file->executable)
            diagnostics_.error(position_of(file.file->path), "", "is not executable; chmod +x makes it so");
        if (content->rfind("#!", 0) != 0 && content->rfind("\x7f" "ELF", 0) != 0)
            diagnostics_.error(position_of(file.file->path), "",
                               "is neither a script that begins with #! nor a program: no target could run it");
    }

    void keep_source(const LayoutFile& file, std::string text, const Hash& hash) {
        SourceFile source;
        source.name = file.name;
        source.path = std::make_shared<const std::string>(file.file->path);
        source.format = file.format;
        source.component = file.component;
        source.text = std::move(text);
        source.hash = hash;
        parts_->sources.emplace(file.file->path, std::move(source));
    }

    // nullopt, with errors, where it is not right.
    std::optional<Value> parse_plain(FileFormat format, const std::string& text, const FileName& name) {
        if (format != FileFormat::json) return read_yaml(text, name, diagnostics_);
        try {
            return read_json(text, inventory_limits(), name);
        } catch (const Error& error) {
            auto position = error.position().known() ? error.position() : position_of(*name);
            diagnostics_.error(std::move(position), "", error.text());
            return std::nullopt;
        }
    }

    void read_plain(const LayoutFile& file, const std::string& text) {
        const auto name = std::make_shared<const std::string>(file.file->path);
        auto value = parse_plain(file.format, text, name);
        if (!value) return;
        if (!value->position().known()) value->set_position({name, 1, 1});
        switch (file.kind) {
            case LayoutKind::role:
                return read_role(file.name, {name, 1, 1}, *value, *parts_, diagnostics_);
            case LayoutKind::component_options:
                return read_own_words(file, *value);
            case LayoutKind::options:
                return read_sections(*value, {"options", "variables", "secrets", "targets", "groups", "roles", "schedules"});
            default:
                return read_sections(*value, {file.section});
        }
    }

    void read_own_words(const LayoutFile& file, const Value& value) {
        auto& component = parts_->components[file.component];
        component.position = value.position();
        component.definition = hashes_.back().second;
        read_component(component, value, diagnostics_);
    }

    // A file of sections: each allowed key is one of them.
    void read_sections(const Value& value, const std::vector<std::string>& allowed) {
        if (!value.is_mapping() && !value.is_null()) {
            diagnostics_.error(value.position(), "",
                               "expected a mapping with " + quoted(allowed.front() + ":") + " at its begin, found " +
                                   value.described());
            return;
        }
        Shape shape(value, "", diagnostics_);
        for (const auto& section : allowed)
            if (const auto* const found = shape.find(section)) read_section(section, *found, shape);
        shape.end();
    }

    void read_section(const std::string& section, const Value& value, Shape& shape) {
        if (section == "options") return read_options(value, *parts_, diagnostics_);
        if (section == "targets") return read_targets(value, *parts_, diagnostics_);
        if (section == "groups") return read_groups(value, *parts_, diagnostics_);
        if (section == "roles") return read_roles(value, *parts_, diagnostics_);
        if (section == "schedules") return read_schedules(value, *parts_, diagnostics_);
        if (section == "secrets") return read_secrets_section(value, *parts_, diagnostics_);
        parts_->variables = shape.mapping("variables");
        check_variables(parts_->variables, "variables", SecretRule::allowed, diagnostics_);
    }

    // `renderer: plain` is known only when prove.yml has been read.
    void apply_renderer(const Layout& layout) {
        const auto* const renderer = parts_->options.find("renderer");
        if (renderer == nullptr || renderer->text() != "plain") return;
        for (const auto& file : layout.files) {
            const auto source = parts_->sources.find(file.file->path);
            if (file.follows_renderer && source != parts_->sources.end())
                source->second.format = FileFormat::plain_yaml;
        }
    }

    void register_source(const LayoutFile& file) {
        const auto found = parts_->sources.find(file.file->path);
        if (found == parts_->sources.end()) return;
        const SourceFile* const source = &found->second;
        if (file.kind == LayoutKind::state) {
            parts_->states[file.name] = source;
            if (!file.component.empty() && file.name == file.component)
                parts_->components[file.component].has_main_state = true;
        }
        if (file.kind == LayoutKind::variables) parts_->variable_files[file.name] = source;
        if (file.kind == LayoutKind::defaults) parts_->components[file.component].defaults = source;
    }

    void add_excerpts() {
        for (auto diagnostic : diagnostics_.all()) {
            const auto& at = diagnostic.position;
            if (at.known() && at.line > 0 && at.column > 0 && diagnostic.excerpt.empty())
                if (const auto line = line_of_parts(*parts_, at.file_name(), at.line); !line.empty())
                    diagnostic.excerpt = excerpt(line, at.line, at.column, word_width(line, at.column));
            excerpted_.add(std::move(diagnostic));
        }
    }

    // Over names and contents of all files that count.
    Hash catalog_hash() {
        std::sort(hashes_.begin(), hashes_.end());
        std::string all;
        for (const auto& [path, hash] : hashes_) all.append(path).append(1, '\0').append(hash.view());
        return hash_of(all);
    }

    std::unique_ptr<CatalogSource> source_;
    std::unique_ptr<CatalogParts> parts_ = std::make_unique<CatalogParts>();
    Diagnostics diagnostics_, excerpted_;
    std::vector<std::pair<std::string, Hash>> hashes_;
};

}  // namespace

std::shared_ptr<const Catalog> Catalog::load(const std::string& directory) {
    return load(directory, {});
}

std::shared_ptr<const Catalog> Catalog::load(const std::string& directory, const std::vector<Inventory>& inventories) {
    return Loader(directory.empty() ? no_files() : files_of_directory(directory)).load(inventories);
}

std::shared_ptr<const Catalog> Catalog::load_and_keep(std::unique_ptr<CatalogSource> source,
                                                      const std::string& keep_in) {
    Loader loader(std::move(source));
    loader.keep_in(keep_in);
    return loader.load();
}

}  // namespace prove
