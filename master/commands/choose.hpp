// Which targets an expression means: those of the catalog, and accepted agents that it does not name (they can be
// pinged and commanded, but have no states).
#pragma once

#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "master/catalog/target_expression.hpp"
#include "master/commands/master.hpp"
#include "master/commands/snapshot.hpp"
#include "master/jobs/connections.hpp"
#include "master/jobs/dispatch.hpp"
#include "master/keys/key_table.hpp"
#include "master/store/store.hpp"

namespace prove {

// Who there is: where targets come from and how they stand. Thread-safe.
class TargetList final : public TargetDirectory {
  public:
    TargetList(const Store& store, const KeyTable& keys, const Connections& connections)
        : store_(store), keys_(keys), connections_(connections) {}

    // What the expression means, by name; at least one (S8), at most 20,000. `snapshot` may be null. With
    // `catalog_only` agents outside the catalog do not count. Throws Error(usage).
    std::vector<NewJob::Meant> choose(const std::string& expression, const Snapshot* snapshot, bool catalog_only) const;
    // The same with all there is to show; that nothing matches is no error here, a name that nobody has is one.
    std::vector<TargetRow> rows(const std::string& expression, const Snapshot* snapshot) const;

    // Everybody that there is, by name.
    std::vector<TargetId> names(const Snapshot* snapshot) const;
    // Throws Error(usage) where nobody has a name that is written in the expression.
    void check(const std::string& expression, const Snapshot* snapshot) const;
    // Whether an expression means this target now.
    bool means(const TargetExpression& expression, const Snapshot* snapshot, const TargetId& target) const;
    // Those that an expression means, as far as is known without reading the catalog for each. Throws Error(usage).
    struct Contact {
        TargetId name;
        std::string executor;  // empty: not in the catalog
        std::string status;
        std::int64_t seen_ms = 0;  // 0: never
        KeyId key;                 // whose name it is now, as reports have it; zero: nobody's
        std::int64_t clock_ahead_ms = 0;  // of the master's; of a connected agent
    };
    std::vector<Contact> contacts(const Snapshot* snapshot, const std::string& expression = "*") const;

    Value facts_of(const TargetId& target) const override;  // null where never seen
    std::string status_of(const TargetId& target) const override;
    std::uint64_t version(bool with_status) const override;

  private:
    struct Known;
    std::vector<Known> all(const Snapshot* snapshot) const;
    static NewJob::Meant meant(const Known& known);
    bool matches(const TargetExpression& expression, bool more, const Snapshot* snapshot, const Known& known) const;
    void check_names(const std::string& expression, const std::vector<Known>& known) const;
    std::vector<Known> matching(const std::string& expression, const Snapshot* snapshot,
                                std::vector<Known> among) const;
    std::string status_of(const Known& known) const;
    TargetRow row_of(const Known& known, const Snapshot* snapshot) const;

    const Store& store_;
    const KeyTable& keys_;
    const Connections& connections_;
};

}  // namespace prove
