// What the lanes of one run share (lanes.hpp): the order, the report, and what states have given and changed so far.
#pragma once

#include <cstddef>
#include <map>
#include <mutex>
#include <set>
#include <string>
#include <utility>
#include <vector>

#include "agent/engine/causes.hpp"
#include "agent/engine/engine.hpp"
#include "agent/engine/flapping.hpp"
#include "agent/engine/live_run.hpp"
#include "agent/engine/outputs.hpp"
#include "agent/engine/prepared.hpp"
#include "agent/engine/redactor.hpp"
#include "agent/engine/schedule.hpp"

namespace prove {

struct RunBoard {
    LiveRun& run;
    const RunMode mode;
    const EngineContext& context;
    PreparedRun prepared;

    // Thread-safe each by itself.
    const Redactor redactor;
    Outputs outputs;
    FlapWatch flap_watch;

    // Whoever touches what follows holds it; it is let go of while a host works.
    std::mutex mutex;
    Schedule schedule;
    RunReport report;
    Causes causes;
    std::set<std::pair<NodeIndex, std::size_t>> merged;  // parts whose packages a common transaction took care of
    bool ledger_is_broken = false;
    std::vector<LateRequest::Asked> compiled_late;  // the late states of this run that are compiled by now
    std::map<NodeIndex, std::pair<Outcome, std::string>> uncompiled;  // those that are not, and why
    std::string doubt;  // plan only: the first state whose effects are not known
};

// The board's mutex is free while this lives: a host is at work, and other lanes go on.
class Aside {
  public:
    explicit Aside(RunBoard& board) : board_(board) { board_.mutex.unlock(); }
    ~Aside() { board_.mutex.lock(); }
    Aside(const Aside&) = delete;
    Aside& operator=(const Aside&) = delete;

  private:
    RunBoard& board_;
};

}  // namespace prove
