// A unified diff: Myers' algorithm on lines (E. Myers, 1986), forward and greedy, with its trace kept for walking back.
// Two texts that have little in common would cost lines x lines; past `most_edits` the middle is shown as replaced
// whole.
#include "common/text/diff.hpp"

#include <algorithm>
#include <cstdint>
#include <unordered_map>
#include <vector>

#include "common/text/duration.hpp"
#include "common/text/utf8.hpp"

namespace prove {

namespace {

constexpr int most_edits = 1'000;

// Lines with their line ends, so that a missing last one is a difference.
std::vector<std::string_view> lines_of(std::string_view text) {
    std::vector<std::string_view> lines;
    while (!text.empty()) {
        const std::size_t end = text.find('\n');
        const std::size_t size = end == std::string_view::npos ? text.size() : end + 1;
        lines.push_back(text.substr(0, size));
        text.remove_prefix(size);
    }
    return lines;
}

// Equal lines get equal numbers, so that the search compares integers.
struct Numbered {
    std::vector<int> before, after;
};
Numbered number_lines(const std::vector<std::string_view>& before, const std::vector<std::string_view>& after) {
    std::unordered_map<std::string_view, int> numbers;
    const auto number = [&](const std::vector<std::string_view>& lines) {
        std::vector<int> result;
        result.reserve(lines.size());
        for (const auto line : lines)
            result.push_back(numbers.emplace(line, static_cast<int>(numbers.size())).first->second);
        return result;
    };
    Numbered result;
    result.before = number(before);
    result.after = number(after);
    return result;
}

// Which lines of `before` go and which of `after` come.
struct Edits {
    std::vector<bool> gone, came;
};

// The furthest row reached on each diagonal k = row - column in -d..d after d edits.
struct Reach {
    int d = 0;
    std::vector<int> rows;
    explicit Reach(int edits) : d(edits), rows(static_cast<std::size_t>(2 * edits + 1), -1) {}
    int& at(int k) { return rows[static_cast<std::size_t>(k + d)]; }
    int at(int k) const { return rows[static_cast<std::size_t>(k + d)]; }
    // The diagonal from which step d + 1 comes to diagonal k: from k + 1 by a line that came, from k - 1 by one that
    // went.
    int from(int k) const {
        const int next = d + 1;
        return k == -next || (k != next && at(k - 1) < at(k + 1)) ? k + 1 : k - 1;
    }
};

class Myers {
  public:
    // Both without their common first and last lines.
    Myers(const int* before, int rows, const int* after, int columns)
        : before_(before), after_(after), rows_(rows), columns_(columns) {}

    // The steps that led to the end, or nothing where they are too many.
    std::vector<Reach> search() const {
        std::vector<Reach> steps;
        for (int d = 0; d <= std::min(rows_ + columns_, most_edits); ++d) {
            Reach reach(d);
            for (int k = -d; k <= d; k += 2) {
                const int row = slide(d == 0 ? 0 : start(steps.back(), k), k);
                reach.at(k) = row;
                if (row < rows_ || row - k < columns_) continue;
                steps.push_back(std::move(reach));
                return steps;
            }
            steps.push_back(std::move(reach));
        }
        return {};
    }
    // Walks back from the end and tells of each line that went or came.
    template <class Gone, class Came>
    void walk_back(std::vector<Reach> steps, Gone gone, Came came) const {
        int k = rows_ - columns_;
        while (steps.size() > 1) {
            steps.pop_back();
            const int from = steps.back().from(k);
            const int row = steps.back().at(from);
            if (from > k) {
                came(row - from);
            } else {
                gone(row);
            }
            k = from;
        }
    }

  private:
    static int start(const Reach& last, int k) {
        const int from = last.from(k);
        return last.at(from) + (from < k ? 1 : 0);
    }
    int slide(int row, int k) const {
        while (row < rows_ && row - k < columns_ && before_[row] == after_[row - k]) ++row;
        return row;
    }

    const int* before_;
    const int* after_;
    int rows_, columns_;
};

Edits edits_between(const std::vector<int>& before, const std::vector<int>& after) {
    Edits edits{std::vector<bool>(before.size()), std::vector<bool>(after.size())};
    const std::size_t shorter = std::min(before.size(), after.size());
    std::size_t prefix = 0, suffix = 0;
    while (prefix < shorter && before[prefix] == after[prefix]) ++prefix;
    while (suffix < shorter - prefix && before[before.size() - 1 - suffix] == after[after.size() - 1 - suffix])
        ++suffix;
    const std::size_t rows = before.size() - prefix - suffix, columns = after.size() - prefix - suffix;
    const auto gone = [&](std::size_t row) { edits.gone[prefix + row] = true; };
    const auto came = [&](std::size_t column) { edits.came[prefix + column] = true; };

    const Myers myers(before.data() + prefix, static_cast<int>(rows), after.data() + prefix, static_cast<int>(columns));
    std::vector<Reach> steps = myers.search();
    if (steps.empty()) {
        for (std::size_t i = 0; i < rows; ++i) gone(i);
        for (std::size_t i = 0; i < columns; ++i) came(i);
    } else {
        myers.walk_back(
            std::move(steps), [&](int row) { gone(static_cast<std::size_t>(row)); },
            [&](int column) { came(static_cast<std::size_t>(column)); });
    }
    return edits;
}

// One line of the diff: both indexes say where it stands; a ' ' line is in both.
struct Line {
    char mark;
    std::size_t before, after;
};
std::vector<Line> script_of(const Edits& edits) {
    std::vector<Line> script;
    std::size_t b = 0, a = 0;
    while (b < edits.gone.size() || a < edits.came.size()) {
        if (b < edits.gone.size() && edits.gone[b]) {
            script.push_back({'-', b++, a});
        } else if (a < edits.came.size() && edits.came[a]) {
            script.push_back({'+', b, a++});
        } else {
            script.push_back({' ', b++, a++});
        }
    }
    return script;
}

std::string range_text(std::size_t start, std::size_t count) {
    // As diff has it: an empty range is named by the line before it, and a count of one is left out.
    const std::size_t shown = count == 0 ? start : start + 1;
    return std::to_string(shown) + (count == 1 ? "" : "," + std::to_string(count));
}

class Printer {
  public:
    Printer(const std::vector<std::string_view>& before, const std::vector<std::string_view>& after,
            std::size_t max_bytes)
        : before_(before), after_(after), max_bytes_(max_bytes) {}

    bool hunk(const std::vector<Line>& script, std::size_t first, std::size_t end) {
        std::size_t gone = 0, came = 0;
        for (std::size_t i = first; i < end; ++i) {
            if (script[i].mark != '+') ++gone;
            if (script[i].mark != '-') ++came;
        }
        if (!add("@@ -" + range_text(script[first].before, gone) + " +" + range_text(script[first].after, came) +
                 " @@\n"))
            return false;
        for (std::size_t i = first; i < end; ++i) {
            const std::string_view line = script[i].mark == '+' ? after_[script[i].after] : before_[script[i].before];
            std::string shown(1, script[i].mark);
            shown += line;
            if (line.empty() || line.back() != '\n') shown += "\n\\ No newline at end of file\n";
            if (!add(shown)) return false;
        }
        return true;
    }
    // False once the limit is reached; nothing is added from then on.
    bool add(std::string_view text) {
        if (result_.size() + text.size() > max_bytes_) {
            result_ += "... (the diff is longer than " + show_size(max_bytes_) + ")\n";
            return false;
        }
        result_ += text;
        return true;
    }
    std::string take() { return std::move(result_); }

  private:
    const std::vector<std::string_view>& before_;
    const std::vector<std::string_view>& after_;
    std::size_t max_bytes_;
    std::string result_;
};

}  // namespace

std::string unified_diff(std::string_view before, std::string_view after, std::string_view name,
                         const DiffOptions& options) {
    if (before == after) return "";
    if (is_binary(before) || is_binary(after))
        return "binary: " + show_size(before.size()) + " -> " + show_size(after.size());
    const auto before_lines = lines_of(before);
    const auto after_lines = lines_of(after);
    const Numbered numbered = number_lines(before_lines, after_lines);
    const std::vector<Line> script = script_of(edits_between(numbered.before, numbered.after));

    Printer printer(before_lines, after_lines, options.max_bytes);
    bool room = printer.add("--- " + std::string(name) + "\n+++ " + std::string(name) + "\n");
    std::size_t at = 0;
    while (room) {
        while (at < script.size() && script[at].mark == ' ') ++at;
        if (at == script.size()) break;
        // A hunk goes on as long as the next change is within twice the context.
        const std::size_t first = at - std::min(at, options.context);
        std::size_t last = at;
        for (std::size_t i = at; i < script.size() && i <= last + 2 * options.context + 1; ++i)
            if (script[i].mark != ' ') last = i;
        const std::size_t end = std::min(script.size(), last + 1 + options.context);
        room = printer.hunk(script, first, end);
        at = end;
    }
    return printer.take();
}

}  // namespace prove
