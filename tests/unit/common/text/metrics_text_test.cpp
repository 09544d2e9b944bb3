// The text that Prometheus reads, to the letter: it refuses a whole file for one wrong line.
#include "common/text/metrics_text.hpp"

#include <catch2/catch.hpp>

using namespace prove;

TEST_CASE("a family says what it measures, and has a line for each sample", "[metrics]") {
    MetricsText text;
    text.family("prove_targets", MetricsText::Kind::gauge, "Targets by status.")
        .sample(3, {{"status", "connected"}, {"executor", "agent"}})
        .sample(0.25);
    text.counter("prove_runs_total", "Runs.", 1'800'000'000'123.0);
    CHECK(text.text() ==
          "# HELP prove_targets Targets by status.\n"
          "# TYPE prove_targets gauge\n"
          "prove_targets{status=\"connected\",executor=\"agent\"} 3\n"
          "prove_targets 0.25\n"
          "# HELP prove_runs_total Runs.\n"
          "# TYPE prove_runs_total counter\n"
          "prove_runs_total 1800000000123\n");
}

TEST_CASE("S14 what a label says cannot end its line or begin another", "[metrics]") {
    MetricsText text;
    text.family("f", MetricsText::Kind::gauge, "Help.").sample(1, {{"why", "a \"b\" \\ c\nprove_targets 9"}});
    CHECK(text.text() == "# HELP f Help.\n# TYPE f gauge\nf{why=\"a \\\"b\\\" \\\\ c\\nprove_targets 9\"} 1\n");
}

TEST_CASE("a histogram counts each time in every bound that it is within", "[metrics]") {
    Histogram times;
    for (const double seconds : {0.05, 0.1, 2.0, 20.0, 9'999.0}) times.add(seconds);
    MetricsText text;
    text.family("d", MetricsText::Kind::histogram, "Durations.").sample(times, {{"operation", "states"}});
    const auto has = [&](const std::string& line) { return text.text().find("\n" + line + "\n") != std::string::npos; };
    CHECK(has("d_bucket{operation=\"states\",le=\"0.1\"} 2"));
    CHECK(has("d_bucket{operation=\"states\",le=\"1\"} 2"));
    CHECK(has("d_bucket{operation=\"states\",le=\"3\"} 3"));
    CHECK(has("d_bucket{operation=\"states\",le=\"3600\"} 4"));
    CHECK(has("d_bucket{operation=\"states\",le=\"+Inf\"} 5"));
    CHECK(has("d_sum{operation=\"states\"} 10021.15"));
    CHECK(has("d_count{operation=\"states\"} 5"));
}
