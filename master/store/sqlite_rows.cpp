// Columns of each table, both ways.
#include "master/store/sqlite_rows.hpp"

#include "master/store/packed.hpp"

namespace prove::sqlite {

namespace {

constexpr std::size_t least_packed = 512;

// What was accepted once must be readable for ever, so stored values are read with wide limits.
Value stored_value(const std::string& text) {
    JsonLimits limits = JsonLimits::state_run();
    limits.bytes = 64u << 20;
    limits.string_bytes = 64u << 20;
    limits.depth = 64;
    return read_json(text, limits);
}

Value texts_value(const std::vector<std::string>& texts) {
    Value list = Value::array();
    for (const auto& text : texts) list.push(Value(text));
    return list;
}

std::vector<std::string> texts_from(const Value& list) {
    std::vector<std::string> texts;
    for (const auto& text : list.list()) texts.push_back(text.text());
    return texts;
}

Value ends_value(const std::map<TargetEnd, std::size_t>& ends) {
    Value value = Value::object();
    for (const auto& [end, times] : ends) value.set(name_of(end), Value(times));
    return value;
}

std::map<TargetEnd, std::size_t> ends_from(const Value& value) {
    std::map<TargetEnd, std::size_t> ends;
    for (const auto& member : value.mapping())
        ends[target_end_from(member.key)] = static_cast<std::size_t>(member.value.integer());
    return ends;
}

struct Put {
    Connection& database;

    void operator()(const JobRow& row) const {
        // An upsert, since REPLACE would delete the row first and take its targets along.
        auto& to = database.prepare(
            "INSERT INTO jobs VALUES (?,?,?,?,?,?,?,?,?,?,?,?,?,?,?,?,?,?) ON CONFLICT (id) DO UPDATE SET "
            "ended = excluded.ended, ended_ms = excluded.ended_ms, cancelled_by = excluded.cancelled_by, "
            "targets = excluded.targets, ends = excluded.ends");
        to.bind(row.id.raw())
            .bind(row.id.text())
            .bind(row.operation)
            .bind(row.expression)
            .bind(write_json(row.options));
        to.bind(row.who).bind(row.from).bind(row.created_ms).bind(row.not_after_ms).bind(row.wait_ms).bind(row.catalog);
        to.bind(row.targets).bind(row.ended).bind(row.ended_ms).bind(row.cancelled_by);
        to.bind(row.schedule).bind(row.slot_ms).bind(write_json(ends_value(row.ends))).step();
    }
    void operator()(const JobTargetRow& row) const {
        auto& to = database.prepare("INSERT OR REPLACE INTO job_targets VALUES (?,?,?,?,?,?,?,?,?,?,?,?)");
        to.bind(row.job.raw()).bind(row.target.text()).bind(row.key).bind(std::string(name_of(row.phase)));
        to.bind(std::string(row.phase == TargetPhase::ended ? name_of(row.end) : ""));
        to.bind(row.reason).bind(row.cause).bind(row.accepted_ms).bind(row.ended_ms);
        to.bind(write_json(row.summary)).bind(row.late).bind(row.cancelled_by).step();
    }
    void operator()(const ResultRow& row) const {
        auto& to = database.prepare("INSERT OR REPLACE INTO results VALUES (?,?,?,?,?)");
        const bool packs = row.body.size() >= least_packed;
        to.bind(row.job.raw()).bind(row.target.text()).bind(row.stored_ms).bind(packs ? "" : row.body);
        to.bind_blob(packs ? pack(row.body) : "").step();
    }
    void operator()(const EventRow& row) const {
        auto& to = database.prepare("INSERT OR REPLACE INTO events VALUES (?,?,?,?,?,?)");
        to.bind(row.job.raw()).bind(row.number).bind(row.time_ms).bind(row.target.text()).bind(row.kind);
        to.bind(write_json(row.body)).step();
    }
    void operator()(const KeyRow& row) const {
        // An upsert: REPLACE would also remove another key of the same name instead of failing (S13).
        auto& to = database.prepare(
            "INSERT INTO keys VALUES (?,?,?,?,?,?,?,?,?,?,?,?,?,?,?) ON CONFLICT (id) DO UPDATE SET "
            "identity = excluded.identity, sign = excluded.sign, transport = excluded.transport, seal = excluded.seal, "
            "state = excluded.state, name = excluded.name, fingerprint = excluded.fingerprint, "
            "machine = excluded.machine, address = excluded.address, note = excluded.note, "
            "decided_by = excluded.decided_by, last_seen_ms = excluded.last_seen_ms, decided_ms = excluded.decided_ms");
        to.bind(row.id).bind_blob(row.identity).bind(row.sign).bind(row.transport).bind(row.seal);
        to.bind(std::string(name_of(row.state))).bind(row.name.text()).bind(row.fingerprint).bind(row.machine);
        to.bind(row.address).bind(row.note).bind(row.decided_by);
        to.bind(row.first_seen_ms).bind(row.last_seen_ms).bind(row.decided_ms).step();
    }
    void operator()(const DropKey& row) const {
        database.prepare("DELETE FROM keys WHERE id = ? AND state = 'pending'").bind(row.id).step();
    }
    void operator()(const AgentRow& row) const {
        auto& to = database.prepare("INSERT OR REPLACE INTO agents VALUES (?,?,?,?,?,?,?,?)");
        to.bind(row.key).bind(row.journal).bind(row.counter).bind(write_json(texts_value(row.old_journals)));
        to.bind(row.version).bind(row.boot_id).bind(row.connected_ms).bind(row.seen_ms).step();
    }
    void operator()(const TokenRow& row) const {
        auto& to = database.prepare("INSERT OR REPLACE INTO tokens VALUES (?,?,?,?,?,?,?,?)");
        to.bind(row.id).bind(row.key).bind(row.pattern).bind(row.made_by);
        to.bind(row.created_ms).bind(row.expires_ms).bind(row.used_ms).bind(row.used_by).step();
    }
    void operator()(const FactsRow& row) const {
        database.prepare("INSERT OR REPLACE INTO facts VALUES (?,?,?)")
            .bind(row.key)
            .bind(row.time_ms)
            .bind(write_json(row.facts))
            .step();
    }
    void operator()(const SettingRow& row) const {
        database.prepare("INSERT OR REPLACE INTO settings VALUES (?,?)").bind(row.name).bind(row.text).step();
    }
    void operator()(const AuditRow& row) const { put_audit(database, row); }
    void operator()(const PauseRow& row) const {
        auto& to = database.prepare("INSERT OR REPLACE INTO pauses VALUES (?,?,?,?,?,?,?)");
        to.bind(row.schedule).bind(row.expression).bind(row.why).bind(row.who).bind(row.from);
        to.bind(row.created_ms).bind(row.until_ms).step();
    }
    void operator()(const DropPause& row) const {
        auto& to = database.prepare("DELETE FROM pauses WHERE schedule = ? AND expression = ?");
        to.bind(row.schedule).bind(row.expression).step();
    }
    void operator()(const SlotRow& row) const {
        auto& to = database.prepare("INSERT OR REPLACE INTO slots VALUES (?,?,?,?,?,?,?,?)");
        to.bind(row.schedule).bind(row.target.text()).bind(row.due_ms).bind(row.taken_ms).bind(row.times);
        to.bind(row.job).bind(row.job_due_ms).bind(row.note).step();
    }
    void operator()(const StandingRow& row) const {
        auto& to = database.prepare("INSERT OR REPLACE INTO standings VALUES (?,?,?,?,?,?,?,?,?)");
        to.bind(row.target.text()).bind(row.key).bind(std::string(name_of(row.standing)));
        to.bind(row.since_ms).bind(row.judged_ms).bind(row.job.raw()).bind(row.catalog);
        to.bind(row.drift_ms).bind(write_json(row.found)).step();
    }
    void operator()(const ForgetTarget& row) const {
        database.prepare("DELETE FROM standings WHERE target = ?").bind(row.target.text()).step();
        database.prepare("DELETE FROM slots WHERE target = ?").bind(row.target.text()).step();
    }
};

}  // namespace

void put(Connection& database, const Write& row) {
    std::visit(Put{database}, row);
}

void put_audit(Connection& database, const AuditRow& row) {
    database.prepare("INSERT INTO audit VALUES (?,?,?)")
        .bind(row.number)
        .bind(write_json(to_value(row)))
        .bind(row.hash)
        .step();
}

JobRow job_row(Statement& at) {
    JobRow row;
    row.id = JobId(at.bytes<JobId::Raw>());
    at.text();  // the id as text
    row.operation = at.text();
    row.expression = at.text();
    row.options = stored_value(at.text());
    row.who = at.text();
    row.from = at.text();
    row.created_ms = at.integer();
    row.not_after_ms = at.integer();
    row.wait_ms = at.integer();
    row.catalog = at.text();
    row.targets = static_cast<std::uint64_t>(at.integer());
    row.ended = at.boolean();
    row.ended_ms = at.integer();
    row.cancelled_by = at.text();
    row.schedule = at.text();
    row.slot_ms = at.integer();
    row.ends = ends_from(stored_value(at.text()));
    return row;
}

JobTargetRow job_target_row(Statement& at) {
    JobTargetRow row;
    row.job = JobId(at.bytes<JobId::Raw>());
    row.target = TargetId(at.text());
    row.key = at.bytes<KeyId>();
    row.phase = target_phase_from(at.text());
    const auto end = at.text();
    if (row.phase == TargetPhase::ended) row.end = target_end_from(end);
    row.reason = at.text();
    row.cause = at.text();
    row.accepted_ms = at.integer();
    row.ended_ms = at.integer();
    row.summary = stored_value(at.text());
    row.late = at.boolean();
    row.cancelled_by = at.text();
    return row;
}

ResultRow result_row(Statement& at) {
    ResultRow row;
    row.job = JobId(at.bytes<JobId::Raw>());
    row.target = TargetId(at.text());
    row.stored_ms = at.integer();
    row.body = at.text();
    if (const auto packed = at.text(); !packed.empty()) row.body = unpack(packed);
    return row;
}

EventRow event_row(Statement& at) {
    EventRow row;
    row.job = JobId(at.bytes<JobId::Raw>());
    row.number = static_cast<std::uint64_t>(at.integer());
    row.time_ms = at.integer();
    row.target = TargetId(at.text());
    row.kind = at.text();
    row.body = stored_value(at.text());
    return row;
}

KeyRow key_row(Statement& at) {
    KeyRow row;
    row.id = at.bytes<KeyId>();
    row.identity = at.text();
    row.sign = at.bytes<PublicSignKey>();
    row.transport = at.bytes<PublicTransportKey>();
    row.seal = at.bytes<PublicSealKey>();
    row.state = key_state_from(at.text());
    row.name = TargetId(at.text());
    row.fingerprint = at.text();
    row.machine = at.text();
    row.address = at.text();
    row.note = at.text();
    row.decided_by = at.text();
    row.first_seen_ms = at.integer();
    row.last_seen_ms = at.integer();
    row.decided_ms = at.integer();
    return row;
}

AgentRow agent_row(Statement& at) {
    AgentRow row;
    row.key = at.bytes<KeyId>();
    row.journal = at.text();
    row.counter = static_cast<std::uint64_t>(at.integer());
    row.old_journals = texts_from(stored_value(at.text()));
    row.version = at.text();
    row.boot_id = at.text();
    row.connected_ms = at.integer();
    row.seen_ms = at.integer();
    return row;
}

TokenRow token_row(Statement& at) {
    TokenRow row;
    row.id = at.text();
    row.key = at.bytes<PublicSignKey>();
    row.pattern = at.text();
    row.made_by = at.text();
    row.created_ms = at.integer();
    row.expires_ms = at.integer();
    row.used_ms = at.integer();
    row.used_by = at.bytes<KeyId>();
    return row;
}

FactsRow facts_row(Statement& at) {
    FactsRow row;
    row.key = at.bytes<KeyId>();
    row.time_ms = at.integer();
    row.facts = stored_value(at.text());
    return row;
}

PauseRow pause_row(Statement& at) {
    PauseRow row;
    row.schedule = at.text();
    row.expression = at.text();
    row.why = at.text();
    row.who = at.text();
    row.from = at.text();
    row.created_ms = at.integer();
    row.until_ms = at.integer();
    return row;
}

SlotRow slot_row(Statement& at) {
    SlotRow row;
    row.schedule = at.text();
    row.target = TargetId(at.text());
    row.due_ms = at.integer();
    row.taken_ms = at.integer();
    row.times = at.text();
    row.job = at.text();
    row.job_due_ms = at.integer();
    row.note = at.text();
    return row;
}

StandingRow standing_row(Statement& at) {
    StandingRow row;
    row.target = TargetId(at.text());
    row.key = at.bytes<KeyId>();
    row.standing = standing_from(at.text());
    row.since_ms = at.integer();
    row.judged_ms = at.integer();
    row.job = JobId(at.bytes<JobId::Raw>());
    row.catalog = at.text();
    row.drift_ms = at.integer();
    row.found = stored_value(at.text());
    return row;
}

AuditRow audit_row(Statement& at) {
    AuditRow row;
    const auto number = static_cast<std::uint64_t>(at.integer());
    const auto value = stored_value(at.text());
    row.hash = at.bytes<Hash>();
    Fields fields(value, "audit record");
    row.number = static_cast<std::uint64_t>(fields.integer("number"));
    // A record that was moved to another number is a record that does not fit.
    if (row.number != number) row.number = 0;
    row.time_ms = fields.integer("time_ms");
    row.who = fields.text("who");
    row.from = fields.text("from");
    row.command = fields.text("command");
    row.decision = fields.text("decision");
    row.targets = fields.texts("targets");
    row.job = fields.text("job");
    row.catalog = fields.text("catalog");
    row.detail = fields.text("detail");
    fields.end();
    return row;
}

}  // namespace prove::sqlite
