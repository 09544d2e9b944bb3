// See nested_files.hpp.
#include "master/compile/nested_files.hpp"

#include <algorithm>

#include "common/text/text.hpp"
#include "master/compile/common_keys.hpp"
#include "master/compile/lints.hpp"

namespace prove {

namespace {

constexpr std::size_t deepest_call = 16;
constexpr std::size_t most_files = 10'000;  // as many as a run may have states

// One state of a file, with what stands in it where it is a block. It runs only where it is called.
DraftFile only(const DraftFile& file, const StateId& id) {
    DraftFile result;
    std::vector<StateId> kept = {id};
    for (auto state = file.states.rbegin(); state != file.states.rend(); ++state) {
        const bool inside = state->stand && std::find(kept.begin(), kept.end(), state->stand->block) != kept.end();
        if (state->id != id && !inside) continue;
        if (inside && state->block) kept.push_back(state->id);
        DraftState& copy = *result.states.insert(result.states.begin(), *state);
        if (state->id != id) continue;
        copy.stand.reset();
        copy.lazy = true;
        copy.listen.clear();
        copy.listen_failure.clear();
        if (copy.common == nullptr) continue;
        copy.common = std::make_shared<StateKeys>(*copy.common);
        copy.common->lazy = true;
    }
    return result;
}

// The states of a file with the keys of the meta.include that brings them.
DraftFile with_keys(const DraftFile& file, const StateKeys& keys) {
    DraftFile result = file;
    const auto is_in_body = [&](const DraftState& state) {
        const DraftState* at = &state;
        while (at->stand && at->stand->role == BlockRole::body) {
            const StateId& block = at->stand->block;
            const auto found = std::find_if(result.states.begin(), result.states.end(),
                                            [&](const DraftState& other) { return other.id == block; });
            if (found == result.states.end() || &*found <= at) break;  // a block stands after what is in it
            at = &*found;
        }
        return !at->stand || at->stand->role == BlockRole::body;
    };
    for (DraftState& state : result.states) {
        apply_keys(state, keys, is_in_body(state), 1);
        if (keys.lazy.value_or(false) && !state.stand) state.lazy = true;
        if (keys.lazy.value_or(false) && state.common != nullptr) state.common->lazy = true;
    }
    return result;
}

}  // namespace

NestedFiles::NestedFiles(const Catalog& catalog, StateFileReader& reader, Diagnostics& diagnostics,
                         GatheredFiles& gathered, std::function<void(const Reference&)> include)
    : catalog_(catalog),
      reader_(reader),
      diagnostics_(diagnostics),
      gathered_(gathered),
      include_(std::move(include)) {}

// A file that is called within itself, or too deep. The files around a call are those that it is called from.
bool NestedFiles::goes_in_circles(const Call& call, const std::string& name) {
    std::vector<std::string> names = {quoted(name)};
    for (std::size_t at = call.from;; at = gathered_.files[at].called_from) {
        const CompiledFile& around = gathered_.files[at];
        names.insert(names.begin(), quoted(around.name));
        if (around.name == name && call.state.include) {
            diagnostics_.error(call.call.name.position, call.state.id.text(),
                               "state files include each other in a circle: " + join(names, " includes "));
            return true;
        }
        if (around.caller == CompiledFile::Caller::none) break;
    }
    if (names.size() <= deepest_call) return false;
    diagnostics_.error(call.call.name.position, call.state.id.text(),
                       "meta.include and meta.run are nested more than " + std::to_string(deepest_call) + " deep");
    return true;
}

// Two calls of a file that calls another one twice, and so on, are soon too many to be meant.
bool NestedFiles::is_full(const Call& call) {
    if (gathered_.files.size() < most_files) return false;
    if (!full_)
        diagnostics_.error(call.call.name.position, call.state.id.text(),
                           "meta.include and meta.run call for more than " + std::to_string(most_files) + " files");
    full_ = true;
    return true;
}

std::optional<CompiledFile> NestedFiles::read(const Call& call, const std::string& name,
                                              std::vector<std::string> scopes) {
    const SourceFile* source = catalog_.state_file(name);
    if (source == nullptr) {
        const std::string near = nearest(name, catalog_.state_file_names());
        diagnostics_.error(
            call.call.name.position, call.state.id.text(),
            "there is no state file " + quoted(name) + (near.empty() ? "" : "; did you mean " + quoted(near) + "?"));
        gathered_.complete = false;
        return std::nullopt;
    }
    if (goes_in_circles(call, name) || is_full(call)) {
        gathered_.complete = false;
        return std::nullopt;
    }
    const Value* with = call.call.with.is_null() ? nullptr : &call.call.with;
    std::vector<Probe> probes;
    if (call.state.common != nullptr) probes = seen_within(call.state.common->probes, 1);
    auto file = reader_.read(*source, {with, call.state.id.text(), scopes, std::move(probes)});
    if (!file) {
        gathered_.complete = false;
        return file;
    }
    file->scopes = std::move(scopes);
    lint_file(*source, *file, diagnostics_);
    return file;
}

void NestedFiles::add(const Call& call, CompiledFile file, CompiledFile::Caller caller) {
    file.caller = caller;
    file.called_from = call.from;
    file.calling = StateId(gathered_.files[call.from].prefix() + call.state.id.text());
    const std::size_t index = gathered_.files.size();
    gathered_.files[call.from].calls[call.key] = index;
    gathered_.files.push_back(std::move(file));
    const auto draft = gathered_.files[index].draft;
    for (const Reference& include : draft->includes) include_(include);
    add_includes(index);
}

void NestedFiles::add_includes(std::size_t file) {
    const auto draft = gathered_.files[file].draft;
    for (const DraftState& state : draft->states)
        if (state.include && !state.include->name.text.empty()) add_include({file, state, *state.include, &state});
}

void NestedFiles::add_include(const Call& call) {
    std::vector<std::string> scopes = gathered_.files[call.from].scopes;
    scopes.insert(scopes.begin(), scopes.front() + call.call.as + "/");
    auto file = read(call, call.call.name.text, std::move(scopes));
    if (!file) return;
    if (call.state.common != nullptr)
        file->draft = std::make_shared<const DraftFile>(with_keys(*file->draft, *call.state.common));
    add(call, std::move(*file), CompiledFile::Caller::include);
}

void NestedFiles::add_runs() {
    for (std::size_t index = 0; index < gathered_.files.size(); ++index) {
        const CompiledFile& file = gathered_.files[index];
        for (const DraftState& state : file.draft->states) by_id_[file.prefix() + state.id.text()] = {index, &state};
    }
    // What is run so may run others so.
    for (std::size_t file = 0; file < gathered_.files.size(); ++file) add_runs_of(file);
}

void NestedFiles::add_runs_of(std::size_t file) {
    const auto draft = gathered_.files[file].draft;
    for (const DraftState& state : draft->states) {
        std::map<StateId, int> runs;
        for (const DraftVariant& variant : state.variants)
            for (const DraftPart& part : variant.parts)
                if (part.run && !part.run->with.is_null()) add_run({file, state, *part.run, &part}, runs);
    }
}

std::optional<NestedFiles::Found> NestedFiles::find(const Call& call) const {
    for (const std::string& scope : gathered_.files[call.from].scopes)
        if (const auto found = by_id_.find(scope + call.call.name.text); found != by_id_.end()) return found->second;
    return std::nullopt;
}

// With the parameters that its file has anyway it is the state itself.
void NestedFiles::add_run(const Call& call, std::map<StateId, int>& runs) {
    const auto found = find(call);
    if (!found) return;  // an unknown reference, which the graph reports
    const CompiledFile& home = gathered_.files[found->file];
    // One state may run another one several times, each with parameters of its own.
    const int number = runs[found->state->id] + 1;
    std::vector<std::string> scopes = home.scopes;
    scopes.insert(scopes.begin(), gathered_.files[call.from].prefix() + call.state.id.text() + "/" +
                                      (number == 1 ? "" : std::to_string(number) + "/"));
    auto file = read(call, home.name, std::move(scopes));
    if (file && file->params == gathered_.files[found->file].params) return;
    gathered_.files[call.from].calls[call.key] = CompiledFile::no_file;
    if (!file) return;
    file->draft = std::make_shared<const DraftFile>(only(*file->draft, found->state->id));
    if (file->draft->states.empty()) {
        diagnostics_.error(call.call.name.position, call.state.id.text(),
                           "with these parameters the state file " + quoted(file->name) + " has no state " +
                               quoted(found->state->id.text()));
        return;
    }
    runs[found->state->id] = number;
    add(call, std::move(*file), CompiledFile::Caller::run);
}

}  // namespace prove
