// Standard output and standard error.
#include "master/cli/console.hpp"

#include <csignal>
#include <cstdio>
#include <cstdlib>

#include <poll.h>
#include <sys/ioctl.h>
#include <unistd.h>

#include "common/text/text.hpp"
#include "common/text/utf8.hpp"

namespace prove {

Console::Console(const Options& options) : options_(options) {
    const bool terminal = ::isatty(STDOUT_FILENO) != 0;
    const char* no_color = std::getenv("NO_COLOR");
    const char* term = std::getenv("TERM");
    const bool wanted = terminal && (no_color == nullptr || *no_color == '\0') && (term == nullptr || std::string_view(term) != "dumb");
    colours_ = options.colour == "always" || (options.colour == "auto" && wanted);
    moving_ = ::isatty(STDERR_FILENO) != 0 && !options.quiet && options.format == OutputFormat::text;
}

Console::~Console() { end_progress(); }

void Console::line(std::string_view text) {
    end_progress();
    std::fwrite(text.data(), 1, text.size(), stdout);
    std::fputc('\n', stdout);
    std::fflush(stdout);
}

void Console::raw(std::string_view text, bool error_stream) {
    end_progress();
    std::FILE* stream = error_stream ? stderr : stdout;
    std::fwrite(text.data(), 1, text.size(), stream);
    std::fflush(stream);
}

void Console::object(const Value& value) {
    if (options_.format == OutputFormat::yaml) {
        line("---\n" + std::string(trim_end(write_yaml(value))));
    } else {
        line(write_json(value));
    }
}

void Console::note(std::string_view text) {
    end_progress();
    std::fwrite(text.data(), 1, text.size(), stderr);
    std::fputc('\n', stderr);
}

void Console::progress(std::string_view text) {
    if (!moving_) return;
    const std::string shown(utf8_prefix(text, width() > 1 ? width() - 1 : 79));
    std::fprintf(stderr, "\r\033[K%s", shown.c_str());
    std::fflush(stderr);
    progress_shown_ = true;
}

void Console::end_progress() {
    if (!progress_shown_) return;
    std::fputs("\r\033[K", stderr);
    std::fflush(stderr);
    progress_shown_ = false;
}

std::string Console::coloured(Colour colour, std::string_view text) const {
    if (!colours_ || colour == Colour::plain) return std::string(text);
    static constexpr const char* codes[] = {"0", "1", "31", "32", "33", "36", "2"};
    return std::string("\033[") + codes[static_cast<int>(colour)] + "m" + std::string(text) + "\033[0m";
}

std::optional<bool> Console::ask(std::string_view question) {
    if (::isatty(STDIN_FILENO) == 0 || ::isatty(STDERR_FILENO) == 0) return std::nullopt;
    end_progress();
    std::fprintf(stderr, "%s [y/N] ", std::string(question).c_str());
    std::fflush(stderr);
    // A signal that is held back until here ends the wait, however early it came: a plain read could miss it.
    sigset_t open;
    ::pthread_sigmask(SIG_BLOCK, nullptr, &open);
    ::sigdelset(&open, SIGINT);
    pollfd typed = {STDIN_FILENO, POLLIN, 0};
    if (::ppoll(&typed, 1, nullptr, &open) < 0) return std::nullopt;
    std::string answer;
    for (int c; (c = std::fgetc(stdin)) != EOF && c != '\n';) answer += static_cast<char>(c);
    return lower(trim(answer)) == "y" || lower(trim(answer)) == "yes";
}

std::size_t Console::width() const {
    winsize size{};
    if (::ioctl(STDERR_FILENO, TIOCGWINSZ, &size) == 0 && size.ws_col > 0) return size.ws_col;
    return 80;
}

}  // namespace prove
