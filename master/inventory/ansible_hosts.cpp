// See the header. The rules are those of expand_hostname_range() of Ansible.
#include "master/inventory/ansible_hosts.hpp"

#include <charconv>

#include "common/text/text.hpp"
#include "proto/error.hpp"

namespace prove {

namespace {

constexpr std::size_t most_ranges = 8;

std::optional<std::int64_t> number_of(const std::string& text) {
    std::int64_t number = 0;
    const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), number);
    if (text.empty() || error != std::errc() || end != text.data() + text.size() || number < 0) return std::nullopt;
    return number;
}

bool is_letter(const std::string& text) {
    return text.size() == 1 && ((text[0] >= 'a' && text[0] <= 'z') || (text[0] >= 'A' && text[0] <= 'Z'));
}

[[noreturn]] void bad_range(const std::string& range, const std::string& why) {
    throw Error(ErrorKind::invalid, "the range " + quoted("[" + range + "]") + " " + why);
}

// What stands for "01:20", "a:f" or "0:10:2".
std::vector<std::string> values_of(const std::string& range, std::size_t most) {
    const auto bounds = split(range, ':');
    if (bounds.size() != 2 && bounds.size() != 3) bad_range(range, "is none: it is begin:end or begin:end:step");
    const auto first = bounds[0].empty() ? std::string("0") : bounds[0];
    const auto& last = bounds[1];
    if (last.empty()) bad_range(range, "has no end");
    const auto step = bounds.size() == 3 ? number_of(bounds[2]) : 1;
    if (!step || *step == 0) bad_range(range, "has a step that is no number from 1 on");
    const bool letters = is_letter(first) && is_letter(last);
    // Of letters, all small ones stand before all capital ones.
    const auto index = [](char c) { return c >= 'a' ? c - 'a' : c - 'A' + 26; };
    const auto from = letters ? index(first[0]) : number_of(first), to = letters ? index(last[0]) : number_of(last);
    if (!from || !to) bad_range(range, "goes from one number or one letter to another");
    if (*from > *to) bad_range(range, "ends before it begins");
    const std::size_t width = !letters && first.size() > 1 && first[0] == '0' ? first.size() : 0;
    if (width != 0 && width != last.size()) bad_range(range, "has a begin with zeros, so its end is as long");
    if (static_cast<std::uint64_t>((*to - *from) / *step) >= most)
        bad_range(range, "makes more than " + std::to_string(most) + " hosts");
    std::vector<std::string> values;
    for (auto i = *from; i <= *to; i += *step) {
        auto value = letters ? std::string(1, static_cast<char>(i < 26 ? 'a' + i : 'A' + i - 26)) : std::to_string(i);
        values.push_back(std::string(width > value.size() ? width - value.size() : 0, '0') + value);
        if (*to - i < *step) break;
    }
    return values;
}

// The colon before a port: the last one, outside of ranges, where there is no other.
std::size_t colon_of_port(const std::string& pattern) {
    std::size_t colon = std::string::npos;
    bool in_range = false;
    for (std::size_t i = 0; i < pattern.size(); ++i) {
        if (pattern[i] == '[') in_range = true;
        if (pattern[i] == ']') in_range = false;
        if (pattern[i] != ':' || in_range) continue;
        if (colon != std::string::npos) return std::string::npos;  // IPv6
        colon = i;
    }
    return colon;
}

}  // namespace

HostPattern expand_hosts(const std::string& pattern, std::size_t most) {
    HostPattern result;
    auto rest = pattern;
    if (const auto colon = colon_of_port(pattern); colon != std::string::npos) {
        result.port = number_of(pattern.substr(colon + 1));
        if (!result.port) throw Error(ErrorKind::invalid, "after the ':' of " + quoted(pattern) + " stands a port");
        rest = pattern.substr(0, colon);
    }
    result.hosts = {""};
    for (std::size_t ranges = 0;; ++ranges) {
        const auto open = rest.find('[');
        const auto close = rest.find(']', open == std::string::npos ? 0 : open);
        if (close == std::string::npos && open != std::string::npos)
            throw Error(ErrorKind::invalid, quoted(pattern) + " has a '[' without its ']'");
        const auto fixed = rest.substr(0, open);
        for (auto& host : result.hosts) host += fixed;
        if (open == std::string::npos) return result;
        if (ranges == most_ranges) throw Error(ErrorKind::invalid, quoted(pattern) + " has more than 8 ranges");
        const auto values = values_of(rest.substr(open + 1, close - open - 1), most);
        if (values.size() * result.hosts.size() > most)
            throw Error(ErrorKind::invalid, quoted(pattern) + " makes more than " + std::to_string(most) + " hosts");
        std::vector<std::string> hosts;
        hosts.reserve(values.size() * result.hosts.size());
        for (const auto& host : result.hosts)
            for (const auto& value : values) hosts.push_back(host + value);
        result.hosts = std::move(hosts);
        rest = rest.substr(close + 1);
    }
}

}  // namespace prove
