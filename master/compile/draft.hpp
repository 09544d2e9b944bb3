// States as one state file has them: read, checked, every key understood, but references to others still names. Drafts
// of a file without templates are the same for every target and are shared between compiles.
#pragma once

#include <map>
#include <memory>
#include <optional>
#include <string>
#include <utility>
#include <vector>

#include "proto/state_run.hpp"

namespace prove {

// A name that the user wrote: an id, a glob, or file:NAME.
struct Reference {
    std::string text;
    SourcePosition position;
    std::uint32_t outer = 0;  // how many files further out it was written than the state that has it (meta.include)
};

// A meta.include, or a meta.run: what it names, and the parameters that it gives.
struct DraftCall {
    Reference name;  // of a state file, or the id of a state
    Value with;      // null: none
    std::string as;  // meta.include: what the ids begin with
};

struct DraftPart {
    StatePart part;  // without its notifications
    std::vector<Reference> notify, notify_failure;
    std::optional<DraftCall> run;
};

// Where a state stands in a meta.block of its file.
enum class BlockRole { body, rescue, always };
struct DraftStand {
    StateId block;
    BlockRole role = BlockRole::body;
    bool operator==(const DraftStand&) const = default;
};

struct StateKeys;

struct DraftVariant {
    std::vector<DraftPart> parts;
    std::vector<Reference> notify, notify_failure;
    std::vector<Condition> onlyif, unless;
    std::string description;
};

struct DraftState {
    StateId id;
    SourcePosition position;
    bool lazy = false;
    bool defer = false;
    bool group = false;  // and so are meta.block and meta.include: the end of what stands before them
    bool block = false;
    // Of a late state only what it waits for is known until it is compiled; see late_reader.hpp.
    enum class Late { no, waits, compiled };
    Late late = Late::no;
    std::optional<DraftStand> stand;
    std::optional<DraftCall> include;
    std::shared_ptr<StateKeys> common;  // of a meta.include: keys for all states of that file; null: none
    std::vector<Reference> requirements, listen, listen_failure, members;
    std::vector<Probe> probes;
    std::vector<std::string> tags;
    std::vector<DraftVariant> variants;  // one for each combination of `probes`, by mask; one before they are joined
};

struct DraftFile {
    std::vector<Reference> includes, required_files;
    std::vector<DraftState> states;
};

// A state file as one target has it.
struct CompiledFile {
    std::string name;
    FileName path;
    std::shared_ptr<const DraftFile> draft;
    Value params = Value::object();  // for the templates of its managed files
    bool rendered = false;
    std::vector<std::string> results_read;  // the names that its template asked `results` for
    Value results = Value::object();        // those that its late states have by now, under the names that it knows

    // What its ids begin with ("blog/"), and those of the files around it, in which its references are looked up next;
    // the last one is "", the run itself.
    std::vector<std::string> scopes = {""};
    // The file of a meta.include, or that of a meta.run with parameters: by which state, and in which of the files.
    enum class Caller { none, include, run };
    Caller caller = Caller::none;
    std::size_t called_from = 0;
    StateId calling;  // its whole id
    // What its own states call so: by the DraftState of a meta.include or the DraftPart of a meta.run, the file;
    // `no_file` where that cannot be had.
    static constexpr std::size_t no_file = ~std::size_t{0};
    std::map<const void*, std::size_t> calls;

    const std::string& prefix() const { return scopes.front(); }
};

// Equal in all but where it was written: two renderings of a file put one state on different lines.
bool same_variant(const DraftVariant& left, const DraftVariant& right);
bool same_references(const std::vector<Reference>& left, const std::vector<Reference>& right);
bool same_probes(const std::vector<Probe>& left, const std::vector<Probe>& right);
bool same_conditions(const std::vector<Condition>& left, const std::vector<Condition>& right);
bool same_call(const std::optional<DraftCall>& left, const std::optional<DraftCall>& right);
bool same_state(const DraftState& left, const DraftState& right);

}  // namespace prove
