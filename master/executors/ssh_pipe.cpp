// Moving bytes through ssh. See the header.
#include "master/executors/ssh_pipe.hpp"

#include <fcntl.h>
#include <poll.h>
#include <signal.h>
#include <unistd.h>

#include <array>
#include <cerrno>

#include "proto/error.hpp"

namespace prove {

namespace {

constexpr std::size_t kept_errors = 8'192;
constexpr std::size_t most_untaken = 16u << 20;  // a host may send faster than what it says is worked through
constexpr std::size_t most_unsent = 4u << 20;    // it may ask faster than it reads, too
constexpr std::int64_t beat_ms = 5'000;
constexpr int look_again_ms = 1'000;
constexpr Milliseconds polite{3'000};  // for ssh to end by itself

std::string heartbeat() {
    return to_bytes({PipeType::heartbeat, ""});
}

void do_not_block(const Fd& fd) {
    ::fcntl(fd.get(), F_SETFL, ::fcntl(fd.get(), F_GETFL) | O_NONBLOCK);
}

// Also one without a payload takes memory.
std::size_t weight(const SshEvent& event) {
    return event.kind == SshEvent::Kind::frame ? event.frame.payload.size() + sizeof event : 0;
}

// What is there now; nothing at the end.
std::optional<std::string> read_some(const Fd& fd) {
    std::array<char, 65'536> buffer;
    const ssize_t size = ::read(fd.get(), buffer.data(), buffer.size());
    if (size > 0) return std::string(buffer.data(), static_cast<std::size_t>(size));
    if (size < 0 && (errno == EAGAIN || errno == EINTR)) return "";
    return std::nullopt;
}

}  // namespace

SshPipe::SshPipe(SshCall call, const Clock& clock)
    : call_(std::move(call)), clock_(clock), last_ms_(clock.boot_ms()), banners_(call_.nonce) {
    std::array<int, 2> ends{};
    if (::pipe2(ends.data(), O_CLOEXEC | O_NONBLOCK) != 0) throw system_error("cannot make a pipe", errno);
    woken_ = Fd(ends[0]);
    waker_ = Fd(ends[1]);
    thread_ = std::thread([this] { run(); });
}

SshPipe::~SshPipe() {
    {
        const std::lock_guard lock(mutex_);
        closing_ms_ = clock_.boot_ms();
    }
    rouse();
    thread_.join();
}

void SshPipe::rouse() {
    // A full pipe rouses as well.
    if (::write(waker_.get(), "x", 1) != 1) return;
}

void SshPipe::send(std::shared_ptr<const std::string> bytes) {
    {
        const std::lock_guard lock(mutex_);
        unsent_ += bytes->size();
        to_send_.push_back(std::move(bytes));
    }
    rouse();
}

std::optional<SshEvent> SshPipe::next(Milliseconds at_most) {
    std::unique_lock lock(mutex_);
    changed_.wait_for(lock, at_most, [this] { return !events_.empty() || woken_up_; });
    woken_up_ = false;
    if (events_.empty()) return std::nullopt;
    SshEvent event = std::move(events_.front());
    const bool was_full = untaken_ >= most_untaken;
    untaken_ -= weight(event);
    if (was_full && untaken_ < most_untaken) rouse();
    // The end stays the end.
    if (event.kind == SshEvent::Kind::ended)
        events_.front() = event;
    else
        events_.pop_front();
    return event;
}

void SshPipe::wake() {
    const std::lock_guard lock(mutex_);
    woken_up_ = true;
    changed_.notify_all();
}

bool SshPipe::takes_more_to_send() const {
    const std::lock_guard lock(mutex_);
    return unsent_ < most_unsent;
}

Milliseconds SshPipe::silent_for() const {
    const std::lock_guard lock(mutex_);
    return Milliseconds(clock_.boot_ms() - last_ms_);
}

std::string SshPipe::errors() const {
    const std::lock_guard lock(mutex_);
    return errors_;
}

std::string SshPipe::noise() const {
    const std::lock_guard lock(mutex_);
    return noise_;
}

void SshPipe::tell(SshEvent event) {
    const std::lock_guard lock(mutex_);
    if (closing_ms_) return;  // nobody asks any more
    untaken_ += weight(event);
    events_.push_back(std::move(event));
    changed_.notify_all();
}

void SshPipe::run() {
    // A write to an ssh that has ended fails, and does not end us.
    sigset_t broken_pipe;
    sigemptyset(&broken_pipe);
    sigaddset(&broken_pipe, SIGPIPE);
    ::pthread_sigmask(SIG_BLOCK, &broken_pipe, nullptr);
    SshEvent end;
    try {
        ChildProcess child({.argv = call_.argv, .env = call_.env});
        try {
            move_bytes(child);
            child.input().close();
            if (child.wait(polite)) end.how = child.ended().value_or("");
        } catch (const Error& error) {
            end.how = error.text();
        }
        read_errors(child);
    } catch (const Error& error) {
        end.how = error.text();
    }
    tell(std::move(end));
}

// Until the other side's output ends, or we are to close.
void SshPipe::move_bytes(ChildProcess& child) {
    for (const Fd* fd : {&child.input(), &child.output(), &child.errors()}) do_not_block(*fd);
    for (;;) {
        const bool has_bytes = front() != nullptr, reads = reads_more();
        std::array<pollfd, 4> waiting = {{{reads ? child.output().get() : -1, POLLIN, 0},
                                          {child.errors().get(), POLLIN, 0},
                                          {woken_.get(), POLLIN, 0},
                                          {has_bytes ? child.input().get() : -1, POLLOUT, 0}}};
        ::poll(waiting.data(), waiting.size(), look_again_ms);
        if (waiting[1].revents != 0) read_errors(child);
        if (waiting[0].revents != 0) read_output(child);
        if (waiting[2].revents != 0) (void)read_some(woken_);
        if (waiting[3].revents != 0) write_input(child);
        if (!child.output()) return;
        if (ready_ && clock_.boot_ms() - last_beat_ms_ >= beat_ms && front() == nullptr) {
            last_beat_ms_ = clock_.boot_ms();
            send({PipeType::heartbeat, ""});
        }
        const std::lock_guard lock(mutex_);
        if (!reads) last_ms_ = clock_.boot_ms();  // it is we who do not listen
        // However much still comes.
        if (closing_ms_ && (to_send_.empty() || clock_.boot_ms() - *closing_ms_ > polite.count())) return;
    }
}

// Not from a host that is ahead; where we close, to its end.
bool SshPipe::reads_more() const {
    const std::lock_guard lock(mutex_);
    return untaken_ < most_untaken || closing_ms_;
}

std::shared_ptr<const std::string> SshPipe::front() {
    const std::lock_guard lock(mutex_);
    return to_send_.empty() ? nullptr : to_send_.front();
}

void SshPipe::read_output(ChildProcess& child) {
    const auto bytes = read_some(child.output());
    if (!bytes) return child.output().close();
    {
        const std::lock_guard lock(mutex_);
        last_ms_ = clock_.boot_ms();
    }
    understand(*bytes);
}

void SshPipe::understand(std::string_view bytes) {
    if (!ready_) {
        banners_.add(bytes);
        while (const auto line = banners_.next()) {
            SshEvent event;
            event.kind = SshEvent::Kind::line;
            event.line = *line;
            ready_ = *line == "ready";
            tell(std::move(event));
            if (ready_) break;
        }
        const std::lock_guard lock(mutex_);
        noise_ = banners_.noise();
        if (!ready_) return;
        frames_.add(banners_.rest());
    } else {
        frames_.add(bytes);
    }
    while (auto frame = frames_.next()) {
        if (frame->type == PipeType::heartbeat) continue;
        SshEvent event;
        event.kind = SshEvent::Kind::frame;
        event.frame = std::move(*frame);
        tell(std::move(event));
    }
}

void SshPipe::read_errors(ChildProcess& child) {
    if (!child.errors()) return;
    const auto bytes = read_some(child.errors());
    if (!bytes) return child.errors().close();
    std::unique_lock lock(mutex_);
    errors_ += *bytes;
    if (errors_.size() > kept_errors) errors_.erase(0, errors_.size() - kept_errors);
    // One prompt is told once, though more than one piece of it comes.
    if (ready_ || bytes->empty() || !call_.asks_password || !call_.asks_password(errors_)) return;
    lock.unlock();
    SshEvent event;
    event.kind = SshEvent::Kind::password_wanted;
    tell(std::move(event));
}

void SshPipe::write_input(ChildProcess& child) {
    const auto bytes = front();
    const ssize_t size = ::write(child.input().get(), bytes->data() + sent_, bytes->size() - sent_);
    if (size < 0 && (errno == EAGAIN || errno == EINTR)) return;
    const std::lock_guard lock(mutex_);
    if (size < 0) {
        // Nobody reads any more; why, its output and errors tell.
        to_send_.clear();
        unsent_ = sent_ = 0;
        return child.input().close();
    }
    // Heartbeats always go; that the other side takes more shows that it is there.
    if (*bytes != heartbeat()) last_ms_ = clock_.boot_ms();
    sent_ += static_cast<std::size_t>(size);
    if (sent_ < bytes->size()) return;
    sent_ = 0;
    const bool was_full = unsent_ >= most_unsent;
    unsent_ -= bytes->size();
    to_send_.pop_front();
    if (!was_full || unsent_ >= most_unsent) return;
    woken_up_ = true;
    changed_.notify_all();
}

}  // namespace prove
