// Taking paragraphs apart. See the header.
#include "agent/host/dpkg_stanzas.hpp"

#include "common/text/text.hpp"

namespace prove {

std::string_view DpkgStanza::field(std::string_view name) const {
    for (const auto& [key, value] : fields_)
        if (key == name) return trim(value);
    return {};
}

std::vector<DpkgStanza> dpkg_stanzas(std::string_view text) {
    std::vector<DpkgStanza> stanzas;
    bool open = false;
    while (!text.empty()) {
        const std::size_t end = text.find('\n');
        const std::string_view line = text.substr(0, end);
        text.remove_prefix(end == std::string_view::npos ? text.size() : end + 1);
        if (line.empty()) {
            open = false;
            continue;
        }
        if (!open) stanzas.emplace_back();
        open = true;
        auto& fields = stanzas.back().fields_;
        if (line[0] == ' ' || line[0] == '\t') {  // the last field goes on
            if (!fields.empty()) {
                std::string_view& value = fields.back().second;
                value = std::string_view(value.data(), static_cast<std::size_t>(line.data() + line.size() - value.data()));
            }
            continue;
        }
        const std::size_t colon = line.find(':');
        if (colon != std::string_view::npos) fields.emplace_back(line.substr(0, colon), line.substr(colon + 1));
    }
    return stanzas;
}

}  // namespace prove
