// See prepared.hpp.
#include "agent/engine/prepared.hpp"

#include "proto/late.hpp"
#include "proto/secret_text.hpp"

namespace prove {
namespace {

PreparedPart prepare_part(const StatePart& part, const FunctionRegistry& functions, ContentSource& content) {
    const Function* function = functions.find(part.function);
    if (!function)
        throw Error(ErrorKind::invalid, part.position,
                    "the function '" + part.function + "' is not known here; this Prove may be older than the master");
    if (!holds_what_is_known_later(part.arguments))
        return {&part, function, Arguments(function->schema, part.arguments, &content)};
    Diagnostics diagnostics;
    check_arguments(function->schema, part.arguments, part.position, "", diagnostics);
    if (diagnostics.has_errors()) {
        const Diagnostic& first = diagnostics.all().front();
        throw Error(ErrorKind::invalid, first.position, first.text);
    }
    return {&part, function, std::nullopt};
}

}  // namespace

std::vector<PreparedVariant> prepare(const Node& node, const FunctionRegistry& functions, ContentSource& content) {
    std::vector<PreparedVariant> result;
    result.reserve(node.variants.size());
    for (const Variant& variant : node.variants) {
        auto& prepared = result.emplace_back();
        prepared.variant = &variant;
        if (is_late(node)) continue;
        prepared.parts.reserve(variant.parts.size());
        for (const StatePart& part : variant.parts)
            with_context([&] { return "in the state '" + node.id.text() + "'"; },
                         [&] { prepared.parts.push_back(prepare_part(part, functions, content)); });
    }
    return result;
}

}  // namespace prove
