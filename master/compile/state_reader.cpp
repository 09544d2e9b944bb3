// States in their three forms: a list of parts, one part as a mapping with `fn`, the long form with `parts`.
#include "master/compile/state_reader.hpp"

#include <algorithm>

#include "common/text/text.hpp"
#include "common/text/utf8.hpp"
#include "master/compile/common_keys.hpp"
#include "master/compile/meta_calls.hpp"
#include "master/compile/other_tools.hpp"
#include "master/compile/secret_values.hpp"
#include "master/compile/state_keys.hpp"

namespace prove {

namespace {

constexpr std::size_t longest_id = 1024;
constexpr int deepest_block = 16;
const std::vector<std::string> directives = {"_params", "_include", "_require"};

bool has_control_characters(const std::string& text) {
    for (const char c : text)
        if (static_cast<unsigned char>(c) < 0x20 || c == 0x7f) return true;
    return false;
}

template <class T>
void append(std::vector<T>& to, std::vector<T>& from) {
    to.insert(to.end(), std::make_move_iterator(from.begin()), std::make_move_iterator(from.end()));
}

// One state, from its member of the file's mapping, or of a meta.block's.
class StateReader {
  public:
    StateReader(const FunctionRegistry& functions, const LateStates& late, Diagnostics& diagnostics, int depth = 0)
        : functions_(functions), late_(late), diagnostics_(diagnostics), depth_(depth) {}

    // The states of a block stand before it.
    std::vector<DraftState> read(Mapping::Member& member) {
        where_ = member.key;
        state_ = DraftState{};
        state_.id = StateId(member.key);
        state_.position = member.key_position;
        state_.variants.emplace_back();
        check_id(member);
        if (depth_ == 0) check_marks(member, late_, diagnostics_);
        Value& value = member.value;
        if (says_late(value)) {
            const bool compiled = late_.compiled.count(state_.id) != 0;
            state_.late = compiled ? DraftState::Late::compiled : DraftState::Late::waits;
        }
        if (state_.late == DraftState::Late::waits)
            read_waiting_state(value);
        else if (value.is_list())
            read_parts(value.list());
        else if (value.is_mapping() && value.find("parts") != nullptr && value.find("fn") == nullptr)
            read_long_form(value.mapping());
        else if (is_mapping_of_keys(value))
            read_part(value);
        else
            wrong(value.is_null() ? member.key_position : value.position(),
                  "a state is a list of parts, one part with 'fn', or a mapping with 'parts'; found " +
                      value.described());
        if (!state_.listen.empty() || !state_.listen_failure.empty()) state_.lazy = true;
        finish_shape();
        contents_.push_back(std::move(state_));
        return std::move(contents_);
    }

  private:
    DraftVariant& variant() { return state_.variants.front(); }
    void wrong(const SourcePosition& position, const std::string& text) { diagnostics_.error(position, where_, text); }

    void check_id(const Mapping::Member& member) {
        if (member.key.empty()) wrong(member.key_position, "an id must not be empty");
        if (has_control_characters(member.key)) wrong(member.key_position, "an id must not have control characters");
        if (member.key.size() > longest_id) wrong(member.key_position, "an id has at most 1024 bytes");
        if (member.key.rfind("file:", 0) == 0)
            wrong(member.key_position, "an id must not begin with 'file:', which names the states of a file");
    }

    void read_waiting_state(const Value& value) {
        StateKeys keys = read_waiting(value, where_, diagnostics_);
        take_state_keys(keys);
        variant().description = keys.description;
        append(variant().notify, keys.notify);
        append(variant().notify_failure, keys.notify_failure);
    }

    void read_parts(Value::List& parts) {
        if (parts.empty()) wrong(state_.position, "a state needs at least one part");
        for (Value& part : parts)
            if (is_mapping_of_keys(part))
                read_part(part);
            else
                wrong(part.position(), "a part is a mapping with 'fn', found " + part.described());
    }

    void read_long_form(Mapping& mapping) {
        Value* parts = nullptr;
        StateKeys keys;
        for (Mapping::Member& member : mapping) {
            if (member.key == "parts")
                parts = &member.value;
            else if (is_state_key(member.key))
                read_state_key(member, keys, where_, diagnostics_);
            else
                unknown_key(member);
        }
        if (is_mapping_of_keys(*parts))
            read_part(*parts);
        else if (parts->is_list())
            read_parts(parts->list());
        else
            wrong(parts->position(), "'parts' is a list of parts, found " + parts->described());
        if (is_shape()) merge_keys(common_, keys);
        take_state_keys(keys);
        variant().description = keys.description;
        if (is_shape()) return;
        append(variant().notify, keys.notify);
        append(variant().notify_failure, keys.notify_failure);
        append(variant().onlyif, keys.onlyif);
        append(variant().unless, keys.unless);
        for (std::size_t i = 0; i < variant().parts.size(); ++i) inherit(keys, i);
    }

    void unknown_key(const Mapping::Member& member) {
        std::vector<std::string> names = state_key_names();
        names.push_back("parts");
        const std::string near = nearest(member.key, names);
        wrong(member.key_position, "unknown key " + quoted(member.key) + " of a state" +
                                       (near.empty() ? "; a function's arguments stand in its part"
                                                     : "; did you mean " + quoted(near) + "?"));
    }

    // What counts for the whole state wherever it is written.
    void take_state_keys(StateKeys& keys) {
        append(state_.requirements, keys.requirements);
        append(state_.listen, keys.listen);
        append(state_.listen_failure, keys.listen_failure);
        append(state_.tags, keys.tags);
        state_.lazy = state_.lazy || keys.lazy.value_or(false);
        state_.defer = state_.defer || keys.defer.value_or(false);
        if (is_shape()) return;  // it asks nothing itself: its states do
        for (Probe& probe : keys.probes) {
            const bool twice = std::any_of(state_.probes.begin(), state_.probes.end(),
                                           [&](const Probe& other) { return other.name == probe.name; });
            if (twice)
                wrong(probe.conditions.empty() ? state_.position : probe.conditions.front().position,
                      "probe " + quoted(probe.name) + " is declared twice in one state");
            else
                state_.probes.push_back(std::move(probe));
        }
    }

    // What the long form says for every part, where the part itself says nothing.
    void inherit(const StateKeys& keys, std::size_t index) {
        StatePart& part = variant().parts[index].part;
        const StateKeys& own = part_keys_[index];
        if (keys.timeout && !own.timeout) part.timeout = *keys.timeout;
        if (keys.retry && !own.retry) part.retry = *keys.retry;
        if (keys.verify && !own.verify) part.verify = *keys.verify;
        if (keys.sensitive && !own.sensitive) part.sensitive = *keys.sensitive;
    }

    void read_part(Value& value) {
        DraftPart draft;
        draft.part.position = value.position();
        StateKeys keys;
        const Value* function = nullptr;
        Mapping arguments;
        for (Mapping::Member& member : value.mapping()) {
            if (member.key == "fn") {
                function = &member.value;
                draft.part.position = member.value.position();
            } else if (is_state_key(member.key)) {
                read_state_key(member, keys, where_, diagnostics_);
            } else {
                arguments.set(std::move(member.key), member.key_position, std::move(member.value));
            }
        }
        draft.part.arguments = std::move(arguments);
        draft.part.arguments.set_position(value.position());
        if (state_.group) return wrong(draft.part.position, shape_ + " stands alone in its state");
        const std::string name = function != nullptr && function->is_text() ? function->text() : "";
        const auto& shaping = shaping_functions();
        if (std::find(shaping.begin(), shaping.end(), name) != shaping.end()) return read_shape(name, draft, keys);
        take_state_keys(keys);
        if (function == nullptr) {
            const Advice advice = advice_without_function(functions_, draft.part.arguments);
            wrong(advice.position, advice.text);
        } else if (!function->is_text()) {
            wrong(function->position(), "'fn' is the name of a function, found " + function->described());
        } else {
            check_part(name, draft, keys);
        }
        add_part(std::move(draft), std::move(keys));
    }

    void check_part(const std::string& name, DraftPart& draft, const StateKeys& keys) {
        StatePart& part = draft.part;
        const Function* function = functions_.find(name);
        if (function == nullptr) {
            std::vector<std::string> names = functions_.names();
            names.insert(names.end(), shaping_functions().begin(), shaping_functions().end());
            const std::string near = nearest(name, names);
            return wrong(part.position, "unknown function " + quoted(name) +
                                            (near.empty() ? "; 'prove-cli functions' lists them"
                                                          : "; did you mean " + quoted(near) + "?"));
        }
        part.function = name;
        if (name == "meta.assert") read_assert(part);
        check_call(*function, part.arguments, part.position, where_, diagnostics_);
        if (name != "meta.run") return;
        draft.run = read_run({name, part.arguments, part.position, where_, diagnostics_});
        if (draft.run->name.text.empty()) draft.run.reset();  // and that has been said
        if (keys.timeout || keys.retry)
            wrong(part.position, "meta.run takes no timeout or retry; give them to the state that it runs");
    }

    void add_part(DraftPart draft, StateKeys keys) {
        StatePart& part = draft.part;
        part.onlyif = std::move(keys.onlyif);
        part.unless = std::move(keys.unless);
        if (keys.timeout) part.timeout = *keys.timeout;
        if (keys.retry) part.retry = *keys.retry;
        part.verify = keys.verify.value_or(true);
        part.sensitive = keys.sensitive.value_or(false);
        part.description = keys.description;
        draft.notify = std::move(keys.notify);
        draft.notify_failure = std::move(keys.notify_failure);
        variant().parts.push_back(std::move(draft));
        part_keys_.resize(variant().parts.size());
        part_keys_.back() = {
            .verify = keys.verify, .sensitive = keys.sensitive, .timeout = keys.timeout, .retry = keys.retry};
    }

    void read_assert(StatePart& part) {
        const Value* that = part.arguments.find("that");
        if (that == nullptr)
            return wrong(part.position, "meta.assert needs the argument 'that': what must hold, as in 'onlyif'");
        part.that = read_conditions(*that, "that", where_, diagnostics_);
        part.arguments.mapping().erase("that");
    }

    // ---- meta.group, meta.block and meta.include

    bool is_shape() const { return state_.block || state_.include.has_value(); }

    void read_shape(const std::string& name, DraftPart& draft, StateKeys& keys) {
        shape_ = name;
        if (!variant().parts.empty()) return wrong(draft.part.position, name + " stands alone in its state");
        state_.group = true;
        const MetaPart part{name, draft.part.arguments, draft.part.position, where_, diagnostics_};
        if (name == "meta.group") read_group(part, keys);
        if (name == "meta.block") read_block(part);
        if (name == "meta.include") state_.include = read_include(part);
        if (is_shape()) {
            merge_keys(common_, keys);
        } else {
            append(variant().notify, keys.notify);
            append(variant().notify_failure, keys.notify_failure);
        }
        take_state_keys(keys);
        variant().description = keys.description;
    }

    void read_group(const MetaPart& part, const StateKeys& keys) {
        part.check_names({"states"});
        if (const Value* members = part.arguments.find("states"))
            state_.members = read_references(*members, "states", where_, diagnostics_);
        else
            wrong(part.position, "meta.group needs the argument 'states': the ids and globs of its members");
        if (!keys.onlyif.empty() || !keys.unless.empty() || !keys.probes.empty() || keys.timeout || keys.retry)
            wrong(
                part.position,
                "meta.group runs nothing itself, so it takes no onlyif, unless, probe, timeout or retry; give them to "
                "its members");
    }

    void read_block(const MetaPart& part) {
        state_.block = true;
        if (depth_ == deepest_block)
            return wrong(part.position, "blocks are nested more than " + std::to_string(deepest_block) + " deep");
        part.check_names({"states", "rescue", "always"});
        if (part.arguments.find("states") == nullptr)
            wrong(part.position, "meta.block needs the argument 'states': the states of its body, by their ids");
        read_contents(block_states(part, "states"), BlockRole::body);
        read_contents(block_states(part, "rescue"), BlockRole::rescue);
        read_contents(block_states(part, "always"), BlockRole::always);
    }

    void read_contents(Mapping* states, BlockRole role) {
        if (states == nullptr) return;
        for (Mapping::Member& member : *states)
            for (DraftState& state : StateReader(functions_, late_, diagnostics_, depth_ + 1).read(member)) {
                if (!state.stand) state.stand = DraftStand{state_.id, role};
                contents_.push_back(std::move(state));
            }
    }

    // The keys of a block count for its states; those of a meta.include for the states of a file that is read later.
    void finish_shape() {
        if (!is_shape()) return;
        if (state_.include) {
            common_.lazy = state_.lazy;
            state_.common = std::make_shared<StateKeys>(std::move(common_));
            return;
        }
        for (DraftState& state : contents_) apply_keys(state, common_, is_in_body(state), 0);
    }

    // Whether a state of this block is in its body, and so are the blocks between them.
    bool is_in_body(const DraftState& state) const {
        const DraftState* at = &state;
        for (int depth = 0; depth <= deepest_block; ++depth) {  // ids may be wrong, and go in circles
            if (at->stand->role != BlockRole::body || at->stand->block == state_.id) break;
            at = &*std::find_if(contents_.begin(), contents_.end(),
                                [&](const DraftState& other) { return other.id == at->stand->block; });
        }
        return at->stand->role == BlockRole::body;
    }

    const FunctionRegistry& functions_;
    const LateStates& late_;
    Diagnostics& diagnostics_;
    std::string where_;
    const int depth_;
    DraftState state_;
    std::string shape_;                 // the function, where it is one that shapes the graph
    StateKeys common_;                  // of a block or an include
    std::vector<DraftState> contents_;  // of a block
    std::vector<StateKeys> part_keys_;  // what each part said itself
};

void read_directive(const Mapping::Member& member, DraftFile& file, bool first, Diagnostics& diagnostics) {
    if (member.key == "_include") {
        file.includes = read_references(member.value, member.key, "", diagnostics);
    } else if (member.key == "_require") {
        file.required_files = read_references(member.value, member.key, "", diagnostics);
    } else if (!is_mapping_of_keys(member.value)) {
        diagnostics.error(member.value.position(), "",
                          "'_params' is a mapping from names to defaults, found " + member.value.described());
    } else if (!first) {
        diagnostics.error(member.key_position, "", "'_params' must be the first thing in its file");
    }
}

}  // namespace

DraftFile read_states(Value document, const FunctionRegistry& functions, const LateStates& late,
                      Diagnostics& diagnostics) {
    DraftFile file;
    if (document.is_null()) return file;
    if (!is_mapping_of_keys(document)) {
        diagnostics.error(document.position(), "",
                          "a state file is a mapping from ids to states, found " + document.described());
        return file;
    }
    file.states.reserve(document.mapping().size());
    bool first = true;
    for (Mapping::Member& member : document.mapping()) {
        const bool directive = std::find(directives.begin(), directives.end(), member.key) != directives.end();
        const std::string near = member.key.rfind('_', 0) == 0 && !directive ? nearest(member.key, directives) : "";
        if (directive)
            read_directive(member, file, first, diagnostics);
        else if (!near.empty())
            diagnostics.error(member.key_position, "",
                              "unknown " + quoted(member.key) + "; did you mean " + quoted(near) + "?");
        else
            for (DraftState& state : StateReader(functions, late, diagnostics).read(member))
                file.states.push_back(std::move(state));
        first = false;
    }
    return file;
}

}  // namespace prove
