// What dispatch needs to know of commands, from the table of commands, the catalog and what agents said of themselves.
#pragma once

#include "master/commands/catalog_keeper.hpp"
#include "master/commands/choose.hpp"
#include "master/commands/command.hpp"

namespace prove {

class CommandOperations final : public Operations {
  public:
    // `offline_ms`: how long after its making an agent may apply a run again without a master (S60).
    CommandOperations(const CommandTable& table, CatalogKeeper& catalog, const TargetList& targets, const Clock& clock,
                      std::int64_t offline_ms = default_offline_ms)
        : table_(table), catalog_(catalog), targets_(targets), clock_(clock), offline_ms_(offline_ms) {}
    static constexpr std::int64_t default_offline_ms = 30LL * 24 * 3600 * 1000;

    // Of a new job, from the snapshot that its targets were chosen from (null where the job does not depend on it), and the
    // contents that it names.
    std::shared_ptr<const Preparer> preparer(const std::string& operation, const Value& options,
                                             std::shared_ptr<const Snapshot> snapshot, Contents given) const;
    // Of a job of an earlier life. One that was made from another catalog than there is now is not made from this one:
    // the operator saw and was allowed that one. Contents that were given for it are gone.
    std::shared_ptr<const Preparer> preparer(const JobRow& job) const override;
    Judged judge(const JobRow& job, const JobResult& result, const Value& body) const override;

  private:
    const CommandTable& table_;
    CatalogKeeper& catalog_;
    const TargetList& targets_;
    const Clock& clock_;
    std::int64_t offline_ms_;
};

}  // namespace prove
