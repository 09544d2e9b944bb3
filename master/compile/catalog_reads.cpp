// Noting look-ups, and doing them again.
#include "master/compile/catalog_reads.hpp"

#include <algorithm>

#include "master/catalog/component.hpp"
#include "master/render/value_bytes.hpp"

namespace prove {

namespace {

using Kind = CatalogRead::Kind;

void add(const SourceFile& file, std::string& bytes) {
    for (const std::string* text : {&file.name, file.path.get(), &file.component}) add_text(*text, bytes);
    add_number(static_cast<std::uint64_t>(file.format), bytes);
    bytes += file.hash.view();
}

void add(const ServedFile& file, std::string& bytes) {
    for (const std::string* text : {&file.url, file.path.get(), &file.component}) add_text(*text, bytes);
    add_number(file.size, bytes);
    bytes += file.hash.view();
}

void add(const Component& component, std::string& bytes) {
    add_text(component.name, bytes);
    bytes += component.definition.view();
    bytes += component.has_main_state ? '1' : '0';
    if (component.defaults != nullptr) add(*component.defaults, bytes);
    for (const auto& [file, function] : component.functions) {
        add_text(file, bytes);
        add(function.program, bytes);
    }
}

template <class Found>
Hash hash_of_found(const Found* found) {
    if (found == nullptr) return {};
    std::string bytes;
    add(*found, bytes);
    return hash_of(bytes);
}

Hash found_in(const Catalog& catalog, Kind kind, const std::string& name) {
    switch (kind) {
        case Kind::state_file:
            return hash_of_found(catalog.state_file(name));
        case Kind::source_file:
            return hash_of_found(catalog.source_file(name));
        case Kind::served_file:
            return hash_of_found(catalog.served_file(name));
        case Kind::component:
            return hash_of_found(catalog.component(name));
        case Kind::whole:
            return catalog.hash();
    }
    return catalog.hash();
}

}  // namespace

Hash hash_of_reads(const CatalogReadSet& reads) {
    std::string bytes;
    for (const CatalogRead& read : reads) {
        add_number(static_cast<std::uint64_t>(read.kind), bytes);
        add_text(read.name, bytes);
        bytes += read.found.view();
    }
    return hash_of(bytes);
}

bool holds(const CatalogReadSet& reads, const Catalog& catalog) {
    return std::all_of(reads.begin(), reads.end(),
                       [&](const CatalogRead& read) { return found_in(catalog, read.kind, read.name) == read.found; });
}

void NotingCatalog::note(Kind kind, const std::string& name) const {
    reads_.push_back({kind, name, {}});
}

// What was found is looked up now: many a file is asked for a hundred times by one compile.
CatalogReadSet NotingCatalog::take() {
    std::sort(reads_.begin(), reads_.end());
    reads_.erase(std::unique(reads_.begin(), reads_.end()), reads_.end());
    for (CatalogRead& read : reads_) read.found = found_in(inner_, read.kind, read.name);
    return std::move(reads_);
}

const Target* NotingCatalog::target(const TargetId& id) const {
    note(Kind::whole, "");
    return inner_.target(id);
}

const std::vector<Target>& NotingCatalog::targets() const {
    note(Kind::whole, "");
    return inner_.targets();
}

const SourceFile* NotingCatalog::state_file(const std::string& name) const {
    note(Kind::state_file, name);
    return inner_.state_file(name);
}

std::vector<std::string> NotingCatalog::state_file_names() const {
    note(Kind::whole, "");
    return inner_.state_file_names();
}

const ServedFile* NotingCatalog::served_file(const std::string& url) const {
    note(Kind::served_file, url);
    return inner_.served_file(url);
}

std::vector<std::string> NotingCatalog::served_urls() const {
    note(Kind::whole, "");
    return inner_.served_urls();
}

const std::vector<Diagnostic>& NotingCatalog::warnings() const {
    note(Kind::whole, "");
    return inner_.warnings();
}

const SourceFile* NotingCatalog::source_file(const std::string& path) const {
    note(Kind::source_file, path);
    return inner_.source_file(path);
}

std::vector<std::string> NotingCatalog::source_paths() const {
    note(Kind::whole, "");
    return inner_.source_paths();
}

const Component* NotingCatalog::component(const std::string& name) const {
    note(Kind::component, name);
    return inner_.component(name);
}

std::vector<std::string> NotingCatalog::component_names() const {
    note(Kind::whole, "");
    return inner_.component_names();
}

std::string NotingCatalog::revision() const {
    note(Kind::whole, "");
    return inner_.revision();
}

bool NotingCatalog::changed_on_disk() const {
    note(Kind::whole, "");
    return inner_.changed_on_disk();
}

}  // namespace prove
