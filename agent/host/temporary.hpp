// A new file or link beside the one that it is to replace: `.prove-XXXXXXXXXXXX.tmp` with a random middle, made new and
// never through a link (S85, S86), removed again unless it was put in place.
#pragma once

#include <cstdint>
#include <string>

#include "common/files/fd.hpp"
#include "common/files/path.hpp"

namespace prove {

class Temporary {
  public:
    // An empty file, 0600, locked for as long as this lives, which is how others know that it is in use.
    static Temporary file(const Fd& folder, const Path& target);
    static Temporary link(const Fd& folder, const Path& target, const std::string& leads_to);
    Temporary(Temporary&& other) noexcept;
    Temporary& operator=(Temporary&&) = delete;
    ~Temporary();

    const Fd& fd() const { return fd_; }
    const std::string& name() const { return name_; }
    // Puts it in the target's place in one step. What stood there is gone then; on an error it stands.
    void put_in_place();

  private:
    Temporary(const Fd& folder, const Path& target);

    const Fd* folder_;
    Path target_;
    std::string name_;
    Fd fd_;
    bool exists_ = false;
};

// Removes what killed writes have left in a folder: only names of ours, only what nobody holds, and only what belongs to us
// or to `owner`, to whom a file that is written here had been given just before.
void remove_leftovers(const Fd& folder, std::uint32_t owner);

}  // namespace prove
