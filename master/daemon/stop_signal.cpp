// sigwait() over two blocked signals.
#include "master/daemon/stop_signal.hpp"

#include <unistd.h>

namespace prove {

StopSignal::StopSignal() {
    ::sigemptyset(&signals_);
    ::sigaddset(&signals_, SIGTERM);
    ::sigaddset(&signals_, SIGINT);
    ::pthread_sigmask(SIG_BLOCK, &signals_, nullptr);
    std::signal(SIGPIPE, SIG_IGN);
}

void StopSignal::wait() const {
    int which = 0;
    while (::sigwait(&signals_, &which) != 0) {
    }
}

void StopSignal::raise() const {
    ::kill(::getpid(), SIGTERM);
}

}  // namespace prove
