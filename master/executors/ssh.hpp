// The SSH executor: a target without an agent, through the system's OpenSSH client.
#pragma once

#include <functional>
#include <map>
#include <string>

#include "master/executors/ssh_session.hpp"

namespace prove {

class SshExecutor final : public Executor {
  public:
    // How a target of the catalog is reached; throws Error.
    using Resolve = std::function<SshTarget(const TargetId&)>;
    // Clock and random are borrowed. The random numbers are drawn by many threads at once.
    SshExecutor(Resolve resolve, SshTools tools, const Clock& clock, Random& random)
        : resolve_(std::move(resolve)), tools_(std::move(tools)), clock_(clock), random_(random) {}
    std::string name() const override { return "ssh"; }
    std::unique_ptr<Session> open(const TargetId& target, ContentSource& content, LateSource* late,
                                  const Cancellation& cancellation) override {
        return std::make_unique<SshSession>(resolve_(target), tools_, clock_, random_, content, late, cancellation);
    }

  private:
    const Resolve resolve_;
    const SshTools tools_;
    const Clock& clock_;
    Random& random_;
};

// The tools of a user: ssh and its environment as they are for this process.
SshTools user_ssh_tools(AskPassword ask_password);

}  // namespace prove
