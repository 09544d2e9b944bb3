// Identity records: as raw bytes, and signed, so that what is behind the signature is reached.
#include "fuzz.hpp"
#include "tests/unit/proto/wire_fixture.hpp"

using namespace prove;
using namespace prove::test;

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
    static const Keys keys(2);
    std::string bytes(fuzz::text_of(data, size));
    fuzz::decode([&] { read_identity(bytes); });
    // The signing key of the record becomes ours, since we sign.
    if (bytes.size() >= 16 + 32) bytes.replace(16, 32, keys.sign.view());
    bytes += keys.sign_bytes(in_context(SignedKind::identity, bytes)).view();
    fuzz::decode([&] {
        const auto record = read_identity(bytes);
        fuzz::expect(make_identity(record, keys.signer()) == bytes, "an identity record reads back");
    });
    return 0;
}
