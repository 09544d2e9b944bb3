// Messages that are about the connection: hello, welcome, heartbeat, announcement.
#include "proto/messages.hpp"

#include "proto/wire.hpp"
#include "proto/wire_ids.hpp"

namespace prove {

namespace {

constexpr std::size_t random_digits = 32;  // of journal ids and nonces

std::string random_text(Fields& fields, const char* key) {
    const std::string text = fields.text(key);
    if (text.size() != random_digits || !from_hex(text))
        throw Error(ErrorKind::invalid, std::string("'") + key + "' is not 32 hexadecimal digits");
    return text;
}

std::string sheet_in(Fields& fields) {
    std::string text = fields.text("sheet", "");
    if (!text.empty() && !Hash::from_hex_text(text)) throw Error(ErrorKind::invalid, "'sheet' is no hash");
    return text;
}

// Facts are a mapping, or null where they have not changed.
Value facts_in(Fields& fields) {
    const Value* const found = fields.optional("facts");
    if (found == nullptr) return Value();
    return Value(found->mapping());
}

}  // namespace

Value to_value(const Hello& hello) {
    Value result = Value::object();
    result.set("journal", hello.journal);
    result.set("counter", hello.counter);
    result.set("nonce", hello.nonce);
    result.set("low_water", hello.low_water);
    result.set("keyset_version", hello.keyset_version);
    result.set("version", hello.version);
    set_if(result, "boot_id", hello.boot_id);
    if (!hello.unfinished.empty()) result.set("unfinished", list_of_jobs(hello.unfinished));
    if (hello.unfinished_cut) result.set("unfinished_cut", true);
    if (!hello.facts.is_null()) result.set("facts", hello.facts);
    set_if(result, "sheet", hello.sheet);
    return result;
}

Hello hello_from(const Value& value) {
    Fields fields(value, "hello");
    Hello result;
    result.journal = random_text(fields, "journal");
    result.counter = bounded(fields.required("counter"), any_count, "counter");
    result.nonce = random_text(fields, "nonce");
    result.low_water = bounded(fields.required("low_water"), any_count, "low_water");
    result.keyset_version = bounded(fields.required("keyset_version"), any_count, "keyset_version");
    result.version = name_text(fields.required("version"), "version");
    result.boot_id = fields.text("boot_id", "");
    result.unfinished = jobs_in(fields, "unfinished");
    if (const Value* const cut = fields.optional("unfinished_cut")) result.unfinished_cut = cut->boolean();
    result.facts = facts_in(fields);
    result.sheet = sheet_in(fields);
    fields.end();
    return result;
}

Value to_value(const Welcome& welcome) {
    Value result = Value::object();
    result.set("nonce", welcome.nonce);
    result.set("sequence_floor", welcome.sequence_floor);
    result.set("keyset_version", welcome.keyset_version);
    set_if(result, "keyset", welcome.keyset);
    if (!welcome.pending.empty()) result.set("pending", list_of_jobs(welcome.pending));
    result.set("time_ms", welcome.time_ms);
    result.set("name", welcome.name);
    return result;
}

Welcome welcome_from(const Value& value) {
    Fields fields(value, "welcome");
    Welcome result;
    result.nonce = random_text(fields, "nonce");
    result.sequence_floor = bounded(fields.required("sequence_floor"), any_count, "sequence_floor");
    result.keyset_version = bounded(fields.required("keyset_version"), any_count, "keyset_version");
    result.keyset = fields.text("keyset", "");
    result.pending = jobs_in(fields, "pending");
    result.time_ms = static_cast<std::int64_t>(bounded(fields.required("time_ms"), any_count, "time_ms"));
    result.name = fields.text("name");
    if (!is_target_name(result.name)) throw Error(ErrorKind::invalid, "welcome: malformed name");
    fields.end();
    return result;
}

const char* name_of(Announcement::Kind kind) {
    switch (kind) {
        case Announcement::Kind::job:
            return "job";
        case Announcement::Kind::ping:
            return "ping";
        case Announcement::Kind::cancel:
            return "cancel";
        case Announcement::Kind::keyset:
            return "keyset";
    }
    return "job";
}

Value to_value(const Announcement& announcement) {
    Value result = Value::object();
    result.set("kind", name_of(announcement.kind));
    if (!announcement.job.is_zero()) result.set("job", announcement.job.text());
    return result;
}

Announcement announcement_from(const Value& value) {
    using Kind = Announcement::Kind;
    Fields fields(value, "announcement");
    Announcement result;
    result.kind = enum_named(fields.text("kind"), {Kind::job, Kind::ping, Kind::cancel, Kind::keyset}, "kind");
    if (const Value* const found = fields.optional("job")) result.job = job_from(*found);
    fields.end();
    if ((result.kind == Kind::keyset) != result.job.is_zero())
        throw Error(ErrorKind::invalid, "announcement: a job is named by every kind but 'keyset'");
    return result;
}

Value to_value(const Heartbeat& heartbeat) {
    Value result = Value::object();
    result.set("time_ms", heartbeat.time_ms);
    result.set("keyset_version", heartbeat.keyset_version);
    set_if(result, "audit_head", heartbeat.audit_head);
    if (!heartbeat.facts.is_null()) result.set("facts", heartbeat.facts);
    set_if(result, "sheet", heartbeat.sheet);
    return result;
}

Heartbeat heartbeat_from(const Value& value) {
    Fields fields(value, "heartbeat");
    Heartbeat result;
    result.time_ms = static_cast<std::int64_t>(bounded(fields.required("time_ms"), any_count, "time_ms"));
    result.keyset_version = bounded(fields.required("keyset_version"), any_count, "keyset_version");
    result.audit_head = fields.text("audit_head", "");
    if (!from_hex(result.audit_head)) throw Error(ErrorKind::invalid, "heartbeat: malformed audit head");
    result.facts = facts_in(fields);
    result.sheet = sheet_in(fields);
    fields.end();
    return result;
}

}  // namespace prove
