// What a loaded catalog is made of: plain values, filled by the readers of each section, checked as a whole, then never
// changed again.
#pragma once

#include <map>
#include <memory>
#include <optional>
#include <string>
#include <unordered_map>
#include <unordered_set>
#include <vector>

#include "common/keys/keys.hpp"
#include "master/catalog/catalog.hpp"
#include "master/catalog/component.hpp"
#include "master/catalog/kept_contents.hpp"
#include "master/catalog/schedule.hpp"
#include "master/catalog/shape.hpp"
#include "master/catalog/target_expression.hpp"
#include "master/catalog/tree.hpp"

namespace prove {

// The places of what a Target names; the Target itself holds the names.
struct TargetRefs {
    std::vector<NamedRef> roles, states, variable_files;
};

struct Group {
    std::string name;
    SourcePosition position;
    std::optional<TargetExpression> expression;  // of glob, regex and match; absent where `list` decides
    std::unordered_set<std::string> list;
    std::vector<NamedRef> list_refs;
    bool by_facts = false;
    std::vector<NamedRef> roles, states, variable_files;
    Value variables = Value::object();
    Value options = Value::object();
};

struct RoleDefinition {
    SourcePosition position;
    std::vector<NamedRef> components, states, variable_files;
    Value variables = Value::object();
};

struct CatalogParts {
    Value options = Value::object();
    Value variables = Value::object();
    std::optional<PublicSealKey> secret_key;  // what its secrets are encrypted with
    std::vector<Target> targets;
    std::vector<TargetRefs> target_refs;  // one for each target
    std::unordered_map<std::string, std::size_t> target_index;
    std::vector<Group> groups;
    std::map<std::string, RoleDefinition> roles;
    std::map<std::string, Component> components;
    std::vector<ScheduleDefinition> schedules;
    std::unordered_set<std::string> schedule_names;  // of those too that something is wrong with

    std::map<std::string, SourceFile> sources;  // by path; owns every text
    std::map<std::string, const SourceFile*> states, variable_files;
    std::map<std::string, ServedFile> served;        // by URL
    std::map<std::string, std::string> plain_texts;  // of the plain files, by path, for excerpts
    std::vector<TreeFile> tree;
    std::optional<KeptContents> kept;  // of files that are served and of functions
    Hash hash;
};

// Readers of one section each; `value` is what stands under its key.
void read_options(const Value& value, CatalogParts& parts, Diagnostics& diagnostics);
void read_targets(const Value& value, CatalogParts& parts, Diagnostics& diagnostics);
void read_groups(const Value& value, CatalogParts& parts, Diagnostics& diagnostics);
void read_roles(const Value& value, CatalogParts& parts, Diagnostics& diagnostics);
void read_role(const std::string& name, const SourcePosition& position, const Value& value, CatalogParts& parts,
               Diagnostics& diagnostics);
void read_schedules(const Value& value, CatalogParts& parts, Diagnostics& diagnostics);
void read_secrets_section(const Value& value, CatalogParts& parts, Diagnostics& diagnostics);
void read_component(Component& component, const Value& value, Diagnostics& diagnostics);
// What components require and name must be there (components.cpp).
void check_components(const CatalogParts& parts, Diagnostics& diagnostics);

// What is wrong with an expression that a text of the catalog holds, at its own character where that can be told.
void report_expression(const Value& text, const ExpressionError& error, const CatalogParts& parts, Shape& shape);

// The options that a target or a group may set, as a mapping of those that are set (options.cpp).
enum class OptionScope { catalog, group, target };
Value read_option_keys(Shape& shape, OptionScope scope);
// `options` of several layers, later ones above, as the engine takes them.
RunOptions run_options(const std::vector<const Value*>& layers);

// What only the whole catalog tells of schedules (schedules.cpp).
void check_schedules(const CatalogParts& parts, Diagnostics& diagnostics);

// Every name that refers to something must find it (references.cpp).
void check_references(const CatalogParts& parts, Diagnostics& diagnostics);

// Every ciphertext is for the key that prove.yml names (secrets.cpp).
void check_secret_keys(const CatalogParts& parts, Diagnostics& diagnostics);

// The groups of a target, in their order; `facts` may be null. `by_name_only` leaves out groups that match by facts.
std::vector<const Group*> groups_of(const CatalogParts& parts, const Target& target, const Value* facts,
                                    bool by_name_only = false);
// Executors that come from prove.yml and groups, once all of them are read (resolve.cpp).
void settle_executors(CatalogParts& parts);
ResolvedTarget resolve_target(const CatalogParts& parts, std::size_t index, const Value& facts);

}  // namespace prove
