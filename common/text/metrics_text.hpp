// Figures in the text form that Prometheus reads (text/plain; version=0.0.4), and the distribution of times that such
// figures are made of. Pure.
#pragma once

#include <array>
#include <cstdint>
#include <string>
#include <utility>
#include <vector>

namespace prove {

// How many of what was measured took at most how long, in seconds.
class Histogram {
  public:
    static constexpr std::array<double, 12> bounds = {0.1, 0.3, 1, 3, 10, 30, 60, 120, 300, 600, 1800, 3600};
    void add(double seconds);
    std::uint64_t count() const { return count_; }
    double sum() const { return sum_; }
    // Of the bound with this index: all that took no longer.
    std::uint64_t within(std::size_t bound) const;

  private:
    std::array<std::uint64_t, bounds.size()> buckets_{};
    std::uint64_t count_ = 0;
    double sum_ = 0;
};

class MetricsText {
  public:
    enum class Kind { gauge, counter, histogram };
    using Labels = std::vector<std::pair<const char*, std::string>>;

    // What is measured; its samples follow, before the next family begins.
    MetricsText& family(const char* name, Kind kind, const char* help);
    MetricsText& sample(double value, const Labels& labels = {});
    MetricsText& sample(const Histogram& histogram, const Labels& labels);
    // A family of one sample.
    void gauge(const char* name, const char* help, double value) { family(name, Kind::gauge, help).sample(value); }
    void counter(const char* name, const char* help, double value) { family(name, Kind::counter, help).sample(value); }
    const std::string& text() const { return text_; }

  private:
    void line(const std::string& name, const Labels& labels, double value);
    std::string name_;
    std::string text_;
};

}  // namespace prove
