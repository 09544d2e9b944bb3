// What a command of a part writes while it runs: handed on as it comes, and its tail kept for the report. Secrets of
// the run are taken out before either.
#pragma once

#include <string>
#include <string_view>

#include "agent/engine/run_board.hpp"
#include "agent/host/host.hpp"

namespace prove {

class PartOutput {
  public:
    // Both are borrowed. The sink is called while the board is free.
    PartOutput(RunBoard& board, const StateId& state)
        : board_(board), state_(state), out_(board.redactor), err_(board.redactor) {}
    OutputSink sink();
    // Nothing more comes: the last 16 KiB of it all, as valid UTF-8. Called while the board is free.
    std::string finish();

  private:
    void take(OutputStream stream, std::string_view bytes);

    RunBoard& board_;
    const StateId& state_;
    Redactor::Stream out_, err_;
    std::string kept_;
};

}  // namespace prove
