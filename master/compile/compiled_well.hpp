// Which targets compiled without an error, and all that their compiles read: where every bit of it is the same, also in
// another catalog, compiling again would find nothing wrong. Errors are not remembered. Thread-safe, bounded.
#pragma once

#include <map>
#include <memory>
#include <mutex>
#include <string>

#include "master/compile/catalog_reads.hpp"
#include "master/compile/target_answers.hpp"
#include "master/render/interned.hpp"
#include "master/render/recently_used.hpp"

namespace prove {

// Of what a compile starts from: the target as its catalog and its facts make it, and functions of the catalog's own.
Hash hash_of_beginning(const ResolvedTarget& target, const Value& facts, const std::string& own_functions);

class CompiledWell {
  public:
    struct Reads {
        std::shared_ptr<const CatalogReadSet> catalog;
        std::map<std::string, Hash> asked;  // targets(): the expressions, and what they gave
    };
    // Null where nothing is known.
    std::shared_ptr<const Reads> find(const Hash& beginning);
    void add(const Hash& beginning, CatalogReadSet catalog, std::map<std::string, Hash> asked);

  private:
    std::mutex mutex_;               // over all below
    Interned<CatalogReadSet> sets_;  // thousands of targets read the same files
    RecentlyUsed<std::shared_ptr<const Reads>> compiled_{64u << 20};
};

// What of that holds in one catalog, each set looked at once.
class HoldingReads {
  public:
    explicit HoldingReads(const Catalog& catalog) : catalog_(catalog) {}
    bool holds(const CompiledWell::Reads& reads, TargetAnswers& answers);

  private:
    const Catalog& catalog_;
    std::mutex mutex_;
    std::map<std::shared_ptr<const CatalogReadSet>, bool> known_;
};

}  // namespace prove
