// Looking for processes that should be gone. A zombie is gone: who is to reap it is not what is tested.
#pragma once

#include <chrono>
#include <string>
#include <thread>

#include "common/files/files.hpp"
#include "common/time/clock.hpp"
#include "proto/error.hpp"

namespace prove {

inline std::string read_proc(const std::string& path) {
    try {
        return find_whole_file(path).value_or("");
    } catch (const Error&) {
        return "";  // it ended while it was read
    }
}

inline bool has_ended(int pid) {
    const std::string stat = read_proc("/proc/" + std::to_string(pid) + "/stat");
    const std::size_t state = stat.rfind(") ");
    return state == std::string::npos || stat[state + 2] == 'Z' || stat[state + 2] == 'X';
}

// Living processes whose command line has this text; NULs stand between its words.
inline int count_processes(const std::string& mark) {
    int count = 0;
    for (const auto& name : list_folder("/proc")) {
        if (name.find_first_not_of("0123456789") != std::string::npos) continue;
        if (read_proc("/proc/" + name + "/cmdline").find(mark) != std::string::npos && !has_ended(std::stoi(name)))
            ++count;
    }
    return count;
}

// Asks again and again until it is so, or the time is over.
template <class Condition>
bool comes_true(std::chrono::milliseconds within, Condition condition) {
    const SystemClock clock;
    for (const auto end = clock.boot_ms() + within.count(); clock.boot_ms() < end;) {
        if (condition()) return true;
        std::this_thread::sleep_for(std::chrono::milliseconds(5));
    }
    return condition();
}

}  // namespace prove
