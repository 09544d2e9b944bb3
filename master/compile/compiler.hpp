// Catalog and target to StateRun. Everything that is wrong is found and reported at once; nothing half-compiled ever
// leaves here. Thread-safe: many targets are compiled at once by a pool.
#pragma once

#include <map>
#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "agent/functions/registry.hpp"
#include "master/catalog/catalog.hpp"
#include "master/catalog/explain.hpp"
#include "master/render/renderer.hpp"
#include "proto/late.hpp"
#include "proto/secret_text.hpp"
#include "proto/state_run.hpp"

namespace prove {

// Contents that a StateRun names. Shared, since most targets name the same ones.
using Blob = std::shared_ptr<const std::string>;

// One function that somebody calls by hand, in the place of all states that the catalog gives a target.
struct AdHocState {
    std::string function;
    // In the order in which they were written. What is a text is read as the function's schema wants it.
    Value arguments = Value::object();
    std::optional<BlobRef> content;  // of file.managed, in the place of `source` and `content`
    Blob bytes;                      // of it
};

struct CompileRequest {
    TargetId target;
    Value facts;                         // null where the target was never seen
    Value variables = Value::object();   // --var, the highest layer
    std::vector<std::string> states;     // --state ID (ids and globs); empty: all
    std::vector<std::string> tags;       // --tags: states that have one of them; empty: all
    std::vector<std::string> skip_tags;  // --skip-tags: but not states that have one of these
    std::optional<AdHocState> ad_hoc;    // this one, and none of the catalog's
};

struct Compiled {
    std::shared_ptr<const StateRun> run;
    std::map<Hash, Blob> blobs;  // one for each of run->files
    // The ciphertexts that the run names, by mark, and all of the target's where it has late states, which may come to
    // name any. Whoever sends the run opens them.
    SecretTable secrets;
};

struct SeenVariables {
    Value merged;
    std::vector<ExplainedVariable> explained;
};

// How the compiler learns of other targets for targets(expression): name -> facts (null where never seen).
struct TargetDirectory {
    virtual ~TargetDirectory() = default;
    virtual Value facts_of(const TargetId& target) const = 0;
    virtual std::string status_of(const TargetId& target) const = 0;
    // Another one whenever facts_of() or, where that counts, status_of() may answer otherwise than before for any
    // target; 0: nobody keeps account of it.
    virtual std::uint64_t version(bool /*with_status*/) const { return 0; }
};

// How a target of the catalog stands; one that is reached over ssh is neither connected nor not.
std::string status_of(const TargetDirectory& directory, const Target& target);

// A late state's piece, and the contents that it names.
struct CompiledPiece {
    LatePiece piece;
    std::string basis;  // that it was made from
    std::map<Hash, Blob> blobs;
};

// What is wrong with a late state, as its run tells it: the first few of all, each with its place.
Error told_in_a_run(const CatalogError& error);

class RenderMemory;
struct ChosenStates;

// What compiling learned that holds for the next target, and for the next catalog too: renderings by what they read,
// texts and what they were read to, contents, and which targets compiled well. Thread-safe, bounded.
class CompileMemory {
  public:
    CompileMemory();
    ~CompileMemory();
    // For the renderer, too.
    const std::shared_ptr<RenderMemory>& renderings() const;

  private:
    friend class Compiler;
    struct Parts;
    std::unique_ptr<Parts> parts_;
};

class Compiler {
  public:
    // A memory is of one set of functions.
    Compiler(std::shared_ptr<const Catalog> catalog, const FunctionRegistry& functions, Renderer& renderer,
             const TargetDirectory& directory,
             std::shared_ptr<CompileMemory> memory = std::make_shared<CompileMemory>());
    ~Compiler();
    // Throws CatalogError with every diagnostic; Error(usage) for a target that is not there and for a selection that
    // matches nothing.
    Compiled compile(const CompileRequest& request) const;
    // What is wrong with the states of a target, as compile() says it. Costs next to nothing where nothing that the
    // target's last compile without an error read has changed since, in this catalog or another one.
    Diagnostics errors_of(const TargetId& target, const Value& facts) const;
    // The piece for a late state of what compile() gives for `request`. Throws CatalogError, naming that state;
    // Error(refused) for what a run of this target does not ask.
    CompiledPiece compile_late(const CompileRequest& request, const LateRequest& late) const;
    // What is wrong with a call by hand whoever it is for: Error(usage), a line for each.
    void check(const AdHocState& state) const;
    // What is wrong in state files whoever has them; the rest hangs on a target.
    Diagnostics check_files() const;
    // The merged variables of a target, for `var:` in target expressions. Secrets are marks.
    Value variables_of(const TargetId& target, const Value& facts) const;
    // As its templates see them, --var and the defaults of included components among them, and where each comes from.
    SeenVariables seen_variables(const CompileRequest& request) const;

  private:
    struct Parts;
    struct Whole;
    std::optional<ChosenStates> chosen_states(const CompileRequest& request, const LateRequest& late,
                                              Whole& whole) const;
    std::unique_ptr<Parts> parts_;
};

}  // namespace prove
