// The local executor: the engine in this process, on this machine. For `prove-cli --catalog DIR`, without any master.
#pragma once

#include <string>

#include "agent/engine/ledger.hpp"
#include "master/executors/executor.hpp"

namespace prove {

class LocalExecutor final : public Executor {
  public:
    struct Folders {
        std::string ledger = host_ledger_folder();
        std::string facts = "/etc/prove/facts.d";
    };
    // Both are borrowed.
    LocalExecutor(const FunctionRegistry& functions, const Clock& clock) : LocalExecutor(functions, clock, Folders()) {}
    LocalExecutor(const FunctionRegistry& functions, const Clock& clock, Folders folders)
        : functions_(functions), clock_(clock), folders_(std::move(folders)) {}
    std::string name() const override { return "local"; }
    std::unique_ptr<Session> open(const TargetId& target, ContentSource& content, LateSource* late,
                                  const Cancellation& cancellation) override;

  private:
    const FunctionRegistry& functions_;
    const Clock& clock_;
    Folders folders_;
};

}  // namespace prove
