// Messages that are about a job, from its command to the confirmation of its result; the bodies of the operations are
// in messages_operation.cpp.
#include "proto/messages.hpp"

#include "proto/wire.hpp"
#include "proto/wire_ids.hpp"
#include "proto/wire_slot.hpp"

namespace prove {

namespace {

constexpr std::uint64_t most_result_bytes = 4u << 20;  // security.md section 15

JobResult::End end_from(const std::string& name) {
    using End = JobResult::End;
    return enum_named(name, {End::done, End::failed, End::refused, End::cancelled, End::interrupted}, "end");
}

Value own_value(const OwnRun& own) {
    Value result = Value::object();
    result.set("operation", own.operation);
    result.set("mode", name_of(own.mode));
    result.set("scheduled", slot_value(own.scheduled));
    set_if(result, "catalog", own.catalog);
    set_if(result, "why", own.why);
    return result;
}

OwnRun own_from(const Value& value) {
    Fields fields(value, "own run");
    OwnRun result;
    result.operation = name_text(fields.required("operation"), "operation");
    result.mode = enum_named(fields.text("mode"), {RunMode::plan, RunMode::apply}, "mode");
    result.scheduled = slot_from(fields.required("scheduled"));
    result.catalog = fields.text("catalog", "");
    if (!result.catalog.empty() && !Hash::from_hex_text(result.catalog))
        throw Error(ErrorKind::invalid, "own run: malformed hash of a catalog");
    result.why = fields.text("why", "");
    fields.end();
    return result;
}

template <class Message>
Value job_alone(const Message& message) {
    Value result = Value::object();
    result.set("job", message.job.text());
    return result;
}

template <class Message>
Message job_alone_from(const Value& value, const char* what) {
    Fields fields(value, what);
    Message result{job_from(fields.required("job"))};
    fields.end();
    return result;
}

}  // namespace

Value to_value(const Fetch& fetch) {
    return job_alone(fetch);
}
Fetch fetch_from(const Value& value) {
    return job_alone_from<Fetch>(value, "fetch");
}
Value to_value(const Stored& stored) {
    return job_alone(stored);
}
Stored stored_from(const Value& value) {
    return job_alone_from<Stored>(value, "stored");
}

Value to_value(const JobCommand& command) {
    Value result = Value::object();
    result.set("cluster", command.cluster.hex());
    result.set("agent", command.agent.hex());
    result.set("job", command.job.text());
    result.set("generation", command.generation);
    result.set("operation", command.operation);
    result.set("body", command.body);
    if (command.scheduled) result.set("scheduled", slot_value(*command.scheduled));
    return result;
}

JobCommand job_command_from(const Value& value) {
    Fields fields(value, "command");
    JobCommand result;
    result.cluster = fixed_from<ClusterId>(fields.required("cluster"), "cluster id");
    result.agent = fixed_from<KeyId>(fields.required("agent"), "key id");
    result.job = job_from(fields.required("job"));
    result.generation = bounded(fields.required("generation"), any_count, "generation");
    result.operation = name_text(fields.required("operation"), "operation");
    result.body = fields.required("body");
    if (const Value* const slot = fields.optional("scheduled")) result.scheduled = slot_from(*slot);
    fields.end();
    return result;
}

Value to_value(const Cancel& cancel) {
    Value result = job_alone(cancel);
    set_if(result, "by", cancel.by);
    return result;
}

Cancel cancel_from(const Value& value) {
    Fields fields(value, "cancel");
    Cancel result{job_from(fields.required("job")), fields.text("by", "")};
    fields.end();
    return result;
}

Value to_value(const Accepted& accepted) {
    Value result = job_alone(accepted);
    set_if(result, "refused", accepted.refused);
    set_if(result, "reason", accepted.reason);
    return result;
}

Accepted accepted_from(const Value& value) {
    Fields fields(value, "accepted");
    Accepted result;
    result.job = job_from(fields.required("job"));
    result.refused = fields.boolean("refused", false);
    result.reason = fields.text("reason", "");
    fields.end();
    return result;
}

const char* name_of(JobEvent::Kind kind) {
    switch (kind) {
        case JobEvent::Kind::output:
            return "output";
        case JobEvent::Kind::state_started:
            return "state_started";
        case JobEvent::Kind::state_finished:
            return "state_finished";
    }
    return "output";
}

Value to_value(const JobEvent& event) {
    Value result = job_alone(event);
    result.set("number", event.number);
    result.set("kind", name_of(event.kind));
    if (event.kind == JobEvent::Kind::output) {
        set_if(result, "is_error", event.output.is_error);
        result.set("bytes", to_base64(event.output.bytes));
    }
    set_if(result, "state", event.state);
    if (event.invocation) result.set("invocation", to_value(*event.invocation));
    return result;
}

JobEvent job_event_from(const Value& value) {
    using Kind = JobEvent::Kind;
    Fields fields(value, "event");
    JobEvent result;
    result.job = job_from(fields.required("job"));
    result.number = bounded(fields.required("number"), any_count, "number");
    result.kind = enum_named(fields.text("kind"), {Kind::output, Kind::state_started, Kind::state_finished}, "kind");
    result.state = fields.text("state", "");
    if (result.kind == Kind::output) {
        result.output.is_error = fields.boolean("is_error", false);
        result.output.bytes = from_base64(fields.text("bytes"));
    }
    if (result.kind == Kind::state_finished) result.invocation = state_invocation_from(fields.required("invocation"));
    if (result.kind == Kind::state_started && result.state.empty())
        throw Error(ErrorKind::invalid, "event: a state that started has a name");
    fields.end();
    return result;
}

const char* name_of(JobResult::End end) {
    switch (end) {
        case JobResult::End::done:
            return "done";
        case JobResult::End::failed:
            return "failed";
        case JobResult::End::refused:
            return "refused";
        case JobResult::End::cancelled:
            return "cancelled";
        case JobResult::End::interrupted:
            return "interrupted";
    }
    return "failed";
}

Value to_value(const JobResult& result) {
    Value written = job_alone(result);
    written.set("end", name_of(result.end));
    set_if(written, "reason", result.reason);
    written.set("started_ms", result.started_ms);
    written.set("finished_ms", result.finished_ms);
    if (!result.body.is_null()) written.set("body", result.body);
    if (result.blob) written.set("blob", blob_value(*result.blob));
    if (result.own) written.set("own", own_value(*result.own));
    return written;
}

JobResult job_result_from(const Value& value) {
    Fields fields(value, "result");
    JobResult result;
    result.job = job_from(fields.required("job"));
    result.end = end_from(fields.text("end"));
    result.reason = fields.text("reason", "");
    result.started_ms = static_cast<std::int64_t>(bounded(fields.required("started_ms"), any_count, "started_ms"));
    result.finished_ms = static_cast<std::int64_t>(bounded(fields.required("finished_ms"), any_count, "finished_ms"));
    if (const Value* const body = fields.optional("body")) result.body = body->mapping();
    if (const Value* const blob = fields.optional("blob")) result.blob = blob_from(*blob, most_result_bytes);
    if (const Value* const own = fields.optional("own")) result.own = own_from(*own);
    fields.end();
    if (result.blob && !result.body.is_null()) throw Error(ErrorKind::invalid, "result: a body and a blob");
    return result;
}

}  // namespace prove
