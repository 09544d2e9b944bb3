// The HttpReply of a Connection. It may live longer than the connection, and longer than the server.
#include <atomic>

#include "master/api/http_connection.hpp"

namespace prove {

namespace {

class ConnectionReply final : public HttpReply {
  public:
    ConnectionReply(std::shared_ptr<LoopGate> gate, std::weak_ptr<Connection> connection)
        : gate_(std::move(gate)), connection_(std::move(connection)) {}

    ~ConnectionReply() override {
        in_loop([](Connection& connection) {
            if (connection.answered()) return;
            connection.answer(problem(500, "no answer", "a fault of Prove's own: the request was left unanswered"));
        });
    }
    void send(HttpResponse response) override {
        in_loop([r = std::move(response)](Connection& connection) mutable { connection.answer(std::move(r)); });
    }
    void begin_stream(const std::string& content_type) override {
        in_loop([content_type](Connection& connection) { connection.begin_stream(content_type); });
    }
    void write(std::string chunk, std::function<void()> written) override {
        in_loop([b = std::move(chunk), w = std::move(written)](Connection& connection) mutable {
            connection.write(std::move(b), std::move(w));
        });
    }
    void finish() override {
        in_loop([](Connection& connection) { connection.finish(); });
    }
    void on_close(std::function<void()> callback) override {
        const auto told = [flag = closed_, callback = std::move(callback)] {
            flag->store(true);
            if (callback) callback();
        };
        const bool open = gate_->post([weak = connection_, told] {
            if (const auto connection = weak.lock()) return connection->on_close(told);
            told();
        });
        if (!open) closed_->store(true);
    }
    bool closed() const override { return closed_->load(); }
    void post(std::function<void()> work) override { gate_->post(std::move(work)); }

  private:
    template <class Work>
    void in_loop(Work work) {
        gate_->post([weak = connection_, work = std::move(work)]() mutable {
            if (const auto connection = weak.lock()) work(*connection);
        });
    }

    const std::shared_ptr<LoopGate> gate_;
    const std::weak_ptr<Connection> connection_;
    const std::shared_ptr<std::atomic<bool>> closed_ = std::make_shared<std::atomic<bool>>(false);
};

}  // namespace

std::shared_ptr<HttpReply> make_reply(HttpLoop& loop, const std::shared_ptr<Connection>& connection) {
    return std::make_shared<ConnectionReply>(loop.gate, connection);
}

}  // namespace prove
