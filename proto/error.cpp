// Errors and diagnostics as text, and how diagnostics are gathered and ordered.
#include "proto/error.hpp"

#include <algorithm>
#include <cerrno>
#include <limits>
#include <sstream>
#include <system_error>
#include <tuple>

namespace prove {

namespace {

// Every line of `text` with two spaces before it.
void append_indented(std::string& result, const std::string& text) {
    std::istringstream lines(text);
    for (std::string line; std::getline(lines, line);) result += "\n  " + line;
}

ErrorKind kind_of(int error_number) {
    switch (error_number) {
        case ENOENT:
            return ErrorKind::missing;
        case ENOSPC:
        case EDQUOT:
            return ErrorKind::full;
        case EACCES:
        case EPERM:
        case ELOOP:
            return ErrorKind::refused;
        default:
            return ErrorKind::failed;
    }
}

// What an Error that carries diagnostics says by itself: the first error, and how many more there are.
std::string summary_of(const Diagnostics& diagnostics) {
    const auto sorted = diagnostics.sorted();
    const auto first = std::find_if(sorted.begin(), sorted.end(), [](const Diagnostic& diagnostic) {
        return diagnostic.severity == Diagnostic::Severity::error;
    });
    if (first == sorted.end()) return "the catalog cannot be used";
    std::string text = first->where.empty() ? first->text : first->where + ": " + first->text;
    if (const auto more = diagnostics.error_count() - 1; more > 0)
        text += " (and " + std::to_string(more) + (more == 1 ? " more error)" : " more errors)");
    return text;
}

SourcePosition first_position(const Diagnostics& diagnostics) {
    for (const auto& diagnostic : diagnostics.sorted())
        if (diagnostic.severity == Diagnostic::Severity::error) return diagnostic.position;
    return {};
}

// Said of one place in the same words. Excerpts and stories may differ: a file is rendered for every combination of its
// probes, and for every target.
bool is_same_finding(const Diagnostic& a, const Diagnostic& b) {
    return a.severity == b.severity && a.position == b.position && a.where == b.where && a.text == b.text;
}

// What `other` tells beyond `kept`, as long as somebody might read it.
void add_story(Diagnostic& kept, const Diagnostic& other) {
    constexpr std::size_t most_lines = 4;
    const std::string more = "and more";
    auto& story = kept.contexts;
    for (const auto& line : other.contexts) {
        if (std::find(story.begin(), story.end(), line) != story.end()) continue;
        if (!story.empty() && story.back() == more) return;
        story.push_back(story.size() < most_lines ? line : more);
    }
}

// Insertions, deletions, replacements and swaps of neighbours each cost one.
std::size_t edit_distance(const std::string& a, const std::string& b) {
    std::vector<std::size_t> before, last(b.size() + 1), current(b.size() + 1);
    for (std::size_t j = 0; j <= b.size(); ++j) last[j] = j;
    for (std::size_t i = 1; i <= a.size(); ++i) {
        current[0] = i;
        for (std::size_t j = 1; j <= b.size(); ++j) {
            const std::size_t replaced = last[j - 1] + (a[i - 1] == b[j - 1] ? 0 : 1);
            current[j] = std::min({last[j] + 1, current[j - 1] + 1, replaced});
            if (i > 1 && j > 1 && a[i - 1] == b[j - 2] && a[i - 2] == b[j - 1])
                current[j] = std::min(current[j], before[j - 2] + 1);
        }
        before = std::move(last);
        last = current;
    }
    return last[b.size()];
}

}  // namespace

const char* name_of(ErrorKind kind) {
    switch (kind) {
        case ErrorKind::internal:
            return "internal";
        case ErrorKind::usage:
            return "usage";
        case ErrorKind::catalog:
            return "catalog";
        case ErrorKind::invalid:
            return "invalid";
        case ErrorKind::missing:
            return "missing";
        case ErrorKind::refused:
            return "refused";
        case ErrorKind::unavailable:
            return "unavailable";
        case ErrorKind::full:
            return "full";
        case ErrorKind::timeout:
            return "timeout";
        case ErrorKind::held:
            return "held";
        case ErrorKind::cancelled:
            return "cancelled";
        case ErrorKind::failed:
            return "failed";
    }
    return "internal";
}

std::string Error::full_text() const {
    std::string result = position_.known() ? position_.text() + ": " + text_ : text_;
    for (const auto& context : contexts_) append_indented(result, context);
    return result;
}

Error system_error(const std::string& what, int error_number) {
    std::string reason = std::generic_category().message(error_number);
    if (!reason.empty() && reason[0] >= 'A' && reason[0] <= 'Z') reason[0] = static_cast<char>(reason[0] - 'A' + 'a');
    return Error(kind_of(error_number), what + ": " + reason);
}

namespace {

// An id or an exception's text is the catalog's author's: it moves no terminal's cursor and makes no line of its own.
std::string one_line(std::string_view text) {
    constexpr const char* digits = "0123456789abcdef";
    std::string result;
    for (const char c : text) {
        const auto byte = static_cast<unsigned char>(c);
        if (byte >= 0x20 && byte != 0x7F)
            result += c;
        else
            result.append("\\x").append(1, digits[byte >> 4]).append(1, digits[byte & 15]);
    }
    return result;
}

// Lines after the first are further in than any message begins.
std::string text_of_lines(std::string_view text) {
    std::string result;
    for (std::size_t begin = 0; begin <= text.size();) {
        const std::size_t end = std::min(text.find('\n', begin), text.size());
        const std::string_view line = text.substr(begin, end - begin);
        if (begin > 0) result += line.substr(0, 4) == "    " ? "\n" : "\n    ";
        result += one_line(line);
        begin = end + 1;
    }
    return result;
}

}  // namespace

std::string Diagnostic::full_text() const {
    std::string result = position.known() ? position.text() + ": " : "";
    if (severity == Severity::warning) result += "warning: ";
    if (!where.empty()) result += one_line(where) + ": ";
    result += text.find('\n') == std::string::npos ? one_line(text) : text_of_lines(text);
    append_indented(result, excerpt);
    for (const auto& context : contexts) append_indented(result, context);
    return result;
}

Diagnostic& Diagnostics::error(SourcePosition position, std::string where, std::string text) {
    return all_.emplace_back(
        Diagnostic{Diagnostic::Severity::error, std::move(position), std::move(where), std::move(text), {}, {}});
}

Diagnostic& Diagnostics::warning(SourcePosition position, std::string where, std::string text) {
    return all_.emplace_back(
        Diagnostic{Diagnostic::Severity::warning, std::move(position), std::move(where), std::move(text), {}, {}});
}

void Diagnostics::add(Diagnostic diagnostic) {
    all_.push_back(std::move(diagnostic));
}

void Diagnostics::append(const Diagnostics& other) {
    const auto copy = other.all_;  // `other` may be this one
    all_.insert(all_.end(), copy.begin(), copy.end());
}

bool Diagnostics::has_errors() const {
    return error_count() > 0;
}

std::size_t Diagnostics::error_count() const {
    const auto all = sorted();
    return static_cast<std::size_t>(std::count_if(all.begin(), all.end(), [](const Diagnostic& diagnostic) {
        return diagnostic.severity == Diagnostic::Severity::error;
    }));
}

std::vector<Diagnostic> Diagnostics::sorted() const {
    std::vector<Diagnostic> result = all_;
    const auto place = [](const Diagnostic& d) {
        return std::tie(d.position.file_name(), d.position.line, d.position.column);
    };
    std::stable_sort(result.begin(), result.end(),
                     [&](const Diagnostic& a, const Diagnostic& b) { return place(a) < place(b); });
    // Equal ones need not be neighbours: two different findings can stand at one place.
    std::vector<Diagnostic> unique;
    for (auto& diagnostic : result) {
        const auto same = std::find_if(unique.rbegin(), unique.rend(), [&](const Diagnostic& kept) {
            return is_same_finding(kept, diagnostic) || place(kept) < place(diagnostic);
        });
        if (same == unique.rend() || !is_same_finding(*same, diagnostic))
            unique.push_back(std::move(diagnostic));
        else
            add_story(*same, diagnostic);
    }
    return unique;
}

CatalogError::CatalogError(Diagnostics diagnostics)
    : Error(ErrorKind::catalog, first_position(diagnostics), summary_of(diagnostics)),
      diagnostics_(std::move(diagnostics)) {}

std::string nearest(const std::string& word, const std::vector<std::string>& candidates) {
    // A third of the word may be wrong, but never all of it.
    const std::size_t limit = std::max<std::size_t>(1, word.size() / 3);
    std::string best;
    std::size_t best_distance = std::numeric_limits<std::size_t>::max();
    for (const auto& candidate : candidates) {
        const std::size_t difference =
            candidate.size() > word.size() ? candidate.size() - word.size() : word.size() - candidate.size();
        if (difference > limit || candidate == word) continue;
        const std::size_t distance = edit_distance(word, candidate);
        if (distance > limit || distance >= candidate.size() || distance >= best_distance) continue;
        best = candidate;
        best_distance = distance;
    }
    return best;
}

}  // namespace prove
