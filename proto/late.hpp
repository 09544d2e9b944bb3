// Late states: what a run has in the place of a state that is compiled only once what it requires has ended, what is
// asked then, and the piece of graph that is the answer. The same in one process and between an agent and its master.
#pragma once

#include <map>
#include <optional>
#include <string>
#include <vector>

#include "proto/bytes.hpp"
#include "proto/messages.hpp"
#include "proto/state_run.hpp"

namespace prove {

// In a StateRun a late state has one part, which runs nothing: it says what the state waits for.
inline constexpr const char* late_function = "meta.late";

struct LateSpec {
    // Of which states the results are wanted, and of each which outputs.
    std::map<StateId, std::vector<std::string>> results;
    // Of all else that its compiling depends on: the catalog, the target's variables and facts.
    std::string basis;
};
bool is_late(const Node& node);
LateSpec late_spec_of(const Node& node);  // Error(invalid) where it is malformed
StatePart late_part(const LateSpec& spec, const SourcePosition& position);

// Which state is to be compiled: the last one. Those before it were compiled earlier in the same run.
struct LateRequest {
    struct Asked {
        StateId state;
        Value results = Value::object();  // {state: {output: value}}
    };
    std::string basis;
    std::vector<Asked> states;

    const StateId& state() const { return states.back().state; }
};
Value to_value(const LateRequest& request);
LateRequest late_request_from(const Value& value);
// Equal for equal questions: under this the answer is kept.
Hash key_of(const LateRequest& request);

// What takes the place of a late state. The first `outside` nodes only name states of the run that this is a piece of;
// then come those that are new, and the state itself; and late states that still wait, where they wait for this one.
struct LatePiece {
    StateRun run;
    std::size_t outside = 0;
};

// Who compiles late states, once their time has come. Blocking; called from any thread of the run.
struct LateSource {
    virtual ~LateSource() = default;
    // Throws Error with what to tell people where there is no piece; Error(held) where the master is away, which holds the
    // state and does not make it fail.
    virtual LatePiece piece(const LateRequest& request) = 0;
};

// ---- between an agent and its master

// agent -> master (type 18): compile this state of my job. Its results are inert data (S6).
struct LateQuestion {
    JobId job;
    LateRequest request;
};
Value to_value(const LateQuestion& question);
LateQuestion late_question_from(const Value& value);

// master -> agent (type 19), sealed. The first three repeat the header inside the seal (S61); job, state and index say
// which question it answers (S50).
struct LateReply {
    ClusterId cluster;
    KeyId agent;
    JobId job;
    StateId state;
    std::size_t index = 0;  // how many late states were compiled before it
    Hash key;               // of the question, with the basis that the piece was made from
    std::size_t outside = 0;
    Value run;                    // exactly one of run, blob and error
    std::optional<BlobRef> blob;  // the run's text, where it is large: fetched in chunks
    std::string error;            // for people: why there is no piece
};
Value to_value(const LateReply& reply);
LateReply late_reply_from(const Value& value);

}  // namespace prove
