// Reading and writing the pipe. See the header.
#include "agent/oneshot/pipe_link.hpp"

#include <poll.h>
#include <unistd.h>

#include <array>
#include <cerrno>

#include "common/text/duration.hpp"
#include "proto/error.hpp"

namespace prove {

namespace {

constexpr int look_again_ms = 1'000;

}  // namespace

std::string PipeLink::listen(const std::function<void(PipeFrame)>& heard) {
    PipeReader reader;
    std::int64_t last = clock_.boot_ms();
    std::array<char, 65'536> buffer;
    try {
        for (;;) {
            pollfd waiting = {in_, POLLIN, 0};
            ::poll(&waiting, 1, look_again_ms);
            if (waiting.revents == 0) {
                if (clock_.boot_ms() - last <= silence_.count()) continue;
                gone_ = true;
                return "nothing was heard for " + show_duration(silence_);
            }
            const ssize_t size = ::read(in_, buffer.data(), buffer.size());
            if (size < 0 && (errno == EINTR || errno == EAGAIN)) continue;
            if (size <= 0) {
                gone_ = true;
                return "the connection was closed";
            }
            last = clock_.boot_ms();
            reader.add(std::string_view(buffer.data(), static_cast<std::size_t>(size)));
            while (auto frame = reader.next()) heard(std::move(*frame));
        }
    } catch (const Error& error) {
        return error.text();
    }
}

void PipeLink::send(const PipeFrame& frame) {
    write(to_bytes(frame));
}

void PipeLink::send_banner(const std::string& line) {
    write(line + "\n");
}

void PipeLink::write(std::string_view bytes) {
    const std::lock_guard lock(sending_);
    while (!bytes.empty() && !gone_) {
        const ssize_t size = ::write(out_, bytes.data(), bytes.size());
        if (size >= 0) {
            bytes.remove_prefix(static_cast<std::size_t>(size));
        } else if (errno == EAGAIN) {
            pollfd waiting = {out_, POLLOUT, 0};
            ::poll(&waiting, 1, look_again_ms);
        } else if (errno != EINTR) {
            gone_ = true;
        }
    }
}

}  // namespace prove
