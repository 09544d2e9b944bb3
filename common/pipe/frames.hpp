// What goes through a pipe between prove-exec and whoever started it: frames, each one message of docs/protocol.md
// without its envelope, since the pipe is nobody else's. A banner comes first, so that what a shell's profile prints is
// passed over. Pure: bytes in, frames out.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

namespace prove {

// Numbers as in docs/protocol.md; a note is the pipe's own: text for people.
enum class PipeType : std::uint8_t {
    command = 1,
    cancel = 3,
    heartbeat = 4,  // empty
    result = 9,
    event = 10,
    file_request = 11,
    file_chunk = 12,
    late_request = 18,
    late_piece = 19,
    note = 64,
};

struct PipeFrame {
    PipeType type = PipeType::heartbeat;
    std::string payload;
};

// 3 bytes "PRV", the type, the payload's size (4 bytes, big-endian), the payload. Throws Error(full) where the payload
// is more than the other side takes.
std::string to_bytes(const PipeFrame& frame);

// What a payload of this type may be at most.
std::size_t pipe_limit(PipeType type);

class PipeReader {
  public:
    void add(std::string_view bytes) { bytes_ += bytes; }
    // Throws Error(invalid) for what is no frame, as soon as its head is there.
    std::optional<PipeFrame> next();
    // Something of a frame is here, and not all of it.
    bool is_within_frame() const { return place_ < bytes_.size(); }

  private:
    std::string bytes_;
    std::size_t place_ = 0;  // of what was not taken yet
};

// The line that ends the bootstrap: "PROVE:<nonce>:<what> <details>". The nonce keeps it apart from what others print.
std::string banner(const std::string& nonce, const std::string& what);

// Finds lines with the nonce in what comes, and passes over all else. Throws Error(invalid) when more than a limit was
// passed over.
class BannerFinder {
  public:
    explicit BannerFinder(const std::string& nonce) : prefix_(banner(nonce, "")) {}
    void add(std::string_view bytes) { bytes_ += bytes; }
    // What stands after the nonce; nothing where the line is not there yet.
    std::optional<std::string> next();
    // What came after the last line: the first frames.
    std::string rest() { return std::move(bytes_); }
    // The end of what was passed over, for a message where nothing else came.
    const std::string& noise() const { return noise_; }

  private:
    std::string prefix_;
    std::string bytes_;
    std::string noise_;
    std::size_t passed_over_ = 0;
};

}  // namespace prove
