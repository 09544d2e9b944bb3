// The settings of a program (master.yml, agent.yml, cli.yml), read strictly: whatever is not asked for is an error with
// its place and the nearest name, so that nothing is silently ignored (P32). Every Error names file, line and column.
//
//     const auto listen = read_settings(path, TrustCheck::owner, [](Settings& settings) {
//         return settings.text("listen", "0.0.0.0");
//     });
#pragma once

#include <chrono>
#include <cstdint>
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

    bool has(std::string_view key) const;    // there and not null; asking does not make the key known
    std::string text(std::string_view key);  // these without a fallback throw Error(invalid) where it is missing
    std::string text(std::string_view key, std::string fallback);
    std::optional<std::string> optional_text(std::string_view key);
    bool boolean(std::string_view key, bool fallback);
    struct Range {
        std::int64_t least = 0, most = INT64_MAX;
    };
    std::int64_t integer(std::string_view key, std::int64_t fallback, Range range);
    std::chrono::milliseconds duration(std::string_view key, std::chrono::milliseconds fallback);
    std::string choice(std::string_view key, std::string fallback, const std::vector<std::string>& choices);
    // One text or a list of texts; empty where absent.
    std::vector<std::string> texts(std::string_view key);
    // The mapping below a key, read by `reader` and then checked to its end; an empty one where it is absent.
    template <class Reader>
    auto section(std::string_view key, Reader&& reader) {
        Settings inner = section_of(key);
        return inner.read_to_end(std::forward<Reader>(reader));
    }
    // As it was written, for what has a form of its own; null where it is absent.
    const Value* value(std::string_view key);

    // Throws for keys that nobody asked for: every one of them, with the nearest of those that were asked for.
    void end() const;
    template <class Reader>
    auto read_to_end(Reader&& reader) {
        auto result = reader(*this);
        end();
        return result;
    }
    // Error(invalid) at the place of a key: "port: expected ..., found ...".
    Error wrong(std::string_view key, const std::string& what) const;

  private:
    const Value* ask(std::string_view key);  // null where absent or null; makes the key known
    const Value& require(std::string_view key);
    Settings section_of(std::string_view key);

    Value mapping_;
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
