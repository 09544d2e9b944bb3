// Asking on /dev/tty. See the header.
#include "master/cli/password_prompt.hpp"

#include <fcntl.h>
#include <poll.h>
#include <termios.h>
#include <unistd.h>

#include "common/files/fd.hpp"
#include "common/keys/secret.hpp"

namespace prove {

namespace {

constexpr int look_again_ms = 200;

// The terminal does not show what is typed while this lives.
class Unseen {
  public:
    explicit Unseen(const Fd& terminal) : terminal_(terminal) {
        ::tcgetattr(terminal_.get(), &before_);
        termios unseen = before_;
        unseen.c_lflag &= ~static_cast<tcflag_t>(ECHO);
        ::tcsetattr(terminal_.get(), TCSAFLUSH, &unseen);
    }
    ~Unseen() { ::tcsetattr(terminal_.get(), TCSAFLUSH, &before_); }
    Unseen(const Unseen&) = delete;
    Unseen& operator=(const Unseen&) = delete;

  private:
    const Fd& terminal_;
    termios before_{};
};

// One character; nothing at the end of the input, and when it is cancelled: Ctrl-C reaches another thread.
std::optional<char> read_character(const Fd& terminal, const Cancellation& cancellation) {
    pollfd waiting = {terminal.get(), POLLIN, 0};
    while (::poll(&waiting, 1, look_again_ms) <= 0)
        if (cancellation.cancelled()) return std::nullopt;
    char c = 0;
    return ::read(terminal.get(), &c, 1) == 1 ? std::optional(c) : std::nullopt;
}

std::optional<std::string> ask_terminal(const std::string& question, const Cancellation& cancellation) {
    const Fd terminal = try_open("/dev/tty", O_RDWR | O_NOCTTY);
    if (!terminal) return std::nullopt;
    const Unseen unseen(terminal);
    write_all(terminal, question + ": ", "the terminal");
    std::string answer;
    auto c = read_character(terminal, cancellation);
    for (; c && *c != '\n'; c = read_character(terminal, cancellation)) answer += *c;
    write_all(terminal, "\n", "the terminal");
    return c ? std::optional(answer) : std::nullopt;
}

}  // namespace

std::optional<std::string> PasswordPrompt::ask(const std::string& question, const Cancellation& cancellation) {
    const std::lock_guard lock(mutex_);
    const auto known = answers_.find(question);
    if (known != answers_.end()) return known->second;
    protect_process_memory();
    return answers_[question] = ask_terminal(question, cancellation);
}

}  // namespace prove
