// Reports and outcomes for tests of what people read, built as short as possible.
#pragma once

#include <memory>

#include "master/cli/run_text.hpp"

namespace prove::test {

inline SourcePosition at(const std::string& file, unsigned line, unsigned column = 1) {
    SourcePosition position;
    position.file = std::make_shared<const std::string>(file);
    position.line = line;
    position.column = column;
    return position;
}

inline Change change(const std::string& resource, const std::string& aspect, const std::string& before,
                     const std::string& after, const std::string& diff = "") {
    Change result;
    result.resource = resource;
    result.aspect = aspect;
    result.before = before;
    result.after = after;
    result.diff = diff;
    return result;
}

inline Change event(const std::string& resource, const std::string& what) {
    Change result;
    result.resource = resource;
    result.aspect = what;
    result.event = true;
    return result;
}

// A state of one part, which stands for it.
inline StateInvocation state(const std::string& id, unsigned line, Outcome outcome,
                             const std::string& function = "cmd.run", const std::string& subject = "",
                             std::vector<Change> changes = {}) {
    StateInvocation result;
    result.state = StateId(id);
    result.position = at("states/site.yml", line);
    result.outcome = outcome;
    result.changed = outcome == Outcome::changed;
    StatePartInvocation part;
    part.function = function;
    part.subject = subject;
    part.position = result.position;
    part.outcome = outcome;
    part.changed = result.changed;
    part.changes = std::move(changes);
    result.parts.push_back(std::move(part));
    return result;
}

inline StateInvocation failed(const std::string& id, unsigned line, const std::string& function,
                              const std::string& reason, const std::string& output = "") {
    StateInvocation result = state(id, line, Outcome::failed, function);
    result.reason = reason;
    result.parts[0].reason = reason;
    result.parts[0].output = output;
    return result;
}

inline StateInvocation skipped(const std::string& id, unsigned line, const std::string& because_of) {
    StateInvocation result;
    result.state = StateId(id);
    result.position = at("states/site.yml", line);
    result.outcome = Outcome::skipped;
    result.because_of = StateId(because_of);
    result.reason = "requires '" + because_of + "', which failed";
    return result;
}

inline StateInvocation notified(StateInvocation invocation, const std::string& by,
                                StateInvocation::Why why = StateInvocation::Why::notified) {
    invocation.why = why;
    invocation.notified_by = {StateId(by)};
    return invocation;
}

inline RunReport report(std::vector<StateInvocation> invocations, int oks = 0, int ms = 900) {
    RunReport result;
    result.target = TargetId("web1");
    for (auto& invocation : invocations)
        if (is_failure(invocation)) result.end = RunReport::End::failed;
    result.invocations = std::move(invocations);
    for (int i = 0; i < oks; ++i)
        result.invocations.push_back(
            state("ok" + std::to_string(i), 100u + static_cast<unsigned>(i), Outcome::ok, "file.managed", "/etc/x"));
    result.duration = std::chrono::milliseconds(ms);
    return result;
}

inline TargetOutcome outcome(const std::string& target, const RunReport& run) {
    TargetOutcome result;
    result.target = target;
    result.end = run.end == RunReport::End::failed ? "failed" : "done";
    result.cause = run.end == RunReport::End::failed ? "report" : "";
    result.body = Value::object();
    result.body.set("report", to_value(run));
    return result;
}

inline TargetOutcome outcome(const std::string& target, const std::string& end, const std::string& reason) {
    TargetOutcome result;
    result.target = target;
    result.end = end;
    result.reason = reason;
    return result;
}

inline const char* const tls_diff =
    "--- /etc/nginx/sites-enabled/blog.conf\n+++ /etc/nginx/sites-enabled/blog.conf\n@@ -1,4 +1,5 @@\n server {\n"
    "     server_name blog;\n-    listen 80;\n+    listen 443 ssl;\n+    ssl_certificate /etc/ssl/blog.pem;\n }\n";

}  // namespace prove::test
