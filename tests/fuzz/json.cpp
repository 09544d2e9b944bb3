// JSON with positions; what is taken must write and read back as the same value.
#include "fuzz.hpp"
#include "proto/value.hpp"

using namespace prove;

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
    const auto text = fuzz::text_of(data, size);
    const auto file = std::make_shared<const std::string>("f");
    fuzz::decode([&] {
        const Value value = read_json(text, {}, file);
        JsonLimits roomy;
        roomy.bytes *= 8;
        roomy.string_bytes *= 8;
        fuzz::expect(read_json(write_json(value), roomy) == value, "JSON reads back");
        fuzz::expect(read_json(write_json_pretty(value), roomy) == value, "pretty JSON reads back");
        write_yaml(value);
    });
    return 0;
}
