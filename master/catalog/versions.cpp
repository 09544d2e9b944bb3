// See the header.
#include "master/catalog/versions.hpp"

#include <charconv>

#include "common/text/text.hpp"

namespace prove {

std::optional<Version> Version::parse(std::string_view text) {
    Version version;
    const auto parts = split(text, '.');
    if (parts.size() > version.numbers_.size()) return std::nullopt;
    for (std::size_t i = 0; i < parts.size(); ++i) {
        const auto* const end = parts[i].data() + parts[i].size();
        const auto [stopped, error] = std::from_chars(parts[i].data(), end, version.numbers_[i]);
        if (parts[i].empty() || error != std::errc() || stopped != end) return std::nullopt;
    }
    return version;
}

std::string Version::text() const {
    return std::to_string(numbers_[0]) + "." + std::to_string(numbers_[1]) + "." + std::to_string(numbers_[2]);
}

std::optional<VersionRange::Comparison> VersionRange::comparison(std::string_view text) {
    for (const auto& [sign, relation] :
         {std::pair("<=", Relation::at_most), std::pair(">=", Relation::at_least), std::pair("<", Relation::less),
          std::pair(">", Relation::more), std::pair("=", Relation::equal)}) {
        const std::string_view prefix = sign;
        if (text.substr(0, prefix.size()) != prefix) continue;
        const auto version = Version::parse(trim(text.substr(prefix.size())));
        if (!version) return std::nullopt;
        return Comparison{relation, *version};
    }
    return std::nullopt;
}

std::optional<VersionRange> VersionRange::parse(std::string_view text) {
    VersionRange range;
    range.text_ = trim(text);
    if (const auto version = Version::parse(range.text_)) {
        const auto next = Version::parse(std::to_string(std::stoul(range.text_) + 1));
        if (!next) return std::nullopt;
        range.comparisons_ = {{Relation::at_least, *version}, {Relation::less, *next}};
        return range;
    }
    for (const auto& part : split(range.text_, ',')) {
        const auto one = comparison(trim(part));
        if (!one) return std::nullopt;
        range.comparisons_.push_back(*one);
    }
    return range;
}

bool VersionRange::has(const Version& version) const {
    for (const auto& one : comparisons_) {
        const bool holds = one.relation == Relation::less      ? version < one.version
                           : one.relation == Relation::at_most ? version <= one.version
                           : one.relation == Relation::equal   ? version == one.version
                           : one.relation == Relation::at_least ? version >= one.version
                                                                : version > one.version;
        if (!holds) return false;
    }
    return true;
}

Version prove_version() {
    return *Version::parse(PROVE_VERSION);
}

}  // namespace prove
