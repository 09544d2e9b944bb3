// A run in its lanes: one, in the caller's thread, or with `parallelism` several, each in a thread of its own with a
// host of its own for every row of states that it runs. The Schedule says what may run beside what; it, the ledger,
// progress and the report are only ever used by one thread at a time.
#pragma once

#include <exception>
#include <condition_variable>
#include <memory>

#include "agent/engine/run_board.hpp"

namespace prove {

class Lanes {
  public:
    // `host` is the machine, or in a plan an overlay over it: for the only lane. A plan has no other, since one state's
    // predictions are what the next one looks at.
    Lanes(const StateRun& run, RunMode mode, const EngineContext& context, Host& host, PreparedRun prepared);
    RunReport run();

  private:
    void run_one();
    void run_all();
    void work(std::size_t lane);
    void finish_report();

    Host& host_;
    std::size_t count_;
    std::shared_ptr<LiveRun> live_;
    RunBoard board_;
    std::condition_variable changed_;
    std::size_t busy_ = 0;
    std::exception_ptr fault_;
};

}  // namespace prove
