// The contents of a snapshot's files, kept for as long as it is in use: a file below files/ that is edited, or gone,
// after the catalog was loaded must not reach a target in a run of before. One file without a name, so that memory is not
// held for them and nothing stays behind a crash.
#pragma once

#include <cstdint>
#include <string>
#include <string_view>

#include "common/files/fd.hpp"

namespace prove {

// Adding is for one thread; reading afterwards for any.
class KeptContents {
  public:
    // Below `folder`; empty: $TMPDIR, or /tmp.
    explicit KeptContents(const std::string& folder);
    // Where it begins.
    std::uint64_t add(std::string_view content);
    std::string read(std::uint64_t begin, std::uint64_t size) const;

  private:
    Fd fd_;
    std::uint64_t end_ = 0;
};

}  // namespace prove
