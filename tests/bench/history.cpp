// What a million results cost the store: files, bytes, lists while there are so many, opening, and forgetting; and
// whether the size stays where it is held. Half of them are of schedules, a job for each; the others of jobs of ten
// thousand targets. Figures, not a test. Usage: bench_history [RESULTS [FOLDER]]
#include <algorithm>
#include <chrono>
#include <cstdio>
#include <functional>
#include <string>

#include <sys/stat.h>

#include "common/files/files.hpp"
#include "master/store/store.hpp"

using namespace prove;

namespace {

constexpr std::size_t hosts = 1'000, wide_targets = 10'000;
constexpr std::int64_t begin_ms = 1'800'000'000'000;

double ms_of(const std::function<void()>& work) {
    const auto begin = std::chrono::steady_clock::now();
    work();
    return std::chrono::duration<double, std::milli>(std::chrono::steady_clock::now() - begin).count();
}

// The first time, and the median of some more.
void show(const char* what, const std::function<void()>& work, double aim_ms = 0) {
    const double first = ms_of(work);
    std::vector<double> times;
    for (int i = 0; i < 9; ++i) times.push_back(ms_of(work));
    std::sort(times.begin(), times.end());
    std::printf("  %-52s %8.2f ms at first, %8.2f ms after", what, first, times[4]);
    if (aim_ms > 0) std::printf("  (aim: under %.0f ms)", aim_ms);
    std::printf("\n");
    std::fflush(stdout);
}

JobId id_of(std::size_t number) {
    JobId::Raw raw{};
    for (std::size_t i = 0; i < 8; ++i) raw.bytes[i] = static_cast<std::uint8_t>(number >> (56 - 8 * i));
    return JobId(raw);
}

JobRow job_of(std::size_t number, std::size_t targets) {
    JobRow job;
    job.id = id_of(number);
    job.operation = "states";
    job.expression = targets == 1 ? "host1" : "*";
    job.options.set("mode", "apply");
    job.who = targets == 1 ? "schedule nightly" : "root";
    if (targets == 1) job.schedule = "nightly";
    job.created_ms = begin_ms + static_cast<std::int64_t>(number);
    job.targets = targets;
    job.ended = true;
    job.ended_ms = job.created_ms + 1'000;
    job.ends[TargetEnd::done] = targets;
    return job;
}

// A report of 43 states that were right already.
std::string body_of(std::size_t number) {
    std::string body = R"({"report":{"target":"host1","mode":"apply","end":"done","invocations":[)";
    for (std::size_t state = 0; state < 43; ++state)
        body += R"({"state":"file_)" + std::to_string(state) + R"(","position":"states/site.yml:)" + std::to_string(4 * state) +
                R"(:1","why":"written","outcome":"ok","ms":)" + std::to_string(number * 7'919 % (state + 3)) +
                R"(,"parts":[{"function":"file.managed","subject":"/etc/site/file_)" + std::to_string(state) + R"(","outcome":"ok"}]},)";
    return body + "]}}";
}

void add_run(Batch& batch, const JobId& job, std::size_t host) {
    JobTargetRow run;
    run.job = job;
    run.target = TargetId("host" + std::to_string(host));
    run.phase = TargetPhase::ended;
    run.end = host % 500 == 0 ? TargetEnd::failed : TargetEnd::done;
    run.accepted_ms = begin_ms;
    run.ended_ms = begin_ms + 1'000;
    run.summary = read_json(host % 50 == 0 ? R"({"mode":"apply","ok":42,"changed":1,"drift":1})" : R"({"mode":"apply","ok":43})");
    batch.push_back(run);
    batch.push_back(ResultRow{job, run.target, begin_ms, body_of(host)});
}

void fill(Store& store, std::size_t results) {
    std::size_t made = 0, number = 1;
    while (made < results) {
        Batch batch;
        const bool wide = (number % (wide_targets + 1)) == 0;
        const std::size_t jobs = wide ? 1 : 500, targets = wide ? std::min(wide_targets, results - made) : 1;
        for (std::size_t i = 0; i < jobs && made < results; ++i, ++number) {
            batch.push_back(job_of(number, targets));
            for (std::size_t target = 0; target < targets; ++target, ++made)
                add_run(batch, id_of(number), (wide ? target : number) % (wide ? wide_targets : hosts));
            if (!wide && (number + 1) % (wide_targets + 1) == 0) {
                ++number;
                break;
            }
        }
        write_and_wait(store, std::move(batch));
    }
}

double megabytes(const std::string& folder) {
    double bytes = 0;
    for (const auto& name : list_folder(folder)) {
        struct stat info {};
        if (::stat((folder + "/" + name).c_str(), &info) == 0) bytes += static_cast<double>(info.st_size);
    }
    return bytes / (1 << 20);
}

void lists(const Store& store) {
    JobFilter by_hand, of_schedule, running, of_one;
    by_hand.by_hand_only = true;
    of_schedule.schedule = "nightly";
    show("the last fifty jobs", [&] { store.jobs({}); }, 50);
    show("the last fifty that people asked for", [&] { store.jobs(by_hand); }, 50);
    show("the last fifty of one schedule", [&] { store.jobs(of_schedule); }, 50);
    running.active_only = true;
    of_one.target = "host7";
    show("those that run", [&] { store.jobs(running); }, 50);
    show("the last fifty jobs of one target", [&] { store.jobs(of_one); }, 50);
    RunFilter runs;
    runs.target = TargetId("host50");
    show("the last fifty runs of one target", [&] { store.runs(runs); }, 50);
    runs.notable_only = true;
    show("the last fifty of them that changed something", [&] { store.runs(runs); }, 50);
    runs.target = TargetId("host51");
    show("of a target where none did", [&] { store.runs(runs); }, 50);
    show("the last five that did not end well", [&] { store.not_well(5, [](const TargetId&) { return true; }); }, 50);
    show("a job of ten thousand targets, with all of them", [&] { store.job_targets(id_of(wide_targets + 1)); });
}

// While a master writes on, its database is held at three quarters of what it has; then it is emptied.
void forget(Store& store, const std::string& folder, std::size_t results) {
    Retention retention;
    retention.age_ms = 1'000'000'000'000;
    retention.bytes = store.figures().bytes / 4 * 3;
    double longest = 0, most = 0;
    int portions = 0;
    const double all = ms_of([&] {
        for (bool more = true; more; ++portions) longest = std::max(longest, ms_of([&] { more = store.prune(retention, begin_ms); }));
    });
    std::printf("  forgetting a quarter: %.1f s in %d portions, the longest %.0f ms\n", all / 1000, portions, longest);
    const double limit = static_cast<double>(retention.bytes) / (1 << 20);
    for (int round = 0; round < 20; ++round) {
        Batch batch;
        const auto number = results * 2 + static_cast<std::size_t>(round) * 500;
        for (std::size_t i = 0; i < 500; ++i) {
            batch.push_back(job_of(number + i, 1));
            add_run(batch, id_of(number + i), i);
        }
        write_and_wait(store, std::move(batch));
        while (store.prune(retention, begin_ms)) {
        }
        most = std::max(most, megabytes(folder));
    }
    std::printf("  held at %.0f MB while 10,000 more came: at most %.0f MB on disk, %+.1f %% (aim: within 5 %%)\n", limit, most,
                (most / limit - 1) * 100);
    show("looking for something to forget where there is nothing", [&] { store.prune(retention, begin_ms); });
}

void measure(std::size_t results, const std::string& folder) {
    auto store = open_sqlite_store(folder + "/prove.db", silent_logger());
    const double filling = ms_of([&] { fill(*store, results); });
    std::printf("%zu results: written in %.0f s (%.0f a second), %zu files, %.0f MB\n", results, filling / 1000,
                static_cast<double>(results) / filling * 1000, list_folder(folder).size(), megabytes(folder));
    store.reset();
    std::printf("  opening them: %.0f ms\n", ms_of([&] { store = open_sqlite_store(folder + "/prove.db", silent_logger()); }));
    lists(*store);
    forget(*store, folder, results);
}

}  // namespace

int main(int argc, char** argv) {
    const std::size_t results = argc > 1 ? std::stoul(argv[1]) : 1'000'000;
    if (argc > 2) return measure(results, argv[2]), 0;
    const TemporaryFolder folder;
    measure(results, folder.path());
    return 0;
}
