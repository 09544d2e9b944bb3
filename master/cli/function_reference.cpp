// Schemas to text.
#include "master/cli/function_reference.hpp"

#include <algorithm>

#include "common/text/text.hpp"

namespace prove {

namespace {

std::string type_text(const Argument& argument) {
    if (argument.type == ArgumentType::choice) return "one of " + join(argument.choices, ", ");
    std::string text = name_of(argument.type);
    if (!argument.unit.empty()) text += ", in " + argument.unit;
    return text;
}

std::string default_text(const Argument& argument) {
    if (argument.required) return "required";
    return argument.fallback.is_null() ? "" : "default " + write_json(argument.fallback);
}

std::vector<std::string> claims_of(const FunctionSchema& schema) {
    std::vector<std::string> result;
    for (const auto& claim : schema.claims) result.push_back("the " + claim.aspect + " of a " + claim.kind);
    return result;
}

std::string proof_of(const FunctionSchema& schema) {
    if (schema.name.rfind("meta.", 0) == 0) return "none: it changes nothing itself";
    if (schema.nature == FunctionSchema::Nature::converges) return "proved: looked at once more after a change, and must want nothing then";
    if (!schema.proved_if.empty()) return "an event; proved where `" + schema.proved_if + "` is given";
    return "an event: it happens each time it runs, and is not proved";
}

std::string indented(const std::string& text, const std::string& by) {
    std::string result;
    for (const auto& line : split_lines(text)) result += line.empty() ? "\n" : by + line + "\n";
    return result;
}

// " (text, not with 'creates'): what it wrote"
std::string output_text(const Output& output) {
    return std::string(" (") + name_of(output.type) +
           (output.unless_argument.empty() ? "" : ", not with '" + output.unless_argument + "'") + "): " + output.help;
}

}  // namespace

std::string function_text(const FunctionSchema& schema) {
    std::string text = schema.name + ": " + schema.summary + "\n\nArguments:\n";
    std::size_t widest = 0;
    for (const auto& argument : schema.arguments) widest = std::max(widest, argument.name.size());
    for (const auto& argument : schema.arguments) {
        text += "  " + argument.name + std::string(widest - argument.name.size() + 2, ' ') + argument.help + "\n";
        const std::string fallback = default_text(argument);
        text += std::string(widest + 4, ' ') + "(" + type_text(argument) + (fallback.empty() ? "" : "; " + fallback) + ")\n";
    }
    text += "\nChanged means: " + schema.changed + "\n";
    text += "Proof: " + proof_of(schema) + "\n";
    if (!schema.claims.empty()) text += "Claims: " + join(claims_of(schema), "; ") + "\n";
    for (const auto& output : schema.outputs) text += "Output " + output.name + output_text(output) + "\n";
    return text + "\nExample:\n" + indented(schema.example, "  ");
}

std::string functions_markdown(const FunctionRegistry& registry) {
    std::string text = "# State functions\n\nGenerated from the functions' own schemas by `prove-cli functions --markdown`.\n";
    for (const auto& name : registry.names()) {
        const FunctionSchema& schema = registry.find(name)->schema;
        text += "\n## " + name + "\n\n" + schema.summary + "\n\n| argument | type | | meaning |\n| --- | --- | --- | --- |\n";
        for (const auto& argument : schema.arguments)
            text += "| `" + argument.name + "` | " + replace_all(type_text(argument), "|", "\\|") + " | " + default_text(argument) + " | " +
                    replace_all(argument.help, "|", "\\|") + " |\n";
        text += "\nChanged means: " + schema.changed + ". Proof: " + proof_of(schema) + ".\n";
        if (!schema.claims.empty()) text += "Claims: " + join(claims_of(schema), "; ") + ".\n";
        for (const auto& output : schema.outputs) text += "Output `" + output.name + "`" + output_text(output) + ".\n";
        text += "\n```yaml\n" + std::string(trim_end(schema.example)) + "\n```\n";
    }
    return text;
}

std::string facts_markdown(const std::vector<FactDescription>& facts) {
    std::string text =
        "# Facts\n\nGenerated from the agent's own list by `prove-cli generate facts`.\n\n"
        "What a target says about itself: `prove-cli facts web1 os.family`, `facts.os.family` in templates, and\n"
        "`fact:os.family=debian` in target expressions. A file in `/etc/prove/facts.d` on the target adds facts of your own\n"
        "below `custom`: `site.yml` or `site.json` as it is, and an executable `site` by the JSON that it prints.\n\n"
        "| fact | type | meaning | example |\n| --- | --- | --- | --- |\n";
    for (const auto& fact : facts)
        text += "| `" + fact.name + "` | " + fact.type + " | " + replace_all(fact.help, "|", "\\|") + " | `" +
                replace_all(fact.example, "|", "\\|") + "` |\n";
    return text;
}

}  // namespace prove
