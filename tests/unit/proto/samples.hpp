// One filled-in sample of every message, state run and report, for the tests that write and read them.
#pragma once

#include "proto/messages.hpp"
#include "proto/schedule_sheet.hpp"
#include "wire_fixture.hpp"

namespace prove::test {

inline JobId sample_job() {
    return JobId(filled<JobId::Raw>(0x0B));
}
inline BlobRef sample_blob() {
    return BlobRef{filled<Hash>(0xF1), 300'000};
}

inline StatePart sample_part(const FileName& file) {
    StatePart part;
    part.function = "file.managed";
    part.arguments = read_json(R"({"path":"/etc/motd","mode":"0644","content":{"$blob":")" + filled<Hash>(0xF1).hex() +
                               R"(","size":300000}})");
    part.position = {file, 3, 5};
    part.notify = {1};
    part.notify_failure = {2};
    part.onlyif = {Condition{Condition::Kind::exists, Value("/etc"), {file, 4, 9}}};
    part.unless = {Condition{Condition::Kind::command, Value(Value::List{"test", "-e", "/x"}), {}}};
    part.timeout = std::chrono::milliseconds(1500);
    part.retry = Retry{3, std::chrono::milliseconds(250), 1.5};
    part.verify = false;
    part.sensitive = true;
    part.description = "the greeting";
    return part;
}

inline StateRun sample_run() {
    const auto file = std::make_shared<const std::string>("states/site.yml");
    StateRun run;
    run.target = TargetId("web1");
    run.catalog = filled<Hash>(0xCA).hex();
    run.options = RunOptions{RunOptions::OnFailure::stop, false, 5};
    run.partial = true;
    Node motd;
    motd.id = StateId("motd");
    motd.position = {file, 2, 1};
    motd.state_file = "site";
    motd.defer = true;
    motd.requirements = {2};
    motd.probes = {Probe{"cert", {Condition{Condition::Kind::missing, Value("/etc/cert"), {file, 2, 9}}}}};
    Variant without, with;
    without.parts = {sample_part(file)};
    with.mask = 1;
    with.notify = {1, 2};
    with.onlyif = {Condition{Condition::Kind::changed, Value("reload"), {}}};
    with.description = "with a certificate";
    motd.variants = {without, with};
    Node reload;
    reload.id = StateId("reload");
    reload.lazy = true;
    reload.variants = {Variant{}};
    Node all;
    all.id = StateId("all");
    all.group = true;
    all.members = {0, 1};
    all.variants = {Variant{}};
    Node checked, rescued, cleaned, block;
    checked.id = StateId("checked");
    checked.variants = {Variant{}};
    StatePart& assertion = checked.variants[0].parts.emplace_back();
    assertion.function = "meta.assert";
    assertion.arguments = read_json(R"({"message":"no licence"})");
    assertion.that = {Condition{Condition::Kind::exists, Value("/etc/licence"), {}}};
    rescued.id = StateId("rescued");
    rescued.variants = {Variant{}};
    StatePart& call = rescued.variants[0].parts.emplace_back();
    call.function = "meta.run";
    call.arguments = read_json(R"({"state":"reload"})");
    call.runs = 1;
    cleaned.id = StateId("cleaned");
    cleaned.variants = {Variant{}};
    block.id = StateId("block");
    block.group = block.block = true;
    block.members = {3};
    block.rescue = {4};
    block.always = {5};
    block.variants = {Variant{}};
    run.nodes = {motd, reload, all, checked, rescued, cleaned, block};
    run.files = {BlobRef{filled<Hash>(0x01), 0}, sample_blob()};
    run.warnings = {Diagnostic{Diagnostic::Severity::warning, {file, 9, 0}, "motd", "odd", "", {"for web1"}}};
    return run;
}

inline StateInvocation sample_invocation() {
    const auto file = std::make_shared<const std::string>("states/site.yml");
    StatePartInvocation part;
    part.function = "file.managed";
    part.subject = "/etc/motd";
    part.position = {file, 3, 5};
    part.outcome = Outcome::unproved;
    part.changed = true;
    part.reason = "still wants mode 0644";
    part.changes = {Change{"file /etc/motd", "mode", "0600", "0644", "", false},
                    Change{"unit nginx.service", "running", "", "", "", true}};
    part.output = "line\n";
    part.outputs = read_json(R"({"hash":"ab"})");
    part.attempts = 2;
    part.duration = std::chrono::milliseconds(12);
    part.sensitive = true;
    StateInvocation invocation;
    invocation.state = StateId("motd");
    invocation.position = {file, 2, 0};
    invocation.why = StateInvocation::Why::owed;
    invocation.notified_by = {StateId("a"), StateId("b")};
    invocation.number = 2;
    invocation.probes = {"cert=true"};
    invocation.outcome = Outcome::unproved;
    invocation.changed = true;
    invocation.cause = Cause::drift;
    invocation.reason = "a part came out unproved";
    invocation.because_of = StateId("a");
    invocation.rescued_by = StateId("block");
    invocation.parts = {part};
    invocation.duration = std::chrono::milliseconds(15);
    return invocation;
}

inline RunReport sample_report() {
    RunReport report;
    report.target = TargetId("web1");
    report.mode = RunMode::plan;
    report.catalog = filled<Hash>(0xCA).hex();
    report.end = RunReport::End::interrupted;
    report.reason = "the agent was stopped";
    report.invocations = {sample_invocation()};
    report.notes = {"a debt to 'x' was dropped"};
    report.started_ms = now_ms;
    report.duration = std::chrono::milliseconds(99);
    return report;
}

inline Hello sample_hello() {
    Hello hello;
    hello.journal = std::string(32, 'a');
    hello.counter = 4;
    hello.nonce = std::string(32, '1');
    hello.low_water = 17;
    hello.keyset_version = 3;
    hello.version = "0.1.0";
    hello.boot_id = "b0";
    hello.unfinished = {sample_job()};
    hello.facts = read_json(R"({"os":{"family":"debian"}})");
    hello.sheet = filled<Hash>(0xAB).hex();
    return hello;
}

inline ScheduledSlot sample_slot() {
    return {"nightly", now_ms - 60'000};
}

inline ScheduleSheet sample_sheet() {
    SheetEntry hourly, nightly;
    hourly.name = "hourly";
    hourly.run = SheetEntry::Run::cmd;
    hourly.command = read_json(R"({"shell":"true","timeout_ms":1000})");
    hourly.every_ms = 3'600'000;
    hourly.splay_ms = 600'000;
    nightly.name = "nightly";
    nightly.run = SheetEntry::Run::apply;
    nightly.cron = "30 2 * * *";
    nightly.zone = "Europe/Berlin";
    nightly.offsets = {{0, 3600}, {1'774'746'000, 7200}};
    nightly.windows = {"mon-fri 22:00-04:00"};
    nightly.expires_ms = 7'200'000;
    nightly.until_ms = now_ms;
    nightly.pause = SheetPause{"alice", "release", now_ms, 0};
    return {TargetId("web1"), {hourly, nightly}, SheetPause{"bob", "disk swapped", now_ms, now_ms + 7'200'000}};
}

inline Welcome sample_welcome() {
    Welcome welcome;
    welcome.nonce = std::string(32, '1');
    welcome.sequence_floor = 40;
    welcome.keyset_version = 3;
    welcome.keyset = to_base64("keyset");
    welcome.pending = {sample_job()};
    welcome.time_ms = now_ms;
    welcome.name = "web1";
    return welcome;
}

inline JobCommand sample_command() {
    JobCommand command;
    command.cluster = filled<ClusterId>(0xC1);
    command.agent = Keys(2).id();
    command.job = sample_job();
    command.generation = 6;
    command.operation = "cmd";
    command.body = read_json(R"({"argv":["true"],"timeout_ms":1000})");
    command.scheduled = sample_slot();
    return command;
}

inline CmdBody sample_cmd() {
    CmdBody body;
    body.argv = {"printf", "%s", "x y"};
    body.user = "deploy";
    body.cwd = "/srv";
    body.env = {{"B", "2"}, {"A", "1"}};
    body.timeout_ms = 5000;
    body.input = std::string("\xFF\x00in", 4);
    return body;
}

inline JobEvent sample_event() {
    JobEvent event;
    event.job = sample_job();
    event.number = 3;
    event.kind = JobEvent::Kind::state_finished;
    event.state = "motd";
    event.invocation = sample_invocation();
    return event;
}

inline JobResult sample_result() {
    JobResult result;
    result.job = sample_job();
    result.end = JobResult::End::failed;
    result.reason = "exit code 1";
    result.started_ms = now_ms;
    result.finished_ms = now_ms + 5;
    result.body = read_json(R"({"exit_code":1})");
    return result;
}

inline JobResult sample_own_result() {
    JobResult result = sample_result();
    result.own = OwnRun{"states", RunMode::apply, sample_slot(), filled<Hash>(0xCA).hex(), "no master since 02:00"};
    return result;
}

inline CmdResultBody sample_cmd_result() {
    CmdResultBody body;
    body.exit_code = 3;
    body.signal = 9;
    body.timed_out = body.truncated = true;
    body.out = "\xFF";
    body.err = "e";
    return body;
}

}  // namespace prove::test
