// What a change of the catalog means for its targets: their runs compiled from both versions and compared, and targets
// to which the same happens told once.
#pragma once

#include <map>
#include <optional>
#include <string>
#include <vector>

#include "master/looking/run_diff.hpp"

namespace prove {

struct CatalogDiff {
    enum class Kind {
        changed,
        added,         // only the newer version has these targets
        removed,       // only the older one has
        broken,        // they compile from the older version only: `problems` says why
        mended,        // ... from the newer one only
        broken_still,  // from neither; what changed is not known
    };
    struct Group {
        Kind kind = Kind::changed;
        std::vector<std::string> targets;  // in catalog order
        RunDiff diff;                      // of `changed`
        std::vector<Diagnostic> problems;  // of the newer version, for `broken` and `broken_still`
    };
    std::vector<Group> groups;  // most targets first
    std::size_t same = 0;       // targets for which nothing differs
};
const char* name_of(CatalogDiff::Kind kind);

// One of the two versions.
struct DiffSide {
    const Catalog& catalog;
    const Compiler& compiler;
};

// Puts together what is the same for several targets.
class DiffGroups {
  public:
    // Of one target or several.
    void add(CatalogDiff::Group group);
    void add_same() { ++result_.same; }
    CatalogDiff take();

  private:
    CatalogDiff result_;
    std::map<std::string, std::size_t> groups_;  // by what they say
};

// What comes of one target; nothing where it is the same. With the facts that both versions are compiled with.
class CatalogComparison {
  public:
    CatalogComparison(const DiffSide& before, const DiffSide& after) : before_(before), after_(after) {}

    // A target that at least one of them has.
    std::optional<CatalogDiff::Group> compare(const TargetId& target, const Value& facts) const;

  private:
    DiffSide before_, after_;
    FunctionRegistry functions_ = all_functions();
};

// Targets of both, in the order of the newer one; those that only the older one has last.
std::vector<TargetId> targets_of_both(const Catalog& before, const Catalog& after);

std::string diff_text(const CatalogDiff& diff);
Value to_value(const CatalogDiff::Group& group);
CatalogDiff::Group diff_group_from(const Value& value);  // throws Error(invalid)

}  // namespace prove
