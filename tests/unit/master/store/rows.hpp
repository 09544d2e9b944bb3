// Rows for the store's tests, each with something in every field.
#pragma once

#include <catch2/catch.hpp>

#include "master/store/store.hpp"

namespace prove::test {

template <class B>
B filled(std::uint8_t byte) {
    B bytes;
    bytes.bytes.fill(byte);
    return bytes;
}

// Text that hardly can be packed.
inline std::string noise(std::size_t size) {
    std::string text;
    std::uint32_t state = 1;
    while (text.size() < size) {
        state = state * 1'664'525 + 1'013'904'223;
        text += static_cast<char>('!' + (state >> 24) % 90);
    }
    return text;
}

inline JobId job_id(std::uint8_t number) {
    auto raw = filled<JobId::Raw>(7);
    raw.bytes[3] = number;
    return JobId(raw);
}

inline JobRow job_row(std::uint8_t number) {
    JobRow row;
    row.id = job_id(number);
    row.operation = "cmd";
    row.expression = "web*";
    row.options.set("shell", Value("uptime"));
    row.who = "alice";
    row.from = "socket uid 1000";
    row.created_ms = 1000 + number;
    row.not_after_ms = 2000 + number;
    row.wait_ms = 10'000;
    row.catalog = "abcd";
    row.targets = 2;
    row.schedule = "nightly";
    row.slot_ms = 900 + number;
    return row;
}

inline JobTargetRow target_row(std::uint8_t number, const std::string& name) {
    JobTargetRow row;
    row.job = job_id(number);
    row.target = TargetId(name);
    row.key = filled<KeyId>(number);
    row.phase = TargetPhase::running;
    row.accepted_ms = 1500;
    row.summary = Value::object();
    return row;
}

inline JobTargetRow ended_row(std::uint8_t number, const std::string& name, TargetEnd end) {
    auto row = target_row(number, name);
    row.phase = TargetPhase::ended;
    row.end = end;
    row.reason = "because";
    row.cause = "report";
    row.cancelled_by = "bob";
    row.ended_ms = 1600;
    row.summary.set("exit_code", Value(3));
    return row;
}

inline EventRow event_row(std::uint8_t number, std::uint64_t event) {
    EventRow row;
    row.job = job_id(number);
    row.number = event;
    row.time_ms = 1700;
    row.target = TargetId("web1");
    row.kind = "output";
    row.body.set("base64", Value("aGk="));
    return row;
}

inline KeyRow key_row(std::uint8_t number, const std::string& name, KeyState state) {
    KeyRow row;
    row.id = filled<KeyId>(number);
    row.identity = std::string("rec\0rd", 6);
    row.sign = filled<PublicSignKey>(number);
    row.transport = filled<PublicTransportKey>(number);
    row.seal = filled<PublicSealKey>(number);
    row.state = state;
    row.name = TargetId(name);
    row.fingerprint = "abcd-efgh-0000-000" + std::to_string(number);
    row.machine = "00ff";
    row.address = "10.0.0.1";
    row.note = "note";
    row.decided_by = "alice";
    row.first_seen_ms = number;
    row.last_seen_ms = 20;
    row.decided_ms = 30;
    return row;
}

inline AuditRow audit_row(const std::string& command) {
    AuditRow row;
    row.time_ms = 5;
    row.who = "alice";
    row.from = "socket uid 1000";
    row.command = command;
    row.decision = "allowed";
    row.targets = {"web1", "web2"};
    row.job = "dc1g2c8zx6";
    row.catalog = "abcd";
    row.detail = "web*";
    return row;
}

}  // namespace prove::test
