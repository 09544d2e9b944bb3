// See late.hpp.
#include "proto/late.hpp"

#include "proto/wire.hpp"
#include "proto/wire_ids.hpp"

namespace prove {

namespace {

constexpr std::size_t most_late_states = 1'000;  // asked for in one run
constexpr std::uint64_t most_run_bytes = 8u << 20;

}  // namespace

bool is_late(const Node& node) {
    return node.variants.size() == 1 && node.variants.front().parts.size() == 1 &&
           node.variants.front().parts.front().function == late_function;
}

LateSpec late_spec_of(const Node& node) {
    Fields fields(node.variants.front().parts.front().arguments, "late state");
    LateSpec spec;
    spec.basis = fields.text("basis");
    for (const Mapping::Member& member : fields.required("results").mapping()) {
        auto& names = spec.results[StateId(member.key)];
        for (const Value& name : member.value.list()) names.push_back(name_text(name, "output"));
    }
    fields.end();
    return spec;
}

StatePart late_part(const LateSpec& spec, const SourcePosition& position) {
    StatePart part;
    part.function = late_function;
    part.position = position;
    Value results = Value::object();
    for (const auto& [state, names] : spec.results) results.set(state.text(), list_of_texts(names));
    part.arguments.set("basis", spec.basis);
    part.arguments.set("results", std::move(results));
    return part;
}

Value to_value(const LateRequest& request) {
    Value states = Value::array();
    for (const LateRequest::Asked& asked : request.states) {
        Value state = Value::object();
        state.set("state", asked.state.text());
        state.set("results", asked.results);
        states.push(std::move(state));
    }
    Value result = Value::object();
    result.set("basis", request.basis);
    result.set("states", std::move(states));
    return result;
}

LateRequest late_request_from(const Value& value) {
    Fields fields(value, "late request");
    LateRequest request;
    request.basis = fields.text("basis");
    const auto& states = fields.required("states").list();
    if (states.empty() || states.size() > most_late_states)
        throw Error(ErrorKind::invalid, "late request: " + std::to_string(states.size()) + " states");
    for (const Value& state : states) {
        Fields members(state, "late request");
        LateRequest::Asked asked;
        asked.state = StateId(name_text(members.required("state"), "state id"));
        asked.results = members.required("results");
        for (const Mapping::Member& results : asked.results.mapping()) (void)results.value.mapping();
        members.end();
        request.states.push_back(std::move(asked));
    }
    fields.end();
    return request;
}

Hash key_of(const LateRequest& request) {
    return hash_of("prove.late.v1" + write_json(to_value(request)));
}

Value to_value(const LateQuestion& question) {
    Value result = Value::object();
    result.set("job", question.job.text());
    result.set("request", to_value(question.request));
    return result;
}

LateQuestion late_question_from(const Value& value) {
    Fields fields(value, "late question");
    LateQuestion question;
    question.job = job_from(fields.required("job"));
    question.request = late_request_from(fields.required("request"));
    fields.end();
    return question;
}

Value to_value(const LateReply& reply) {
    Value result = Value::object();
    result.set("cluster", reply.cluster.hex());
    result.set("agent", reply.agent.hex());
    result.set("job", reply.job.text());
    result.set("state", reply.state.text());
    result.set("index", static_cast<std::int64_t>(reply.index));
    result.set("key", reply.key.hex());
    if (reply.outside != 0) result.set("outside", static_cast<std::int64_t>(reply.outside));
    if (!reply.run.is_null()) result.set("run", reply.run);
    if (reply.blob) result.set("blob", blob_value(*reply.blob));
    set_if(result, "error", reply.error);
    return result;
}

LateReply late_reply_from(const Value& value) {
    Fields fields(value, "late piece");
    LateReply reply;
    reply.cluster = fixed_from<ClusterId>(fields.required("cluster"), "cluster id");
    reply.agent = fixed_from<KeyId>(fields.required("agent"), "key id");
    reply.job = job_from(fields.required("job"));
    reply.state = StateId(name_text(fields.required("state"), "state id"));
    reply.index = bounded(fields.required("index"), most_late_states, "index");
    reply.key = fixed_from<Hash>(fields.required("key"), "key");
    reply.outside = count_field(fields, "outside", 10'000);
    if (const Value* const run = fields.optional("run")) reply.run = run->mapping();
    if (const Value* const blob = fields.optional("blob")) reply.blob = blob_from(*blob, most_run_bytes);
    reply.error = fields.text("error", "");
    fields.end();
    if (!reply.run.is_null() + reply.blob.has_value() + !reply.error.empty() != 1)
        throw Error(ErrorKind::invalid, "late piece: exactly one of 'run', 'blob' and 'error' is needed");
    return reply;
}

}  // namespace prove
