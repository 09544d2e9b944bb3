// From a job to the command of each of its targets. Preparing may take long (a StateRun is compiled), so it happens in
// a pool of workers and comes back as a message; dispatch knows nothing of operations but these interfaces.
#pragma once

#include <map>
#include <memory>
#include <optional>
#include <string>

#include "master/store/records.hpp"
#include "proto/envelope.hpp"
#include "proto/error.hpp"
#include "proto/late.hpp"
#include "proto/messages.hpp"
#include "proto/outcome.hpp"

namespace prove {

// What a command names by hash; shared, since most targets name the same.
using Contents = std::map<Hash, std::shared_ptr<const std::string>>;

struct Prepared {
    Value body;  // of the JobCommand
    MessageType type = MessageType::command;
    bool dry_run = false;
    Contents contents;  // what the target may ask for (S63): files, and a StateRun that is too large
};

// The answer to a question for a late state; whom and what it is for is filled in by who seals it.
struct PreparedPiece {
    LateReply reply;
    Contents contents;
};

// How a target without an agent is reached, as the catalog has it.
struct Way {
    std::string host;
    Value ssh;  // null where it says nothing of it
};

// Makes the commands of one job: it holds the snapshot of the catalog and the options that the job was made from.
// `facts` are those that the target has just told of itself; null: what is stored.
struct Preparer {
    virtual ~Preparer() = default;
    // In any thread. Throws Error, or CatalogError for what is wrong with this target's states.
    virtual Prepared prepare(const TargetId& target, const Value& facts) const = 0;
    // In any thread. What is asked comes from the target: it is checked like any input (S6).
    virtual PreparedPiece late(const TargetId&, const LateRequest&, const Value& /*facts*/) const {
        throw Error(ErrorKind::refused, "this job has no late states");
    }
    virtual Way way_to(const TargetId&) const {
        throw Error(ErrorKind::refused, "the catalog does not say how it is reached without an agent");
    }
};

// What became of a target, in the words of its job.
struct Judged {
    TargetEnd end = TargetEnd::done;
    std::string reason, cause;
    Value summary;
    // Of a run of states, where its report could be read; and whether it was one of all that the catalog has for its target.
    std::shared_ptr<const RunReport> report;
    bool whole = false;
};

// What dispatch needs to know of operations.
struct Operations {
    virtual ~Operations() = default;
    // For a job of an earlier life of the master; throws Error where it cannot be made the same way any more.
    virtual std::shared_ptr<const Preparer> preparer(const JobRow& job) const = 0;
    // `body` is what the result's body says, also where it came in chunks.
    virtual Judged judge(const JobRow& job, const JobResult& result, const Value& body) const = 0;
};

// Whose command is to be made.
struct CommandWish {
    JobId job;
    TargetId target;
    KeyId key;
    PublicSealKey seal_key;
    ClusterId cluster;
    std::uint64_t generation = 0;
    std::string operation;
    std::optional<ScheduledSlot> scheduled;  // where a schedule asked for it
    std::optional<LateRequest> late;  // not the command, but a late state of it
};
// The sealed command, or why there is none.
struct ReadyCommand {
    CommandWish wish;
    std::optional<Error> error;
    Value diagnostics;  // a list, as the API shows them; null where it is no catalog's
    MessageType type = MessageType::command;
    bool dry_run = false;
    std::string payload;
    Contents contents;
};
// Prepares, writes and seals (S61); what goes wrong is in the answer. Where a late state was asked for, the payload is
// there in any case: it says why there is no piece.
ReadyCommand make_command(const Preparer& preparer, const CommandWish& wish);

// The same for a target that is spoken to without an envelope: neither written nor sealed.
struct Attempt {
    Prepared prepared;
    std::optional<Error> error;
    Value diagnostics;  // as in ReadyCommand
};
Attempt try_to_prepare(const Preparer& preparer, const TargetId& target, const Value& facts);

struct PreparePool {
    virtual ~PreparePool() = default;
    // The answer comes to Dispatch::prepared(), in the loop's thread.
    virtual void prepare(std::shared_ptr<const Preparer> preparer, CommandWish wish) = 0;
};

}  // namespace prove
