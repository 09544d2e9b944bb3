// A command to run and what came of it: values, shared by Host, actions and the process room.
#pragma once

#include <chrono>
#include <cstdint>
#include <functional>
#include <map>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace prove {

struct Command {
    std::vector<std::string> argv;           // the program (looked up in the child's PATH) and its arguments
    std::string user;                        // empty: as we are
    std::string group;                       // empty: the user's own
    std::string cwd;                         // empty: "/"
    std::map<std::string, std::string> env;  // added to the fixed environment (S84)
    std::optional<unsigned> umask;
    // The program itself, where it is no file of this machine: it is run from memory, and argv[0] is only its name.
    std::shared_ptr<const std::string> program;
    std::string input;  // standard input; otherwise /dev/null
    std::chrono::milliseconds timeout{600'000};
    std::size_t output_limit = 1u << 20;  // of each stream that is kept; what is beyond is counted and dropped

    static Command shell(std::string line) {  // a shell only where the user says so
        Command command;
        command.argv = {"/bin/sh", "-c", std::move(line)};
        return command;
    }
};

enum class OutputStream : std::uint8_t { out, err };
// Called with raw bytes as they come.
using OutputSink = std::function<void(OutputStream, std::string_view)>;

struct CommandResult {
    int exit_code = 0;  // 128 + signal where a signal ended it
    int signal = 0;
    bool timed_out = false;
    bool cancelled = false;
    bool truncated = false;  // more came than output_limit
    std::string out;         // raw bytes
    std::string err;
    std::chrono::milliseconds duration{0};
    bool succeeded() const { return exit_code == 0 && !timed_out && !cancelled; }
};

}  // namespace prove
