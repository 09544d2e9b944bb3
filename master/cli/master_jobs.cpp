// Jobs through a master's API.
#include <poll.h>

#include "master/api/client.hpp"
#include "master/api/http.hpp"
#include "master/cli/job_source.hpp"

namespace prove {

namespace {

class MasterJobs final : public JobSource {
 public:
    explicit MasterJobs(const std::string& socket) : client_(socket) {}

    std::size_t count(const std::string& expression) override {
        const Value answer = client_.get("/v1/targets", {{"match", expression}, {"limit", "20000"}});
        return answer.at("targets").list().size();
    }

    JobStarted start(const JobWanted& wanted) override {
        Value body = Value::object();
        body.set("operation", wanted.operation);
        body.set("target", wanted.expression);
        body.set("options", wanted.options);
        if (wanted.in_force) body.set("in_force", true);
        if (wanted.wait_ms) body.set("wait_ms", *wanted.wait_ms);
        if (wanted.content) client_.post_bytes(contents_path, *wanted.content);
        const Value answer = client_.post("/v1/jobs", body);
        const Value* paused = answer.find("paused");
        return {answer.at("job").text(), static_cast<std::size_t>(answer.at("targets").integer()),
                paused == nullptr ? Value() : *paused};
    }

    // A connection that breaks is taken up again where it stopped, a few times: the master may be restarting. So is a
    // stream that ended before the job has.
    bool follow(const std::string& job, std::uint64_t after, const std::function<bool(const Value&)>& on_event) override {
        for (int attempt = 0;; ++attempt) {
            try {
                bool job_ended = false;
                const bool whole = client_.stream("/v1/jobs/" + job + "/events", {{"after", std::to_string(after)}}, [&](const Value& event) {
                    if (event.is_null()) return on_event(event);
                    after = static_cast<std::uint64_t>(event.at("number").integer());
                    attempt = 0;
                    job_ended = event.at("event").text() == "job_ended";
                    return on_event(event) || job_ended;
                });
                if (!whole || job_ended) return whole;
                throw Error(ErrorKind::unavailable, "the master ended the stream of job " + job + " before its end");
            } catch (const Error& error) {
                if (error.kind() != ErrorKind::unavailable || attempt == attempts) throw;
                ::poll(nullptr, 0, pause_ms);
            }
        }
    }

    Value result(const std::string& job, const std::string& target) override {
        try {
            return client_.get("/v1/jobs/" + job + "/results/" + target);
        } catch (const Error& error) {
            if (error.kind() == ErrorKind::missing) return {};
            throw;
        }
    }

    void cancel(const std::string& job) override { client_.post("/v1/jobs/" + job + "/cancel", Value::object()); }
    bool detachable() const override { return true; }

 private:
    static constexpr int attempts = 40, pause_ms = 250;
    ApiClient client_;
};

}  // namespace

std::unique_ptr<JobSource> make_master_jobs(const std::string& socket) { return std::make_unique<MasterJobs>(socket); }

}  // namespace prove
