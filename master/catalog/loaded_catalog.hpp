// The Catalog that the loader makes: the parts, and where on disk they came from. Never changes after construction.
#pragma once

#include <memory>
#include <string>
#include <vector>

#include "master/catalog/catalog.hpp"
#include "master/catalog/parts.hpp"
#include "master/catalog/source.hpp"

namespace prove {

class LoadedCatalog final : public Catalog {
  public:
    // `parts` is held by pointer, since sources and states point into it.
    LoadedCatalog(std::unique_ptr<CatalogSource> source, std::unique_ptr<const CatalogParts> parts,
                  std::vector<Diagnostic> warnings);

    const Hash& hash() const override { return parts_->hash; }
    const std::vector<Target>& targets() const override { return parts_->targets; }
    const Target* target(const TargetId& id) const override;
    ResolvedTarget resolve(const TargetId& id, const Value& facts) const override;
    const SourceFile* state_file(const std::string& name) const override;
    std::vector<std::string> state_file_names() const override;
    const ServedFile* served_file(const std::string& url) const override;
    std::vector<std::string> served_urls() const override;
    std::string read_served(const ServedFile& file) const override;
    const std::vector<Diagnostic>& warnings() const override { return warnings_; }
    std::string line_of(const std::string& path, std::uint32_t line) const override;
    const SourceFile* source_file(const std::string& path) const override;
    std::vector<std::string> source_paths() const override;
    const Component* component(const std::string& name) const override;
    std::vector<std::string> component_names() const override;
    const std::vector<ScheduleDefinition>& schedules() const override { return parts_->schedules; }
    std::string revision() const override { return source_->revision(); }
    bool changed_on_disk() const override;

  private:
    std::unique_ptr<CatalogSource> source_;
    std::unique_ptr<const CatalogParts> parts_;
    std::vector<Diagnostic> warnings_;
};

// The nth line of a text of these parts; "" where unknown.
std::string line_of_parts(const CatalogParts& parts, const std::string& path, std::uint32_t line);

}  // namespace prove
