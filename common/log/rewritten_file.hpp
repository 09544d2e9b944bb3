// A file that is written anew again and again for others to read, like metrics. That it cannot be written is logged once,
// and so is that it can be again. One thread at a time.
#pragma once

#include <string>
#include <string_view>

#include "common/log/log.hpp"

namespace prove {

class RewrittenFile {
  public:
    RewrittenFile(std::string path, const Logger& log) : path_(std::move(path)), log_(log) {}
    // Readable by everybody.
    void write(std::string_view content);

  private:
    std::string path_;
    Logger log_;
    bool failing_ = false;
};

}  // namespace prove
