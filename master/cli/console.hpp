// Where prove-cli writes: text for people, or one JSON or YAML document per event; colours and the moving progress line
// on terminals only. Everything that came from outside is escaped before it reaches a terminal (S14).
#pragma once

#include <optional>
#include <string>
#include <string_view>

#include "proto/value.hpp"

namespace prove {

enum class OutputFormat { text, json, yaml };
enum class Colour { plain, bold, red, green, yellow, cyan, dim };

class Console {
 public:
    struct Options {
        OutputFormat format = OutputFormat::text;
        std::string colour = "auto";          // auto, always, never
        bool quiet = false;
        bool verbose = false;
    };
    explicit Console(const Options& options);
    ~Console();

    OutputFormat format() const { return options_.format; }
    bool text() const { return options_.format == OutputFormat::text; }
    bool quiet() const { return options_.quiet; }
    bool verbose() const { return options_.verbose; }

    // A line of text on standard output; the progress line makes way for it.
    void line(std::string_view text);
    // Output as it comes, with or without a line end.
    void raw(std::string_view text, bool error_stream);
    // One event or result, in JSON (a line) or YAML (a document).
    void object(const Value& value);
    // A note for people on standard error.
    void note(std::string_view text);
    // The one line that moves; only on a terminal, at most ten times a second of the caller's choosing.
    void progress(std::string_view text);
    void end_progress();

    std::string coloured(Colour colour, std::string_view text) const;
    // Asks a yes-or-no question on the terminal; nullopt where there is none to ask, or a signal came instead of an answer.
    std::optional<bool> ask(std::string_view question);
    std::size_t width() const;

 private:
    Options options_;
    bool colours_ = false;
    bool moving_ = false;                     // standard error is a terminal
    bool progress_shown_ = false;
};

}  // namespace prove
