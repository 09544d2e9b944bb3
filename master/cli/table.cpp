// Tables and times for people.
#include "master/cli/table.hpp"

#include <algorithm>

#include "common/text/duration.hpp"
#include "common/text/text.hpp"
#include "common/text/utf8.hpp"
#include "common/time/clock.hpp"

namespace prove {

std::vector<std::string> Table::lines() const {
    std::vector<std::size_t> widths(rows_.front().size(), 0);
    for (const auto& row : rows_)
        for (std::size_t i = 0; i < row.size(); ++i) widths[i] = std::max(widths[i], utf8_length(escape_control(row[i])));
    std::vector<std::string> lines;
    for (const auto& row : rows_) {
        std::string line;
        for (std::size_t i = 0; i < row.size(); ++i) {
            std::string cell = escape_control(row[i]);
            const std::size_t length = utf8_length(cell);
            if (length < widths[i]) cell.append(widths[i] - length, ' ');
            line += (i == 0 ? "" : "  ") + cell;
        }
        lines.emplace_back(trim_end(line));
    }
    return lines;
}

void Table::print(Console& console) const {
    const auto all = lines();
    console.line(console.coloured(Colour::bold, all.front()));
    for (std::size_t i = 1; i < all.size(); ++i) console.line(all[i]);
}

std::string ago(std::int64_t time_ms, std::int64_t now) {
    if (time_ms == 0) return "never";
    return show_duration(std::chrono::milliseconds(std::max<std::int64_t>(0, now - time_ms))) + " ago";
}

std::int64_t now_ms() { return SystemClock().wall_ms(); }

}  // namespace prove
