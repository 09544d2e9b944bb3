// The format: https://prometheus.io/docs/instrumenting/exposition_formats/
#include "common/text/metrics_text.hpp"

#include <charconv>

namespace prove {

namespace {

std::string number(double value) {
    char text[64];
    const auto whole = static_cast<std::int64_t>(value);
    const auto end = static_cast<double>(whole) == value ? std::to_chars(text, text + sizeof(text), whole).ptr
                                                         : std::to_chars(text, text + sizeof(text), value).ptr;
    return {text, end};
}

// Of a label's value; a help text has no quotes of its own.
std::string escaped(const std::string& text) {
    std::string result;
    for (const char c : text) {
        if (c == '\\') result += "\\\\";
        else if (c == '"') result += "\\\"";
        else if (c == '\n') result += "\\n";
        else result += c;
    }
    return result;
}

const char* name_of(MetricsText::Kind kind) {
    switch (kind) {
        case MetricsText::Kind::gauge: return "gauge";
        case MetricsText::Kind::counter: return "counter";
        case MetricsText::Kind::histogram: return "histogram";
    }
    return "";
}

}  // namespace

void Histogram::add(double seconds) {
    ++count_;
    sum_ += seconds;
    for (std::size_t i = 0; i < bounds.size(); ++i) {
        if (seconds > bounds[i]) continue;
        ++buckets_[i];
        return;
    }
}

std::uint64_t Histogram::within(std::size_t bound) const {
    std::uint64_t sum = 0;
    for (std::size_t i = 0; i <= bound; ++i) sum += buckets_[i];
    return sum;
}

MetricsText& MetricsText::family(const char* name, Kind kind, const char* help) {
    name_ = name;
    text_ += "# HELP " + name_ + " " + help + "\n# TYPE " + name_ + " " + name_of(kind) + "\n";
    return *this;
}

MetricsText& MetricsText::sample(double value, const Labels& labels) {
    line(name_, labels, value);
    return *this;
}

MetricsText& MetricsText::sample(const Histogram& histogram, const Labels& labels) {
    auto with_bound = labels;
    with_bound.emplace_back("le", "");
    for (std::size_t i = 0; i < Histogram::bounds.size(); ++i) {
        with_bound.back().second = number(Histogram::bounds[i]);
        line(name_ + "_bucket", with_bound, static_cast<double>(histogram.within(i)));
    }
    with_bound.back().second = "+Inf";
    line(name_ + "_bucket", with_bound, static_cast<double>(histogram.count()));
    line(name_ + "_sum", labels, histogram.sum());
    line(name_ + "_count", labels, static_cast<double>(histogram.count()));
    return *this;
}

void MetricsText::line(const std::string& name, const Labels& labels, double value) {
    text_ += name;
    const char* before = "{";
    for (const auto& [label, text] : labels) {
        text_ += before;
        text_ += label;
        text_ += "=\"" + escaped(text) + "\"";
        before = ",";
    }
    text_ += (labels.empty() ? " " : "} ") + number(value) + "\n";
}

}  // namespace prove
