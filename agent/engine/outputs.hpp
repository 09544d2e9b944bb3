// What is known only now: what the states of a run have given so far, for whatever names it with `!out`, and secrets.
// They are put into arguments, conditions and the holes of rendered files. Of a state that is invoked again the latest
// invocation counts. Thread-safe.
#pragma once

#include <map>
#include <mutex>
#include <set>
#include <string>

#include "agent/functions/registry.hpp"
#include "proto/late.hpp"
#include "proto/output_ref.hpp"
#include "proto/secret_text.hpp"
#include "proto/state_run.hpp"

namespace prove {

class Outputs {
  public:
    // `content` serves the files that have holes; borrowed, as the run and the secrets are.
    Outputs(const StateRun& run, RunMode mode, ContentSource& content, const SecretTable& secrets);
    ~Outputs();

    // Whether anything in this run names an output of this state.
    // Where there are late states, any: what they will name is not known yet.
    bool wanted(const StateId& state) const { return all_wanted_ || wanted_.count(state) != 0; }
    void begin(const StateId& state);  // a new invocation: what earlier ones gave counts no more
    // Of one part; null for none.
    void give(const StateId& state, const Value& outputs, bool secret);
    void withhold(const StateId& state, const std::string& why);  // it does not run, by its own condition

    // For a late state: {state: {output: value}}. What a state did not give because it did not run is left out. Throws
    // Unknown where a plan cannot know it.
    Value results(const LateSpec& spec) const;

    // The value with every reference in it replaced. Throws Error(missing) where the state did not give it, and Unknown
    // where a plan cannot know it.
    Value resolved(const Value& value) const;
    // Whether something in it is a secret or came from a sensitive part: it must not be shown.
    bool has_secrets(const Value& value) const;
    // The arguments of a part that names outputs or secrets: text for a file's content becomes a content like any
    // other. They are checked as the compiler checks those that it knows; throws Error(invalid) for what is wrong with
    // them.
    struct Resolved {
        Value values;
        Arguments arguments;
    };
    Resolved arguments(const StatePart& part, const Function& function) const;

  private:
    struct Given {
        Value outputs = Value::object();
        bool secret = false;
        std::string withheld;
    };
    class Contents;

    Value value_of(const OutputRef& ref) const;
    Value value_of(const Value& known_later) const;
    Value content_from(const Value& written) const;
    std::string filled(const Value& content) const;

    RunMode mode_;
    bool all_wanted_ = false;
    const SecretTable& secrets_;
    std::set<StateId> wanted_;
    mutable std::mutex mutex_;
    std::set<StateId> begun_;  // that were invoked
    std::map<StateId, Given> given_;
    std::unique_ptr<Contents> contents_;
};

}  // namespace prove
