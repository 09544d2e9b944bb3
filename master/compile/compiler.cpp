// The steps from a catalog and a target to a StateRun. Each step finds all that is wrong in what it looks at; a later
// one runs wherever the earlier ones left enough to look at.
#include "master/compile/compiler.hpp"

#include <set>

#include "common/text/excerpt.hpp"
#include "common/text/text.hpp"
#include "master/compile/ad_hoc.hpp"
#include "master/compile/check_files.hpp"
#include "master/compile/compiled_well.hpp"
#include "master/compile/components.hpp"
#include "master/compile/contents.hpp"
#include "master/compile/gather_files.hpp"
#include "master/compile/graph.hpp"
#include "master/compile/late_states.hpp"
#include "master/compile/lints.hpp"
#include "master/compile/output_holes.hpp"
#include "master/compile/outputs.hpp"
#include "master/compile/secret_values.hpp"
#include "master/compile/select.hpp"
#include "master/compile/state_files.hpp"
#include "master/compile/target_scope.hpp"
#include "master/render/render_memory.hpp"
#include "master/render/template_source.hpp"

namespace prove {

namespace {

constexpr std::size_t most_states = 10'000;  // security.md section 15
constexpr std::size_t largest_run = 8u << 20;
// A run is measured by writing it only where a rough sum says that it may be too large.
constexpr std::size_t measured_from = 2u << 20;
constexpr std::size_t rough_part = 300;

std::size_t rough_size(const Value& value) {
    std::size_t result = 16;
    if (value.is_text()) result += value.text().size();
    if (value.is_list())
        for (const Value& member : value.list()) result += rough_size(member);
    if (value.is_mapping())
        for (const Mapping::Member& member : value.mapping()) result += member.key.size() + rough_size(member.value);
    return result;
}

std::size_t rough_size(const StateRun& run) {
    std::size_t result = 0;
    for (const Node& node : run.nodes) {
        result += rough_part + node.id.text().size() + (node.requirements.size() + node.members.size()) * 8;
        for (const Variant& variant : node.variants)
            for (const StatePart& part : variant.parts) {
                result += rough_part + rough_size(part.arguments) + part.description.size();
                for (const auto* conditions : {&part.onlyif, &part.unless, &part.that})
                    for (const Condition& condition : *conditions) result += rough_part + rough_size(condition.value);
            }
    }
    return result;
}

void add_excerpt(const Catalog& catalog, Diagnostic& diagnostic) {
    const SourcePosition& position = diagnostic.position;
    if (!diagnostic.excerpt.empty() || !position.known() || position.line == 0) return;
    std::string line = catalog.line_of(*position.file, position.line);
    if (line.empty()) {
        try {
            line = std::string(line_of(find_template(catalog, *position.file, "").text, position.line));
        } catch (const Error&) {
            return;  // a place without a line to show is a place all the same
        }
    }
    if (line.empty()) return;
    diagnostic.excerpt = excerpt(line, position.line, position.column, word_width(line, position.column));
}

// Leaves the contents that a part of this run names.
void keep_named(const StateRun& run, std::map<Hash, Blob>& blobs) {
    std::set<std::string> named;
    for (const Node& node : run.nodes)
        for (const Variant& variant : node.variants)
            for (const StatePart& part : variant.parts)
                if (const Value* content = part.arguments.find("content"); content != nullptr && content->is_mapping())
                    if (const Value* hash = content->find("$blob")) named.insert(hash->text());
    for (auto blob = blobs.begin(); blob != blobs.end();)
        blob = named.count(blob->first.hex()) == 0 ? blobs.erase(blob) : std::next(blob);
}

// What a piece for a late state is made of besides results. A run of some states has other pieces than one of all.
std::string basis_of(const CompileRequest& request, const TargetScope& scope) {
    if (request.states.empty() && request.tags.empty() && request.skip_tags.empty()) return scope.basis();
    std::string choice = scope.basis();
    for (const auto* names : {&request.states, &request.tags, &request.skip_tags}) {
        choice += '\n';
        for (const std::string& name : *names) choice += name + '\0';
    }
    return hash_of(choice).hex();
}

}  // namespace

struct CompileMemory::Parts {
    std::shared_ptr<RenderMemory> renderings = std::make_shared<RenderMemory>();
    DraftCache drafts{256u << 20};
    BlobCache blobs;
    CompiledWell compiled_well;
};

CompileMemory::CompileMemory() : parts_(std::make_unique<Parts>()) {}
CompileMemory::~CompileMemory() = default;

const std::shared_ptr<RenderMemory>& CompileMemory::renderings() const {
    return parts_->renderings;
}

struct Compiler::Parts {
    Parts(std::shared_ptr<const Catalog> a_catalog, const FunctionRegistry& the_functions, Renderer& a_renderer,
          const TargetDirectory& a_directory, std::shared_ptr<CompileMemory> a_memory)
        : catalog(std::move(a_catalog)),
          renderer(a_renderer),
          memory(std::move(a_memory)),
          answers(*catalog, renderer, a_directory),
          holding(*catalog) {
        Diagnostics found;
        functions = functions_of(*catalog, the_functions, found);
        if (found.has_errors()) throw CatalogError(excerpted(found));
        // What files are read to hangs on functions: where a catalog brings its own, it is not shared with others.
        for (const std::string& name : catalog->component_names())
            if (!catalog->component(name)->functions.empty()) own_functions = catalog->hash().hex();
    }

    std::shared_ptr<const Catalog> catalog;
    FunctionRegistry functions;  // Prove's, and those of the catalog's components
    Renderer& renderer;
    std::shared_ptr<CompileMemory> memory;
    std::string own_functions;  // the catalog, where it has any
    // They fill while the compiler is used.
    mutable TargetAnswers answers;
    mutable HoldingReads holding;

    // The run for all states; throws where anything is wrong. Takes the nodes.
    StateRun run_of(const CompileRequest& request, Whole& whole) const;

    ResolvedTarget resolve(const TargetId& target, const Value& facts) const {
        if (catalog->target(target) == nullptr) {
            std::vector<std::string> names;
            for (const Target& other : catalog->targets()) names.push_back(other.id.text());
            const std::string near = nearest(target.text(), names);
            throw Error(ErrorKind::usage, "the catalog has no target " + quoted(target.text()) +
                                              (near.empty() ? "" : "; did you mean " + quoted(near) + "?"));
        }
        return catalog->resolve(target, facts);
    }

    // The variables of a target, merged; throws where one of their layers is wrong.
    TargetScope scope(const ResolvedTarget& resolved, const Value& facts) const {
        Diagnostics diagnostics;
        TargetScope result({*catalog, renderer, answers}, resolved, facts, Value::object(), diagnostics);
        (void)finished(diagnostics, resolved.target->id);
        return result;
    }

    Diagnostics excerpted(const Diagnostics& diagnostics) const {
        Diagnostics all;
        for (Diagnostic diagnostic : diagnostics.sorted()) {
            add_excerpt(*catalog, diagnostic);
            all.add(std::move(diagnostic));
        }
        return all;
    }

    // All diagnostics of one compile, ready to be read; throws where there is an error among them.
    std::vector<Diagnostic> finished(const Diagnostics& diagnostics, const TargetId& target) const {
        Diagnostics all;
        for (Diagnostic diagnostic : diagnostics.sorted()) {
            add_excerpt(*catalog, diagnostic);
            diagnostic = without_marks(std::move(diagnostic));
            if (diagnostic.severity == Diagnostic::Severity::error)
                diagnostic.contexts.push_back("while compiling for target " + quoted(target.text()));
            all.add(std::move(diagnostic));
        }
        if (all.has_errors()) throw CatalogError(std::move(all));
        return all.all();
    }

    void resolve_contents(const Graph& graph, std::vector<Node>& nodes, Contents& contents) const {
        for (std::size_t i = 0; i < nodes.size(); ++i)
            for (Variant& variant : nodes[i].variants)
                for (StatePart& part : variant.parts)
                    contents.resolve(part, {*graph.nodes[i].file, *graph.nodes[i].draft, variant.mask});
    }

    void check_size(const StateRun& run, const ResolvedTarget& target, Diagnostics& diagnostics) const {
        if (run.nodes.size() > most_states)
            diagnostics.error(
                target.target->position, "",
                "this target has " + std::to_string(run.nodes.size()) + " states; 10000 are the most in one run");
        else if (rough_size(run) >= measured_from && write_json(to_value(run)).size() > largest_run)
            diagnostics.error(target.target->position, "", "the compiled states of this target are larger than 8 MiB");
    }
};

Compiler::Compiler(std::shared_ptr<const Catalog> catalog, const FunctionRegistry& functions, Renderer& renderer,
                   const TargetDirectory& directory, std::shared_ptr<CompileMemory> memory)
    : parts_(std::make_unique<Parts>(std::move(catalog), functions, renderer, directory, std::move(memory))) {}

Compiler::~Compiler() = default;

// All that one target's run is made of, before it is cut down to what was asked for.
struct Compiler::Whole {
    // Through `noting`, where there is one, it looks at the catalog.
    Whole(const Parts& parts, const CompileRequest& request, const LateRequest* late, NotingCatalog* noting = nullptr);

    ResolvedTarget target;
    Diagnostics diagnostics;
    TargetScope scope;
    GatheredFiles gathered;
    BuiltGraph built;
    std::map<Hash, Blob> blobs;
    SecretTable secrets;  // that it names
};

Compiler::Whole::Whole(const Parts& parts, const CompileRequest& request, const LateRequest* late, NotingCatalog* noting)
    : target(parts.resolve(request.target, request.facts)),
      scope({noting != nullptr ? *noting : *parts.catalog, parts.renderer, parts.answers, noting}, target, request.facts,
            request.variables, diagnostics) {
    const Catalog& catalog = noting != nullptr ? *noting : *parts.catalog;
    StateFileReader reader({catalog, parts.functions, parts.memory->parts_->drafts, parts.own_functions}, scope,
                           late, diagnostics);
    gathered = request.ad_hoc ? gather_ad_hoc(*request.ad_hoc, parts.functions, diagnostics)
                              : gather_files(catalog, target, reader, diagnostics);
    check_parameters(catalog, scope, diagnostics);
    built = build_graph(catalog, gathered, diagnostics);
    resolve_outputs(catalog, parts.functions, gathered.complete, built, diagnostics);
    wait_with_what_they_run(built);
    OutputHoles holes(built.nodes);
    Contents contents({catalog, parts.functions, parts.memory->parts_->blobs}, scope, diagnostics);
    parts.resolve_contents(built.graph, built.nodes, contents);
    blobs = contents.take();
    if (request.ad_hoc && request.ad_hoc->bytes) blobs.emplace(request.ad_hoc->content->hash, request.ad_hoc->bytes);
    holes.mark(blobs, diagnostics);
    spread_secrecy(parts.functions, built.nodes);
    lint_secrets(parts.functions, built.nodes, diagnostics);
    secrets = named_secrets(built.nodes, scope.secrets(), diagnostics);
    describe_late(catalog, parts.functions, gathered, [&] { return basis_of(request, scope); }, built, diagnostics);
    check_order(built.graph, diagnostics);
    check_claims(built.graph, built.nodes, parts.functions, diagnostics);
    lint_executor(built.nodes, parts.functions, target.target->executor, diagnostics);
    lint_graph(built.graph, built.nodes, parts.functions, target.options.max_invocations, diagnostics);
}

StateRun Compiler::Parts::run_of(const CompileRequest& request, Whole& whole) const {
    StateRun run;
    run.target = request.target;
    run.catalog = catalog->hash().hex();
    run.options = whole.target.options;
    run.nodes = std::move(whole.built.nodes);
    check_size(run, whole.target, whole.diagnostics);
    run.warnings = finished(whole.diagnostics, request.target);
    return run;
}

// The run has by now what the same choice gave when the late states before this one were compiled.
std::optional<ChosenStates> Compiler::chosen_states(const CompileRequest& request, const LateRequest& late,
                                                    Whole& whole) const {
    ChosenStates result;
    result.chosen = choose_states(request, whole.built.graph, whole.built.nodes);
    if (result.chosen.empty()) return std::nullopt;
    LateRequest earlier = late;
    earlier.states.pop_back();
    Whole before(*parts_, request, &earlier);
    const std::vector<bool> chosen = choose_states(request, before.built.graph, before.built.nodes);
    for (NodeIndex node = 0; node < chosen.size(); ++node)
        if (chosen[node]) result.there.insert(before.built.graph.id(node));
    if (result.there.count(late.state().text()) == 0)
        throw Error(ErrorKind::refused, "this run has no late state " + quoted(late.state().text()));
    return result;
}

Compiled Compiler::compile(const CompileRequest& request) const {
    const Parts& parts = *parts_;
    Whole whole(parts, request, nullptr);
    StateRun run = parts.run_of(request, whole);
    select_states(request, whole.built.graph, run);
    run.partial = run.partial || request.ad_hoc.has_value();

    Compiled compiled;
    compiled.blobs = std::move(whole.blobs);
    compiled.secrets = std::move(whole.secrets);
    if (run.partial) {
        keep_named(run, compiled.blobs);
        Diagnostics told_already;
        compiled.secrets = named_secrets(run.nodes, compiled.secrets, told_already);
    }
    if (std::any_of(run.nodes.begin(), run.nodes.end(), is_late)) compiled.secrets = whole.scope.secrets();
    for (const auto& [hash, blob] : compiled.blobs) run.files.push_back({hash, blob->size()});
    compiled.run = std::make_shared<const StateRun>(std::move(run));
    return compiled;
}

Diagnostics Compiler::errors_of(const TargetId& target, const Value& facts) const {
    const Parts& parts = *parts_;
    CompiledWell& compiled_well = parts.memory->parts_->compiled_well;
    CompileRequest request;
    request.target = target;
    request.facts = facts;
    const Hash beginning = hash_of_beginning(parts.resolve(target, facts), facts, parts.own_functions);
    const auto before = compiled_well.find(beginning);
    if (before != nullptr && parts.holding.holds(*before, parts.answers)) return {};
    NotingCatalog noting(*parts.catalog);
    try {
        Whole whole(parts, request, nullptr, &noting);
        (void)parts.run_of(request, whole);
        if (noting.is_repeatable()) compiled_well.add(beginning, noting.take(), whole.scope.asked());
    } catch (const CatalogError& error) {
        return error.diagnostics();
    }
    return {};
}

CompiledPiece Compiler::compile_late(const CompileRequest& request, const LateRequest& late) const {
    const Parts& parts = *parts_;
    Whole whole(parts, request, &late);
    const std::string state = quoted(late.state().text());
    CompiledPiece result;
    try {
        // What is wrong with the catalog says more than that it does not have what was asked for.
        if (!whole.diagnostics.has_errors()) {
            check_asked(late, parts.functions, whole.built);
            result.piece = piece_of(late, whole.built, chosen_states(request, late, whole), whole.diagnostics);
        }
        (void)parts.finished(whole.diagnostics, request.target);
    } catch (const CatalogError& error) {
        Diagnostics all;
        for (Diagnostic diagnostic : error.diagnostics().all()) {
            diagnostic.contexts.insert(diagnostic.contexts.begin(), "while compiling the late state " + state);
            all.add(std::move(diagnostic));
        }
        throw CatalogError(std::move(all));
    }
    StateRun& run = result.piece.run;
    run.target = request.target;
    run.catalog = parts.catalog->hash().hex();
    run.options = whole.target.options;
    result.basis = basis_of(request, whole.scope);
    result.blobs = std::move(whole.blobs);
    keep_named(run, result.blobs);
    for (const auto& [hash, blob] : result.blobs) run.files.push_back({hash, blob->size()});
    return result;
}

Error told_in_a_run(const CatalogError& error) {
    constexpr std::size_t most = 5;
    std::vector<std::string> texts;
    for (const Diagnostic& diagnostic : error.diagnostics().all()) {
        if (diagnostic.severity != Diagnostic::Severity::error) continue;
        std::string text = diagnostic.position.known() ? diagnostic.position.text() + ": " : "";
        if (!diagnostic.where.empty()) text += diagnostic.where + ": ";
        texts.push_back(text + diagnostic.text);
    }
    const std::size_t more = texts.size() > most ? texts.size() - most : 0;
    texts.resize(texts.size() - more);
    return Error(ErrorKind::catalog, "it does not compile: " + join(texts, "; ") +
                                         (more == 0 ? "" : "; and " + std::to_string(more) + " more"));
}

void Compiler::check(const AdHocState& state) const {
    check_ad_hoc(state, parts_->functions);
}

Diagnostics Compiler::check_files() const {
    return parts_->excerpted(check_state_files(*parts_->catalog, parts_->functions));
}

Value Compiler::variables_of(const TargetId& target, const Value& facts) const {
    const ResolvedTarget resolved = parts_->resolve(target, facts);
    return parts_->scope(resolved, facts).variables();
}

SeenVariables Compiler::seen_variables(const CompileRequest& request) const {
    const Parts& parts = *parts_;
    const ResolvedTarget target = parts.resolve(request.target, request.facts);
    Diagnostics diagnostics;
    TargetScope scope({*parts.catalog, parts.renderer, parts.answers}, target, request.facts, request.variables,
                      diagnostics);
    (void)parts.finished(diagnostics, request.target);
    // Components that come by _include alone bring their defaults; what else is wrong with states is no matter here.
    Diagnostics of_states;
    StateFileReader reader({*parts.catalog, parts.functions, parts.memory->parts_->drafts, parts.own_functions}, scope,
                           nullptr, of_states);
    (void)gather_files(*parts.catalog, target, reader, of_states);
    return {shown(scope.variables()), explain_variables(scope.layers())};
}

}  // namespace prove
