// Logs are events with fields: a fixed, greppable message, and data beside it. The logger is passed in, already knowing
// its job and agent (`with`). A failure is logged once, where it is handled. Secrets and contents are never fields.
// Thread-safe. The sinks (standard error, journald by its format, a file) are behind it; see sinks.hpp.
#pragma once

#include <initializer_list>
#include <memory>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

namespace prove {

struct LogField {
    std::string_view name;
    std::string value;
    LogField(std::string_view n, std::string v) : name(n), value(std::move(v)) {}
    LogField(std::string_view n, std::string_view v) : name(n), value(v) {}
    LogField(std::string_view n, const char* v) : name(n), value(v) {}
    LogField(std::string_view n, bool v) : name(n), value(v ? "true" : "false") {}
    LogField(std::string_view n, int v) : name(n), value(std::to_string(v)) {}
    LogField(std::string_view n, long v) : name(n), value(std::to_string(v)) {}
    LogField(std::string_view n, unsigned long v) : name(n), value(std::to_string(v)) {}
};

enum class LogLevel { debug, info, warning, error };

// Where events go: one line each, control characters escaped.
struct LogSink {
    virtual ~LogSink() = default;
    virtual void write(LogLevel level, std::string_view line) = 0;
};

class Logger {
  public:
    explicit Logger(std::shared_ptr<LogSink> sink) : sink_(std::move(sink)) {}
    // The same sink, with these fields on every event.
    Logger with(std::initializer_list<LogField> fields) const;
    void debug(std::string_view message, std::initializer_list<LogField> fields = {}) const {
        write(LogLevel::debug, message, fields);
    }
    void info(std::string_view message, std::initializer_list<LogField> fields = {}) const {
        write(LogLevel::info, message, fields);
    }
    void warning(std::string_view message, std::initializer_list<LogField> fields = {}) const {
        write(LogLevel::warning, message, fields);
    }
    void error(std::string_view message, std::initializer_list<LogField> fields = {}) const {
        write(LogLevel::error, message, fields);
    }

  private:
    void write(LogLevel level, std::string_view message, std::initializer_list<LogField> fields) const;
    std::shared_ptr<LogSink> sink_;
    std::string suffix_;
};

// A logger that writes nowhere, for tests and one-shot programs.
Logger silent_logger();

}  // namespace prove
