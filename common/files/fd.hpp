// An open file descriptor that closes itself, and the few calls on one that everybody gets wrong: whole reads, whole
// writes, a sync that is believed. All of them throw an Error that names `what` ("/etc/motd").
#pragma once

#include <cstddef>
#include <string>
#include <string_view>
#include <utility>

namespace prove {

class Fd {
  public:
    Fd() = default;
    explicit Fd(int number) : number_(number) {}
    Fd(Fd&& other) noexcept : number_(std::exchange(other.number_, -1)) {}
    Fd& operator=(Fd&& other) noexcept;
    ~Fd() { close(); }

    int get() const { return number_; }
    explicit operator bool() const { return number_ >= 0; }
    void close();
    // Gives the descriptor away: nobody closes it then.
    int release() { return std::exchange(number_, -1); }

  private:
    int number_ = -1;
};

// open() with O_CLOEXEC added, EINTR tried again. Throws Error("cannot open '...': ...").
Fd open_file(const std::string& path, int flags, unsigned mode = 0600);
// The same below an open folder; `shown` is the name for messages.
Fd open_file_at(const Fd& folder, const std::string& name, int flags, unsigned mode, const std::string& shown);
// An invalid Fd and errno where it cannot be opened.
Fd try_open(const std::string& path, int flags, unsigned mode = 0600);

// From here to the end; Error(full) above `limit` bytes.
std::string read_all(const Fd& fd, std::size_t limit, const std::string& what);
void write_all(const Fd& fd, std::string_view bytes, const std::string& what);
// A failed sync is final (D3): what was written may be gone, and a second sync would say that it is not.
void sync_fd(const Fd& fd, const std::string& what);

}  // namespace prove
