// Asking on /dev/tty. See the header.
#include "master/cli/password_prompt.hpp"

#include <fcntl.h>
#include <termios.h>
#include <unistd.h>

#include "common/files/fd.hpp"

namespace prove {

namespace {

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

std::optional<std::string> ask_terminal(const std::string& question) {
    const Fd terminal = try_open("/dev/tty", O_RDWR | O_NOCTTY);
    if (!terminal) return std::nullopt;
    const Unseen unseen(terminal);
    write_all(terminal, question + ": ", "the terminal");
    std::string answer;
    char c = 0;
    while (::read(terminal.get(), &c, 1) == 1 && c != '\n') answer += c;
    write_all(terminal, "\n", "the terminal");
    if (c != '\n') return std::nullopt;  // the end of the input, or a signal
    return answer;
}

}  // namespace

std::optional<std::string> PasswordPrompt::ask(const std::string& question) {
    const std::lock_guard lock(mutex_);
    const auto known = answers_.find(question);
    if (known != answers_.end()) return known->second;
    return answers_[question] = ask_terminal(question);
}

}  // namespace prove
