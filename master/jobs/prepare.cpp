// Making one target's command, in a worker's thread.
#include "master/jobs/prepare.hpp"

namespace prove {

namespace {

// As the API shows one; a field that says nothing is left out.
Value value_of(const Diagnostic& diagnostic) {
    Value value = Value::object();
    value.set("severity", Value(diagnostic.severity == Diagnostic::Severity::error ? "error" : "warning"));
    if (diagnostic.position.known()) {
        value.set("file", Value(diagnostic.position.file_name()));
        value.set("line", Value(static_cast<std::int64_t>(diagnostic.position.line)));
        value.set("column", Value(static_cast<std::int64_t>(diagnostic.position.column)));
    }
    if (!diagnostic.where.empty()) value.set("where", Value(diagnostic.where));
    value.set("text", Value(diagnostic.text));
    if (!diagnostic.excerpt.empty()) value.set("excerpt", Value(diagnostic.excerpt));
    if (diagnostic.contexts.empty()) return value;
    Value contexts = Value::array();
    for (const auto& context : diagnostic.contexts) contexts.push(Value(context));
    value.set("contexts", std::move(contexts));
    return value;
}

Value list_of(const Diagnostics& diagnostics) {
    Value list = Value::array();
    for (const auto& one : diagnostics.sorted()) list.push(value_of(one));
    return list;
}

// The one diagnostic of an Error that is about a catalog but was thrown alone.
Value list_of(const Error& error) {
    Diagnostics diagnostics;
    auto& one = diagnostics.error(error.position(), "", error.text());
    one.contexts = error.contexts();
    return list_of(diagnostics);
}

void fill(ReadyCommand& ready, const Preparer& preparer) {
    auto prepared = preparer.prepare(ready.wish.target, ready.wish.key);
    JobCommand command;
    command.cluster = ready.wish.cluster;
    command.agent = ready.wish.key;
    command.job = ready.wish.job;
    command.generation = prepared.type == MessageType::staterun ? ready.wish.generation : 0;
    command.operation = ready.wish.operation;
    command.body = std::move(prepared.body);
    ready.payload = seal(write_json(to_value(command)), ready.wish.seal_key);
    ready.type = prepared.type;
    ready.dry_run = prepared.dry_run;
    ready.contents = std::move(prepared.contents);
    if (ready.payload.size() > payload_limit(ready.type))
        throw Error(ErrorKind::usage, "the command is " + std::to_string(ready.payload.size()) +
                                          " bytes, which is more than a command may have");
}

}  // namespace

ReadyCommand make_command(const Preparer& preparer, const CommandWish& wish) {
    ReadyCommand ready;
    ready.wish = wish;
    try {
        fill(ready, preparer);
    } catch (const CatalogError& error) {
        ready.error = error;
        ready.diagnostics = list_of(error.diagnostics());
    } catch (const Error& error) {
        ready.error = error;
        if (error.kind() == ErrorKind::catalog) ready.diagnostics = list_of(error);
    } catch (const std::exception& error) {
        ready.error = Error(ErrorKind::internal, error.what());
    }
    return ready;
}

}  // namespace prove
