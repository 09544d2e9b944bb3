// Ansible's INI inventories, read line by line as Ansible's own reader does it.
#include "common/text/text.hpp"
#include "master/inventory/ansible_forms.hpp"
#include "master/inventory/python_literal.hpp"

namespace prove {

namespace {

constexpr std::string_view blanks = " \t\r\f\v";

struct Token {
    std::string text;
    std::size_t at = 0;  // its first byte in the line
};

// Words as a shell would cut them; what follows a '#' is a comment. nullopt: a quote is not closed.
std::optional<std::vector<Token>> shell_words(std::string_view line) {
    std::vector<Token> words;
    for (std::size_t at = 0;;) {
        at = line.find_first_not_of(blanks, at);
        if (at == std::string_view::npos || line[at] == '#') return words;
        Token word{{}, at};
        char quote = '\0';
        for (; at < line.size(); ++at) {
            const char c = line[at];
            const char next = at + 1 < line.size() ? line[at + 1] : '\0';
            if (quote != '\0' && c == quote) {
                quote = '\0';
            } else if (c == '\\' && (quote == '\0' || (quote == '"' && (next == '"' || next == '\\')))) {
                if (next == '\0') return std::nullopt;
                word.text += line[++at];
            } else if (quote != '\0') {
                word.text += c;
            } else if (c == '"' || c == '\'') {
                quote = c;
            } else if (c == '#' || blanks.find(c) != std::string_view::npos) {
                break;
            } else {
                word.text += c;
            }
        }
        if (quote != '\0') return std::nullopt;
        words.push_back(std::move(word));
    }
}

void place_all(Value& value, const SourcePosition& position) {
    value.set_position(position);
    if (value.is_list())
        for (auto& item : value.list()) place_all(item, position);
    if (value.is_mapping())
        for (auto& member : value.mapping()) {
            member.key_position = position;
            place_all(member.value, position);
        }
}

// A group's name at the begin of a line or after a '['; what is left of the line behind it.
std::string_view take_name(std::string_view& rest) {
    const auto end = std::min(rest.find_first_of(":] \t\r\f\v"), rest.size());
    const auto name = rest.substr(0, end);
    rest.remove_prefix(end);
    return name;
}

bool is_blank_or_comment(std::string_view rest) {
    const auto text = trim(rest);
    return text.empty() || text[0] == '#';
}

class AnsibleIniReader {
  public:
    AnsibleIniReader(const InventoryText& text, AnsibleModel& model, Diagnostics& problems)
        : file_(text.name), text_(text.text), model_(model), problems_(problems) {}

    void read() {
        for (const auto& line : split_lines(text_)) {
            ++number_;
            line_ = line;
            begin_ = std::min(line.find_first_not_of(blanks), line.size());
            const auto rest = trim(line);
            if (rest.empty() || rest[0] == '#' || rest[0] == ';') continue;
            if (rest[0] == '[' && (section(rest) || rest.back() == ']')) continue;
            if (kind_ == Kind::hosts) hosts();
            if (kind_ == Kind::variables) variable(rest);
            if (kind_ == Kind::children) child(rest);
        }
        check_groups();
    }

  private:
    enum class Kind { hosts, variables, children, unknown };

    SourcePosition place(std::size_t at) const { return place_in_line(file_, number_, line_, at); }
    void error(std::size_t at, const std::string& text) { problems_.error(place(at), "", text); }

    // "[web]", "[web:vars]"; false where the line is something else, a host with a range for one.
    bool section(std::string_view line) {
        auto rest = line.substr(1);
        const auto name = std::string(take_name(rest));
        std::string kind = "hosts";
        if (rest.starts_with(":")) {
            rest.remove_prefix(1);
            kind = std::string(take_name(rest));
        }
        if (name.empty() || !rest.starts_with("]") || !is_blank_or_comment(rest.substr(1))) {
            if (line.back() != ']') return false;
            kind_ = Kind::unknown;
            error(begin_,
                  "a section is [NAME], [NAME:vars] or [NAME:children] without blanks in it, found " + quoted(line));
            return true;
        }
        kind_ = kind == "hosts"      ? Kind::hosts
                : kind == "vars"     ? Kind::variables
                : kind == "children" ? Kind::children
                                     : Kind::unknown;
        if (kind_ == Kind::unknown)
            error(begin_ + 2 + name.size(), "a section's kind is hosts, vars or children, found " + quoted(kind));
        const bool declares = kind_ != Kind::variables;
        group_ = model_.group(name, place(begin_ + 1));
        if (declares)
            declared_.insert(name);
        else
            needed_.emplace_back(name, place(begin_ + 1));
        return true;
    }

    void hosts() {
        const auto words = shell_words(line_);
        if (!words) return error(begin_, "a quote is not closed in this line, or '\\' stands at its end");
        if (words->empty()) return;
        if (words->front().text == "---")
            return error(begin_, "this is no line of INI; does the file hold YAML? then let its name end in .yml");
        const auto indices = model_.hosts(words->front().text, place(words->front().at), group_);
        for (std::size_t i = 1; i < words->size(); ++i) {
            const auto& word = (*words)[i];
            const auto equals = word.text.find('=');
            if (equals == std::string::npos) {
                error(word.at, "behind a host stand variables as NAME=VALUE, found " + quoted(word.text));
                continue;
            }
            const auto value = value_of(word.text.substr(equals + 1), place(word.at + equals + 1));
            for (const auto host : indices)
                model_.host_variable(host, word.text.substr(0, equals), place(word.at), value);
        }
    }

    void variable(std::string_view line) {
        const auto equals = line.find('=');
        if (equals == std::string_view::npos) return error(begin_, "a variable is NAME=VALUE, found " + quoted(line));
        const auto after = line.find_first_not_of(blanks, equals + 1);
        model_.group_variable(group_, std::string(trim(line.substr(0, equals))), place(begin_),
                              value_of(std::string(trim(line.substr(equals + 1))),
                                       place(begin_ + (after == std::string_view::npos ? equals : after))));
    }

    void child(std::string_view line) {
        auto rest = line;
        const auto name = std::string(take_name(rest));
        if (name.empty() || !is_blank_or_comment(rest))
            return error(begin_, "here stands the name of a group, found " + quoted(line));
        needed_.emplace_back(name, place(begin_));
        model_.child(group_, model_.group(name, place(begin_)), place(begin_));
    }

    Value value_of(const std::string& text, const SourcePosition& position) const {
        auto literal = read_python_literal(text);
        auto value = literal ? std::move(*literal) : Value(text);
        place_all(value, position);
        return value;
    }

    // [web:vars] and a child do not make a group by themselves.
    void check_groups() {
        for (const auto& [name, position] : needed_) {
            if (declared_.count(name) != 0) continue;
            const auto near = nearest(name, {declared_.begin(), declared_.end()});
            problems_.error(
                position, "",
                "there is no group " + quoted(name) + (near.empty() ? "" : "; did you mean " + quoted(near) + "?"));
        }
    }

    const FileName file_;
    const std::string& text_;
    AnsibleModel& model_;
    Diagnostics& problems_;
    std::string line_;
    std::size_t number_ = 0, begin_ = 0;
    Kind kind_ = Kind::hosts;
    AnsibleModel::Index group_ = model_.group("ungrouped", {});
    std::set<std::string> declared_{"all", "ungrouped"};
    std::vector<std::pair<std::string, SourcePosition>> needed_;
};

}  // namespace

void read_ansible_ini(const InventoryText& text, AnsibleModel& model, Diagnostics& problems) {
    AnsibleIniReader(text, model, problems).read();
}

}  // namespace prove
