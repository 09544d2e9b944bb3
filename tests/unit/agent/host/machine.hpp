// A LinuxHost and a folder of its own on this machine, which goes with it.
#pragma once

#include <catch2/catch.hpp>

#include <sys/stat.h>
#include <unistd.h>

#include <filesystem>
#include <fstream>
#include <functional>

#include "agent/host/linux_host.hpp"
#include "common/files/files.hpp"
#include "tests/support/host_tests.hpp"

namespace prove::testing {

namespace fs = std::filesystem;
using Lines = std::vector<std::string>;

struct Machine {
    SystemClock clock;
    LinuxHost host{clock};
    MemoryContent contents;
    // Below /root, so that no folder on the way is writable by others.
    fs::path folder = fs::path("/root") / ("prove-test-" + random_name());

    Machine() { fs::create_directory(folder); }
    ~Machine() { fs::remove_all(folder); }
    Path path(const std::string& name) const { return Path((folder / name).string()); }
    FileWish wish(const std::string& text) {
        FileWish result;
        result.content = contents.add(text);
        return result;
    }
    Lines write(const std::string& name, const FileWish& wanted) {
        host.begin_part({});
        host.write_file(path(name), wanted);
        return aspects(host.end_part());
    }
    std::string failure(const std::function<void()>& work) {
        try {
            work();
        } catch (const Error& error) {
            return error.text();
        }
        return "no failure";
    }
    void make(const std::string& name, const std::string& text) { std::ofstream(folder / name) << text; }
    std::string read(const std::string& name) const { return read_whole_file((folder / name).string()); }
    Lines names() const { return list_folder(folder.string()); }
    struct stat status(const std::string& name) const {
        struct stat result {};
        REQUIRE(::lstat((folder / name).c_str(), &result) == 0);
        return result;
    }
};

inline bool is_root() {
    return ::geteuid() == 0;
}

}  // namespace prove::testing
