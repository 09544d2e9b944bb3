// prove-cli variables: what a target's templates see, and where it comes from.
#include <CLI/CLI.hpp>

#include "common/text/text.hpp"
#include "master/cli/command_line.hpp"
#include "master/cli/local_catalog.hpp"

namespace prove {

namespace {

struct Wanted {
    std::string target, key;
    std::vector<std::string> variables;
    bool why = false;

    std::vector<std::string> path() const { return key.empty() ? std::vector<std::string>() : split(key, '.'); }
};

// The start of a value, on one line.
std::string brief(const Value& value) {
    const std::string text = escape_control(write_json(value));
    return text.size() > 40 ? text.substr(0, 37) + "..." : text;
}

void print(Console& console, const ExplainedVariable& variable) {
    if (!console.text()) return console.object(to_value(variable));
    console.line(escape_control(join(variable.path, ".")));
    for (const auto& setting : variable.settings) {
        const std::string place = setting.position.text();
        std::string effect = name_of(setting.effect);
        effect.resize(8, ' ');  // as wide as "replaced"
        console.line("  " + effect + "  " + brief(setting.value) + "  " + setting.rule +
                     (place.empty() ? "" : "  " + place));
    }
}

// Every layer that set the key, or one below it; the highest first.
ExitCode explain(Invocation& invocation, const TargetId& id, const std::vector<std::string>& key,
                 const std::vector<ExplainedVariable>& variables) {
    bool found = key.empty();
    std::vector<std::string> names;
    for (const auto& variable : variables) {
        names.push_back(join(variable.path, "."));
        if (variable.path.size() < key.size() || !std::equal(key.begin(), key.end(), variable.path.begin())) continue;
        found = true;
        print(invocation.console, variable);
    }
    if (!found) {
        const std::string near = nearest(join(key, "."), names);
        throw Error(ErrorKind::missing,
                    "no layer of target " + prove::quoted(id.text()) + " sets " + prove::quoted(join(key, ".")) +
                        (near.empty() ? "" : "; did you mean " + prove::quoted(near) + "?"));
    }
    return ExitCode::well;
}

// `level`: how many words of the key lead to `inside`, which has no member of the next one's name.
Error no_variable(const TargetId& id, const std::vector<std::string>& key, const Value& inside, std::size_t level) {
    std::vector<std::string> names;
    if (inside.is_mapping())
        for (const auto& member : inside.mapping()) names.push_back(member.key);
    std::vector<std::string> right(key.begin(), key.begin() + static_cast<std::ptrdiff_t>(level));
    right.push_back(nearest(key[level], names));
    return Error(ErrorKind::missing,
                 "target " + prove::quoted(id.text()) + " has no variable " + prove::quoted(join(key, ".")) +
                     (right.back().empty() ? "" : "; did you mean " + prove::quoted(join(right, ".")) + "?"));
}

ExitCode values(Invocation& invocation, const TargetId& id, const std::vector<std::string>& key, const Value& all) {
    const Value* found = &all;
    for (const auto& part : key) {
        const Value* next = found->is_mapping() ? found->find(part) : nullptr;
        if (next == nullptr) throw no_variable(id, key, *found, static_cast<std::size_t>(&part - key.data()));
        found = next;
    }
    if (!invocation.console.text()) {
        invocation.console.object(*found);
    } else {
        invocation.console.line(trim_end(write_yaml(*found)));
    }
    return ExitCode::well;
}

ExitCode show(Invocation& invocation, const Wanted& wanted) {
    CompileRequest request;
    request.variables = read_variables(wanted.variables);
    LocalCatalog local(invocation.place());
    request.target = TargetId(local.one(wanted.target));
    request.facts = local.facts();
    const SeenVariables seen = local.compiler().seen_variables(request);
    return wanted.why ? explain(invocation, request.target, wanted.path(), seen.explained)
                      : values(invocation, request.target, wanted.path(), seen.merged);
}

}  // namespace

void add_variables(CommandLine& line) {
    auto wanted = std::make_shared<Wanted>();
    CLI::App& command = line.add(line.app(), "variables", "the variables that a target's templates see, and where they come from",
                                 "  prove-cli --catalog . variables web1\n"
                                 "  prove-cli --catalog . variables web1 site.port --explain\n"
                                 "  prove-cli --catalog . variables web1 site.port --explain --var site.port=8080",
                                 [wanted](Invocation& invocation) { return show(invocation, *wanted); });
    command.add_option("TARGET", wanted->target, "a target's name")->required();
    command.add_option("KEY", wanted->key, "only this one; a dot reaches inside");
    command.add_flag("--explain", wanted->why, "show every layer that set it, with its place, the one that wins first");
    command.add_option("--var", wanted->variables, "set a variable above all others; may be given often")
        ->type_name("NAME=VALUE")->allow_extra_args(false);
}

}  // namespace prove
