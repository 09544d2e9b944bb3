// Enrolment messages, as the master and as the agent receive them: from a stranger whose envelope is well made.
#include "fuzz.hpp"
#include "tests/unit/proto/wire_fixture.hpp"

using namespace prove;
using namespace prove::test;

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
    static const Pair pair;
    const std::string payload(fuzz::text_of(data, size));
    if (payload.empty() || payload.size() > payload_limit(MessageType::enrol_request)) return 0;
    fuzz::decode([&] { fuzz::expect(to_bytes(enrol_reply_from(payload)) == payload, "a reply reads back"); });
    const auto request = pair.to_master(pair.header_to_master(MessageType::enrol_request), payload);
    const auto result = receive_request(request, pair.at_master.cluster_id, pair.agent.transport, now_ms);
    if (result.received) fuzz::expect(to_bytes(result.received->request) == payload, "a request reads back");
    const auto reply = pair.to_agent(pair.header_to_agent(MessageType::enrol_reply), payload);
    fuzz::decode([&] { receive_reply(reply, MasterPin{}, pair.agent.id(), now_ms); });
    return 0;
}
