// A lock between programs, held by the kernel on an open file (flock): it goes with its holder, however that ends (A6).
// The file itself means nothing; it stays, and may tell who holds the lock.
#pragma once

#include <cstdint>
#include <optional>
#include <string>

#include "common/files/fd.hpp"

namespace prove {

class FileLock {
  public:
    // Waits until the lock is free. `note` is written into the file for those who wait: "run 01jd8zk4 of root, pid 7".
    static FileLock acquire(const std::string& path, const std::string& note = "");
    // Nothing where another has it.
    static std::optional<FileLock> try_acquire(const std::string& path, const std::string& note = "");
    // What the holder wrote; empty where nobody wrote anything. May be one holder late.
    static std::string note_of(const std::string& path);

  private:
    explicit FileLock(Fd fd) : fd_(std::move(fd)) {}
    Fd fd_;
};

// A place in a queue between programs: first come, first served, and whoever ends, however that is, has left (A6).
class QueuePlace {
  public:
    // At the end of the queue of this file, which stays and means nothing.
    static QueuePlace take(const std::string& path);
    // Whether all that came before have left.
    bool is_first() const;

  private:
    QueuePlace(Fd fd, std::int64_t number) : fd_(std::move(fd)), number_(number) {}
    Fd fd_;
    std::int64_t number_;
};

}  // namespace prove
