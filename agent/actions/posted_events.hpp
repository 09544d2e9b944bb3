// What an Action tells, as the events of docs/protocol.md: for those who send it on.
#pragma once

#include <functional>
#include <string>

#include "agent/actions/action.hpp"

namespace prove {

class PostedEvents : public ActionEvents {
  public:
    // `post` is borrowed, and called in the action's threads.
    PostedEvents(const JobId& job, const std::function<void(JobEvent)>& post) : job_(job), post_(post) {}
    void output(const std::string& state, OutputStream stream, std::string_view bytes) override;
    void state_started(const StateInvocation& invocation) override;
    void state_finished(const StateInvocation& invocation) override;
    // As a line of errors.
    void note(const std::string& text) override;

  private:
    JobEvent of(JobEvent::Kind kind) const;

    JobId job_;
    const std::function<void(JobEvent)>& post_;
};

}  // namespace prove
