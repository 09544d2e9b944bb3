// Tables and times for people.
#include "master/cli/table.hpp"

#include <algorithm>

#include "common/text/duration.hpp"
#include "common/text/text.hpp"
#include "common/text/utf8.hpp"
#include "common/time/clock.hpp"

namespace prove {

void Table::print(Console& console) const {
    std::vector<std::size_t> widths(rows_.front().size(), 0);
    for (const auto& row : rows_)
        for (std::size_t i = 0; i < row.size(); ++i) widths[i] = std::max(widths[i], utf8_length(escape_control(row[i])));
    for (std::size_t number = 0; number < rows_.size(); ++number) {
        std::string line;
        for (std::size_t i = 0; i < rows_[number].size(); ++i) {
            std::string cell = escape_control(rows_[number][i]);
            const std::size_t length = utf8_length(cell);
            if (length < widths[i]) cell.append(widths[i] - length, ' ');
            line += (i == 0 ? "" : "  ") + cell;
        }
        line = std::string(trim_end(line));
        console.line(number == 0 ? console.coloured(Colour::bold, line) : line);
    }
}

std::string ago(std::int64_t time_ms, std::int64_t now) {
    if (time_ms == 0) return "never";
    return show_duration(std::chrono::milliseconds(std::max<std::int64_t>(0, now - time_ms))) + " ago";
}

std::int64_t now_ms() { return SystemClock().wall_ms(); }

}  // namespace prove
