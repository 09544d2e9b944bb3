// Logger: one line per event, "message name=value". See log.hpp.
#include "common/log/log.hpp"

#include "common/text/text.hpp"

namespace prove {

namespace {

// Bare where that is plain to read and to cut; otherwise in double quotes.
void append_field(std::string& line, const LogField& field) {
    line += ' ';
    line += field.name;
    line += '=';
    const std::string value = escape_control(field.value);
    if (!value.empty() && value.find_first_of(" \"=") == std::string::npos) {
        line += value;
        return;
    }
    line += '"';
    line += replace_all(value, "\"", "\\\"");
    line += '"';
}

class SilentSink final : public LogSink {
  public:
    void write(LogLevel, std::string_view) override {}
};

}  // namespace

Logger Logger::with(std::initializer_list<LogField> fields) const {
    Logger result(sink_);
    result.suffix_ = suffix_;
    for (const LogField& field : fields) append_field(result.suffix_, field);
    return result;
}

void Logger::write(LogLevel level, std::string_view message, std::initializer_list<LogField> fields) const {
    std::string line = escape_control(message);
    for (const LogField& field : fields) append_field(line, field);
    line += suffix_;
    sink_->write(level, line);
}

Logger silent_logger() {
    return Logger(std::make_shared<SilentSink>());
}

}  // namespace prove
