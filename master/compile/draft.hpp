// States as one state file has them: read, checked, every key understood, but references to others still names. Drafts
// of a file without templates are the same for every target and are shared between compiles.
#pragma once

#include <memory>
#include <string>
#include <utility>
#include <vector>

#include "proto/state_run.hpp"

namespace prove {

// A name that the user wrote: an id, a glob, or file:NAME.
struct Reference {
    std::string text;
    SourcePosition position;
};

struct DraftPart {
    StatePart part;  // without its notifications
    std::vector<Reference> notify, notify_failure;
};

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
    bool group = false;
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
};

// Equal in all but where it was written: two renderings of a file put one state on different lines.
bool same_variant(const DraftVariant& left, const DraftVariant& right);
bool same_references(const std::vector<Reference>& left, const std::vector<Reference>& right);
bool same_probes(const std::vector<Probe>& left, const std::vector<Probe>& right);

}  // namespace prove
