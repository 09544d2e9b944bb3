// Diagnostics as data, and back.
#include "proto/diagnostics_value.hpp"

#include <memory>

namespace prove {

Value to_value(const Diagnostic& diagnostic) {
    Value result = Value::object();
    result.set("severity", diagnostic.severity == Diagnostic::Severity::error ? "error" : "warning");
    if (diagnostic.position.known()) {
        result.set("file", diagnostic.position.file_name());
        result.set("line", static_cast<std::int64_t>(diagnostic.position.line));
        result.set("column", static_cast<std::int64_t>(diagnostic.position.column));
    }
    if (!diagnostic.where.empty()) result.set("where", diagnostic.where);
    result.set("text", diagnostic.text);
    if (!diagnostic.excerpt.empty()) result.set("excerpt", diagnostic.excerpt);
    if (diagnostic.contexts.empty()) return result;
    Value& contexts = result.set("contexts", Value::array());
    for (const auto& context : diagnostic.contexts) contexts.push(context);
    return result;
}

Value to_value(const Diagnostics& diagnostics) {
    Value result = Value::array();
    for (const auto& diagnostic : diagnostics.sorted()) result.push(to_value(diagnostic));
    return result;
}

Diagnostics diagnostics_from(const Value& value) {
    Diagnostics result;
    for (const auto& item : value.list()) {
        Fields fields(item, "a diagnostic");
        Diagnostic diagnostic;
        diagnostic.severity = fields.text("severity") == "error" ? Diagnostic::Severity::error : Diagnostic::Severity::warning;
        if (const Value* file = fields.optional("file")) {
            diagnostic.position.file = std::make_shared<const std::string>(file->text());
            diagnostic.position.line = static_cast<std::uint32_t>(fields.integer("line", 0));
            diagnostic.position.column = static_cast<std::uint32_t>(fields.integer("column", 0));
        }
        diagnostic.where = fields.text("where", "");
        diagnostic.text = fields.text("text");
        diagnostic.excerpt = fields.text("excerpt", "");
        diagnostic.contexts = fields.texts("contexts");
        fields.end();
        result.add(std::move(diagnostic));
    }
    return result;
}

}  // namespace prove
