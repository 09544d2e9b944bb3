// The bodies of envelopes: one struct per message, read and written beside it (messages.cpp). JSON; every reader
// refuses unknown fields. The flows are drawn in docs/protocol.md. An agent's reports are inert data (S6): nothing in
// them is ever a path, a template or a command.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include "proto/ids.hpp"
#include "proto/outcome.hpp"
#include "proto/secret_text.hpp"
#include "proto/state_run.hpp"
#include "proto/value.hpp"

namespace prove {

// What a schedule had done: which one, and for which of its moments. One moment is run once at most.
struct ScheduledSlot {
    std::string schedule;
    std::int64_t due_ms = 0;  // as the schedule has it, before splay
    bool operator==(const ScheduledSlot&) const = default;
};

// A piece of a command's output; base64 on the wire.
struct OutputBytes {
    bool is_error = false;  // standard error
    std::string bytes;
};

// agent -> master, first on every connection (S54).
struct Hello {
    std::string journal;        // the journal's id, 32 hex digits; a new one after loss (S55)
    std::uint64_t counter = 0;  // rises with every hello of this journal (S56)
    std::string nonce;          // 32 hex digits, echoed by the welcome
    std::uint64_t low_water = 0;
    std::uint64_t keyset_version = 0;
    std::string version;  // of prove-agent
    std::string boot_id;
    std::vector<JobId> unfinished;  // accepted here, no result confirmed yet
    bool unfinished_cut = false;    // there are more of them than were named
    Value facts;                    // a mapping; null: unchanged since the last hello of this process
    std::string sheet;              // hash of the schedule sheet that it goes by, hex; empty: none
};
// master -> agent.
struct Welcome {
    std::string nonce;
    std::uint64_t sequence_floor = 0;
    std::uint64_t keyset_version = 0;
    std::string keyset;          // the document in base64, where the agent's is older; else empty
    std::vector<JobId> pending;  // jobs to fetch
    std::int64_t time_ms = 0;
    std::string name;  // the accepted name
};

// master -> everybody in the audience, on PUB: something is to be done. Nothing confidential (S7).
struct Announcement {
    enum class Kind { job, ping, cancel, keyset };
    Kind kind = Kind::job;
    JobId job;  // zero for keyset
    // Sorted, where the header's audience is a list; at most 256 (S43). Not in the JSON body: with_audience_list() of
    // envelope.hpp puts it before the body, and Verified has it at the other end.
    std::vector<KeyId> audience;
};

// agent -> master: send me the command of this job (type 20 `fetch`, see docs/decisions).
struct Fetch {
    JobId job;
};

// master -> agent, sealed: what to do. For `states` it travels in a type 2 envelope, for the rest in type 1.
// The first four repeat the header inside the seal (S61).
struct JobCommand {
    ClusterId cluster;
    KeyId agent;
    JobId job;
    std::uint64_t generation = 0;  // of StateRuns, per agent; 0 for other operations
    std::string operation;         // "ping", "facts", "cmd", "states"
    Value body;                    // the operation's own; see below
    std::optional<ScheduledSlot> scheduled;  // where a schedule asked for it
};
struct CmdBody {                    // operation "cmd"
    std::vector<std::string> argv;  // a program and its arguments, or
    std::string shell;              // a shell line; exactly one is given
    std::string user, cwd;
    std::vector<std::pair<std::string, std::string>> env;
    std::int64_t timeout_ms = 600'000;
    std::string input;
};
struct StatesBody {  // operation "states"; exactly one of run, blob
    RunMode mode = RunMode::plan;
    Value run;                    // the StateRun, up to 256 KiB of text
    std::optional<BlobRef> blob;  // else fetched in chunks by its hash
    SecretTable secrets;          // what the run's marks stand for: never in a content, which is kept on disks
    // Until when the agent may apply it again by itself, without a master (S60); 0: never. Set for applies of all that
    // the catalog has for the target.
    std::int64_t offline_until_ms = 0;
};
struct FactsBody {                   // operation "facts"
    std::vector<std::string> names;  // empty: all
};

// master -> agent: stop this job (type 3).
struct Cancel {
    JobId job;
    std::string by;  // who asked
};

// agent -> master: journalled and about to start (type 8), or refused for a reason that only the agent knows.
struct Accepted {
    JobId job;
    bool refused = false;
    std::string reason;  // for refused
};

// agent -> master while a job runs (type 10); may be lost, the result has everything.
struct JobEvent {
    enum class Kind { output, state_started, state_finished };
    JobId job;
    std::uint64_t number = 0;  // from 1, per job
    Kind kind = Kind::output;
    OutputBytes output;                         // for output
    std::string state;                          // for state_started; for output of a state
    std::optional<StateInvocation> invocation;  // for state_finished
};

// A run that an agent made by itself, by its schedule and without its master: what its master then stores as a job.
struct OwnRun {
    std::string operation;  // "states", "cmd"
    RunMode mode = RunMode::plan;  // of states
    ScheduledSlot scheduled;
    std::string catalog;  // the hash of the catalog that its StateRun came from, hex; empty for cmd
    std::string why;      // for people: why it was not made with the master, and why it only planned
    bool operator==(const OwnRun&) const = default;
};

// agent -> master: how a job ended (type 9). Repeated until `stored` comes. Over 256 KiB it travels in chunks: then
// `blob` names it and the master asks for it with file requests.
struct JobResult {
    enum class End { done, failed, refused, cancelled, interrupted };
    JobId job;
    End end = End::done;
    std::string reason;
    std::int64_t started_ms = 0, finished_ms = 0;
    Value body;                   // by operation: ping {}, facts {facts}, cmd {...}, states {report}
    std::optional<BlobRef> blob;  // the body as JSON text, at most 4 MiB; `body` is null then
    std::optional<OwnRun> own;    // the job is one that the agent made itself, and named
};
struct CmdResultBody {
    int exit_code = 0;
    int signal = 0;
    bool timed_out = false;
    bool truncated = false;
    std::string out, err;  // raw bytes; base64 on the wire
};

// master -> agent: the result is committed, forget it (type 16).
struct Stored {
    JobId job;
};

// either way: bytes of a content or of a large StateRun or result (S63, S64).
struct FileRequest {
    JobId job;
    Hash hash;
    std::uint64_t offset = 0;
    std::uint32_t length = 0;  // at most 256 KiB
};
// A chunk's payload is binary, not JSON: job 16, hash 32, offset 8, then the bytes. status byte first: 0 found, 1 no.
struct FileChunk {
    bool found = false;
    JobId job;
    Hash hash;
    std::uint64_t offset = 0;
    std::string bytes;
};

// either way, every 60 s (type 4).
struct Heartbeat {
    std::int64_t time_ms = 0;
    std::uint64_t keyset_version = 0;
    std::string audit_head;  // from masters, hex; empty from agents
    Value facts;             // from agents, where they changed since they were last sent; else null
    std::string sheet;       // from agents: hash of the schedule sheet that it goes by, hex; empty: none
};

// agent -> master: make a job for me, for nobody else (type 21): a `states` job (`prove-agent run`), or what a schedule says.
struct RunRequest {
    std::string request;           // 32 hex digits, echoed by the reply; the same when it is asked again
    RunMode mode = RunMode::plan;  // a schedule's apply is asked for as a plan outside its windows
    std::optional<ScheduledSlot> scheduled;
};
// master -> agent: the job that was made, which is then announced like any other, or why there is none (type 22). A second
// one with both says that the job ended before anything was sent to the agent, and why. `waits`: others of that schedule
// go first; another reply comes.
struct RunReply {
    std::string request;
    JobId job;          // zero where there is none
    std::string error;  // for people
    bool waits = false;
};

// Each message has these two; `from` throws Error(invalid).
Value to_value(const Hello&);
Hello hello_from(const Value&);
Value to_value(const Welcome&);
Welcome welcome_from(const Value&);
Value to_value(const Announcement&);
Announcement announcement_from(const Value&);
Value to_value(const Fetch&);
Fetch fetch_from(const Value&);
Value to_value(const JobCommand&);
JobCommand job_command_from(const Value&);
Value to_value(const CmdBody&);
CmdBody cmd_body_from(const Value&);
Value to_value(const StatesBody&);
StatesBody states_body_from(const Value&);
Value to_value(const FactsBody&);
FactsBody facts_body_from(const Value&);
Value to_value(const Cancel&);
Cancel cancel_from(const Value&);
Value to_value(const Accepted&);
Accepted accepted_from(const Value&);
Value to_value(const JobEvent&);
JobEvent job_event_from(const Value&);
Value to_value(const JobResult&);
JobResult job_result_from(const Value&);
Value to_value(const CmdResultBody&);
CmdResultBody cmd_result_body_from(const Value&);
Value to_value(const Stored&);
Stored stored_from(const Value&);
Value to_value(const FileRequest&);
FileRequest file_request_from(const Value&);
Value to_value(const Heartbeat&);
Heartbeat heartbeat_from(const Value&);
Value to_value(const RunRequest&);
RunRequest run_request_from(const Value&);
Value to_value(const RunReply&);
RunReply run_reply_from(const Value&);
std::string to_bytes(const FileChunk&);
FileChunk file_chunk_from(std::string_view bytes);

const char* name_of(JobResult::End end);
const char* name_of(Announcement::Kind kind);
const char* name_of(JobEvent::Kind kind);

// Raw bytes as base64 and back; Error(invalid) where it is not base64.
std::string to_base64(std::string_view bytes);
std::string from_base64(std::string_view text);

}  // namespace prove
