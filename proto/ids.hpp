// Names of things, each with a type of its own, so that a target's name is never taken for a state's.
#pragma once

#include <compare>
#include <functional>
#include <optional>
#include <string>
#include <string_view>
#include <utility>

#include "proto/bytes.hpp"

namespace prove {

template <class Tag>
class Id {
  public:
    Id() = default;
    explicit Id(std::string text) : text_(std::move(text)) {}
    const std::string& text() const { return text_; }
    bool empty() const { return text_.empty(); }
    auto operator<=>(const Id&) const = default;

  private:
    std::string text_;
};

using TargetId = Id<struct TargetTag>;  // a target's name in the catalog, and an agent's accepted name
using StateId = Id<struct StateTag>;    // a state's id, unique in a run

// Whether a text may be the name of a target or an agent (S13): [a-z0-9]([a-z0-9._-]{0,251}[a-z0-9])?, no "..".
bool is_target_name(std::string_view text);

// A job: 4 bytes of seconds since 1970 and 2 of their milliseconds (big-endian), then 10 random bytes; ids sort by time.
// Its text is 26 characters of base32; people use the first 10 (`short_text`), or any unique prefix.
class JobId {
  public:
    using Raw = Bytes<16, struct JobIdTag>;
    JobId() = default;
    explicit JobId(const Raw& raw) : raw_(raw) {}
    static std::optional<JobId> from_text(std::string_view text);
    const Raw& raw() const { return raw_; }
    std::string text() const { return to_base32(raw_.view()); }
    std::string short_text() const { return text().substr(0, 10); }
    bool is_zero() const { return raw_.is_zero(); }
    auto operator<=>(const JobId&) const = default;

  private:
    Raw raw_{};
};

}  // namespace prove

template <class Tag>
struct std::hash<prove::Id<Tag>> {
    std::size_t operator()(const prove::Id<Tag>& id) const noexcept { return std::hash<std::string>{}(id.text()); }
};
template <>
struct std::hash<prove::JobId> {
    std::size_t operator()(const prove::JobId& id) const noexcept { return std::hash<prove::JobId::Raw>{}(id.raw()); }
};
