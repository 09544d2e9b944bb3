// Hears the events of one job and prints them: see job_run.hpp.
#pragma once

#include <map>
#include <string>
#include <vector>

#include "master/cli/job_run.hpp"
#include "master/cli/run_text.hpp"

namespace prove {

class JobFollower {
  public:
    JobFollower(Invocation& invocation, JobSource& jobs, const JobRun& run, std::string job, std::size_t targets)
        : invocation_(invocation),
          console_(invocation.console),
          jobs_(jobs),
          run_(run),
          job_(std::move(job)),
          targets_(targets) {}

    void hear(const Value& event);
    // What is printed at the end, and the exit code.
    ExitCode finish();
    ExitCode detached();

  private:
    void output(const std::string& target, const Value& body);
    void say(const std::string& target, const std::string& bytes, bool error);
    void say_the_rest(const std::string& target, const std::string& all, bool error);
    void target_ended(const Value& event);
    void receive(TargetOutcome& outcome);
    void take_result(TargetOutcome& outcome);
    void print_end(const TargetOutcome& outcome);
    void show_progress();
    void finish_states();
    ExitCode code() const;

    Invocation& invocation_;
    Console& console_;
    JobSource& jobs_;
    const JobRun& run_;
    const std::string job_;
    const std::size_t targets_;
    std::int64_t first_ms_ = 0, now_ms_ = 0;  // times of events, as the master tells them
    std::map<std::string, std::string> at_;   // target -> the state it is at
    std::map<std::string, std::int64_t> at_since_;
    std::map<std::string, std::string> partial_;  // target and stream -> output without its line end yet
    std::map<std::string, std::string> heard_;    // output that came as events, by target and stream
    std::vector<TargetOutcome> outcomes_;
};

}  // namespace prove
