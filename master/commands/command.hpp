// The master's half of an operation: what it needs, what it sends, and how its results are summed up. One file each;
// all_commands.cpp lists them (S4).
#pragma once

#include <cstdint>
#include <memory>
#include <string>
#include <vector>

#include "master/commands/snapshot.hpp"
#include "master/jobs/permit.hpp"
#include "master/jobs/prepare.hpp"

namespace prove {

// What a command is prepared from, for one target.
struct PrepareFrom {
    const TargetId& target;
    const Value& options;                // checked
    const Snapshot* snapshot = nullptr;  // only where needs_catalog()
    Value facts;                         // null: never seen
    const Contents* given = nullptr;     // those that its options name
    std::int64_t offline_until_ms = 0;   // until when its target may do it again without a master, where it may at all
};

struct MasterCommand {
    virtual ~MasterCommand() = default;
    virtual std::string operation() const = 0;
    // The options as they are kept: checked, without surprises. Throws Error(usage).
    virtual Value checked(const Value& options) const = 0;
    virtual Permission permission(const Value& options) const = 0;
    // Whether it works on what the catalog says a target is.
    virtual bool needs_catalog() const { return false; }
    // Contents that its options name, and that were given to the master before (POST /v1/contents).
    virtual std::vector<BlobRef> contents(const Value&) const { return {}; }
    // What only the job's targets can tell to be wrong with its options, before anything is sent. Throws Error(usage).
    virtual void check_targets(const Value&, const Snapshot*, const std::vector<TargetId>&,
                               const TargetDirectory&) const {}
    // How long agents may wait with taking it, where nobody says (section 15).
    virtual std::int64_t lifetime_ms() const { return 3'600'000; }
    // In a worker's thread. Where it is not said otherwise, the options are what is sent.
    virtual Prepared prepare(const PrepareFrom& from) const;
    // A late state of it, asked for by the target's agent. In a worker's thread.
    virtual PreparedPiece late(const PrepareFrom&, const LateRequest&) const {
        throw Error(ErrorKind::refused, "this operation has no late states");
    }
    // What a result means: its end, its reason, and a summary for lists.
    virtual Judged judge(const Value& options, const JobResult& result, const Value& body) const;
};

// The end that the agent named, and nothing more.
Judged judge_plainly(const JobResult& result);

std::unique_ptr<MasterCommand> ping_command();
std::unique_ptr<MasterCommand> facts_command();
std::unique_ptr<MasterCommand> cmd_command();
std::unique_ptr<MasterCommand> states_command();
std::unique_ptr<MasterCommand> survey_command();
std::unique_ptr<MasterCommand> fetch_command();

class CommandTable {
  public:
    CommandTable();
    // Throws Error(usage) with the nearest name.
    const MasterCommand& find(const std::string& operation) const;
    std::vector<std::string> names() const;

  private:
    std::vector<std::unique_ptr<MasterCommand>> commands_;
};

// Runs `check`; what is wrong with a request is the asker's fault: its Error becomes Error(usage).
template <class Check>
auto as_usage(Check&& check) {
    try {
        return check();
    } catch (const Error& error) {
        throw Error(ErrorKind::usage, error.text());
    }
}

}  // namespace prove
