// Preparers: a command, its options, and the snapshot it works from.
#include "master/commands/operations.hpp"

namespace prove {

namespace {

class CommandPreparer final : public Preparer {
  public:
    CommandPreparer(const MasterCommand& command, Value options, std::shared_ptr<const Snapshot> snapshot,
                    const TargetList& targets)
        : command_(command), options_(std::move(options)), snapshot_(std::move(snapshot)), targets_(targets) {}
    Prepared prepare(const TargetId& target, const KeyId&) const override { return command_.prepare(from(target)); }
    PreparedPiece late(const TargetId& target, const LateRequest& request) const override {
        return command_.late(from(target), request);
    }

  private:
    PrepareFrom from(const TargetId& target) const {
        PrepareFrom from{target, options_, snapshot_.get(), Value()};
        if (command_.needs_catalog()) from.facts = targets_.facts_of(target);
        return from;
    }

    const MasterCommand& command_;
    Value options_;
    std::shared_ptr<const Snapshot> snapshot_;
    const TargetList& targets_;
};

}  // namespace

std::shared_ptr<const Preparer> CommandOperations::preparer(const std::string& operation, const Value& options,
                                                            std::shared_ptr<const Snapshot> snapshot) const {
    const auto& command = table_.find(operation);
    if (!command.needs_catalog()) snapshot.reset();
    return std::make_shared<CommandPreparer>(command, options, std::move(snapshot), targets_);
}

std::shared_ptr<const Preparer> CommandOperations::preparer(const JobRow& job) const {
    std::shared_ptr<const Snapshot> snapshot;
    if (table_.find(job.operation).needs_catalog()) {
        snapshot = catalog_.current();
        if (!snapshot || snapshot->catalog->hash().hex() != job.catalog)
            throw Error(ErrorKind::refused, "the catalog was changed while the master was down; ask for it again");
    }
    return preparer(job.operation, job.options, std::move(snapshot));
}

Judged CommandOperations::judge(const JobRow& job, const JobResult& result, const Value& body) const {
    return table_.find(job.operation).judge(result, body);
}

}  // namespace prove
