// Look-ups in a loaded catalog.
#include "master/catalog/loaded_catalog.hpp"

#include "common/text/excerpt.hpp"
#include "common/text/text.hpp"

namespace prove {

namespace {

template <class Map>
std::vector<std::string> keys_of(const Map& map) {
    std::vector<std::string> result;
    result.reserve(map.size());
    for (const auto& [key, value] : map) result.push_back(key);
    return result;
}

}  // namespace

LoadedCatalog::LoadedCatalog(std::unique_ptr<CatalogSource> source, std::unique_ptr<const CatalogParts> parts,
                             std::vector<Diagnostic> warnings)
    : source_(std::move(source)), parts_(std::move(parts)), warnings_(std::move(warnings)) {}

const Target* LoadedCatalog::target(const TargetId& id) const {
    const auto found = parts_->target_index.find(id.text());
    return found == parts_->target_index.end() ? nullptr : &parts_->targets[found->second];
}

ResolvedTarget LoadedCatalog::resolve(const TargetId& id, const Value& facts) const {
    const auto found = parts_->target_index.find(id.text());
    if (found == parts_->target_index.end())
        throw Error(ErrorKind::missing, "the catalog has no target " + quoted(id.text()) +
                                            suggestion(id.text(), keys_of(parts_->target_index), "targets in it"));
    return resolve_target(*parts_, found->second, facts);
}

const SourceFile* LoadedCatalog::state_file(const std::string& name) const {
    const auto found = parts_->states.find(name);
    return found == parts_->states.end() ? nullptr : found->second;
}

std::vector<std::string> LoadedCatalog::state_file_names() const {
    return keys_of(parts_->states);
}

const ServedFile* LoadedCatalog::served_file(const std::string& url) const {
    const auto found = parts_->served.find(url);
    return found == parts_->served.end() ? nullptr : &found->second;
}

std::vector<std::string> LoadedCatalog::served_urls() const {
    return keys_of(parts_->served);
}

std::string LoadedCatalog::read_served(const ServedFile& file) const {
    if (parts_->kept) return parts_->kept->read(file.kept_at, file.size);
    auto content = source_->read(*file.path, TreeLimits{}.file_bytes);
    if (!content || hash_of(*content) != file.hash)
        throw Error(ErrorKind::catalog, position_of(*file.path),
                    std::string(content ? "changed" : "vanished") + " since the catalog was loaded; try again");
    return std::move(*content);
}

std::string LoadedCatalog::line_of(const std::string& path, std::uint32_t line) const {
    return line_of_parts(*parts_, path, line);
}

const SourceFile* LoadedCatalog::source_file(const std::string& path) const {
    const auto found = parts_->sources.find(path);
    return found == parts_->sources.end() ? nullptr : &found->second;
}

std::vector<std::string> LoadedCatalog::source_paths() const {
    return keys_of(parts_->sources);
}

const Component* LoadedCatalog::component(const std::string& name) const {
    const auto found = parts_->components.find(name);
    return found == parts_->components.end() ? nullptr : &found->second;
}

std::vector<std::string> LoadedCatalog::component_names() const {
    return keys_of(parts_->components);
}

bool LoadedCatalog::changed_on_disk() const {
    return source_->changed(parts_->tree);
}

std::string line_of_parts(const CatalogParts& parts, const std::string& path, std::uint32_t line) {
    if (const auto plain = parts.plain_texts.find(path); plain != parts.plain_texts.end())
        return std::string(line_of(plain->second, line));
    if (const auto source = parts.sources.find(path); source != parts.sources.end())
        return std::string(line_of(source->second.text, line));
    return {};
}

}  // namespace prove
