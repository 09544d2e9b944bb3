// What a state function declares once, as data: name, arguments, claims, outputs, example. The compiler's checks,
// `prove-cli functions`, the reference in docs/ and the editors' schema all come from this one declaration.
#pragma once

#include <string>
#include <vector>

#include "proto/value.hpp"

namespace prove {

enum class ArgumentType {
    text,  // a string
    path,  // an absolute path
    mode,  // a quoted octal string such as "0644"
    boolean,
    integer,
    duration,   // a number of seconds, or text such as 500ms, 2s, 5m, 1h
    text_list,  // one text or a list of texts
    text_map,   // a mapping from text to text
    integer_list,
    mapping,  // anything in a mapping (template contexts)
    list,     // anything in a list
    any,      // whatever a component's own function makes of it
    command,  // a text (a shell line) or a list of texts (a program and its arguments)
    choice,   // one of `choices`
    source,   // prove://..., resolved by the compiler into `content`
};
const char* name_of(ArgumentType type);  // "text", "a quoted octal mode" ...: for messages and docs

struct Argument {
    std::string name;
    ArgumentType type = ArgumentType::text;
    bool required = false;
    Value fallback;                    // default; null: none
    std::string help;                  // one line
    std::string unit;                  // "seconds", may be empty
    std::vector<std::string> choices;  // for ArgumentType::choice
    bool sensitive = false;            // never shown
};

// What two states may not both decide: an aspect of a resource. The resource is the value of `argument` (each member
// when it is a list); `only_with` names arguments of which one must be given for the claim to hold.
struct Claim {
    std::string kind;    // "path", "unit", "package", "user", "group"
    std::string aspect;  // "content", "attributes", "running", "enabled", "existence" ...
    std::string argument;
    std::vector<std::string> only_with;
    std::vector<std::string> compared;  // arguments that must be equal for two claims to agree; empty: all
    std::string also;                   // another argument that makes the claim finer (`line` of file.line)
    std::string wants;                  // what the function wants of the aspect ("running", "stopped"): two claims
                                        // that want different things never agree, whatever their arguments are
};

struct Output {
    std::string name;
    ArgumentType type = ArgumentType::text;
    std::string help;
    std::string unless_argument;  // not there on a converged run when this argument is given
    bool sensitive = false;       // never shown, wherever it goes
};

// Whether an output of this type may be given as an argument of that type or, as a `member`, stand in a list or mapping
// that is one. A text may become whatever is written as a text: what is in it is checked when it is known.
bool output_fits(ArgumentType output, ArgumentType argument, bool member);

struct FunctionSchema {
    // How a function is proved: `converges` ones are run once more over a read-only host and must want nothing;
    // an event (reload, a bare command) is not, unless the argument `proved_if` is given (cmd.run's `creates`).
    enum class Nature { converges, event };

    std::string name;     // "file.managed"
    std::string summary;  // one line
    std::string changed;  // what `changed` means
    Nature nature = Nature::converges;
    std::string proved_if;
    std::vector<Argument> arguments;
    std::vector<Claim> claims;
    std::vector<Output> outputs;
    std::vector<std::vector<std::string>> exactly_one_of;  // groups of which exactly one must be given
    std::vector<std::vector<std::string>> at_most_one_of;
    std::string if_none_given;  // message when an `exactly_one_of` group is empty; may be empty
    bool needs_agent = false;   // loses its meaning in a one-shot run
    bool open = false;          // takes arguments that it does not declare (a component's function without a list)
    bool groups = false;        // adjacent parts are merged into one transaction (packages)
    std::string example;        // YAML, one part

    const Argument* argument(const std::string& argument_name) const;
    const Output* output(const std::string& output_name) const;
};

Value to_value(const FunctionSchema& schema);

}  // namespace prove
