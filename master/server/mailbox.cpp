// A locked list.
#include "master/server/mailbox.hpp"

#include <utility>

namespace prove {

void Mailbox::post(Work work) {
    const std::lock_guard lock(mutex_);
    if (closed_) return;
    work_.push_back(std::move(work));
    // With the lock held: close() then knows that nobody is in wake_ any more, and its transport may go.
    if (wake_ && work_.size() == 1) wake_();
}

std::vector<Mailbox::Work> Mailbox::take() {
    const std::lock_guard lock(mutex_);
    return std::exchange(work_, {});
}

void Mailbox::set_wake(std::function<void()> wake) {
    const std::lock_guard lock(mutex_);
    wake_ = std::move(wake);
    if (wake_ && !work_.empty()) wake_();
}

void Mailbox::close() {
    const std::lock_guard lock(mutex_);
    closed_ = true;
    work_.clear();
    wake_ = nullptr;
}

}  // namespace prove
