// Sinks: see sinks.hpp. A sink that cannot write drops the line: there is no place left to say so.
#include "common/log/sinks.hpp"

#include <fcntl.h>
#include <unistd.h>

#include <array>
#include <cstdio>
#include <cstdlib>
#include <ctime>

#include "common/text/text.hpp"
#include "proto/error.hpp"

namespace prove {

namespace {

void write_line(int fd, std::string line) {
    line += '\n';
    const ssize_t written = ::write(fd, line.data(), line.size());
    static_cast<void>(written);
}

class StderrSink final : public LogSink {
  public:
    StderrSink(const Clock& clock, LogLevel least)
        : clock_(clock), least_(least), to_journal_(std::getenv("JOURNAL_STREAM") != nullptr) {}
    void write(LogLevel level, std::string_view line) override {
        if (level < least_) return;
        write_line(STDERR_FILENO,
                   to_journal_ ? priority(level) + std::string(line) : stamped_line(clock_.wall_ms(), level, line));
    }

  private:
    // sd-daemon(3): the syslog priority that journald takes off the line.
    static std::string priority(LogLevel level) {
        switch (level) {
            case LogLevel::debug:
                return "<7>";
            case LogLevel::info:
                return "<6>";
            case LogLevel::warning:
                return "<4>";
            case LogLevel::error:
                return "<3>";
        }
        return "<6>";
    }

    const Clock& clock_;
    LogLevel least_;
    bool to_journal_;
};

Fd open_log(const std::string& path) {
    return open_file(path, O_WRONLY | O_CREAT | O_APPEND | O_NOFOLLOW, 0600);
}

}  // namespace

const char* name_of(LogLevel level) {
    switch (level) {
        case LogLevel::debug:
            return "debug";
        case LogLevel::info:
            return "info";
        case LogLevel::warning:
            return "warning";
        case LogLevel::error:
            return "error";
    }
    return "info";
}

LogLevel log_level_from(std::string_view name) {
    for (const LogLevel level : {LogLevel::debug, LogLevel::info, LogLevel::warning, LogLevel::error})
        if (name == name_of(level)) return level;
    throw Error(ErrorKind::usage, "no log level " + quoted(name) + "; there are debug, info, warning and error");
}

std::string stamped_line(std::int64_t wall_ms, LogLevel level, std::string_view line) {
    const std::time_t seconds = static_cast<std::time_t>(wall_ms / 1'000);
    std::tm parts{};
    gmtime_r(&seconds, &parts);
    std::array<char, 40> date{};
    std::strftime(date.data(), date.size(), "%Y-%m-%dT%H:%M:%S", &parts);
    std::array<char, 16> fraction{};
    std::snprintf(fraction.data(), fraction.size(), ".%03dZ ", static_cast<int>(wall_ms % 1'000));
    return std::string(date.data()) + fraction.data() + name_of(level) + " " + std::string(line);
}

std::shared_ptr<LogSink> stderr_sink(const Clock& clock, LogLevel least) {
    return std::make_shared<StderrSink>(clock, least);
}

std::shared_ptr<LogSink> make_sink(const LogSettings& settings, const Clock& clock) {
    if (settings.file.empty()) return stderr_sink(clock, settings.level);
    return std::make_shared<FileSink>(settings.file, clock, settings.level);
}

FileSink::FileSink(std::string path, const Clock& clock, LogLevel least)
    : path_(std::move(path)), clock_(clock), least_(least), fd_(open_log(path_)) {}

void FileSink::write(LogLevel level, std::string_view line) {
    if (level < least_) return;
    const std::lock_guard lock(mutex_);
    write_line(fd_.get(), stamped_line(clock_.wall_ms(), level, line));
}

void FileSink::reopen() {
    Fd fresh = open_log(path_);
    const std::lock_guard lock(mutex_);
    fd_ = std::move(fresh);
}

}  // namespace prove
