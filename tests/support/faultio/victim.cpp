// What faultio's own test breaks: a small program that keeps a journal and a file with the product's code.
//     faultio_victim FOLDER COUNT
// appends the numbers that follow to the journal of FOLDER, COUNT of them, prints each one once it is durable, rewrites
// FOLDER/state after each, and compacts now and then. Exits 0, or 3 where it was told of a full disk, or 4 of another
// error.
#include <unistd.h>

#include <cstdio>
#include <cstdlib>

#include "common/files/files.hpp"
#include "common/files/journal.hpp"
#include "proto/error.hpp"

using namespace prove;

namespace {

void acknowledge(const std::string& text) {
    write_all(Fd(::dup(1)), text + "\n", "standard output");
}

void work(const std::string& folder, int count) {
    PosixDisk disk(folder);
    int last = 0, whole = 0;
    Journal journal(disk, "journal", {}, [&](const JournalRecord& record) {
        last = std::stoi(record.payload);
        ++whole;
    });
    acknowledge("read " + std::to_string(last) + " of " + std::to_string(whole));
    for (int number = last + 1; number <= last + count; ++number) {
        journal.append_durably(1, std::to_string(number));
        write_file_durably(folder + "/state", std::to_string(number) + std::string(1'000, 'x') + "\n");
        acknowledge(std::to_string(number));
        if (number % 4 == 0) journal.compact({{1, std::to_string(number)}});
    }
}

}  // namespace

int main(int argc, char** argv) {
    if (argc != 3) return 2;
    try {
        work(argv[1], std::atoi(argv[2]));
        return 0;
    } catch (const Error& error) {
        std::fprintf(stderr, "%s\n", error.what());
        return error.kind() == ErrorKind::full ? 3 : 4;
    }
}
