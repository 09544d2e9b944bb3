// The hosts that an ssh configuration names (ssh_config(5)): the words of its Host lines that are no patterns, and
// those of the files that it includes. How each is reached stays ssh's business, which reads the same file.
#include <glob.h>

#include <algorithm>

#include "common/files/files.hpp"
#include "common/text/text.hpp"
#include "master/inventory/formats.hpp"
#include "master/inventory/inventory_text.hpp"

namespace prove {

namespace {

constexpr int deepest_include = 16;  // as in ssh
constexpr std::size_t most_files = 1'000;

struct Word {
    std::string text;
    std::size_t at = 0;  // its first byte in the line
};

// Words of a line: between blanks, or in quotes; after the keyword there may be one '='. A word that begins with '#' is
// a comment, as is all after it. nullopt: a quote is not closed.
std::optional<std::vector<Word>> words_of(std::string_view line) {
    std::vector<Word> words;
    std::size_t at = 0;
    const auto skip = [&](std::string_view characters) {
        at = std::min(line.find_first_not_of(characters, at), line.size());
    };
    for (skip(" \t\r\f"); at < line.size() && line[at] != '#'; skip(words.size() == 1 ? " \t\r\f=" : " \t\r\f")) {
        Word word{{}, at};
        if (line[at] == '"') {
            const auto end = line.find('"', at + 1);
            if (end == std::string_view::npos) return std::nullopt;
            word.text = line.substr(at + 1, end - at - 1);
            at = end + 1;
        } else {
            const auto end = std::min(line.find_first_of(words.empty() ? " \t\r\f=\"" : " \t\r\f\"", at), line.size());
            word.text = line.substr(at, end - at);
            at = end;
        }
        words.push_back(std::move(word));
    }
    return words;
}

bool is_pattern(const std::string& host) {
    return host.find_first_of("*?") != std::string::npos || host.starts_with("!");
}

// Files that a pattern means, sorted; none where nothing fits, as in ssh.
std::vector<std::string> files_like(const std::string& pattern) {
    glob_t found{};
    std::vector<std::string> files;
    if (::glob(pattern.c_str(), 0, nullptr, &found) == 0) files.assign(found.gl_pathv, found.gl_pathv + found.gl_pathc);
    ::globfree(&found);
    return files;
}

class SshConfigReader {
  public:
    Inventory read(const std::string& path) {
        inventory_.yields = true;
        file(read_inventory_text(path, inventory_), 0);
        return std::move(inventory_);
    }

  private:
    void warn(const SourcePosition& position, const std::string& text) {
        inventory_.problems.warning(position, "", text);
    }

    void file(const InventoryText& text, int depth) {
        bool for_all = true;  // whether what follows counts for every host
        std::size_t number = 0;
        for (const auto& line : split_lines(text.text)) {
            ++number;
            const auto words = words_of(line);
            if (!words) {
                const auto at = line.find_first_not_of(" \t");
                inventory_.problems.error(place_in_line(text.name, number, line, at), "",
                                          "a quote is not closed in this line");
                continue;
            }
            if (words->empty()) continue;
            const auto keyword = lower(words->front().text);
            if (keyword == "match") for_all = words->size() == 2 && lower((*words)[1].text) == "all";
            if (keyword == "host") {
                for_all = words->size() == 2 && (*words)[1].text == "*";
                for (std::size_t i = 1; i < words->size(); ++i)
                    host((*words)[i].text, place_in_line(text.name, number, line, (*words)[i].at));
            }
            if (keyword == "include")
                for (std::size_t i = 1; i < words->size(); ++i)
                    include((*words)[i].text, place_in_line(text.name, number, line, (*words)[i].at), depth, for_all);
        }
    }

    void host(const std::string& host, const SourcePosition& position) {
        if (host.empty() || is_pattern(host)) return;
        // The file was not written for Prove: what cannot be a target is no error.
        Diagnostics bad;
        const auto name = target_name_of(host, position, bad);
        if (!name) return warn(position, "is no target: " + bad.all().front().text);
        const auto [first, is_new] = seen_.emplace(*name, host);
        if (!is_new && first->second == host) return;  // ssh takes both places together
        if (!is_new)
            return warn(position,
                        "is no target: it differs from " + quoted(first->second) + " by capital letters alone");
        if (seen_.size() > most_inventory_hosts) {
            if (seen_.size() == most_inventory_hosts + 1)
                inventory_.problems.error(position, "",
                                          "there are more than " + std::to_string(most_inventory_hosts) + " hosts");
            return;
        }
        inventory_.targets.push(ssh_target_value(*name, host, position));
    }

    void include(const std::string& pattern, const SourcePosition& position, int depth, bool for_all) {
        if (!for_all)
            return warn(position,
                        "the hosts of " + quoted(pattern) +
                            " are left out: ssh includes it for the hosts of the line above alone; let it stand "
                            "before every 'Host'");
        if (pattern.find('%') != std::string::npos || pattern.find('$') != std::string::npos)
            return warn(position,
                        "the hosts of " + quoted(pattern) + " are left out: only ssh knows what '%' and '$' are there");
        if (depth == deepest_include) {
            inventory_.problems.error(position, "",
                                      "files are included " + std::to_string(deepest_include) +
                                          " deep here, and ssh goes no deeper; does one include itself?");
            return;
        }
        const bool absolute = pattern.starts_with("/") || pattern.starts_with("~");
        for (const auto& path : files_like(with_home(absolute ? pattern : "~/.ssh/" + pattern))) {
            if (is_folder(path)) continue;
            if (++files_ > most_files) return too_many(position);
            try {
                file(read_inventory_text(path, inventory_), depth + 1);
            } catch (const Error& error) {
                inventory_.problems.error(position, "", error.text());
            }
        }
    }

    void too_many(const SourcePosition& position) {
        if (files_ == most_files + 1)
            inventory_.problems.error(
                position, "",
                "more than " + std::to_string(most_files) + " files are included; does one include itself?");
    }

    Inventory inventory_;
    std::map<std::string, std::string> seen_;  // a target's name -> the host as it was written first
    std::size_t files_ = 0;
};

}  // namespace

Inventory read_ssh_config(const std::string& path) {
    return SshConfigReader().read(with_home(path));
}

}  // namespace prove
