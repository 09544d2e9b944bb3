// What a piece of code writes to standard output and standard error, caught; and a job source that tells a story.
#pragma once

#include <cstdio>
#include <deque>
#include <map>
#include <string>
#include <vector>

#include <unistd.h>

#include "master/cli/command_line.hpp"
#include "master/cli/job_run.hpp"
#include "proto/messages.hpp"

namespace prove::test {

// While it lives, a stream goes to a temporary file.
class CapturedStream {
  public:
    explicit CapturedStream(std::FILE* stream) : stream_(stream), file_(std::tmpfile()) {
        std::fflush(stream_);
        before_ = ::dup(::fileno(stream_));
        ::dup2(::fileno(file_), ::fileno(stream_));
    }
    ~CapturedStream() {
        std::fflush(stream_);
        ::dup2(before_, ::fileno(stream_));
        ::close(before_);
        std::fclose(file_);
    }
    CapturedStream(const CapturedStream&) = delete;
    CapturedStream& operator=(const CapturedStream&) = delete;
    std::string text() {
        std::fflush(stream_);
        std::string result(static_cast<std::size_t>(::lseek(::fileno(file_), 0, SEEK_END)), '\0');
        const auto size = ::pread(::fileno(file_), result.data(), result.size(), 0);
        result.resize(size < 0 ? 0 : static_cast<std::size_t>(size));
        return result;
    }

  private:
    std::FILE* stream_;
    std::FILE* file_;
    int before_ = -1;
};

// What one call of prove-cli said, and its exit code.
struct Ran {
    int code = 0;
    std::string out, err;
};
inline Ran run(std::vector<std::string> words) {
    words.insert(words.begin(), "prove-cli");
    std::vector<char*> argv;
    for (auto& word : words) argv.push_back(word.data());
    CommandLine line;
    add_all_commands(line);
    Ran result;
    CapturedStream out(stdout), err(stderr);
    result.code = line.run(static_cast<int>(argv.size()), argv.data());
    result.out = out.text();
    result.err = err.text();
    return result;
}

// Tells events that were written down before; a job with the results that it is given.
class StoryJobs final : public JobSource {
  public:
    std::size_t count(const std::string&) override { return targets; }
    JobStarted start(const JobWanted& asked) override {
        wanted = asked;
        return {"01jd8zk4000000000000000000", targets};
    }
    bool follow(const std::string&, std::uint64_t after, const std::function<bool(const Value&)>& on_event) override {
        for (; after < events.size(); ++after)
            if (!on_event(events[after])) return false;
        return true;
    }
    Value result(const std::string&, const std::string& target) override { return results[target]; }
    void cancel(const std::string&) override { cancelled = true; }
    bool detachable() const override { return true; }

    StoryJobs& tell(const std::string& kind, const std::string& target, Value body = Value::object()) {
        Value event = Value::object();
        event.set("number", events.size() + 1);
        event.set("time_ms", static_cast<std::int64_t>(1'800'000'000'000 + 5 * events.size()));
        event.set("event", kind);
        if (!target.empty()) event.set("target", target);
        event.set("body", std::move(body));
        events.push_back(std::move(event));
        return *this;
    }
    StoryJobs& output(const std::string& target, const std::string& text, const std::string& stream = "stdout") {
        Value body = Value::object();
        body.set("stream", stream);
        body.set("base64", to_base64(text));
        return tell("output", target, std::move(body));
    }
    StoryJobs& ended(const std::string& target, const std::string& end, const std::string& reason = "",
                     const std::string& cause = "") {
        Value body = Value::object();
        body.set("end", end);
        if (!reason.empty()) body.set("reason", reason);
        if (!cause.empty()) body.set("cause", cause);
        ++targets;
        return tell("target_ended", target, std::move(body));
    }

    std::size_t targets = 0;
    std::deque<Value> events;
    std::map<std::string, Value> results;
    JobWanted wanted;
    bool cancelled = false;
};

}  // namespace prove::test
