// The same verbs on the same files, once over an OverlayHost and once over the machine: what a plan predicts is what an
// apply does, change for change, and afterwards a proof wants nothing.
#include <catch2/catch.hpp>

#include <sys/stat.h>
#include <unistd.h>

#include <filesystem>
#include <fstream>
#include <random>

#include "agent/host/linux_host.hpp"
#include "agent/host/overlay_host.hpp"
#include "common/files/files.hpp"
#include "tests/support/host_tests.hpp"

using namespace prove;
using namespace prove::testing;
namespace fs = std::filesystem;

namespace {

class RandomFiles {
  public:
    RandomFiles(unsigned seed, fs::path folder) : random_(seed), folder_(std::move(folder)) {}

    void make() {
        for (int i = 0; i < 6; ++i) {
            const fs::path at = folder_ / name();
            std::error_code ignored;
            switch (pick(5)) {
                case 0:
                    fs::create_directories(at / name(), ignored);
                    break;
                case 1:
                    fs::create_symlink(name(), at, ignored);
                    break;
                case 2:
                    fs::create_directory(at, ignored);
                    break;
                default:
                    if (!fs::exists(fs::symlink_status(at))) std::ofstream(at) << text();
                    (void)::chmod(at.c_str(), pick(2) == 0 ? 0644 : 0600);
            }
        }
    }

    // One verb with random arguments, as a call that can be made on any host.
    std::function<void(Host&)> verb(MemoryContent& contents) {
        const Path path((folder_ / name()).string() + (pick(3) == 0 ? "/" + name() : ""));
        Attributes attributes;
        if (pick(2) == 0) attributes.mode = pick(2) == 0 ? 0640 : 0644;
        if (pick(3) == 0) attributes.user = pick(2) == 0 ? "root" : "1234";
        const bool one = pick(2) == 0, two = pick(2) == 0;
        switch (pick(6)) {
            case 0: {
                FileWish wish;
                wish.content = contents.add(text());
                wish.attributes = attributes;
                wish.symlink = static_cast<SymlinkPolicy>(pick(3));
                wish.make_dirs = one;
                wish.create_only = two && pick(3) == 0;
                return [=](Host& host) { host.write_file(path, wish); };
            }
            case 1:
                return [=, content = text()](Host& host) { host.edit_file(path, content); };
            case 2:
                return [=](Host& host) { host.make_directory(path, attributes, one); };
            case 3:
                return [=](Host& host) { host.set_attributes(path, attributes); };
            case 4:
                return [=, target = name()](Host& host) { host.link(path, {target, one, two}); };
            default:
                return [=](Host& host) { host.remove(path, one); };
        }
    }

  private:
    unsigned pick(unsigned count) { return static_cast<unsigned>(random_() % count); }
    std::string name() { return std::string(1, static_cast<char>('a' + pick(4))); }
    std::string text() { return pick(2) == 0 ? "one\n" : "two\n"; }

    std::mt19937 random_;
    fs::path folder_;
};

// What a verb recorded, and how it failed.
struct Result {
    std::vector<Change> changes;
    std::string failure;
    bool operator==(const Result&) const = default;
};

Result run(const std::function<void(Host&)>& verb, Host& host) {
    Result result;
    host.begin_part({});
    try {
        verb(host);
    } catch (const Error& error) {
        result.failure = error.text();
    }
    result.changes = host.end_part();
    return result;
}

}  // namespace

TEST_CASE("a plan predicts what an apply does, and a proof after it wants nothing") {
    if (::geteuid() != 0) return;
    const SystemClock clock;
    int changed = 0, failed = 0;  // in memory: each write waits for the disk otherwise
    for (unsigned seed = 1; seed <= 400; ++seed) {
        INFO("seed " << seed);
        const fs::path folder = fs::path("/dev/shm") / ("prove-test-" + random_name());
        fs::create_directory(folder);
        RandomFiles files(seed, folder);
        files.make();
        MemoryContent contents;
        std::vector<std::function<void(Host&)>> verbs;
        for (int i = 0; i < 8; ++i) verbs.push_back(files.verb(contents));

        LinuxHost machine(clock);
        OverlayHost plan(machine);
        std::vector<Result> planned;
        for (const auto& verb : verbs) planned.push_back(run(verb, plan));
        for (std::size_t i = 0; i < verbs.size(); ++i) {
            const Result done = run(verbs[i], machine);
            CHECK(shown(done.changes) == shown(planned[i].changes));
            CHECK(done.failure == planned[i].failure);
            CHECK(done == planned[i]);
            changed += done.changes.empty() ? 0 : 1;
            failed += done.failure.empty() ? 0 : 1;
            if (!done.failure.empty()) continue;
            OverlayHost proof(machine);
            CHECK(run(verbs[i], proof) == Result{});
        }
        for (const auto& entry : fs::recursive_directory_iterator(folder))
            CHECK(entry.path().filename().string().rfind(".prove-", 0) != 0);
        fs::remove_all(folder);
    }
    // The generator makes both, or this would test nothing.
    CHECK(changed > 300);
    CHECK(failed > 100);
}
