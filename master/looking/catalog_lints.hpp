// Lints that only all targets together can tell: a lazy state that nobody ever asks for, a variable that no template
// reads, a file below files/ that nothing names. What might be meant after all is not reported: each of them is silent
// where a name is put together at run time.
#pragma once

#include <map>
#include <set>
#include <string>
#include <vector>

#include "master/catalog/catalog.hpp"
#include "master/catalog/explain.hpp"
#include "proto/error.hpp"
#include "proto/state_run.hpp"

namespace prove {

class CatalogLints {
  public:
    explicit CatalogLints(const Catalog& catalog) : catalog_(catalog) {}

    void add_run(const StateRun& run);
    void add_variables(const std::vector<ExplainedVariable>& variables);
    // What was found once every target of the catalog was added.
    Diagnostics found() const;

  private:
    struct LazyState {
        SourcePosition position;
        std::string id;
        bool asked_for = false;
    };
    struct Variable {
        SourcePosition position;  // where it was first seen to be set
        std::set<std::string> places;
    };
    struct Texts {
        std::vector<std::string> templates;  // and all other sources
        std::vector<std::string> others;     // served files that may be templates
    };
    void find_lazy(Diagnostics& diagnostics) const;
    void find_unread(const Texts& texts, Diagnostics& diagnostics) const;
    void find_unnamed(const Texts& texts, Diagnostics& diagnostics) const;

    const Catalog& catalog_;
    std::map<std::string, LazyState> lazy_;                        // by place: one of a loop stands for all
    std::map<std::vector<std::string>, Variable> variables_;       // by path
    std::set<std::string> variable_texts_;                         // those that may name a file
};

// The variables that a text reads: {"site", "port"} of `vars.site.port`, `vars['site'].port` and `var:site.port`. An
// empty path: something is done with all of them.
std::set<std::vector<std::string>> variables_read(const std::string& text);

// Patterns of the URLs that a text names: "prove://nginx/*.conf" of `prove://nginx/${name}.conf`.
std::set<std::string> urls_named(const std::string& text);

}  // namespace prove
