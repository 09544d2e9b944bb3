// What templates see while one target is compiled: its merged variables, its facts, itself, and other targets when they
// ask. One target, one thread; nothing of another target's variables gets in here (S62).
#pragma once

#include <map>
#include <set>
#include <string>
#include <vector>

#include "master/catalog/catalog.hpp"
#include "master/catalog/explain.hpp"
#include "master/compile/catalog_reads.hpp"
#include "master/compile/target_answers.hpp"
#include "master/render/renderer.hpp"
#include "proto/secret_text.hpp"

namespace prove {

// Answers to probes, by name; names that are not in it are not known yet.
using ProbeAnswers = std::map<std::string, bool>;

class TargetScope {
  public:
    struct Sources {
        const Catalog& catalog;
        Renderer& renderer;
        TargetAnswers& answers;
        NotingCatalog* noting = nullptr;  // `catalog`, where it notes what is read
    };
    // Merges the variables; what is wrong with them goes to `diagnostics`.
    TargetScope(const Sources& sources, const ResolvedTarget& target, const Value& facts, const Value& overrides,
                Diagnostics& diagnostics);

    const ResolvedTarget& target() const { return target_; }
    const Value& variables() const;
    // The ciphertexts among them, of all layers, by mark.
    const SecretTable& secrets() const { return secrets_; }
    // False where a layer of the variables could not be read: what a template misses then is no error of its own.
    bool whole() const { return whole_; }
    // Those whose states, defaults or functions this target has, so far.
    const std::set<std::string>& components() const { return components_; }
    // What they were merged from, lowest first, for eyes: without secrets.
    std::vector<NamedLayer> layers() const;
    // A component that came in by _include alone brings its defaults, lowest as ever.
    void add_component(const std::string& component, Diagnostics& diagnostics);

    // A state file; names of probes that it reads are found out. Throws CatalogError.
    struct StateNames {
        const Value& params;
        const Value& results;  // of what its late states wait for; empty before they are compiled
    };
    Rendered render_states(const SourceFile& source, const StateNames& names, const ProbeAnswers& probes);
    // What a Python file says in `_params`, as JSON; throws CatalogError.
    Rendered render_params(const SourceFile& source);

    struct ManagedFile {
        std::string engine;  // "mako" or "jinja"
        FileName path;
        const std::string* text = nullptr;
        const Value* params = nullptr;
        const Value* results = nullptr;
        const Value* context = nullptr;  // top-level names beside ours; null: none
        ProbeAnswers probes;
    };
    // The template of a managed file; throws CatalogError.
    std::string render_file(const ManagedFile& file);
    // Of all that a rendering may depend on, but for parameters, probes and results.
    std::string basis() const;
    // What templates asked targets() for, and the hash of what it gave.
    std::map<std::string, Hash> asked() const;

  private:
    struct Layer {
        std::string component;  // the namespace; empty: none
        Value variables;
        std::string rule;
        Value placed() const;  // in its namespace
    };
    void lay(const Layer& layer, Diagnostics& diagnostics);
    Value values_of(const VariableLayer& layer, Diagnostics& diagnostics);
    Value file_variables(const SourceFile& source, SecretRule rule, Diagnostics& diagnostics);
    // Of a layer that has been read: checked, with marks in the place of ciphertexts.
    Value with_marks(Value variables, SecretRule rule, Diagnostics& diagnostics);
    Value read_variables(const SourceFile& source, Diagnostics& diagnostics);
    Rendered render_data(const SourceFile& source, const char* call, bool collect_probes);
    void set_names(const Value& params, const Value& results, const ProbeAnswers& probes);
    void ask_targets(RenderRequest& request);
    std::shared_ptr<const TargetAnswer> answer(const std::string& expression);
    Rendered render(const RenderRequest& request);

    Sources sources_;
    const ResolvedTarget& target_;
    Value names_ = Value::object();  // vars, facts, target, params, probe, results
    std::vector<Layer> layers_;      // lowest first
    SecretTable secrets_;
    std::size_t defaults_ = 0;  // how many of them are component defaults
    std::set<std::string> components_;
    // targets(): what each expression gives while this target is compiled, and which of them a template asked for.
    std::map<std::string, std::shared_ptr<const TargetAnswer>> answers_;
    std::set<std::string> asked_;
    bool whole_ = true;
    bool merging_ = true;  // variables are not all there yet
};

}  // namespace prove
