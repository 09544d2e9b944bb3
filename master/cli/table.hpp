// Plain tables for people: columns as wide as their longest cell.
#pragma once

#include <string>
#include <vector>

#include "master/cli/console.hpp"

namespace prove {

class Table {
 public:
    explicit Table(std::vector<std::string> heading) { rows_.push_back(std::move(heading)); }
    void add(std::vector<std::string> row) { rows_.push_back(std::move(row)); }
    bool empty() const { return rows_.size() == 1; }
    void print(Console& console) const;
    std::vector<std::string> lines() const;  // the heading first

 private:
    std::vector<std::vector<std::string>> rows_;
};

// "3 min ago", "never" for 0.
std::string ago(std::int64_t time_ms, std::int64_t now_ms);
std::int64_t now_ms();

}  // namespace prove
