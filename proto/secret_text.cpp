// See secret_text.hpp.
#include "proto/secret_text.hpp"

#include <algorithm>

#include "proto/bytes.hpp"
#include "proto/error.hpp"
#include "proto/output_ref.hpp"

namespace prove {

namespace {

// Upper and lower case, brackets, an ampersand and a letter that is not ASCII: filters change some of it, and a YAML
// or JSON text may hold all of it.
constexpr std::string_view mark_begins = "Secret<&\xc3\xa9>";
constexpr std::string_view mark_ends = "<\xc3\xa9&>";
constexpr std::size_t id_size = 32;
constexpr std::size_t mark_size = mark_begins.size() + id_size + mark_ends.size();

bool is_mark(std::string_view text) {
    return text.size() == mark_size && text.substr(0, mark_begins.size()) == mark_begins &&
           text.substr(mark_begins.size() + id_size) == mark_ends &&
           text.substr(mark_begins.size(), id_size).find_first_not_of("0123456789abcdef") == std::string_view::npos;
}

// Calls `visit` with what stands between marks and with each mark.
template <class Between, class Mark>
void each_piece(std::string_view text, Between between, Mark mark) {
    std::size_t begin = 0, at = 0;
    while ((at = text.find(mark_begins, at)) != std::string_view::npos) {
        const std::string_view found = text.substr(at, mark_size);
        if (!is_mark(found)) {
            ++at;
            continue;
        }
        between(text.substr(begin, at - begin));
        mark(found);
        begin = at += mark_size;
    }
    between(text.substr(begin));
}

std::size_t count_of(std::string_view text, std::string_view word) {
    std::size_t count = 0;
    for (std::size_t at = text.find(word); at != std::string_view::npos; at = text.find(word, at + word.size()))
        ++count;
    return count;
}

template <class Is>
bool holds(const Value& value, Is is) {
    if (is(value)) return true;
    if (value.is_list())
        return std::any_of(value.list().begin(), value.list().end(),
                           [&](const Value& member) { return holds(member, is); });
    return value.is_mapping() && std::any_of(value.mapping().begin(), value.mapping().end(),
                                             [&](const Mapping::Member& member) { return holds(member.value, is); });
}

}  // namespace

std::string secret_mark(std::string_view ciphertext) {
    const std::string id = hash_of("prove.secret.v1" + std::string(ciphertext)).hex().substr(0, id_size);
    return std::string(mark_begins) + id + std::string(mark_ends);
}

std::vector<std::string> marks_in(std::string_view text) {
    std::vector<std::string> marks;
    each_piece(
        text, [](std::string_view) {}, [&](std::string_view mark) { marks.emplace_back(mark); });
    return marks;
}

std::string changed_mark(std::string_view text, const SecretTable& known) {
    if (known.empty()) return "";
    std::string lowered(text);
    std::transform(lowered.begin(), lowered.end(), lowered.begin(),
                   [](char c) { return c >= 'A' && c <= 'Z' ? static_cast<char>(c + ('a' - 'A')) : c; });
    for (const auto& [mark, of] : known)
        if (count_of(lowered, mark.substr(mark_begins.size(), id_size)) != count_of(text, mark)) return mark;
    // One that was cut may have lost its digits.
    const std::size_t whole = marks_in(text).size();
    return count_of(text, mark_begins) == whole && count_of(text, mark_ends) == whole ? "" : known.begin()->first;
}

std::string without_marks(std::string_view text) {
    std::string result;
    each_piece(
        text, [&](std::string_view between) { result += between; }, [&](std::string_view) { result += "***"; });
    return result;
}

std::string with_secrets(std::string_view text, const SecretTable& secrets) {
    std::string result;
    each_piece(
        text, [&](std::string_view between) { result += between; },
        [&](std::string_view mark) {
            const auto found = secrets.find(std::string(mark));
            if (found == secrets.end())
                throw Error(ErrorKind::missing, "a secret that this names did not come with the states");
            result += found->second;
        });
    return result;
}

bool is_secret(const Value& value) {
    if (!value.is_mapping() || value.mapping().size() != 1) return false;
    const Value* const text = value.mapping().find("$secret");
    return text != nullptr && text->is_text();
}

const std::string& secret_text(const Value& value) {
    return value.at("$secret").text();
}

bool holds_secret(const Value& value) {
    return holds(value, is_secret);
}

bool is_known_later(const Value& value) {
    return is_output(value) || is_secret(value);
}

bool holds_what_is_known_later(const Value& value) {
    return holds(value, is_known_later);
}

Value shown(const Value& value) {
    Value result = value;
    if (is_secret(value)) {
        const std::string text = without_marks(secret_text(value));
        result = Value(text == secret_text(value) ? "***" : text);
        result.set_position(value.position());
    } else if (result.is_text()) {
        if (!marks_in(result.text()).empty()) result = Value(without_marks(result.text()));
    } else if (result.is_list()) {
        for (Value& member : result.list()) member = shown(member);
    } else if (result.is_mapping()) {
        Mapping members;
        for (const Mapping::Member& member : value.mapping())
            members.set(without_marks(member.key), member.key_position, shown(member.value));
        result = Value(std::move(members));
        result.set_position(value.position());
    }
    return result;
}

}  // namespace prove
