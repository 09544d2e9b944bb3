// See local.hpp.
#include "master/executors/local.hpp"

#include <unistd.h>

#include <cstdlib>

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

std::string environment(const char* name) {
    const char* value = std::getenv(name);
    return value ? value : "";
}

}  // namespace

std::string local_ledger_folder() {
    if (::geteuid() == 0) return "/var/lib/prove/ledger";
    const std::string state = environment("XDG_STATE_HOME");
    // A relative one is to be ignored, as the specification of these folders says.
    if (!state.empty() && state.front() == '/') return state + "/prove/ledger";
    const std::string home = environment("HOME");
    if (home.empty() || home.front() != '/')
        throw Error(ErrorKind::usage, "neither XDG_STATE_HOME nor HOME says where to keep what runs owe");
    return home + "/.local/state/prove/ledger";
}

std::unique_ptr<Session> LocalExecutor::open(const TargetId&, ContentSource& content, LateSource* late) {
    return std::make_unique<LocalSession>(functions_, clock_, content, late, folders_);
}

}  // namespace prove
