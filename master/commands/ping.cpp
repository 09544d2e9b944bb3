// ping: who answers, and how fast.
#include "master/commands/command.hpp"

namespace prove {

namespace {

class PingCommand final : public MasterCommand {
  public:
    std::string operation() const override { return "ping"; }
    Value checked(const Value& options) const override {
        return as_usage([&] {
            Fields fields(options, "ping");
            fields.end();
            return Value::object();
        });
    }
    Permission permission(const Value&) const override { return Permission::ping; }
    // Nobody waits longer for an echo.
    std::int64_t lifetime_ms() const override { return 20'000; }
    Prepared prepare(const PrepareFrom&) const override {
        Prepared prepared;
        prepared.body = Value::object();
        return prepared;
    }
};

}  // namespace

std::unique_ptr<MasterCommand> ping_command() {
    return std::make_unique<PingCommand>();
}

}  // namespace prove
