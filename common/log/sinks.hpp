// Where log lines go. Each line is one write(2), so that lines of several threads and processes never mix; nothing is
// buffered, so that the last line before a crash is there. spdlog would bring queues and patterns that nobody needs
// here.
#pragma once

#include <memory>
#include <mutex>
#include <string>

#include "common/files/fd.hpp"
#include "common/log/log.hpp"
#include "common/time/clock.hpp"

namespace prove {

const char* name_of(LogLevel level);
// "debug", "info", "warning" or "error"; throws Error(usage) for anything else.
LogLevel log_level_from(std::string_view name);

// Standard error: "2026-11-22T13:54:07.123Z info message"; or "<6>message" where systemd's journal reads it
// (JOURNAL_STREAM), which keeps time and level itself. The clock is borrowed and outlives the sink.
std::shared_ptr<LogSink> stderr_sink(const Clock& clock, LogLevel least);

// A file, made 0600, appended to. After a rotation reopen() goes on in a new file of that name.
class FileSink final : public LogSink {
  public:
    FileSink(std::string path, const Clock& clock, LogLevel least);
    void write(LogLevel level, std::string_view line) override;
    void reopen();

  private:
    std::string path_;
    const Clock& clock_;
    LogLevel least_;
    std::mutex mutex_;
    Fd fd_;
};

// Where a program's settings send its log, and how much of it.
struct LogSettings {
    LogLevel level = LogLevel::info;
    std::string file;  // standard error where empty
};
std::shared_ptr<LogSink> make_sink(const LogSettings& settings, const Clock& clock);

// Lines for people and files: the time in UTC to the millisecond, the level, the event.
std::string stamped_line(std::int64_t wall_ms, LogLevel level, std::string_view line);

}  // namespace prove
