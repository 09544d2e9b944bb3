// Options: of prove.yml for the whole catalog, of groups and targets for themselves. One list of what there is; what
// Prove cannot do yet is refused by name rather than taken and ignored.
#include "common/text/text.hpp"
#include "master/catalog/parts.hpp"

namespace prove {

namespace {

constexpr std::int64_t most_invocations = 1000;
constexpr std::int64_t most_parallel = 64;

void set(Value& result, const std::string& key, std::optional<Value> value) {
    if (value) result.set(key, std::move(*value));
}

std::optional<Value> as_value(std::optional<std::string> text) {
    return text ? std::optional<Value>(Value(std::move(*text))) : std::nullopt;
}

// A choice of which only some can be used.
std::optional<Value> built_choice(Shape& shape, const std::string& key, const std::vector<std::string>& choices,
                                  const std::vector<std::string>& built) {
    auto chosen = shape.choice(key, choices);
    if (chosen && std::find(built.begin(), built.end(), *chosen) == built.end()) {
        shape.error(shape.find(key)->position(),
                    "the " + key + " " + quoted(*chosen) + " cannot be used yet; use " + join_words(built, "or"));
        return std::nullopt;
    }
    return as_value(std::move(chosen));
}

void read_reach(Shape& shape, OptionScope scope, Value& result) {
    set(result, "executor", as_value(shape.choice("executor", {"agent", "ssh", "local"})));
    if (scope != OptionScope::group)
        set(result, "transport", built_choice(shape, "transport", {"zeromq", "tcp", "http", "udp"}, {"zeromq"}));
}

}  // namespace

Value read_option_keys(Shape& shape, OptionScope scope) {
    auto result = Value::object();
    read_reach(shape, scope, result);
    if (const auto parallel = shape.integer("parallelism", 1, most_parallel)) result.set("parallelism", *parallel);
    set(result, "on_failure", as_value(shape.choice("on_failure", {"continue", "stop"})));
    if (const auto verify = shape.boolean("verify")) result.set("verify", *verify);
    if (const auto most = shape.integer("max_invocations", 1, most_invocations)) result.set("max_invocations", *most);
    if (scope != OptionScope::catalog) {
        shape.refuse("renderer", "'renderer' is an option of the whole catalog; it stands in prove.yml");
        shape.refuse("options", "options stand beside the other keys here, such as 'verify: false'");
    }
    if (scope == OptionScope::group) shape.refuse("transport", "'transport' is an option of prove.yml and of targets");
    if (scope == OptionScope::catalog) set(result, "renderer", as_value(shape.choice("renderer", {"mako", "plain"})));
    return result;
}

void read_options(const Value& value, CatalogParts& parts, Diagnostics& diagnostics) {
    Shape shape(value, "options", diagnostics);
    parts.options = read_option_keys(shape, OptionScope::catalog);
    shape.end();
}

RunOptions run_options(const std::vector<const Value*>& layers) {
    RunOptions result;
    for (const auto* const layer : layers) {
        if (const auto* const value = layer->find("on_failure"))
            result.on_failure =
                value->text() == "stop" ? RunOptions::OnFailure::stop : RunOptions::OnFailure::continue_;
        if (const auto* const value = layer->find("verify")) result.verify = value->boolean();
        if (const auto* const value = layer->find("max_invocations"))
            result.max_invocations = static_cast<int>(value->integer());
        if (const auto* const value = layer->find("parallelism"))
            result.parallelism = static_cast<int>(value->integer());
    }
    return result;
}

}  // namespace prove
