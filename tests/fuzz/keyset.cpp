// Keysets: as raw bytes, and as a document that the pinned root has signed. Root sets too.
#include "fuzz.hpp"
#include "tests/unit/proto/wire_fixture.hpp"

using namespace prove;
using namespace prove::test;

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
    static const Keys root(10);
    static const RootSet roots = root_set_of({&root}, 1);
    const auto bytes = fuzz::text_of(data, size);
    const auto cluster = filled<ClusterId>(0xC1);
    fuzz::decode([&] { read_keyset(bytes, roots, cluster); });
    fuzz::decode([&] {
        const auto signature = root.sign_bytes(keyset_signed_bytes(bytes));
        const auto keyset = read_keyset(assemble_keyset({{root.id(), signature}}, bytes), roots, cluster);
        fuzz::expect(read_keyset(signed_keyset(keyset, {&root}), roots, cluster) == keyset, "a keyset reads back");
    });
    fuzz::decode([&] { fuzz::expect(root_set_bytes(root_set_from(bytes)) == bytes, "a root set reads back"); });
    return 0;
}
