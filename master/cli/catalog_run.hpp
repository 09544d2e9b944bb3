// What one target is to do in a job without a master, compiled in this process; and the same through an executor's
// Session.
#pragma once

#include <map>
#include <memory>
#include <mutex>
#include <string>

#include "common/process/cancel.hpp"
#include "master/cli/job_source.hpp"
#include "master/cli/local_catalog.hpp"
#include "master/executors/executor.hpp"
#include "master/executors/held_content.hpp"

namespace prove {

class CatalogRun {
  public:
    // `catalog` is borrowed.
    CatalogRun(LocalCatalog& catalog, std::string target, const JobWanted& wanted);
    ~CatalogRun();

    const std::string& target() const { return target_; }
    // Compiles, where the operation needs it. Throws CatalogError.
    void prepare(const Value& facts);
    // Compiles without facts, for what the compiler remembers of it; what is wrong then may not be so with them.
    void look_ahead();
    // Opens a session and works through it; where nothing was prepared, it asks the host for its facts first. Throws
    // Error(unavailable) where the target cannot be reached, and CatalogError.
    ActionResult carry_out(Executor& executor, ActionEvents& events, const Cancellation& cancellation);

  private:
    class Late;
    bool is_states() const { return wanted_.operation == "states"; }
    CompileRequest request(const Value& facts) const;

    LocalCatalog& catalog_;
    const std::string target_;
    const JobWanted wanted_;
    HeldContent content_;
    std::mutex compiling_;  // held while looking ahead: compiling in earnest waits for what is remembered then
    std::unique_ptr<Late> late_;
    Value body_;
    bool prepared_ = false;
};

}  // namespace prove
