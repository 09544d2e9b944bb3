// Versions of components and of Prove, and which of them a component works with: ">=1.2, <2".
#pragma once

#include <array>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace prove {

// "1.2.3", "1.2", "1": numbers that are left out are 0.
class Version {
  public:
    static std::optional<Version> parse(std::string_view text);
    std::string text() const;
    auto operator<=>(const Version&) const = default;

  private:
    std::array<std::uint32_t, 3> numbers_{};
};

// All of its comparisons hold; none: any version.
class VersionRange {
  public:
    // "1.2" alone is ">=1.2, <2": what breaks its users gets a new first number.
    static std::optional<VersionRange> parse(std::string_view text);
    bool has(const Version& version) const;
    bool is_any() const { return comparisons_.empty(); }
    const std::string& text() const { return text_; }

  private:
    enum class Relation { less, at_most, equal, at_least, more };
    struct Comparison {
        Relation relation = Relation::equal;
        Version version;
    };
    static std::optional<Comparison> comparison(std::string_view text);
    std::string text_;
    std::vector<Comparison> comparisons_;
};

// This Prove's own.
Version prove_version();

}  // namespace prove
