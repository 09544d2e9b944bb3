// Reading one state file for one target.
#include "master/compile/state_files.hpp"

#include <algorithm>

#include "common/text/text.hpp"
#include "master/compile/common_keys.hpp"
#include "master/compile/data_file.hpp"
#include "master/compile/secret_values.hpp"
#include "master/compile/source_map.hpp"
#include "master/compile/state_reader.hpp"

namespace prove {

namespace {

constexpr std::size_t most_probes = 3;
constexpr std::size_t taken_when_full = 8;  // one of so many

Hash key_of(const SourceFile& source, const std::string& own_functions, const std::string& more) {
    return hash_of(own_functions + '\0' + *source.path + '\0' + source.name + '\0' + source.component + '\0' +
                   std::to_string(static_cast<int>(source.format)) + '\0' + more);
}

void add_probes(DraftFile& file, const std::vector<Probe>& probes) {
    for (DraftState& state : file.states) add_probes(state, probes);
}

// Where a name is first written in a text: for probes, which a rendering reports without a place.
SourcePosition place_of(const SourceFile& source, const std::string& word) {
    const auto lines = split_lines(source.text);
    for (std::size_t i = 0; i < lines.size(); ++i)
        if (const std::size_t at = lines[i].find(word); at != std::string::npos)
            return {source.path, static_cast<std::uint32_t>(i + 1), static_cast<std::uint32_t>(at + 1)};
    return {source.path, 1, 1};
}

// What every probe that is read is declared by a state.
void check_declared(const DraftFile& file, const std::vector<std::string>& probes, const SourceFile& source,
                    Diagnostics& diagnostics) {
    for (const std::string& probe : probes) {
        bool declared = false;
        for (const DraftState& state : file.states)
            for (const Probe& own : state.probes) declared = declared || own.name == probe;
        if (!declared)
            diagnostics.error(place_of(source, "probe." + probe), "",
                              "no state of this file declares the probe " + quoted(probe) +
                                  "; declare it where it is read: probe: {" + probe + ": {exists: /path}}");
    }
}

// About what a draft takes: a state with one part is some strings, vectors and a few arguments.
std::size_t rough_size(const DraftFile& file) {
    constexpr std::size_t state = 800, variant = 300, part = 1600;
    std::size_t result = 0;
    for (const DraftState& one : file.states) {
        result += state;
        for (const DraftVariant& two : one.variants) result += variant + two.parts.size() * part;
    }
    return result;
}

}  // namespace

std::shared_ptr<const DraftCache::Entry> DraftCache::find(const Hash& key) {
    const std::lock_guard lock(mutex_);
    const auto* found = entries_.find(key);
    return found == nullptr ? nullptr : *found;
}

void DraftCache::add(const Hash& key, std::shared_ptr<const Entry> entry) {
    const std::size_t bytes = entry->draft ? rough_size(*entry->draft) : 0;
    const std::lock_guard lock(mutex_);
    if (entries_.is_full_for(bytes) && ++came_when_full_ % taken_when_full != 0) return;
    entries_.put(key, std::move(entry), bytes);
}

std::string StateFileReader::Reading::key() const {
    std::string key = late.marks ? "marks" : "";
    for (const StateId& state : late.compiled) key += '\0' + state.text();
    for (const Probe& probe : probes) {
        key += '\0' + probe.name;
        for (const Condition& condition : probe.conditions)
            key += '\0' + condition.position.text() + name_of(condition.kind) + write_json(condition.value);
    }
    return key;
}

std::optional<CompiledFile> StateFileReader::read(const SourceFile& source, const Call& call) {
    scope_.add_component(source.component, diagnostics_);
    CompiledFile file;
    file.name = source.name;
    file.path = source.path;
    file.rendered = needs_rendering(source);
    if (source.format == FileFormat::python)
        file.params = python_params(source);
    else if (file.rendered || source.text.find("_params") != std::string::npos)
        file.params = read_params(source, diagnostics_);
    lift_secrets(file.params, diagnostics_);
    if (call.with != nullptr) file.params = params_with(file.params, *call.with, call.where, source, diagnostics_);
    read_states_of(source, call, file);
    if (file.draft == nullptr) return std::nullopt;
    return file;
}

// As the file is before any late state of it is compiled; and then once more, where results of some are there.
void StateFileReader::read_states_of(const SourceFile& source, const Call& call, CompiledFile& file) {
    Reading before_late;
    before_late.probes = call.probes;
    Reading reading = before_late;
    LateStates& late = reading.late;
    if (late_ != nullptr) {
        // What a name means is told by the innermost scope that has it.
        for (auto scope = call.scopes.rbegin(); scope != call.scopes.rend(); ++scope)
            for (const LateRequest::Asked& asked : late_->states)
                for (const Mapping::Member& results : asked.results.mapping())
                    if (results.key.rfind(*scope, 0) == 0)
                        file.results.set(results.key.substr(scope->size()), results.value);
        const std::string& prefix = call.scopes.front();
        for (const LateRequest::Asked& asked : late_->states)
            if (asked.state.text().rfind(prefix, 0) == 0)
                late.compiled.insert(StateId(asked.state.text().substr(prefix.size())));
    }
    if (!file.rendered) {
        file.draft = read_written(source, reading);
        return;
    }
    file.draft = read_rendered(source, file, Value::object(), before_late);
    if (file.draft == nullptr || late.compiled.empty()) return;
    const auto before = std::move(file.draft);
    file.draft = read_rendered(source, file, file.results, std::move(reading));
    if (file.draft != nullptr) check_only_late_differ(*before, *file.draft);
}

// A state that is not late is what it was, whatever the results: it is in the run already.
void StateFileReader::check_only_late_differ(const DraftFile& before, const DraftFile& now) {
    const auto differs = [&](const DraftState& state) {
        diagnostics_.error(
            state.position, state.id.text(),
            "this state differs by the results of others, which only a state may that says 'late: true'");
    };
    std::set<StateId> late;  // and what stands in them
    for (auto state = now.states.rbegin(); state != now.states.rend(); ++state)
        if (state->late == DraftState::Late::compiled || (state->stand && late.count(state->stand->block) != 0))
            late.insert(state->id);
    std::map<StateId, const DraftState*> others;
    for (const DraftState& state : before.states) others[state.id] = &state;
    for (const DraftState& state : now.states) {
        const auto other = others.find(state.id);
        if (late.count(state.id) == 0 && (other == others.end() || !same_state(*other->second, state))) differs(state);
        if (other != others.end()) others.erase(other);
    }
    for (const auto& [id, state] : others) differs(*state);
}

Value StateFileReader::python_params(const SourceFile& source) {
    if (source.text.find("_params") == std::string::npos) return Value::object();
    try {
        const Rendered rendered = scope_.render_params(source);
        const SourceMap map(sources_.catalog, source, rendered);
        Diagnostics found;
        std::optional<Value> params = read_data(source, rendered.text, map.rendered_name(), found);
        diagnostics_.append(map.translated(found));
        if (!params) return Value::object();
        map.translate(*params);
        if (params->is_mapping()) return std::move(*params);
        diagnostics_.error(params->position(), "",
                           "'_params' is a mapping from names to defaults, found " + params->described());
    } catch (const CatalogError&) {
        // Rendering its states meets the same error, which is shown then.
    }
    return Value::object();
}

std::shared_ptr<const DraftFile> StateFileReader::remembered(const Hash& key,
                                                             const std::function<DraftCache::Entry()>& read) {
    auto entry = sources_.cache.find(key);
    if (entry == nullptr) {
        entry = std::make_shared<const DraftCache::Entry>(read());
        sources_.cache.add(key, entry);
    }
    diagnostics_.append(entry->diagnostics);
    return entry->draft;
}

std::shared_ptr<const DraftFile> StateFileReader::read_written(const SourceFile& source, const Reading& reading) {
    return remembered(key_of(source, sources_.own_functions, std::string(source.hash.view()) + reading.key()), [&] {
        DraftCache::Entry entry;
        if (auto document = read_data(source, source.text, source.path, entry.diagnostics)) {
            lift_secrets(*document, entry.diagnostics);
            std::vector<DraftFile> drafts;
            drafts.push_back(read_states(std::move(*document), sources_.functions, reading.late, entry.diagnostics));
            add_probes(drafts.front(), reading.probes);
            entry.draft =
                std::make_shared<const DraftFile>(join_renderings(std::move(drafts), {}, source, entry.diagnostics));
        }
        return entry;
    });
}

std::optional<DraftFile> StateFileReader::read_rendering(const SourceFile& source, const Rendered& rendered,
                                                         const Reading& reading, Diagnostics& diagnostics) const {
    const SourceMap map(sources_.catalog, source, rendered);
    Diagnostics found;
    std::optional<DraftFile> draft;
    if (auto document = read_data(source, rendered.text, map.rendered_name(), found)) {
        lift_secrets(*document, found);
        draft = read_states(std::move(*document), sources_.functions, reading.late, found);
        map.translate(*draft);
        add_probes(*draft, reading.probes);
    }
    diagnostics.append(map.translated(found));
    return draft;
}

DraftCache::Entry StateFileReader::read_renderings(const SourceFile& source, const std::vector<Rendered>& renderings,
                                                   const std::vector<std::string>& probes,
                                                   const Reading& reading) const {
    DraftCache::Entry entry;
    std::vector<DraftFile> drafts;
    for (const Rendered& rendered : renderings) {
        auto draft = read_rendering(source, rendered, reading, entry.diagnostics);
        if (!draft) return entry;
        drafts.push_back(std::move(*draft));
    }
    const std::size_t before = entry.diagnostics.error_count();
    auto joined =
        std::make_shared<const DraftFile>(join_renderings(std::move(drafts), probes, source, entry.diagnostics));
    if (entry.diagnostics.error_count() == before) check_declared(*joined, probes, source, entry.diagnostics);
    entry.draft = std::move(joined);
    return entry;
}

std::optional<std::vector<Rendered>> StateFileReader::render_all(const SourceFile& source,
                                                                 const TargetScope::StateNames& names,
                                                                 std::vector<std::string>& probes) {
    for (;;) {
        std::vector<Rendered> renderings;
        const std::size_t known = probes.size();
        for (std::uint32_t mask = 0; mask < (1u << known) && probes.size() == known; ++mask) {
            ProbeAnswers answers;
            for (std::size_t i = 0; i < known; ++i) answers[probes[i]] = ((mask >> i) & 1) != 0;
            renderings.push_back(scope_.render_states(source, names, answers));
            if (const std::string filtered = filtered_secret(renderings.back().text, scope_.secrets());
                !filtered.empty()) {
                diagnostics_.error({source.path, 1, 1}, "", filtered);
                return std::nullopt;
            }
            for (const std::string& name : renderings.back().probes_read) probes.push_back(name);
        }
        if (probes.size() > most_probes) {
            diagnostics_.error(place_of(source, "probe." + probes[most_probes]), "",
                               "this file reads " + std::to_string(probes.size()) + " probes (" + join_words(probes) +
                                   "); three are the most, since every one doubles how often it is rendered");
            return std::nullopt;
        }
        if (probes.size() == known) return renderings;
    }
}

std::shared_ptr<const DraftFile> StateFileReader::read_rendered(const SourceFile& source, CompiledFile& file,
                                                                const Value& results, Reading reading) {
    std::vector<std::string> probes;
    std::optional<std::vector<Rendered>> renderings;
    try {
        renderings = render_all(source, {file.params, results}, probes);
    } catch (const CatalogError& error) {
        if (scope_.whole()) diagnostics_.append(error.diagnostics());
    }
    if (!renderings) return nullptr;
    for (const Rendered& rendered : *renderings)
        for (const std::string& name : rendered.results_read)
            if (std::find(file.results_read.begin(), file.results_read.end(), name) == file.results_read.end())
                file.results_read.push_back(name);
    reading.late.marks = !file.results_read.empty();
    std::string key = join(probes, ",") + reading.key() + '\0';
    for (const Rendered& rendered : *renderings) key += rendered.hash.view();
    return remembered(key_of(source, sources_.own_functions, key),
                      [&] { return read_renderings(source, *renderings, probes, reading); });
}

}  // namespace prove
