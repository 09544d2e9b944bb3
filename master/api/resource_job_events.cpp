// /v1/jobs/{id}/events: everything that happens in a job, from a number on, until it has ended. Lines of JSON, or
// server-sent events when asked for. Read from the store in pages as fast as the client takes them; nothing is lost and
// nothing is buffered for a slow one. All of it happens in the server's thread.
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
        watch_ = master_.watch(*exchange_.permit, job_, [weak = weak_from_this()] {
            // From the store's thread, which must not wait for us.
            if (const auto self = weak.lock()) self->exchange_.reply->post([self] { self->more(); });
        });
        more();
    }

 private:
    // Something new may be there. While a chunk is on its way, its end looks again anyway.
    void more() {
        if (!writing_ && !ended_) read();
    }

    void read() {
        try {
            auto rows = master_.events(*exchange_.permit, job_, after_, page);
            // Who has heard the end already, or asks for more than there ever was, is not kept waiting. The end may
            // have come since the store was read: once it has, one more look shows everything.
            const bool over = rows.empty() && master_.has_ended(*exchange_.permit, job_);
            if (over) rows = master_.events(*exchange_.permit, job_, after_, page);
            writing_ = !rows.empty();
            if (writing_) return write(rows);
            if (!over) return;
            exchange_.reply->finish();
            end();
        } catch (const Error&) {
            // The store is gone, which it says itself. A stream that ends without "job_ended" is not whole.
            exchange_.reply->finish();
            end();
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
            if (!last) return self->ended_ ? void() : self->read();
            self->exchange_.reply->finish();
            self->end();
        });
    }

    void end() {
        ended_ = true;
        watch_.reset();
    }

    Master& master_;
    const Exchange exchange_;
    const JobId job_;
    std::uint64_t after_;
    const bool sse_;
    std::unique_ptr<Watch> watch_;
    bool writing_ = false, ended_ = false;
};

}  // namespace

void add_job_events(std::vector<ApiRoute>& routes, ApiContext& context) {
    routes.push_back({"GET", "/v1/jobs/{id}/events", ApiRoute::Needs::permission, Permission::jobs_read, {"after"},
                      [&context](Exchange exchange) {
                          const JobId id = context.master.find_job(exchange.parameters.at("id"));
                          const std::uint64_t after = exchange.number("after", 0, UINT64_MAX);
                          std::make_shared<EventStream>(context.master, std::move(exchange), id, after)->start();
                      }});
}

}  // namespace prove
