// See part_output.hpp.
#include "agent/engine/part_output.hpp"

#include "common/text/utf8.hpp"

namespace prove {

namespace {

constexpr std::size_t output_tail = 16u << 10;

std::string tail_of(std::string bytes) {
    if (bytes.size() > output_tail) bytes.erase(0, bytes.size() - output_tail);
    // A cut may stand within a character: what is left of it is not shown.
    for (int i = 0; i < 3 && !bytes.empty() && (static_cast<unsigned char>(bytes.front()) & 0xC0) == 0x80; ++i)
        bytes.erase(0, 1);
    std::string text = to_utf8_lossy(bytes);
    // Replacement characters are longer than what they replace.
    std::size_t cut = 0;
    while (text.size() - cut > output_tail) cut += utf8_at(text, cut).size;
    return text.substr(cut);
}

}  // namespace

OutputSink PartOutput::sink() {
    return [this](OutputStream stream, std::string_view bytes) {
        take(stream, (stream == OutputStream::err ? err_ : out_).next(bytes));
    };
}

void PartOutput::take(OutputStream stream, std::string_view bytes) {
    if (bytes.empty()) return;
    kept_.append(bytes);
    if (kept_.size() > 4 * output_tail) kept_.erase(0, kept_.size() - output_tail);
    if (board_.context.progress == nullptr) return;
    const std::lock_guard lock(board_.mutex);
    board_.context.progress->output(state_, stream, bytes);
}

std::string PartOutput::finish() {
    take(OutputStream::out, out_.rest());
    take(OutputStream::err, err_.rest());
    return tail_of(std::move(kept_));
}

}  // namespace prove
