// An eventfd.
#include "common/transport/wake.hpp"

#include <sys/eventfd.h>
#include <unistd.h>

#include <cerrno>
#include <cstdint>

#include "proto/error.hpp"

namespace prove {

Wake::Wake() : fd_(::eventfd(0, EFD_CLOEXEC | EFD_NONBLOCK)) {
    if (fd_ < 0) throw system_error("cannot make an eventfd", errno);
}

Wake::~Wake() { ::close(fd_); }

void Wake::signal() const {
    const std::uint64_t one = 1;
    // Fails only where the counter is full, and then the waiting thread wakes anyway.
    [[maybe_unused]] const auto written = ::write(fd_, &one, sizeof(one));
}

void Wake::clear() const {
    std::uint64_t count = 0;
    [[maybe_unused]] const auto got = ::read(fd_, &count, sizeof(count));
}

}  // namespace prove
