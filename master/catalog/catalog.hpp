// A catalog, loaded: an immutable snapshot of a directory, checked as a whole. Loading reads plain YAML only; state and
// variable files are kept as text and rendered per target by the compiler. Thread-safe, since nothing ever changes.
#pragma once

#include <map>
#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "proto/error.hpp"
#include "proto/ids.hpp"
#include "proto/state_run.hpp"
#include "proto/value.hpp"

namespace prove {

// How a state or variable file is read, from its suffix.
enum class FileFormat { mako_yaml, plain_yaml, json, mako_json, jinja_yaml, jinja_json, python };

// A text file of the catalog: a state file, a variable file or a template.
struct SourceFile {
    std::string name;  // "site", "webserver/vhost": without folder and suffixes
    FileName path;     // relative to the catalog: "states/site.yml"
    FileFormat format = FileFormat::mako_yaml;
    std::string component;  // the component it belongs to; empty for the catalog itself
    std::string text;
    Hash hash;  // of the text
};

// A file below files/, as prove:// serves it. Read on demand; the hash is that of the snapshot.
struct ServedFile {
    std::string url;  // "prove://webserver/nginx.conf"
    FileName path;
    std::string component;
    Hash hash;
    std::uint64_t size = 0;
    std::uint64_t kept_at = 0;  // where the snapshot has kept it, if it keeps contents
};

struct Target {
    TargetId id;
    SourcePosition position;
    std::string host;
    std::string executor = "agent";                          // "agent", "ssh", "local"
    Value options = Value::object();                         // checked; the target's own
    std::vector<std::string> roles, states, variable_files;  // the target's own
    Value variables = Value::object();
    Value ssh;  // as written; null where absent
};

// Whether `!secret` may stand among some variables. Which secrets a target gets depends on its name and on what the
// catalog says of it, never on what it reports itself (S62), and not on who asks.
enum class SecretRule {
    allowed,
    by_facts,     // brought by a group that matches by facts
    reads_facts,  // in a file that asks for facts while it is rendered
    of_defaults,  // a component's defaults
    command_line,
};

// One layer of variables, lowest first, as `variables --explain` shows them.
struct VariableLayer {
    std::string rule;                  // "group web", "role webserver", "target web1", "component defaults" ...
    Value variables;                   // a mapping, every value with its position
    const SourceFile* file = nullptr;  // a variable file that is still to be rendered; then `variables` is null
    std::string component;             // for component defaults: the namespace they stand under
    SecretRule secrets = SecretRule::allowed;
};

// What a target is made of, for given facts: its groups, roles, states and variable layers in order.
struct ResolvedTarget {
    const Target* target = nullptr;
    std::vector<std::string> groups, roles, components;
    std::vector<std::pair<std::string, SourcePosition>> states;  // names of state files, in order, each once
    std::vector<VariableLayer> layers;
    RunOptions options;
};

class CatalogSource;
struct Component;
struct Inventory;
struct ScheduleDefinition;

class Catalog {
  public:
    virtual ~Catalog() = default;
    // Throws CatalogError with everything that is wrong; Error(missing) where there is no such directory. What files/
    // serves is read when it is needed, and is an error then if it has changed: for who looks at a catalog and goes.
    static std::shared_ptr<const Catalog> load(const std::string& directory);
    // The same, with targets and groups from elsewhere; an empty `directory` means that there is nothing else.
    static std::shared_ptr<const Catalog> load(const std::string& directory, const std::vector<Inventory>& inventories);
    // The same with everything kept, in a nameless file below `keep_in`: nothing that happens to the source reaches it.
    static std::shared_ptr<const Catalog> load_and_keep(std::unique_ptr<CatalogSource> source,
                                                        const std::string& keep_in);

    virtual const Hash& hash() const = 0;                    // over names and contents of all files
    virtual const std::vector<Target>& targets() const = 0;  // in the order written
    virtual const Target* target(const TargetId& id) const = 0;
    virtual ResolvedTarget resolve(const TargetId& id, const Value& facts) const = 0;
    virtual const SourceFile* state_file(const std::string& name) const = 0;
    virtual std::vector<std::string> state_file_names() const = 0;
    virtual const ServedFile* served_file(const std::string& url) const = 0;
    virtual std::vector<std::string> served_urls() const = 0;
    virtual std::string read_served(const ServedFile& file) const = 0;  // Error(catalog) if it changed since loading
    virtual const std::vector<Diagnostic>& warnings() const = 0;
    // The user's line, for excerpts; empty where unknown.
    virtual std::string line_of(const std::string& path, std::uint32_t line) const = 0;
    // Any state file, variable file or template by its path in the catalog ("templates/macros.mako"), for includes.
    virtual const SourceFile* source_file(const std::string&) const { return nullptr; }
    virtual std::vector<std::string> source_paths() const { return {}; }
    // Null where there is none of this name.
    virtual const Component* component(const std::string&) const { return nullptr; }
    virtual std::vector<std::string> component_names() const { return {}; }
    virtual const std::vector<ScheduleDefinition>& schedules() const = 0;  // in the order of files, and as written
    // Of Git: "commit 1a2b3c4d5e6f of branch main"; empty otherwise.
    virtual std::string revision() const { return ""; }
    // Whether the directory is no longer what was loaded: a look at names, sizes and times only, so it costs no
    // reading.
    virtual bool changed_on_disk() const { return false; }
};

// Merges `over` into `base` as docs/catalog.md has it: mappings deeply, the rest replaced; `key+` appends, `key!`
// replaces a mapping whole. Throws Error(catalog) at the place of a `key+` whose lower value is no list.
void merge_variables(Value& base, const Value& over);

// What can be wrong with a layer of variables by itself: `key+` that is no list, `key!` that is no mapping, a key and
// its `key+` side by side, `!secret` values. For the sections of the catalog and, by the compiler, for rendered files.
void check_variables(const Value& variables, const std::string& where, SecretRule secrets, Diagnostics& diagnostics);
// The `!secret` values alone.
void check_secrets(const Value& variables, const std::string& where, SecretRule secrets, Diagnostics& diagnostics);

}  // namespace prove
