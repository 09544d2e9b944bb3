// facts: what hosts say of themselves, all of it or some.
#include "master/commands/command.hpp"

namespace prove {

namespace {

class FactsCommand final : public MasterCommand {
  public:
    std::string operation() const override { return "facts"; }
    Value checked(const Value& options) const override {
        return as_usage([&] {
            Fields fields(options, "facts");
            FactsBody body;
            body.names = fields.texts("names");
            fields.end();
            return to_value(body);
        });
    }
    Permission permission(const Value&) const override { return Permission::facts; }
    Prepared prepare(const PrepareFrom& from) const override {
        Prepared prepared;
        prepared.body = to_value(facts_body_from(from.options));
        return prepared;
    }
};

}  // namespace

std::unique_ptr<MasterCommand> facts_command() {
    return std::make_unique<FactsCommand>();
}

}  // namespace prove
