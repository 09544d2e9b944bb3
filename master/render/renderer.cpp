// The pool of render workers, and what is said between us and them: a request, questions for templates, files and
// targets while it runs, and a text with the place of every line, or errors.
#include "master/render/renderer.hpp"

#include <condition_variable>
#include <mutex>

#include "common/text/text.hpp"
#include "master/render/answers.hpp"
#include "master/render/render_memory.hpp"
#include "master/render/template_source.hpp"
#include "master/render/worker_process.hpp"

namespace prove {

namespace {

// A worker notices its limits itself, at the template's line; one that cannot is killed this much later.
constexpr std::chrono::seconds grace{2};

JsonLimits answer_limits(const RenderLimits& limits) {
    JsonLimits result;
    result.bytes = 64u << 20;
    result.nodes = 4'000'000;
    result.string_bytes = limits.output * 2;
    return result;
}

std::string request_frame(const RenderRequest& request) {
    return "{\"engine\":" + write_json(request.engine) + ",\"call\":" + write_json(request.call) +
           ",\"path\":" + write_json(*request.path) + ",\"text\":" + write_json(*request.text) +
           ",\"yaml\":" + (request.yaml ? "true" : "false") +
           ",\"collect_probes\":" + (request.collect_probes ? "true" : "false") +
           ",\"names\":" + write_json(*request.names) + "}";
}

// What one worker's answers are made into.
class Conversation {
  public:
    Conversation(const Catalog& catalog, const RenderRequest& request) : catalog_(catalog), request_(request) {}

    // The frame that answers a question of the worker.
    std::string reply(const Value& question) {
        Value answer = Value::object();
        try {
            const std::string& kind = question.at("ask").text();
            if (kind == "targets") {
                answer.set("targets", targets(question.at("expression").text()));
            } else {
                auto source = find_template(catalog_, question.at("name").text(), question.at("asked_by").text());
                texts_ += hash_of(source.text).view();
                answer.set("path", std::move(source.path));
                answer.set("text", std::move(source.text));
            }
        } catch (const Error& error) {
            answer = Value::object();
            answer.set("refused", error.text());
            answer.set("missing", error.kind() == ErrorKind::missing);
        }
        return write_json(answer);
    }

    Rendered rendered(const Value& answer) const {
        Rendered result = rendered_from(answer, request_.path);
        result.hash = hash_of_rendering(result);
        return result;
    }

    [[noreturn]] void fail(const std::string& text) const {
        Diagnostics diagnostics;
        diagnostics.error({request_.path, 1, 1}, "", text);
        throw CatalogError(std::move(diagnostics));
    }

  private:
    Hash hash_of_rendering(const Rendered& rendered) const {
        std::string bytes = rendered.text;
        bytes += '\0';
        const std::string* file = nullptr;
        for (std::size_t line = 0; line < rendered.line_map.size(); ++line) {
            const SourcePosition position = rendered.line_map[line];
            if (position.file.get() != file) bytes += '\0' + position.file_name() + '\0';
            file = position.file.get();
            for (const std::uint32_t number : {position.line, position.column})
                bytes.append(reinterpret_cast<const char*>(&number), sizeof number);
        }
        return hash_of(bytes + '\0' + *request_.text + texts_);
    }

    Value targets(const std::string& expression) const {
        if (!request_.targets) throw Error(ErrorKind::catalog, "targets() is not there in this file");
        const auto found = request_.targets(expression);
        if (request_.asked) request_.asked(expression);
        return *found;
    }

    const Catalog& catalog_;
    const RenderRequest& request_;
    std::string texts_;  // hashes of what was asked for
};

class Pool final : public Renderer {
  public:
    Pool(std::shared_ptr<const Catalog> catalog, int workers, RenderLimits limits)
        : catalog_(std::move(catalog)), limits_(limits), most_(std::max(workers, 1)) {}

    Rendered render(const RenderRequest& request) override {
        const std::string frame = request_frame(request);
        for (;;) {
            Conversation conversation(*catalog_, request);
            std::unique_ptr<WorkerProcess> worker = take();
            // What a worker died of while it was idle is not this template's fault: the next one gets the request.
            const bool may_be_stale = worker && worker->used();
            std::optional<Diagnostics> errors;
            try {
                if (!worker) worker = std::make_unique<WorkerProcess>(limits_);
                Value answer = converse(*worker, frame, conversation);
                if (answer.find("errors") != nullptr) {
                    errors = errors_from(answer, request.path);
                    give_back(answer.find("ended") == nullptr ? std::move(worker) : nullptr);
                } else {
                    Rendered result = conversation.rendered(answer);
                    give_back(std::move(worker));
                    return result;
                }
            } catch (const WorkerLost& lost) {
                give_back(nullptr);
                if (lost.why == WorkerLost::Why::time)
                    conversation.fail("takes longer than " + std::to_string(limits_.time.count()) +
                                      " s, the most that one file may; does a loop in it ever end?");
                if (!may_be_stale)
                    conversation.fail("ended its worker (" + lost.text +
                                      "); a file must not end Python, and the machine must have memory to render it");
            } catch (const Error& error) {
                give_back(nullptr);
                if (error.kind() != ErrorKind::invalid) throw;
                // Ours gives no such answer; the file can reach the worker's descriptors.
                conversation.fail("answered in its worker's place: " + error.text());
            } catch (...) {
                give_back(nullptr);
                throw;
            }
            if (errors) throw CatalogError(std::move(*errors));
        }
    }

  private:
    Value converse(WorkerProcess& worker, const std::string& frame, Conversation& conversation) const {
        const Deadline deadline = Deadline::after(clock_, limits_.time + grace);
        worker.send(frame, deadline);
        for (;;) {
            Value answer = read_answer(worker.receive(deadline));
            if (answer.find("ask") == nullptr) return answer;
            worker.send(conversation.reply(answer), deadline);
        }
    }

    Value read_answer(const std::string& frame) const {
        Value answer = read_json(frame, answer_limits(limits_));
        if (!answer.is_mapping()) throw Error(ErrorKind::invalid, "a render worker's answer is no mapping");
        return answer;
    }

    // An idle worker, or null where the caller may start one.
    std::unique_ptr<WorkerProcess> take() {
        std::unique_lock lock(mutex_);
        free_.wait(lock, [&] { return busy_ < most_; });
        ++busy_;
        if (idle_.empty()) return nullptr;
        auto worker = std::move(idle_.back());
        idle_.pop_back();
        return worker;
    }

    void give_back(std::unique_ptr<WorkerProcess> worker) {
        const std::lock_guard lock(mutex_);
        --busy_;
        if (worker) idle_.push_back(std::move(worker));
        free_.notify_one();
    }

    std::shared_ptr<const Catalog> catalog_;
    RenderLimits limits_;
    int most_;
    SystemClock clock_;
    std::mutex mutex_;
    std::condition_variable free_;
    std::vector<std::unique_ptr<WorkerProcess>> idle_;
    int busy_ = 0;
};

}  // namespace

std::unique_ptr<Renderer> make_renderer(std::shared_ptr<const Catalog> catalog, int workers, RenderLimits limits,
                                        std::shared_ptr<RenderMemory> memory) {
    auto pool = std::make_unique<Pool>(catalog, workers, limits);
    if (!memory) return pool;
    return make_remembering(std::move(pool), std::move(catalog), std::move(memory));
}

}  // namespace prove
