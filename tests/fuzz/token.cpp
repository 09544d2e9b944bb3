// Join tokens and pins: as text, and as bytes with a checksum that is right, so that what is behind it is reached.
#include "fuzz.hpp"
#include "proto/token.hpp"

using namespace prove;

namespace {

void check(const std::string& text) {
    fuzz::decode(
        [&] { fuzz::expect(token_from_text(to_text(token_from_text(text))) == token_from_text(text), "token"); });
    fuzz::decode([&] { fuzz::expect(pin_from_text(to_text(pin_from_text(text))) == pin_from_text(text), "pin"); });
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
    const std::string bytes(fuzz::text_of(data, size));
    check(bytes);
    const std::string checked = bytes + std::string(hash_of(bytes).view().substr(0, 4));
    check("prove-join-" + to_base32(checked));
    check("prove-master-" + to_base32(checked));
    return 0;
}
