// Jobs in threads: which run beside each other, which wait, and how they end.
#include "agent/daemon/job_threads.hpp"

#include <catch2/catch.hpp>

#include <atomic>
#include <condition_variable>
#include <thread>

#include "tests/unit/agent/daemon/world.hpp"

using namespace prove;
using namespace prove::test;

namespace {

// Jobs that wait until the test lets them go.
struct HeldWork final : JobWork {
    std::mutex mutex;
    std::condition_variable changed;
    bool open = false;
    std::atomic<int> running{0}, most{0};
    bool knows(const std::string& operation) const override { return operation != "nothing"; }
    JobResult run(const JobOrder& order, const Cancellation& cancellation) override {
        if (order.operation == "throws") throw Error(ErrorKind::failed, "it broke");
        most = std::max(most.load(), ++running);
        std::unique_lock lock(mutex);
        while (!open && !cancellation.cancelled()) changed.wait_for(lock, std::chrono::milliseconds(5));
        --running;
        JobResult result;
        if (cancellation.cancelled()) {
            result.end = JobResult::End::cancelled;
            result.reason = cancellation.reason();
        }
        return result;
    }
    void waits(const JobOrder& order, const JobId& behind) override { queued.emplace_back(order.job, behind); }
    std::vector<std::pair<JobId, JobId>> queued;  // who waits, and for whom
    void let_go() {
        const std::lock_guard lock(mutex);
        open = true;
        changed.notify_all();
    }
};

struct Ends {
    std::mutex mutex;
    std::condition_variable changed;
    std::vector<JobResult> results;
    void add(JobResult result) {
        const std::lock_guard lock(mutex);
        results.push_back(std::move(result));
        changed.notify_all();
    }
    std::vector<JobResult> wait_for(std::size_t count) {
        std::unique_lock lock(mutex);
        REQUIRE(changed.wait_for(lock, std::chrono::seconds(10), [&] { return results.size() >= count; }));
        return results;
    }
};

JobOrder order(std::uint8_t number, const std::string& operation, std::int64_t start_by = INT64_MAX) {
    return {job_number(number), operation, Value::object(), start_by};
}

}  // namespace

TEST_CASE("states run one after the other, other operations beside them and a few at a time") {
    const SystemClock clock;
    HeldWork work;
    Ends ends;
    JobThreads threads(work, clock, [&](JobResult result) { ends.add(std::move(result)); });
    for (std::uint8_t i = 1; i <= 3; ++i) threads.start(order(i, "states"));
    for (std::uint8_t i = 11; i <= 30; ++i) threads.start(order(i, "cmd"));
    while (work.running < 9) std::this_thread::yield();
    work.let_go();
    const auto results = ends.wait_for(23);
    CHECK(work.most == 9);
    std::vector<JobId> states;
    for (const auto& result : results)
        if (result.job < job_number(4)) states.push_back(result.job);
    CHECK(states == std::vector{job_number(1), job_number(2), job_number(3)});
}

TEST_CASE("A6 who has to wait for another run is told which") {
    const SystemClock clock;
    HeldWork work;
    Ends ends;
    JobThreads threads(work, clock, [&](JobResult result) { ends.add(std::move(result)); });
    threads.start(order(1, "states"));
    while (work.running < 1) std::this_thread::yield();
    threads.start(order(11, "cmd"));
    CHECK(work.queued.empty());
    threads.start(order(2, "states"));
    threads.start(order(3, "states"));
    CHECK(work.queued == std::vector<std::pair<JobId, JobId>>{{job_number(2), job_number(1)},
                                                              {job_number(3), job_number(2)}});
    work.let_go();
    ends.wait_for(4);
}

TEST_CASE("A7 a job that is cancelled while it waits ends at once, and the one before it goes on") {
    const SystemClock clock;
    HeldWork work;
    Ends ends;
    JobThreads threads(work, clock, [&](JobResult result) { ends.add(std::move(result)); });
    threads.start(order(1, "states"));
    while (work.running < 1) std::this_thread::yield();
    threads.start(order(2, "states"));
    threads.cancel(job_number(2), "cancelled by bob");
    const auto results = ends.wait_for(1);
    CHECK(results[0].job == job_number(2));
    CHECK(results[0].end == JobResult::End::cancelled);
    CHECK(results[0].reason == "cancelled by bob; it had not begun");
    work.let_go();
    CHECK(ends.wait_for(2)[1].end == JobResult::End::done);
}

TEST_CASE("A7 a cancelled job ends as cancelled, running or waiting") {
    const SystemClock clock;
    HeldWork work;
    Ends ends;
    JobThreads threads(work, clock, [&](JobResult result) { ends.add(std::move(result)); });
    threads.start(order(1, "states"));
    threads.start(order(2, "states"));
    threads.cancel(job_number(2), "cancelled by bob");
    threads.cancel(job_number(1), "cancelled by alice");
    threads.start(order(3, "states"));
    threads.cancel(job_number(3), "prove-agent was stopped");
    for (const auto& result : ends.wait_for(3)) {
        CHECK(result.end == JobResult::End::cancelled);
        if (result.job == job_number(2)) CHECK(result.reason == "cancelled by bob; it had not begun");
        if (result.job == job_number(3)) CHECK_THAT(result.reason, Catch::StartsWith("prove-agent was stopped"));
    }
}

TEST_CASE("S50 a job that has expired while it waited here does not start") {
    const SystemClock clock;
    HeldWork work;
    work.open = true;
    Ends ends;
    JobThreads threads(work, clock, [&](JobResult result) { ends.add(std::move(result)); });
    threads.start(order(1, "cmd", clock.boot_ms() - 1));
    const auto results = ends.wait_for(1);
    CHECK(results[0].end == JobResult::End::refused);
    CHECK_THAT(results[0].reason, Catch::Contains("expired"));
    CHECK(work.most == 0);
}

TEST_CASE("what goes wrong in a job is its result, and the next one runs") {
    const SystemClock clock;
    HeldWork work;
    work.open = true;
    Ends ends;
    JobThreads threads(work, clock, [&](JobResult result) { ends.add(std::move(result)); });
    threads.start(order(1, "throws"));
    threads.start(order(2, "cmd"));
    const auto results = ends.wait_for(2);
    const auto& broken = results[0].job == job_number(1) ? results[0] : results[1];
    CHECK(broken.end == JobResult::End::failed);
    CHECK(broken.reason == "it broke");
}

TEST_CASE("what waits is bounded, and unknown operations are named") {
    const SystemClock clock;
    HeldWork work;
    Ends ends;
    JobThreads threads(work, clock, [&](JobResult result) { ends.add(std::move(result)); });
    CHECK_THAT(threads.refusal("nothing"), Catch::Contains("no operation 'nothing'"));
    std::uint8_t number = 0;
    while (threads.refusal("states").empty() && number < 200) threads.start(order(++number, "states"));
    CHECK(number >= JobThreads::most_waiting);
    CHECK(number <= JobThreads::most_waiting + 1);
    CHECK(threads.refusal("cmd").empty());
    work.let_go();
    ends.wait_for(number);
}
