// A password asked of whoever sits at the terminal, unseen and once: the same for all hosts of a job.
#pragma once

#include <map>
#include <mutex>
#include <optional>
#include <string>

#include "common/process/cancel.hpp"

namespace prove {

class PasswordPrompt {
  public:
    // Nothing where there is no terminal, or when it is cancelled. Thread-safe: others wait for the answer that one
    // gets.
    std::optional<std::string> ask(const std::string& question, const Cancellation& cancellation);

  private:
    std::mutex mutex_;
    std::map<std::string, std::optional<std::string>> answers_;
};

}  // namespace prove
