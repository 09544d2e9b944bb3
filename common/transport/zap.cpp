// Answering ZAP requests: who is let in, who is put off, who is refused.
#include "common/transport/zap.hpp"

#include "common/transport/zeromq_sockets.hpp"

#include <zmq_addon.hpp>

#include <exception>

namespace prove {

ZapHandler::ZapHandler(zmq::context_t& context, const Admission& admission, const Clock& clock, const Logger& log)
    : admission_(admission), clock_(clock), log_(log), socket_(context, zmq::socket_type::rep) {
    socket_.set(zmq::sockopt::linger, 0);
    socket_.bind("inproc://zeromq.zap.01");
    // From here on the socket is the thread's (starting a thread is the memory barrier that libzmq asks for).
    thread_ = std::thread([this] { run(); });
}

ZapHandler::~ZapHandler() {
    stopping_.store(true);
    stop_.signal();
    thread_.join();
}

void ZapHandler::run() {
    try {
        while (!stopping_.load()) {
            zmq::pollitem_t items[] = {{socket_.handle(), 0, ZMQ_POLLIN, 0}, {nullptr, stop_.fd(), ZMQ_POLLIN, 0}};
            poll_sockets(items, std::chrono::milliseconds(-1));
            if (items[0].revents & ZMQ_POLLIN) answer();
        }
    } catch (const std::exception& error) {
        log_.error("the handler of connections has ended", {{"error", error.what()}});
        dead_.store(true);
    }
    socket_.close();
}

void ZapHandler::answer() {
    ReceivedFrames received;
    if (!receive_message(socket_, received)) return;
    const auto& request = received.frames;
    Verdict verdict;
    // Version, request id, domain, address, identity, mechanism, and for CURVE the client's key.
    if (request.size() == 7)
        verdict = judge(request[2], plain_address(request[3]), request[5], request[6]);
    zmq::multipart_t reply;
    reply.addstr("1.0");
    reply.addstr(request.size() > 1 ? request[1] : std::string());
    reply.addstr(verdict.code);
    reply.addstr("");
    reply.addstr(verdict.user_id);
    reply.addstr("");
    reply.send(socket_);
}

ZapHandler::Verdict ZapHandler::judge(const std::string& domain, const std::string& address,
                                      const std::string& mechanism, const std::string& credentials) {
    const auto key = PublicTransportKey::from(credentials);
    if (mechanism != "CURVE" || !key) return {};
    if (domain == zap_domain(Channel::enrol)) return judge_enrolment(address, *key);
    if (domain != zap_domain(Channel::main) && domain != zap_domain(Channel::publish)) return {};
    const auto user = admission_.accepted(*key);
    if (!user) {
        log_.debug("handshake refused: key not accepted", {{"address", address}, {"socket", domain}});
        return {};
    }
    if (!main_rate_.allow(domain + user->hex(), clock_.boot_ms())) {
        log_.debug("handshake put off: too many", {{"address", address}, {"key", user->hex()}});
        return {"300", {}};
    }
    return {"200", user->hex()};
}

ZapHandler::Verdict ZapHandler::judge_enrolment(const std::string& address, const PublicTransportKey& key) {
    const auto now = clock_.boot_ms();
    if (!address_rate_.allow(address, now) || !total_rate_.allow("", now)) {
        log_.debug("enrolment put off: too many", {{"address", address}});
        return {"300", {}};
    }
    return {"200", key.hex()};
}

}  // namespace prove
