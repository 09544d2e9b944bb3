// Reading one state file for one target.
#include "master/compile/state_files.hpp"

#include "common/text/text.hpp"
#include "master/compile/data_file.hpp"
#include "master/compile/source_map.hpp"
#include "master/compile/state_reader.hpp"

namespace prove {

namespace {

constexpr std::size_t most_probes = 3;

// What a reading depends on: the text, and the template lines that its lines came from.
Hash hash_of_rendering(const Rendered& rendered) {
    std::string bytes = rendered.text;
    for (const SourcePosition& position : rendered.line_map) {
        bytes += '\0';
        bytes += position.file_name();
        bytes += ':' + std::to_string(position.line);
    }
    return hash_of(bytes);
}

// Where a name is first written in a text: for probes, which a rendering reports without a place.
SourcePosition place_of(const SourceFile& source, const std::string& word) {
    const auto lines = split_lines(source.text);
    for (std::size_t i = 0; i < lines.size(); ++i)
        if (const std::size_t at = lines[i].find(word); at != std::string::npos)
            return {source.path, static_cast<std::uint32_t>(i + 1), static_cast<std::uint32_t>(at + 1)};
    return {source.path, 1, 1};
}

}  // namespace

std::shared_ptr<const DraftCache::Entry> DraftCache::find(const Key& key) const {
    const std::lock_guard lock(mutex_);
    const auto found = entries_.find(key);
    return found == entries_.end() ? nullptr : found->second;
}

void DraftCache::add(const Key& key, std::shared_ptr<const Entry> entry) {
    const std::lock_guard lock(mutex_);
    // Rendered texts may differ for every target: start afresh rather than keep account of what is used.
    if (entries_.size() >= most_entries) entries_.clear();
    entries_[key] = std::move(entry);
}

std::optional<CompiledFile> StateFileReader::read(const SourceFile& source, const Value* with,
                                                  const std::string& where) {
    scope_.add_component(source.component, diagnostics_);
    CompiledFile file;
    file.name = source.name;
    file.path = source.path;
    file.rendered = needs_rendering(source);
    if (source.format == FileFormat::python)
        file.params = python_params(source);
    else if (file.rendered || source.text.find("_params") != std::string::npos)
        file.params = read_params(source, diagnostics_);
    if (with != nullptr) file.params = params_with(file.params, *with, where, source, diagnostics_);
    file.draft = file.rendered ? read_rendered(source, file.params) : read_written(source);
    if (file.draft == nullptr) return std::nullopt;
    return file;
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

std::shared_ptr<const DraftFile> StateFileReader::read_written(const SourceFile& source) {
    const DraftCache::Key key{*source.path, Hash{}};
    auto entry = sources_.cache.find(key);
    if (entry == nullptr) {
        auto fresh = std::make_shared<DraftCache::Entry>();
        if (auto document = read_data(source, source.text, source.path, fresh->diagnostics)) {
            auto draft = std::make_shared<const DraftFile>(
                read_states(std::move(*document), sources_.functions, fresh->diagnostics));
            fresh->draft = std::make_shared<const DraftFile>(join_renderings({draft}, {}, source, fresh->diagnostics));
        }
        entry = fresh;
        sources_.cache.add(key, entry);
    }
    diagnostics_.append(entry->diagnostics);
    return entry->draft;
}

std::shared_ptr<const DraftFile> StateFileReader::read_rendering(const SourceFile& source, const Rendered& rendered) {
    const DraftCache::Key key{*source.path, hash_of_rendering(rendered)};
    auto entry = sources_.cache.find(key);
    if (entry == nullptr) {
        auto fresh = std::make_shared<DraftCache::Entry>();
        const SourceMap map(sources_.catalog, source, rendered);
        Diagnostics found;
        if (auto document = read_data(source, rendered.text, map.rendered_name(), found)) {
            DraftFile draft = read_states(std::move(*document), sources_.functions, found);
            map.translate(draft);
            fresh->draft = std::make_shared<const DraftFile>(std::move(draft));
        }
        fresh->diagnostics = map.translated(found);
        entry = fresh;
        sources_.cache.add(key, entry);
    }
    diagnostics_.append(entry->diagnostics);
    return entry->draft;
}

std::optional<std::vector<Rendered>> StateFileReader::render_all(const SourceFile& source, const Value& params,
                                                                 std::vector<std::string>& probes) {
    for (;;) {
        std::vector<Rendered> renderings;
        const std::size_t known = probes.size();
        for (std::uint32_t mask = 0; mask < (1u << known) && probes.size() == known; ++mask) {
            ProbeAnswers answers;
            for (std::size_t i = 0; i < known; ++i) answers[probes[i]] = ((mask >> i) & 1) != 0;
            renderings.push_back(scope_.render_states(source, params, answers));
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

std::shared_ptr<const DraftFile> StateFileReader::read_rendered(const SourceFile& source, const Value& params) {
    std::vector<std::string> probes;
    std::optional<std::vector<Rendered>> renderings;
    try {
        renderings = render_all(source, params, probes);
    } catch (const CatalogError& error) {
        if (scope_.whole()) diagnostics_.append(error.diagnostics());
    }
    if (!renderings) return nullptr;
    std::vector<std::shared_ptr<const DraftFile>> drafts;
    for (const Rendered& rendered : *renderings) {
        drafts.push_back(read_rendering(source, rendered));
        if (drafts.back() == nullptr) return nullptr;
    }
    const std::size_t before = diagnostics_.error_count();
    DraftFile joined = join_renderings(drafts, probes, source, diagnostics_);
    if (diagnostics_.error_count() == before) check_declared(joined, probes, source);
    return std::make_shared<const DraftFile>(std::move(joined));
}

void StateFileReader::check_declared(const DraftFile& file, const std::vector<std::string>& probes,
                                     const SourceFile& source) {
    for (const std::string& probe : probes) {
        bool declared = false;
        for (const DraftState& state : file.states)
            for (const Probe& own : state.probes) declared = declared || own.name == probe;
        if (!declared)
            diagnostics_.error(place_of(source, "probe." + probe), "",
                               "no state of this file declares the probe " + quoted(probe) +
                                   "; declare it where it is read: probe: {" + probe + ": {exists: /path}}");
    }
}

}  // namespace prove
