// Rendering of templates by the real Mako (and later Jinja) in worker processes. The engine that renders knows nothing
// of states: text and names in, text out. Workers are children with limits, restarted when they die or hang (S79, S82).
#pragma once

#include <map>
#include <memory>
#include <string>
#include <vector>

#include "master/catalog/catalog.hpp"
#include "proto/value.hpp"

namespace prove {

struct RenderRequest {
    std::string engine = "mako";
    FileName path;                     // of the template, for errors
    const std::string* text = nullptr; // the template's text; borrowed
    Value names;                       // a mapping: vars, facts, target, params, probe, results ... as plain values
    // `probe` reads of names that are not in it are false and reported in probes_read, instead of errors.
    bool collect_probes = false;
};

struct Rendered {
    std::string text;
    // Template line of each line of `text` (line_map[0] is that of line 1), through includes: file and line.
    std::vector<SourcePosition> line_map;
    std::vector<std::string> probes_read;
};

class Renderer {
 public:
    virtual ~Renderer() = default;
    // Thread-safe; blocks until a worker has done it. Throws Error(catalog) at the template's own line for what a
    // template does wrong (exception, undefined name, time, memory, output limits); never prints variable values.
    virtual Rendered render(const RenderRequest& request) = 0;
};

// A pool of up to `workers` processes, started when first needed. `catalog` serves includes, inherit and file().
std::unique_ptr<Renderer> make_renderer(std::shared_ptr<const Catalog> catalog, int workers);

// Whether a text has any Mako syntax in it: a `.yml` without costs no Python at all.
bool has_mako_syntax(const std::string& text);

}  // namespace prove
