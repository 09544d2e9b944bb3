// See local.hpp.
#include "master/executors/local.hpp"

#include "agent/host/linux_host.hpp"

namespace prove {
namespace {

class LocalSession final : public Session {
  public:
    LocalSession(const FunctionRegistry& functions, const Clock& clock, ContentSource& content, LateSource* late,
                 const LocalExecutor::Folders& folders)
        : functions_(functions), clock_(clock), content_(content), late_(late), folders_(folders) {}

    ActionResult run(const std::string& operation, const Value& body, ActionEvents& events,
                     const Cancellation& cancellation) override {
        ActionContext context{
            functions_,     content_, clock_, events, [this] { return std::make_unique<LinuxHost>(clock_); },
            folders_.ledger};
        context.facts_folder = folders_.facts;
        context.cancellation = &cancellation;
        context.late = late_;
        return run_action(operation, body, context);
    }

  private:
    const FunctionRegistry& functions_;
    const Clock& clock_;
    ContentSource& content_;
    LateSource* late_;
    LocalExecutor::Folders folders_;
};

}  // namespace

std::unique_ptr<Session> LocalExecutor::open(const TargetId&, ContentSource& content, LateSource* late,
                                             const Cancellation&) {
    return std::make_unique<LocalSession>(functions_, clock_, content, late, folders_);
}

}  // namespace prove
