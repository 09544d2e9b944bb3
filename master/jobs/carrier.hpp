// Targets without an agent: somebody else reaches them, carries out there what their job wants, and tells dispatch what
// came of it. Dispatch knows neither how nor in which thread; the master's server does it over SSH. What a target's
// agent would promise, the carrier's calls do: nothing begins that is not durable as begun, so that what was begun when
// the master died is known, and is not done twice.
#pragma once

#include <functional>
#include <memory>
#include <string>
#include <variant>

#include "master/jobs/prepare.hpp"

namespace prove {

// One target of one job.
struct Errand {
    JobId job;
    TargetId target;
    std::string operation;
    std::shared_ptr<const Preparer> preparer;
};

struct Carrier {
    virtual ~Carrier() = default;
    // In order, as many at once as it can. It calls Dispatch::carried_ended() once for each, in the loop's thread.
    virtual void carry(Errand errand) = 0;
    // Stops one, begun or not; it ends all the same. No error where it is not known (any more).
    virtual void stop(const JobId& job, const TargetId& target, const std::string& why) = 0;
};

// What became of an errand.
struct NotBegun {  // nothing was done there
    TargetEnd end = TargetEnd::unreachable;
    std::string reason;
};
struct NotPrepared {  // what was to be done there could not be made
    Error error;
    Value diagnostics;  // as in ReadyCommand
};
struct Ran {
    JobResult result;
    std::string body_text;  // its body as JSON
};
using CarriedEnd = std::variant<NotBegun, NotPrepared, Ran>;

// What stands for the key of an agent in the rows of a target that is carried to: facts, last contact. Nobody can sign
// with it, so no message is ever taken for such a target's.
KeyId carried_key(const TargetId& target);

}  // namespace prove
