// Custom facts from a folder. What is read there decides what the host is made into, so that only root (or whom Prove
// runs as) may have written it (S86).
#include <algorithm>
#include <memory>

#include "agent/facts/sources.hpp"
#include "common/files/files.hpp"
#include "common/text/duration.hpp"
#include "common/text/text.hpp"
#include "common/text/utf8.hpp"
#include "common/yaml/yaml.hpp"

namespace prove {

namespace {

constexpr std::chrono::milliseconds longest_run{10'000};
constexpr std::size_t largest_file = 1u << 20;
// Facts go along with the agent's greeting, which has a limit: whatever stands in the folder, the agent must stay
// within reach.
constexpr std::size_t largest_fact = 32u << 10;
constexpr std::size_t largest_in_all = 128u << 10;
constexpr std::size_t most_facts = 500;

bool ends_with(const std::string& text, std::string_view suffix) {
    return std::string_view(text).ends_with(suffix);
}

std::string fact_name(const std::string& file) {
    const auto dot = file.rfind('.');
    return dot == std::string::npos || dot == 0 ? file : file.substr(0, dot);
}

bool is_asked_for(const std::string& name, const std::vector<std::string>& names) {
    const std::string full = "custom." + name;
    return names.empty() || std::any_of(names.begin(), names.end(), [&](const std::string& asked) {
               return asked == "custom" || asked == full || asked.rfind(full + ".", 0) == 0;
           });
}

Value run_program(const HostReader& host, const std::string& path) {
    Command command;
    command.argv = {path};
    command.timeout = longest_run;
    command.output_limit = largest_file;
    const CommandResult result = host.look(command);
    if (result.timed_out) throw Error(ErrorKind::timeout, "it did not end within 10 s");
    if (!result.succeeded())
        throw Error(ErrorKind::failed, "it ended with exit code " + std::to_string(result.exit_code));
    if (result.truncated) throw Error(ErrorKind::full, "it printed more than 1 MiB");
    return read_json(result.out);
}

Value read_fact(const HostReader& host, const Path& path, const FileInfo& info) {
    check_trusted_file(path.text());
    if ((info.mode & 0111) != 0) return run_program(host, path.text());
    const std::string text = host.read_file(path, largest_file);
    if (ends_with(path.text(), ".json")) return read_json(text);
    return read_yaml(text, std::make_shared<const std::string>(path.text()));
}

// A fact as strictly as the master reads it, within what messages put around it.
Value checked(const Value& fact) {
    JsonLimits limits;
    limits.bytes = largest_fact;
    limits.depth = 24;
    limits.nodes = 5'000;
    const std::string text = write_json(fact);
    if (text.size() > largest_fact)
        throw Error(ErrorKind::full, "it is larger than " + show_size(largest_fact) + " as JSON");
    return read_json(text, limits);
}

}  // namespace

Value read_custom_facts(const HostReader& host, const std::string& folder, const std::vector<std::string>& names,
                        std::vector<std::string>& problems) {
    Value facts = Value::object();
    std::size_t bytes = 0;
    const Path at(folder);
    if (!host.stat(at)) return facts;
    for (const std::string& file : host.list_directory(at)) {
        const Path path = at / file;
        const std::string name = fact_name(file);
        if (file[0] == '.' || file.back() == '~' || !is_asked_for(name, names)) continue;
        try {
            const auto info = host.stat(path);
            if (!info || info->type != FileInfo::Type::regular)
                throw Error(ErrorKind::refused, "it is not a regular file");
            const bool readable = ends_with(file, ".json") || ends_with(file, ".yml") || ends_with(file, ".yaml");
            if (!readable && (info->mode & 0111) == 0)
                throw Error(ErrorKind::invalid, "it is neither a .json or .yml file nor a program");
            if (facts.find(name) != nullptr)
                throw Error(ErrorKind::invalid, "there is another file for the fact " + quoted(name));
            if (!is_utf8(name) || name.size() > JsonLimits().key_bytes)
                throw Error(ErrorKind::invalid, "its name cannot be a fact's");
            Value fact = checked(read_fact(host, path, *info));
            bytes += name.size() + write_json(fact).size();
            if (bytes > largest_in_all || facts.mapping().size() >= most_facts)
                throw Error(ErrorKind::full, "with it the custom facts would be too many: they may have " +
                                                 show_size(largest_in_all) + " in all");
            facts.set(name, std::move(fact));
        } catch (const Error& error) {
            problems.push_back("custom fact " + quoted(path.text()) + ": " + error.text());
        }
    }
    return facts;
}

}  // namespace prove
