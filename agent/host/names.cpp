// The forms of names. Written out by hand: std::regex is slow, and these are asked for every part of every run.
#include "agent/host/names.hpp"

#include <string_view>

namespace prove {

namespace {

bool only(std::string_view text, std::string_view extra, bool capitals) {
    for (const char c : text) {
        const bool plain = (c >= 'a' && c <= 'z') || (c >= '0' && c <= '9') || (capitals && c >= 'A' && c <= 'Z');
        if (!plain && extra.find(c) == std::string_view::npos) return false;
    }
    return true;
}

bool starts_with_letter_or_digit(std::string_view text) {
    return !text.empty() && only(text.substr(0, 1), "", true);
}

}  // namespace

bool is_package_name(const std::string& name) {
    const std::string_view text = name;
    const auto colon = text.find(':');
    const auto base = text.substr(0, colon);
    if (colon != std::string_view::npos) {
        const auto architecture = text.substr(colon + 1);
        if (architecture.empty() || !only(architecture, "-", false)) return false;
    }
    // A trailing '-' means "remove" to apt-get.
    return base.size() >= 2 && base.size() <= 200 && starts_with_letter_or_digit(base) && only(base, "+-.", false) &&
           base.back() != '-';
}

bool is_package_version(const std::string& version) {
    return !version.empty() && version.size() <= 200 && version.front() != '-' && only(version, ".+:~-", true);
}

bool is_unit_name(const std::string& name) {
    return !name.empty() && name.size() <= 255 && name.front() != '-' && name.front() != '.' &&
           only(name, ":_.\\@-", true);
}

std::string unit_name(const std::string& name) {
    for (const char* suffix : {".service", ".socket", ".device", ".mount", ".automount", ".swap", ".target", ".path",
                               ".timer", ".slice", ".scope"})
        if (name.size() > std::string_view(suffix).size() && std::string_view(name).ends_with(suffix)) return name;
    return name + ".service";
}

bool is_account_name(const std::string& name) {
    if (name.empty() || name.size() > 32 || !only(name, "_.-", true)) return false;
    const bool digit_first = name.front() >= '0' && name.front() <= '9';
    return !digit_first && name.front() != '-' && name.front() != '.';
}

}  // namespace prove
