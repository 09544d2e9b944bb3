// Messages by which an agent asks for a run of its own states, and hears which job that became.
#include "proto/messages.hpp"

#include "proto/wire.hpp"
#include "proto/wire_ids.hpp"
#include "proto/wire_slot.hpp"

namespace prove {

namespace {

std::string request_id(Fields& fields) {
    const std::string text = fields.text("request");
    if (text.size() != 32 || !from_hex(text)) throw Error(ErrorKind::invalid, "'request' is not 32 hexadecimal digits");
    return text;
}

}  // namespace

Value to_value(const RunRequest& request) {
    Value result = Value::object();
    result.set("request", request.request);
    result.set("mode", name_of(request.mode));
    if (request.scheduled) result.set("scheduled", slot_value(*request.scheduled));
    return result;
}

RunRequest run_request_from(const Value& value) {
    Fields fields(value, "run request");
    RunRequest result;
    result.request = request_id(fields);
    result.mode = enum_named(fields.text("mode"), {RunMode::plan, RunMode::apply}, "mode");
    if (const Value* const slot = fields.optional("scheduled")) result.scheduled = slot_from(*slot);
    fields.end();
    return result;
}

Value to_value(const RunReply& reply) {
    Value result = Value::object();
    result.set("request", reply.request);
    if (!reply.job.is_zero()) result.set("job", reply.job.text());
    set_if(result, "error", reply.error);
    set_if(result, "waits", reply.waits);
    return result;
}

RunReply run_reply_from(const Value& value) {
    Fields fields(value, "run reply");
    RunReply result;
    result.request = request_id(fields);
    if (fields.optional("job") != nullptr) result.job = job_from(fields.required("job"));
    result.error = fields.text("error", "");
    result.waits = fields.boolean("waits", false);
    fields.end();
    if (result.waits != (result.job.is_zero() && result.error.empty()))
        throw Error(ErrorKind::invalid, "run reply: a job, an error, both, or that it waits");
    return result;
}

}  // namespace prove
