// See late_reader.hpp.
#include "master/compile/late_reader.hpp"

#include <algorithm>

#include "common/text/text.hpp"

namespace prove {

namespace {

// What a value that waits prints as, before the name of the state that it waits for (render/names.py).
constexpr std::string_view mark = "prove-waits-for-results-of-";

const std::vector<std::string> known_before = {"requires",       "lazy",  "defer", "notify", "notify_failure", "listen",
                                               "listen_failure", "probe", "late",  "tags",   "description"};

bool has_late(const Value& part) {
    if (!part.is_mapping()) return false;
    const Value* late = part.find("late");
    return late != nullptr && late->is_boolean() && late->boolean();
}

bool has_mark(const std::string& text) {
    return text.find(mark) != std::string::npos;
}

// The name of the state that a mark stands for.
std::string named_by(const std::string& text) {
    const std::size_t begin = text.find(mark) + mark.size();
    const std::size_t end =
        text.find_first_not_of("abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789_./-", begin);
    return text.substr(begin, end == std::string::npos ? end : end - begin);
}

class WaitingReader {
  public:
    WaitingReader(const std::string& id, Diagnostics& diagnostics) : id_(id), diagnostics_(diagnostics) {}

    StateKeys read(const Value& state) {
        look_through(state);
        if (state.is_mapping())
            if (const Value* parts = state.find("parts")) look_through(*parts);
        check_known();
        return std::move(keys_);
    }

  private:
    void look_through(const Value& value) {
        if (value.is_list())
            for (const Value& part : value.list()) look_through(part);
        if (!value.is_mapping()) return;
        for (const Mapping::Member& member : value.mapping())
            if (std::find(known_before.begin(), known_before.end(), member.key) != known_before.end())
                read_state_key(member, keys_, id_, diagnostics_);
    }

    // Whom it will notify may depend on results; what it waits for, and who wakes it, must not.
    void check_known() {
        const auto marked = [](const Reference& reference) { return has_mark(reference.text); };
        for (auto* references : {&keys_.requirements, &keys_.listen, &keys_.listen_failure})
            for (const Reference& reference : *references)
                if (marked(reference))
                    diagnostics_.error(reference.position, id_,
                                       "what a late state requires or listens to must be known before it is compiled; "
                                       "this is a result of " +
                                           quoted(named_by(reference.text)));
        for (auto* references :
             {&keys_.requirements, &keys_.listen, &keys_.listen_failure, &keys_.notify, &keys_.notify_failure})
            references->erase(std::remove_if(references->begin(), references->end(), marked), references->end());
        if (has_mark(keys_.description)) keys_.description.clear();
    }

    const std::string& id_;
    Diagnostics& diagnostics_;
    StateKeys keys_;
};

class MarkFinder {
  public:
    MarkFinder(const std::string& id, const LateStates& late, Diagnostics& diagnostics)
        : id_(id), late_(late), diagnostics_(diagnostics) {}

    void look_through(const Value& value) {
        if (value.is_text()) look_at(value.text(), value.position());
        if (value.is_list())
            for (const Value& member : value.list()) look_through(member);
        if (value.is_mapping())
            for (const Mapping::Member& member : value.mapping()) look_through(member);
    }
    void look_through(const Mapping::Member& member) {
        look_at(member.key, member.key_position);
        // A late state in a block.
        if (!says_late(member.value) || late_.compiled.count(StateId(member.key)) != 0) look_through(member.value);
    }

  private:
    void look_at(const std::string& text, const SourcePosition& position) {
        if (!has_mark(text)) return;
        const std::string name = quoted(named_by(text));
        diagnostics_.error(position, id_,
                           "this is made of the results of " + name +
                               ", which only a state has that says 'late: true' "
                               "and requires " +
                               name);
    }

    const std::string& id_;
    const LateStates& late_;
    Diagnostics& diagnostics_;
};

}  // namespace

// On a part it counts for the whole state.
bool says_late(const Value& state) {
    const auto any = [](const Value& parts) {
        return parts.is_list() && std::any_of(parts.list().begin(), parts.list().end(), has_late);
    };
    if (has_late(state) || any(state)) return true;
    if (!state.is_mapping() || state.find("fn") != nullptr) return false;
    const Value* parts = state.find("parts");
    return parts != nullptr && (has_late(*parts) || any(*parts));
}

StateKeys read_waiting(const Value& state, const std::string& id, Diagnostics& diagnostics) {
    return WaitingReader(id, diagnostics).read(state);
}

void check_marks(const Mapping::Member& state, const LateStates& late, Diagnostics& diagnostics) {
    if (late.marks) MarkFinder(state.key, late, diagnostics).look_through(state);
}

}  // namespace prove
