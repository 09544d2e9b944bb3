// The settings of a program (master.yml, agent.yml, cli.yml), read strictly: whatever is not asked for is an error with
// its place and the nearest name, so that nothing is silently ignored (P32). What is wrong is noted where it is read,
// whose reader goes on with the fallback, and end() throws all of it at once, each with file, line and column.
//
//     const auto listen = read_settings(path, TrustCheck::owner, [](Settings& settings) {
//         return settings.text("listen", "0.0.0.0");
//     });
#pragma once

#include <chrono>
#include <cstdint>
#include <functional>
#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "common/files/files.hpp"
#include "proto/value.hpp"

namespace prove {

class Settings {
  public:
    // An empty file is a mapping without keys. Throws Error(invalid) where it is something else.
    explicit Settings(Value mapping);
    // From YAML text; `name` is for messages.
    static Settings from_text(std::string_view text, const std::string& name);

    // Throws an Error that says what is wrong with a text; its place is added.
    using Check = std::function<void(const std::string&)>;

    bool has(std::string_view key) const;  // there and not null; asking does not make the key known
    std::string text(std::string_view key, std::string fallback, const Check& check = {});
    std::optional<std::string> optional_text(std::string_view key);
    // A file or folder. A relative one is meant from the folder of the settings file, wherever the program was started.
    std::string path(std::string_view key, std::string fallback);
    bool boolean(std::string_view key, bool fallback);
    struct Range {
        std::int64_t least = 0, most = INT64_MAX;
    };
    std::int64_t integer(std::string_view key, std::int64_t fallback, Range range);
    std::chrono::milliseconds duration(std::string_view key, std::chrono::milliseconds fallback);
    std::string choice(std::string_view key, std::string fallback, const std::vector<std::string>& choices);
    // One text or a list of texts; empty where absent.
    std::vector<std::string> texts(std::string_view key, const Check& check = {});
    // The mapping below a key, read by `reader` to its end; an empty one where it is absent. What is wrong in it is
    // thrown by the end of the whole.
    template <class Reader>
    auto section(std::string_view key, Reader&& reader) {
        Settings inner = section_of(key);
        auto result = reader(inner);
        inner.note_unknown();
        return result;
    }
    // As it was written, for what has a form of its own; null where it is absent.
    const Value* value(std::string_view key);

    // Notes what is wrong with the value of a key: "port: expected ..., found ...".
    void wrong(std::string_view key, const std::string& what);
    // Throws one Error(invalid) with all that was wrong, in the file's order; keys that nobody asked for among it, with
    // the nearest of those that were asked for.
    void end();
    template <class Reader>
    auto read_to_end(Reader&& reader) {
        auto result = reader(*this);
        end();
        return result;
    }

  private:
    using Problems = std::vector<Error>;
    Settings(Value mapping, std::shared_ptr<Problems> problems);
    const Value* ask(std::string_view key);  // null where absent or null; makes the key known
    Settings section_of(std::string_view key);
    void note(const SourcePosition& position, std::string text);
    void note_unknown();

    Value mapping_;
    std::shared_ptr<Problems> problems_;  // one list for a file and its sections
    std::vector<std::string> known_;
};

// Who may have written a settings file: `owner` refuses one that others than root and we could change (S86).
enum class TrustCheck { none, owner };

// The file's settings. Throws Error(missing) where there is no such file.
Settings load_settings(const std::string& path, TrustCheck check);

template <class Reader>
auto read_settings(const std::string& path, TrustCheck check, Reader&& reader) {
    Settings settings = load_settings(path, check);
    return settings.read_to_end(std::forward<Reader>(reader));
}

}  // namespace prove
