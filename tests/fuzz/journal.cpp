// A journal's file: any bytes, which are read or refused; and a journal that was written whole and then changed at one
// place or cut, of which never anything else comes back than a beginning of what was written.
#include <vector>

#include "common/files/journal_format.hpp"
#include "fuzz.hpp"

using namespace prove;

namespace {

constexpr std::size_t record_limit = 1u << 20;

std::vector<std::string> read(std::string_view file) {
    std::vector<std::string> payloads;
    journal_format::read(file, record_limit, "journal",
                         [&](const JournalRecord& record) { payloads.emplace_back(record.payload); });
    return payloads;
}

void damage_one(std::string_view input) {
    const auto take = [&]() -> std::uint8_t {
        if (input.empty()) return 0;
        const auto byte = static_cast<std::uint8_t>(input.front());
        input.remove_prefix(1);
        return byte;
    };
    const std::size_t where = take() * 256u + take(), how = take();
    std::string file = journal_format::encode_header(1);
    std::vector<std::string> written;
    while (!input.empty()) {
        const std::size_t size = take() % 40;
        written.emplace_back(input.substr(0, size));
        input.remove_prefix(written.back().size());
        const std::uint64_t sequence = written.size();
        // Each record says how far the file was durable when it was written: wholly, or all but the last ones.
        const std::uint64_t durable = how % 2 == 0 ? sequence - 1 : 0;
        file += journal_format::encode_record({1, sequence, durable}, written.back());
    }
    const std::size_t at = where % file.size();
    if (how % 3 == 0)
        file.resize(at);
    else
        file[at] = static_cast<char>(file[at] ^ (how == 1 ? 1 : static_cast<int>(how)));
    const auto found = read(file);
    fuzz::expect(found.size() <= written.size(), "not more records than were written");
    for (std::size_t i = 0; i < found.size(); ++i) fuzz::expect(found[i] == written[i], "a record is what was written");
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
    const auto input = fuzz::text_of(data, size);
    fuzz::decode([&] { read(input); });
    fuzz::decode([&] { damage_one(input); });
    return 0;
}
