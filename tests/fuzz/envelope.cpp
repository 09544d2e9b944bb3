// Envelopes: 184 bytes of header, then the payload. Each input is tried as it is, which must be refused unless it was
// signed, and signed by a good key, so that the checks behind the signature are reached too.
#include "fuzz.hpp"
#include "proto/messages.hpp"
#include "proto/sealed.hpp"
#include "tests/unit/proto/wire_fixture.hpp"

using namespace prove;
using namespace prove::test;

namespace {

void receive(const std::vector<std::string>& frames, const Arrival& arrival, const Receiver& receiver,
             const Keys& own) {
    const auto result = verify(frames, arrival, receiver);
    if (!result.verified) return;
    fuzz::expect(encode_header(result.verified->header()) == frames[0], "a verified header is what was received");
    fuzz::decode([&] {
        if (result.verified->header().sealed)
            open_command(*result.verified, KeyOpener(own), own.id());
        else
            read_body(*result.verified);
    });
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
    static const Pair pair;
    const std::string bytes(fuzz::text_of(data, size));
    std::vector<std::string> frames = {bytes.substr(0, Header::size), std::string(Signature::size, 's'),
                                       bytes.size() > Header::size ? bytes.substr(Header::size) : ""};
    fuzz::expect(!verify(frames, pair.from_master, pair.at_agent).verified, "nothing unsigned is taken");
    if (frames[0].size() < 6) return 0;
    const auto type = static_cast<MessageType>(frames[0][5]);
    frames[1] = pair.master.sign_bytes(signed_bytes(type, frames[0])).view();
    receive(frames, pair.from_master, pair.at_agent, pair.agent);
    frames[1] = pair.agent.sign_bytes(signed_bytes(type, frames[0])).view();
    receive(frames, pair.from_agent, pair.at_master, pair.agent);
    return 0;
}
