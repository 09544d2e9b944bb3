// What compiling a large site costs: loading, one target, checking all targets and making
// their runs, all again, all after a one-line change to a role; wall and processor time, ours and that of the render
// workers, and memory. Usage: bench_compile [TARGETS...]
#include <sys/resource.h>
#include <unistd.h>

#include <atomic>
#include <chrono>
#include <cstdio>
#include <fstream>
#include <thread>

#include "agent/functions/registry.hpp"
#include "common/files/files.hpp"
#include "master/render/render_memory.hpp"
#include "tests/bench/site.hpp"

using namespace prove;
using namespace prove::bench;

namespace {

constexpr int threads = 2;

double seconds_of(const timeval& time) {
    return static_cast<double>(time.tv_sec) + static_cast<double>(time.tv_usec) / 1e6;
}

double processor_seconds(int who) {
    rusage usage{};
    getrusage(who, &usage);
    return seconds_of(usage.ru_utime) + seconds_of(usage.ru_stime);
}

double megabytes(const std::string& status, const std::string& key) {
    std::ifstream file(status);
    for (std::string line; std::getline(file, line);)
        if (line.rfind(key + ":", 0) == 0) return std::stod(line.substr(key.size() + 1)) / 1024;
    return 0;
}

// Of the render workers that run now: processor seconds and resident memory.
struct Children {
    double seconds = 0, resident = 0;
    Children() {
        for (const auto& task : list_folder("/proc/self/task")) {
            std::ifstream list("/proc/self/task/" + task + "/children");
            for (std::string pid; list >> pid;) {
                resident += megabytes("/proc/" + pid + "/status", "VmRSS");
                std::ifstream stat("/proc/" + pid + "/stat");
                std::string word;
                for (int field = 1; field <= 15 && stat >> word; ++field)
                    if (field >= 14) seconds += std::stod(word) / static_cast<double>(sysconf(_SC_CLK_TCK));
            }
        }
    }
};

struct Measured {
    std::chrono::steady_clock::time_point begin = std::chrono::steady_clock::now();
    double own = processor_seconds(RUSAGE_SELF);
    double python = processor_seconds(RUSAGE_CHILDREN) + Children().seconds;

    void show(const char* what, int times) const {
        const double wall = std::chrono::duration<double>(std::chrono::steady_clock::now() - begin).count();
        const double own_now = processor_seconds(RUSAGE_SELF) - own;
        const double python_now = processor_seconds(RUSAGE_CHILDREN) + Children().seconds - python;
        std::printf("  %-44s %9.1f ms  (processor: %9.1f ms, of it Python %3.0f %%)  %7.2f ms each\n", what,
                    wall * 1000, (own_now + python_now) * 1000,
                    own_now + python_now > 0 ? python_now / (own_now + python_now) * 100 : 0, wall * 1000 / times);
        std::fflush(stdout);
    }
};

struct Loaded {
    Loaded(const std::string& folder, const FunctionRegistry& functions, const TargetDirectory& facts,
           const std::shared_ptr<CompileMemory>& memory)
        : catalog(Catalog::load(folder)),
          renderer(make_renderer(catalog, threads, {}, memory->renderings())),
          compiler(catalog, functions, *renderer, facts, memory) {}
    std::shared_ptr<const Catalog> catalog;
    std::unique_ptr<Renderer> renderer;
    Compiler compiler;
};

void compile_one(const Loaded& loaded, const TargetDirectory& facts, const TargetId& target) {
    CompileRequest request;
    request.target = target;
    request.facts = facts.facts_of(target);
    const Compiled compiled = loaded.compiler.compile(request);
    if (compiled.run->nodes.size() != 100) throw Error(ErrorKind::internal, "not 100 states");
}

template <class Work>
void for_all(const Loaded& loaded, const Work& work) {
    std::atomic<std::size_t> next = 0;
    std::vector<std::thread> running;
    for (int i = 0; i < threads; ++i)
        running.emplace_back([&] {
            for (std::size_t at; (at = next++) < loaded.catalog->targets().size();)
                work(loaded.catalog->targets()[at].id);
        });
    for (auto& thread : running) thread.join();
}

void compile_all(const Loaded& loaded, const TargetDirectory& facts) {
    for_all(loaded, [&](const TargetId& target) { compile_one(loaded, facts, target); });
}

// As a master does with every new catalog.
void check_all(const Loaded& loaded, const TargetDirectory& facts) {
    for_all(loaded, [&](const TargetId& target) {
        if (loaded.compiler.errors_of(target, facts.facts_of(target)).has_errors())
            throw Error(ErrorKind::internal, "the site has errors");
    });
}

void measure(int targets) {
    std::printf("%d targets, %d roles, 100 states each, %d threads\n", targets, roles, threads);
    const TemporaryFolder folder;
    write_site(folder.path(), targets);
    const auto functions = all_functions();
    const SiteFacts facts;
    auto memory = std::make_shared<CompileMemory>();
    const auto once = [](const char* what, int times, const auto& work) {
        const Measured measured;
        work();
        measured.show(what, times);
    };
    std::unique_ptr<Loaded> loaded;
    once("load and check the catalog", 1,
         [&] { loaded = std::make_unique<Loaded>(folder.path(), functions, facts, memory); });
    const TargetId first("host7"), second("host27");
    once("one target cold, with starting a worker", 1, [&] { compile_one(*loaded, facts, first); });
    once("another one of its role", 1, [&] { compile_one(*loaded, facts, second); });
    once("the first one warm, mean of 20", 20, [&] {
        for (int i = 0; i < 20; ++i) compile_one(*loaded, facts, first);
    });
    once("all checked, cold", targets, [&] { check_all(*loaded, facts); });
    once("all checked again", targets, [&] { check_all(*loaded, facts); });
    once("a run for each of all", targets, [&] { compile_all(*loaded, facts); });
    change_one_role(folder.path(), 1);
    once("loading after a one-line change to one role", 1,
         [&] { loaded = std::make_unique<Loaded>(folder.path(), functions, facts, memory); });
    once("all checked after it", targets, [&] { check_all(*loaded, facts); });
    once("a run for each of all after it", targets, [&] { compile_all(*loaded, facts); });
    const auto counts = memory->renderings()->counts();
    std::printf(
        "  memory: %.0f MB resident, %.0f MB at most, workers %.0f MB; remembered renderings %.0f MB "
        "(%zu rendered, %zu found again)\n",
        megabytes("/proc/self/status", "VmRSS"), megabytes("/proc/self/status", "VmHWM"), Children().resident,
        static_cast<double>(counts.bytes) / (1 << 20), counts.rendered, counts.found);
}

}  // namespace

int main(int argc, char** argv) {
    if (argc < 2) measure(1000);
    for (int i = 1; i < argc; ++i) measure(std::stoi(argv[i]));
    return 0;
}
