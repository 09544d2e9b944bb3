// Preparers: a command, its options, and the snapshot it works from.
#include "master/commands/operations.hpp"

namespace prove {

namespace {

class CommandPreparer final : public Preparer {
  public:
    CommandPreparer(const MasterCommand& command, Value options, std::shared_ptr<const Snapshot> snapshot,
                    Contents given, const TargetList& targets, const Clock& clock, std::int64_t offline_ms)
        : command_(command),
          options_(std::move(options)),
          snapshot_(std::move(snapshot)),
          given_(std::move(given)),
          targets_(targets),
          clock_(clock),
          offline_ms_(offline_ms) {}
    Prepared prepare(const TargetId& target, const Value& facts) const override {
        return command_.prepare(from(target, facts));
    }
    PreparedPiece late(const TargetId& target, const LateRequest& request, const Value& facts) const override {
        return command_.late(from(target, facts), request);
    }
    Way way_to(const TargetId& name) const override {
        const Target* target = snapshot_ == nullptr ? nullptr : snapshot_->catalog->target(name);
        if (target == nullptr || target->executor != "ssh") return Preparer::way_to(name);
        return {target->host, target->ssh};
    }

  private:
    PrepareFrom from(const TargetId& target, const Value& facts) const {
        PrepareFrom from{target, options_, nullptr, facts, &given_, clock_.wall_ms() + offline_ms_};
        if (!command_.needs_catalog()) return from;
        from.snapshot = snapshot_.get();
        if (facts.is_null()) from.facts = targets_.facts_of(target);
        return from;
    }

    const MasterCommand& command_;
    Value options_;
    std::shared_ptr<const Snapshot> snapshot_;
    Contents given_;
    const TargetList& targets_;
    const Clock& clock_;
    std::int64_t offline_ms_;
};

}  // namespace

std::shared_ptr<const Preparer> CommandOperations::preparer(const std::string& operation, const Value& options,
                                                            std::shared_ptr<const Snapshot> snapshot,
                                                            Contents given) const {
    return std::make_shared<CommandPreparer>(table_.find(operation), options, std::move(snapshot), std::move(given), targets_,
                                             clock_, offline_ms_);
}

std::shared_ptr<const Preparer> CommandOperations::preparer(const JobRow& job) const {
    std::shared_ptr<const Snapshot> snapshot;
    if (!table_.find(job.operation).contents(job.options).empty())
        throw Error(ErrorKind::refused, "the file that was given for it is gone with the restart of the master; ask for it again");
    if (!job.catalog.empty()) {
        snapshot = catalog_.current();
        if (!snapshot || snapshot->catalog->hash().hex() != job.catalog)
            throw Error(ErrorKind::refused, "the catalog was changed while the master was down; ask for it again");
    }
    return preparer(job.operation, job.options, std::move(snapshot), {});
}

Judged CommandOperations::judge(const JobRow& job, const JobResult& result, const Value& body) const {
    return table_.find(job.operation).judge(job.options, result, body);
}

}  // namespace prove
