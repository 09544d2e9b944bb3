// fetch: one file of each target (`prove-cli copy web1:/etc/motd .`). It reads any file as root, so that it takes what cmd
// takes.
#include "common/files/path.hpp"
#include "master/commands/command.hpp"

namespace prove {

namespace {

class FetchCommand final : public MasterCommand {
  public:
    std::string operation() const override { return "fetch"; }
    Value checked(const Value& options) const override {
        return as_usage([&] {
            Fields fields(options, "fetch");
            Value value = Value::object();
            value.set("path", Path(fields.text("path")).text());
            fields.end();
            return value;
        });
    }
    Permission permission(const Value&) const override { return Permission::cmd; }
};

}  // namespace

std::unique_ptr<MasterCommand> fetch_command() {
    return std::make_unique<FetchCommand>();
}

}  // namespace prove
