// Rendering of templates by the real Mako and Jinja2, and of Python files, in worker processes. The engine that renders
// knows nothing of states: text and names in, text out. Workers are children with limits, restarted when they die or
// hang (S79, S82).
#pragma once

#include <chrono>
#include <functional>
#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "master/catalog/catalog.hpp"
#include "master/render/line_map.hpp"
#include "proto/bytes.hpp"
#include "proto/value.hpp"

namespace prove {

struct RenderRequest {
    std::string engine = "mako";  // "mako", "jinja" or "python"
    // The function of a Python file: "states" or "variables", which give JSON; "_params": its parameters' defaults.
    std::string call;
    FileName path;                      // of the template, for errors
    const std::string* text = nullptr;  // the template's text; borrowed
    const Value* names = nullptr;       // a mapping: vars, facts, target, params, probe, results ...; borrowed
    // State and variable files: ${x} writes booleans, nulls, lists and mappings as YAML flow values. Otherwise str().
    bool yaml = false;
    // `probe` reads of names that are not in it are false and reported in probes_read, instead of errors.
    bool collect_probes = false;
    // targets(expression): a list of {name, host, roles, groups, facts}. Throws Error for what is wrong with it. The same
    // each time in one rendering.
    std::function<std::shared_ptr<const Value>(const std::string& expression)> targets;
    // Told what the rendering asked for by it; not what was only looked at to find a remembered one.
    std::function<void(const std::string& expression)> asked;
};

// One thing that a rendering read; what was there decides whether it would come out the same again.
struct Read {
    enum class Kind {
        value,      // path into the names: all that is there
        keys,       // the names of a mapping's members, in their order
        kind,       // only what it is: a mapping, a text ... or not there
        template_,  // which template a name means: {name, file that asks}
        file,       // the same for file()
    };
    Kind kind = Kind::value;
    std::vector<std::string> path;  // from "targets", EXPRESSION on: what targets() gave
    bool operator==(const Read&) const = default;
};

struct Rendered {
    std::string text;
    // Template line of each line of `text` (line_map[0] is that of line 1), through includes: file and line; the column
    // too for Python files.
    LineMap line_map;
    std::vector<std::string> probes_read;
    std::vector<std::string> results_read;  // the states whose results were asked for, in a state file
    Hash hash{};  // of text and places, and of the templates' own texts, in which columns are looked for
    // In the order in which it happened; nothing where there was more than can be told, such as the clock. Of what a
    // memory gave, or has taken, only those of the catalog's own: templates and files.
    std::optional<std::vector<Read>> reads;
};

class Renderer {
  public:
    virtual ~Renderer() = default;
    // Thread-safe; blocks until a worker has done it. Throws CatalogError for what a template does wrong (exception,
    // undefined names, time, memory, output limits), each at the template's own line, without any variable's value;
    // Error(unavailable) where no worker can be started.
    virtual Rendered render(const RenderRequest& request) = 0;
};

// security.md section 15; only ever made smaller.
struct RenderLimits {
    std::chrono::seconds processor{20};
    std::chrono::seconds time{30};
    std::size_t memory = 256u << 20;
    std::size_t output = 8u << 20;
    // Refuse to render where a worker cannot be shut in (S2, S79): for masters, whose keys a template must not reach.
    // Who renders a catalog of his own, as prove-cli does, loses nothing by it.
    bool must_be_fenced = false;
};

class RenderMemory;

// A pool of up to `workers` processes, started when first needed. `catalog` serves includes, inherit and file(). With a
// memory, nothing is rendered whose reads gave the same before, under this catalog or another one.
std::unique_ptr<Renderer> make_renderer(std::shared_ptr<const Catalog> catalog, int workers, RenderLimits limits = {},
                                        std::shared_ptr<RenderMemory> memory = nullptr);

// Whether Mako would make anything else of this YAML text than what it is: a `.yml` where not costs no Python at all.
bool has_mako_syntax(const std::string& text);
// The same for Jinja.
bool has_jinja_syntax(const std::string& text);

}  // namespace prove
