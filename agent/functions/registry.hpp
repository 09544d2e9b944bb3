// The list of state functions: for each its schema and its one `converge`. all_functions.cpp names the families; a new
// function is one file and one line there. No globals: whoever needs functions is handed a registry.
#pragma once

#include <functional>
#include <map>
#include <optional>
#include <string>
#include <vector>

#include "agent/host/host.hpp"
#include "proto/schema.hpp"

namespace prove {

// A part's arguments as its function reads them. They were checked against the schema, defaults are filled in.
class Arguments {
 public:
    // Checks `values` (a mapping) against the schema once more (S1: what crosses the wire is checked where it is used)
    // and fills in defaults; throws Error(invalid). `content` serves $blob contents; borrowed.
    Arguments(const FunctionSchema& schema, const Value& values, ContentSource* content);

    bool has(const std::string& name) const;
    const std::string& text(const std::string& name) const;
    std::optional<std::string> optional_text(const std::string& name) const;
    Path path(const std::string& name) const;
    std::optional<Path> optional_path(const std::string& name) const;
    bool boolean(const std::string& name) const;
    std::int64_t integer(const std::string& name) const;
    std::optional<std::int64_t> optional_integer(const std::string& name) const;
    std::vector<std::string> texts(const std::string& name) const;      // one or many; empty where absent
    std::map<std::string, std::string> text_map(const std::string& name) const;
    std::vector<std::int64_t> integers(const std::string& name) const;
    std::optional<unsigned> mode(const std::string& name) const;
    Value mapping(const std::string& name) const;                       // an empty one where absent
    Command command(const std::string& name) const;                     // argv only; a text becomes a shell line
    std::optional<Content> content(const std::string& name = "content") const;
    Attributes attributes() const;                                      // user, group, mode where the schema has them

 private:
    std::map<std::string, Value> values_;
    ContentSource* content_;
};

// What is wrong with one argument (empty name: with the part as a whole).
struct ArgumentProblem {
    std::string argument;
    std::string text;
};

struct Function {
    using Converge = std::function<void(const Arguments&, Host&)>;
    // Typed outputs, read on a host that is as it should be (file.managed's hash; cmd.read's stdout).
    using ReadOutputs = std::function<Value(const Arguments&, const HostReader&)>;
    using PackageWishes = std::function<std::vector<PackageWish>(const Arguments&)>;
    // What a schema cannot say ("'match' does not match 'line'"), found without a host. The arguments have passed
    // check_arguments; a file's content may still be a `source`.
    using Check = std::function<std::vector<ArgumentProblem>(const Arguments&)>;

    FunctionSchema schema;
    Converge converge;
    ReadOutputs read_outputs;            // empty where there are none
    // For an event with outputs: converge, and what came of it (cmd.run's stdout).
    std::function<Value(const Arguments&, Host&)> act;
    // What a part's subject is in reports: the value of this argument ("path", "service", "cmd").
    std::string subject;
    PackageWishes package_wishes;        // only for functions whose schema says `groups`
    bool removes_packages = false;       // ... and whether they are removals
    // Of a component's own function, which only the compiler knows: the catalog's file that it is. On a target it is
    // component.function, given that file.
    std::string program;
    Check check;                         // empty where the schema says it all
};

class FunctionRegistry {
 public:
    void add(Function function);                                        // throws Error(internal) on a second of a name
    const Function* find(const std::string& name) const;
    std::vector<std::string> names() const;                             // sorted
    // The subject of a part in reports: "/etc/motd", "nginx, curl"; shortened to 80 characters.
    std::string subject(const std::string& function, const Value& arguments) const;

 private:
    std::map<std::string, Function> functions_;
};

// Checks a part's arguments against a schema, each with its position: unknown (with the nearest name), missing, wrong
// type, mutually exclusive ones. `where` is the state's id. Used by the compiler and by Arguments.
void check_arguments(const FunctionSchema& schema, const Value& arguments, const SourcePosition& part,
                     const std::string& where, Diagnostics& diagnostics);

// check_arguments and then the function's own check: everything that can be wrong with a part without looking at a host.
// This is what the compiler calls.
void check_call(const Function& function, const Value& arguments, const SourcePosition& part, const std::string& where,
                Diagnostics& diagnostics);

// What a part that calls a component's own function is on a target.
inline constexpr const char* component_function = "component.function";

// What is wrong with a part where no agent stays on the host when the run has ended; empty where it needs none. The
// compiler warns with it, and a run fails with it.
std::string why_agent_needed(const FunctionRegistry& functions, const std::string& function, const Value& arguments);

// Every state function of this build, in all_functions.cpp.
FunctionRegistry all_functions();
// And the meta functions that are compiled away: for the reference only, no target carries them out.
FunctionRegistry functions_of_the_language();

}  // namespace prove
