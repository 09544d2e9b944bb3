// /v1/jobs/{id}/events: everything that happens in a job, from a number on, until it has ended. Lines of JSON, or
// server-sent events when asked for. Read from the store in pages as fast as the client takes them; nothing is lost and
// nothing is buffered for a slow one.
#include <mutex>

#include "master/api/resources.hpp"
#include "master/api/shapes.hpp"

namespace prove {

namespace {

constexpr std::size_t page = 200;

class EventStream : public std::enable_shared_from_this<EventStream> {
 public:
    EventStream(Master& master, Exchange exchange, JobId job, std::uint64_t after)
        : master_(master), exchange_(std::move(exchange)), job_(job), after_(after),
          sse_(exchange_.request.accept.find("text/event-stream") != std::string::npos) {}

    void start() {
        exchange_.reply->on_close([self = shared_from_this()] { self->end(); });
        exchange_.reply->begin_stream(sse_ ? "text/event-stream" : "application/x-ndjson");
        auto watch = master_.watch(*exchange_.permit, job_, [weak = weak_from_this()] {
            if (const auto self = weak.lock()) self->more();
        });
        {
            const std::lock_guard lock(mutex_);
            watch_ = std::move(watch);
        }
        more();
    }

 private:
    // Something new may be there. From any thread: only one reads at a time, and one that comes meanwhile makes the
    // reader look again.
    void more() {
        {
            const std::lock_guard lock(mutex_);
            news_ = true;
            if (reading_ || ended_) return;
            reading_ = true;
        }
        read();
    }

    void read() {
        for (;;) {
            {
                const std::lock_guard lock(mutex_);
                if (ended_) return;
                news_ = false;
            }
            const auto rows = master_.events(*exchange_.permit, job_, after_, page);
            if (!rows.empty()) return write(rows);
            const std::lock_guard lock(mutex_);
            if (!news_) {
                reading_ = false;
                return;
            }
        }
    }

    void write(const std::vector<EventRow>& rows) {
        std::string chunk;
        bool last = false;
        for (const auto& row : rows) {
            const std::string text = write_json(shape_of(row));
            chunk += sse_ ? "id: " + std::to_string(row.number) + "\ndata: " + text + "\n\n" : text + "\n";
            after_ = row.number;
            last = last || row.kind == "job_ended";
        }
        exchange_.reply->write(std::move(chunk), [self = shared_from_this(), last] {
            if (!last) return self->read();
            self->exchange_.reply->finish();
            self->end();
        });
    }

    void end() {
        std::unique_ptr<Watch> watch;
        const std::lock_guard lock(mutex_);
        ended_ = true;
        watch = std::move(watch_);
    }

    Master& master_;
    const Exchange exchange_;
    const JobId job_;
    std::uint64_t after_;                // only the one that reads touches it
    const bool sse_;
    std::mutex mutex_;
    std::unique_ptr<Watch> watch_;
    bool news_ = false, reading_ = false, ended_ = false;
};

}  // namespace

void add_job_events(std::vector<Route>& routes, ApiContext& context) {
    routes.push_back({"GET", "/v1/jobs/{id}/events", Route::Needs::permission, Permission::jobs_read, {"after"},
                      [&context](Exchange exchange) {
                          const JobId id = context.master.find_job(exchange.parameters.at("id"));
                          const std::uint64_t after = exchange.number("after", 0, UINT64_MAX);
                          std::make_shared<EventStream>(context.master, std::move(exchange), id, after)->start();
                      }});
}

}  // namespace prove
