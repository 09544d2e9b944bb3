// One conversation with a host through ssh: prove-exec is started there, by the bootstrap, and then told what to do.
#pragma once

#include <deque>
#include <functional>
#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "common/time/clock.hpp"
#include "common/time/random.hpp"
#include "master/executors/executor.hpp"
#include "master/executors/ssh_bootstrap.hpp"
#include "master/executors/ssh_pipe.hpp"

namespace prove {

// A password for sudo or su, asked of whoever sits there, once for all hosts; nothing where nobody can be asked.
// Thread-safe.
using AskPassword = std::function<std::optional<std::string>(const std::string& question)>;

// Where ssh and prove-exec come from, and how long is waited: all that tests replace.
struct SshTools {
    std::vector<ExecProgram> programs;
    std::map<std::string, std::string> env;  // of ssh
    std::string ssh = "ssh";
    AskPassword ask_password;
    // The file that ssh is given (-F), and of prove-master (S87), which has a configuration and keys of its own, the folder
    // that operators keep known_hosts and keys in. Both empty: as its user's ssh has it.
    std::string config, folder;
    const Cancellation* cut = nullptr;  // ends every session at once, without asking its host; may be null
    Milliseconds start_time{45'000};    // without a sign of life while it starts
    Milliseconds silence_time{30'000};  // of a prove-exec that runs
    Milliseconds cancel_time{20'000};   // for a run to end once it is told to
};

class SshSession final : public Session {
  public:
    // All but the target is borrowed; `cancellation` for this call only. Throws Error(unavailable) where prove-exec
    // cannot be started there, with what to do, and Error(cancelled).
    SshSession(SshTarget target, const SshTools& tools, const Clock& clock, Random& random, ContentSource& content,
               LateSource* late, const Cancellation& cancellation);
    ActionResult run(const std::string& operation, const Value& body, ActionEvents& events,
                     const Cancellation& cancellation) override;
    // What is run is this job's, as the host tells others who wait for it. Without it each run gets an id of its own.
    void speak_of(const JobId& job) { spoken_of_ = job; }

  private:
    bool is_cut() const { return tools_.cut != nullptr && tools_.cut->cancelled(); }
    // bootstrapping
    std::optional<int> start(int first_place,
                             const Cancellation& cancellation);  // the place that did not work out; nothing: it runs
    std::optional<int> heed(const std::string& line);
    void upload(const std::string& machine);
    void give_password();
    [[noreturn]] void fail(const std::string& why) const;
    [[noreturn]] void fail_to_start(const std::string& how) const;

    // working
    struct Job;
    std::optional<ActionResult> hear(const PipeFrame& frame, Job& job);
    ActionResult converse(Job& job, const Cancellation& cancellation);
    void ask(PipeFrame question);
    void answer_what_was_asked();
    void send_chunk(const FileRequest& request);
    void compile_late(const LateQuestion& question);
    ActionResult lost(const std::string& why) const;
    std::string without_password(std::string text) const;

    const SshTarget target_;
    const SshTools& tools_;
    const Clock& clock_;
    Random& random_;
    ContentSource& content_;
    LateSource* late_;
    std::string nonce_;
    std::optional<JobId> spoken_of_;
    std::optional<std::string> password_;  // that was given
    bool uploaded_ = false;
    std::unique_ptr<SshPipe> pipe_;
    std::deque<PipeFrame> asked_;
    std::size_t asked_bytes_ = 0;
    // The content that is being sent, piece by piece.
    Hash sending_;
    std::string sent_;
};

// What ssh's own errors mean, and what to do; empty where they say nothing that is known. `folder`: as in SshTools.
std::string explain_ssh_errors(const SshTarget& target, const std::string& errors, const std::string& folder = "");

}  // namespace prove
