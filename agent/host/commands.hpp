// Commands that a LinuxHost runs: within the part's time, ended when it is cancelled, output passed on as it comes.
#pragma once

#include <string>
#include <vector>

#include "agent/host/recorder.hpp"
#include "common/process/run.hpp"
#include "common/time/clock.hpp"

namespace prove {

class Commands {
  public:
    Commands(const Clock& clock, const Recorder& recorder) : clock_(clock), recorder_(recorder) {}

    enum class Show { output, nothing };
    // `scope`: a name for a scope of its own in systemd, so that the command outlives us; empty: none.
    CommandResult run(Command command, Show show, const std::string& scope = "") const;
    // A tool of the distribution's that acts: throws Error(failed) with its last words where it fails.
    void act(const std::vector<std::string>& argv, const std::string& what, const std::string& input = "") const;

    // A line for the part's output.
    void show(const std::string& text) const;
    // Throws where the part is cancelled or its time is over.
    void check_time() const;
    // What is left of the part's time; at most `most`.
    std::chrono::milliseconds time_left(std::chrono::milliseconds most) const;
    const Clock& clock() const { return clock_; }

  private:
    const Clock& clock_;
    const Recorder& recorder_;
};

// The last line of what a command wrote to standard error (or else to standard output), for an error's text.
std::string last_words(const CommandResult& result);

}  // namespace prove
