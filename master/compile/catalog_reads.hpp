// The catalog as one compile sees it, which notes what was looked up in it, and what was found: so that the same
// compile need not be done again under another catalog that gives the same. All that compiling reads of a catalog goes
// through here; what nobody has thought of counts as reading the whole.
//
// Places, excerpts and the catalog's own hash are no reads: they stand in what is compiled, and decide nothing.
#pragma once

#include <string>
#include <vector>

#include "master/catalog/catalog.hpp"

namespace prove {

struct CatalogRead {
    enum class Kind { state_file, source_file, served_file, component, whole };
    Kind kind = Kind::whole;
    std::string name;
    Hash found;  // of what was there; zero: nothing
    auto operator<=>(const CatalogRead&) const = default;
};

// Sorted, each once.
using CatalogReadSet = std::vector<CatalogRead>;
Hash hash_of_reads(const CatalogReadSet& reads);
// Whether this catalog gives the same for each.
bool holds(const CatalogReadSet& reads, const Catalog& catalog);

// For one thread. Lives as long as one compile.
class NotingCatalog final : public Catalog {
  public:
    explicit NotingCatalog(const Catalog& inner) : inner_(inner) {}

    // Something was read that no catalog tells of, such as the clock.
    void note_unrepeatable() { repeatable_ = false; }
    bool is_repeatable() const { return repeatable_; }
    CatalogReadSet take();

    const Hash& hash() const override { return inner_.hash(); }
    const Target* target(const TargetId& id) const override;
    // What it gives is for the caller to compare.
    ResolvedTarget resolve(const TargetId& id, const Value& facts) const override { return inner_.resolve(id, facts); }
    const std::vector<Target>& targets() const override;
    const SourceFile* state_file(const std::string& name) const override;
    std::vector<std::string> state_file_names() const override;
    const ServedFile* served_file(const std::string& url) const override;
    std::vector<std::string> served_urls() const override;
    std::string read_served(const ServedFile& file) const override { return inner_.read_served(file); }
    const std::vector<Diagnostic>& warnings() const override;
    std::string line_of(const std::string& path, std::uint32_t line) const override {
        return inner_.line_of(path, line);
    }
    const SourceFile* source_file(const std::string& path) const override;
    std::vector<std::string> source_paths() const override;
    const Component* component(const std::string& name) const override;
    std::vector<std::string> component_names() const override;
    // States are not made from schedules.
    const std::vector<ScheduleDefinition>& schedules() const override { return inner_.schedules(); }
    std::string revision() const override;
    bool changed_on_disk() const override;

  private:
    void note(CatalogRead::Kind kind, const std::string& name) const;

    const Catalog& inner_;
    mutable CatalogReadSet reads_;  // of a const Catalog: noting is no change of it
    bool repeatable_ = true;
};

}  // namespace prove
