// Frames of the pipe. See the header.
#include "common/pipe/frames.hpp"

#include <algorithm>

#include "common/text/duration.hpp"
#include "proto/error.hpp"

namespace prove {

namespace {

constexpr std::string_view magic = "PRV";
constexpr std::size_t head_size = 8;
constexpr std::size_t most_noise = 256u << 10;
constexpr std::size_t kept_noise = 1'024;
constexpr std::size_t longest_banner = 4'096;

bool is_known(PipeType type) {
    return pipe_limit(type) != 0 || type == PipeType::heartbeat;
}

}  // namespace

std::size_t pipe_limit(PipeType type) {
    switch (type) {
        case PipeType::heartbeat:
            return 0;
        case PipeType::command:  // with a StateRun of 10,000 states
        case PipeType::late_piece:
            return 64u << 20;
        case PipeType::result:
            return 8u << 20;
        case PipeType::cancel:
        case PipeType::file_request:
            return 4u << 10;
        case PipeType::note:
            return 64u << 10;
        case PipeType::event:
        case PipeType::file_chunk:
        case PipeType::late_request:
            return 1u << 20;
    }
    return 0;
}

std::string to_bytes(const PipeFrame& frame) {
    if (frame.payload.size() > pipe_limit(frame.type))
        throw Error(ErrorKind::full, "a message of " + show_size(frame.payload.size()) + " is more than the " +
                                         show_size(pipe_limit(frame.type)) + " that the other side takes");
    std::string bytes(magic);
    bytes += static_cast<char>(frame.type);
    for (int shift = 24; shift >= 0; shift -= 8) bytes += static_cast<char>(frame.payload.size() >> shift);
    return bytes + frame.payload;
}

std::optional<PipeFrame> PipeReader::next() {
    const std::string_view left = std::string_view(bytes_).substr(place_);
    const std::size_t known = std::min(left.size(), magic.size());
    if (left.substr(0, known) != magic.substr(0, known)) throw Error(ErrorKind::invalid, "what comes is no frame");
    if (left.size() < head_size) return std::nullopt;
    PipeFrame frame;
    frame.type = static_cast<PipeType>(left[3]);
    std::size_t size = 0;
    for (std::size_t i = 4; i < head_size; ++i) size = size << 8 | static_cast<std::uint8_t>(left[i]);
    if (!is_known(frame.type) || size > pipe_limit(frame.type))
        throw Error(ErrorKind::invalid, "a frame of type " + std::to_string(static_cast<int>(frame.type)) + " and " +
                                            show_size(size) + " is not expected");
    if (left.size() < head_size + size) return std::nullopt;
    frame.payload = left.substr(head_size, size);
    place_ += head_size + size;
    // What was taken is dropped once it is most of it: not for each of many small frames.
    if (place_ * 2 > bytes_.size()) {
        bytes_.erase(0, place_);
        place_ = 0;
    }
    return frame;
}

std::string banner(const std::string& nonce, const std::string& what) {
    return "PROVE:" + nonce + ":" + what;
}

std::optional<std::string> BannerFinder::next() {
    const std::size_t found = bytes_.find(prefix_);
    // What cannot be the begin of one any more.
    const std::size_t over =
        found != std::string::npos ? found : bytes_.size() - std::min(bytes_.size(), prefix_.size());
    noise_ += bytes_.substr(0, over);
    if (noise_.size() > kept_noise) noise_.erase(0, noise_.size() - kept_noise);
    bytes_.erase(0, over);
    passed_over_ += over;
    if (passed_over_ > most_noise)
        throw Error(ErrorKind::invalid, "the host's shell prints more than " + show_size(most_noise) +
                                            " before it runs a command; is something in its profile that never ends?");
    if (found == std::string::npos) return std::nullopt;
    const std::size_t end = bytes_.find('\n');
    if (end == std::string::npos) {
        if (bytes_.size() > longest_banner) throw Error(ErrorKind::invalid, "a line of the bootstrap never ends");
        return std::nullopt;
    }
    std::string line = bytes_.substr(prefix_.size(), end - prefix_.size());
    bytes_.erase(0, end + 1);
    if (!line.empty() && line.back() == '\r') line.pop_back();
    return line;
}

}  // namespace prove
