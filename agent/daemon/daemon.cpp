// The daemon until it is enrolled: its door, its signals, and the enrolment.
#include "agent/daemon/daemon.hpp"

#include <signal.h>
#include <unistd.h>

#include <algorithm>

#include "agent/daemon/command_line.hpp"
#include "common/files/files.hpp"
#include "common/text/text.hpp"
#include "common/transport/zeromq.hpp"

namespace prove {

namespace {

FileLock take_lock(const IdentityStore& store) {
    auto lock = FileLock::try_acquire(store.lock_file(), "process " + std::to_string(::getpid()));
    if (!lock)
        throw Error(ErrorKind::refused, "another prove-agent uses '" + store.data() + "' (" +
                                            FileLock::note_of(store.lock_file()) + ")");
    return std::move(*lock);
}

constexpr std::int64_t join_patience_ms = 60'000;

std::string already_enrolled(const std::string& name) {
    return "this agent is enrolled already, as '" + name + "'; `prove-agent reset` makes it forget that";
}

std::string host_name() {
    char name[256] = {};
    return ::gethostname(name, sizeof(name) - 1) == 0 ? name : "";
}

}  // namespace

std::string prove_version() { return PROVE_VERSION; }

LoopWait::Attached::Attached(LoopWait& wait, ClientTransport& net) : wait_(wait) {
    const std::lock_guard lock(wait_.mutex_);
    wait_.net_ = &net;
}

LoopWait::Attached::~Attached() {
    const std::lock_guard lock(wait_.mutex_);
    wait_.net_ = nullptr;
}

void LoopWait::wake() {
    const std::lock_guard lock(mutex_);
    woken_ = true;
    if (net_ != nullptr) net_->wake();
    changed_.notify_all();
}

void LoopWait::wait(Milliseconds at_most) {
    std::unique_lock lock(mutex_);
    changed_.wait_for(lock, at_most, [this] { return woken_; });
    woken_ = false;
}

Daemon::Daemon(AgentSettings settings, const Clock& clock, Random& random, const Logger& log)
    : settings_(std::move(settings)),
      clock_(clock),
      random_(random),
      log_(log),
      store_(settings_.data, settings_.machine_id),
      lock_(take_lock(store_)),
      keys_(store_.keys(log)),
      inbox_([this] { wait_.wake(); }) {}

Daemon::~Daemon() {
    control_.reset();
    if (facts_thread_.joinable()) facts_thread_.join();
}

int Daemon::run() {
    log_.info("prove-agent starts",
              {{"version", prove_version()}, {"fingerprint", fingerprint_of(keys_.sign.public_key())}});
    ControlServer::Handlers handlers;
    handlers.request = [this](Value asked, ControlServer::Reply reply, ControlServer::Fail fail) {
        inbox_.post([this, asked = std::move(asked), reply = std::move(reply), fail = std::move(fail)] {
            try {
                request(asked, reply, fail);
            } catch (const Error& error) {
                fail(error.text());
            }
        });
    };
    handlers.signal = [this](int number) { inbox_.post([this, number] { signal(number); }); };
    control_ = std::make_unique<ControlServer>(settings_.status_socket(), std::move(handlers), log_);
    enrolled_ = store_.enrolled();
    while (!enrolled_ && !stopping_ && !draining_) enrol();
    if (enrolled_ && !stopping_ && !draining_) serve();
    log_.info("prove-agent ends");
    return wrong_master_ ? exit_wrong_master : gave_up_ ? 1 : 0;
}

std::string Daemon::fingerprint() const { return fingerprint_of(keys_.sign.public_key()); }

std::string Daemon::join(const std::string& token_or_pin) {
    if (const auto known = store_.enrolled())
        throw Error(ErrorKind::usage, already_enrolled(known->name));
    if (token_or_pin.starts_with("prove-master-")) {
        store_.set_pin(pin_from_text(token_or_pin));
        return {};
    }
    joining_ = token_from_text(token_or_pin);
    give_up_boot_ms_ = clock_.boot_ms() + join_patience_ms;
    std::string refused;
    joined_ = {[](const Value&) {}, [&](const std::string& why) { refused = why; stopping_ = true; }};
    enrol();
    if (wrong_master_) throw Error(ErrorKind::refused, "this is not the master that the token names");
    if (enrolled_) return enrolled_->name;
    if (!refused.empty()) throw Error(ErrorKind::failed, "the master has " + refused);
    throw Error(ErrorKind::unavailable, "the master at " + store_.pin()->host + " did not enrol this agent: " + enrolment_state_);
}

void Daemon::signal(int number) {
    if (number == SIGUSR1) {
        draining_ = true;
        log_.info("restarting when idle");
    } else {
        stopping_ = true;
        stop_boot_ms_ = clock_.boot_ms();
        log_.info("stopping");
    }
}

void Daemon::request(const Value& asked, const ControlServer::Reply& reply, const ControlServer::Fail& fail) {
    Fields fields(asked, "request");
    const auto what = fields.text("do");
    if (what == "status") return reply(status());
    if (what == "drain") {
        signal(SIGUSR1);
        return reply(Value::object());
    }
    if (what == "join") return asked_to_join(asked, reply, fail);
    if (what == "run") return ask_for_run(asked, reply, fail);
    fail("this prove-agent cannot do '" + what + "'");
}

void Daemon::asked_to_join(const Value& asked, const ControlServer::Reply& reply, const ControlServer::Fail& fail) {
    if (enrolled_)
        return fail(already_enrolled(enrolled_->name));
    const auto text = asked.at("token").text();
    if (text.starts_with("prove-master-")) {
        pinning_ = pin_from_text(text);
        return reply(Value::object());
    }
    joining_ = token_from_text(text);
    joined_ = {reply, fail};
}

Value Daemon::status() const {
    Value value = Value::object();
    value.set("version", prove_version());
    value.set("fingerprint", fingerprint_of(keys_.sign.public_key()));
    value.set("process", static_cast<std::int64_t>(::getpid()));
    value.set("enrolled", enrolled_.has_value());
    if (!enrolled_) {
        value.set("enrolment", enrolment_state_);
        return value;
    }
    value.set("name", enrolled_->name);
    value.set("master", enrolled_->pin.host + ":" + std::to_string(enrolled_->pin.router_port));
    const Value more = serving_status();
    for (const auto& member : more.mapping()) value.set(member.key, member.value);
    return value;
}

// Once around: with whatever there is to enrol with now, or waiting for it.
void Daemon::enrol() {
    auto token = std::exchange(joining_, std::nullopt);
    if (!token && !settings_.token.empty()) token = token_from_text(settings_.token);
    if (!token && !settings_.token_file.empty())
        if (const auto text = find_whole_file(settings_.token_file, 4'096))
            token = with_context([&] { return "in " + settings_.token_file; }, [&] { return token_from_text(trim(*text)); });
    std::optional<MasterPin> pin = pinning_;
    if (!pin && !settings_.pin.empty()) pin = pin_from_text(settings_.pin);
    if (!pin) pin = store_.pin();
    if (token) pin = token->pin;
    if (!pin) {
        const std::string state =
            "not enrolled: run `prove-agent join TOKEN`, with a token of `prove-cli keys token`" +
            (settings_.master.empty() ? std::string()
                                      : "; `master:` in the settings says only where the master is, not who: that is "
                                        "what a token says, or `pin:` (`prove-master pin` prints it)");
        if (enrolment_state_ != state) log_.info(state);
        enrolment_state_ = state;
        wait_.wait(Milliseconds(60'000));
        return inbox_.run();
    }
    pinning_.reset();
    store_.set_pin(*pin);
    enrol_with(at_address(*pin, settings_.master), token);
}

void Daemon::enrol_with(const MasterPin& pin, const std::optional<JoinToken>& token) {
    ZeromqClientSettings address;
    address.host = pin.host;
    address.ports = {pin.publish_port, pin.router_port, pin.enrol_port};
    address.server_key = pin.enrol;
    address.own = {keys_.transport.public_key(), {keys_.transport.secret().data(), keys_.transport.secret().size()}};
    const auto net = make_zeromq_enrol_client(address, random_);
    Enrolment enrolment({keys_, pin, token, store_.machine(),
                         settings_.name.empty() ? name_from_host(host_name()) : settings_.name, *net, clock_, random_,
                         log_});
    log_.info("asking to be enrolled", {{"master", pin.host}, {"fingerprint", fingerprint_of(keys_.sign.public_key())}});
    const LoopWait::Attached attached(wait_, *net);
    enrolment.start();
    while (!stopping_ && !draining_ && !joining_ && !pinning_ && !enrolment.enrolled()) {
        const auto now = clock_.boot_ms();
        if (now >= give_up_boot_ms_) return;
        const auto next = std::clamp<std::int64_t>(std::min(enrolment.next_ms(), give_up_boot_ms_) - now, 0, 60'000);
        try {
            for (const auto& event : net->receive(Milliseconds(next))) enrolment.handle(event);
            enrolment.tick();
        } catch (const Error& error) {
            if (error.kind() != ErrorKind::refused) throw;
            log_.error("the master is not the one that was pinned", {{"error", error.text()}});
            wrong_master_ = stopping_ = true;
            return;
        }
        enrolment_state_ = enrolment.state();
        if (enrolment.rejected() && joined_) std::exchange(joined_, std::nullopt)->second(enrolment.state());
        inbox_.run();
    }
    if (!enrolment.enrolled()) return;
    enrolled_ = enrolment.enrolled();
    store_.set_enrolled(*enrolled_);
    if (!joined_) return;
    Value value = Value::object();
    value.set("name", enrolled_->name);
    std::exchange(joined_, std::nullopt)->first(value);
}

}  // namespace prove
