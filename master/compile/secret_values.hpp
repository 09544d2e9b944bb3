// Secrets while a target is compiled. Nobody needs them for that: templates get objects that can only be printed
// (names.py), and print as marks (proto/secret_text.hpp). So no error, no lint, no rendered or remembered text can have
// a secret in it, and a catalog is checked and compiled without its private key.
#pragma once

#include <string>

#include "master/catalog/catalog.hpp"
#include "master/compile/compiler.hpp"
#include "master/compile/graph.hpp"
#include "proto/error.hpp"
#include "proto/secret_text.hpp"

namespace prove {

// A mapping that is no text with secrets: what has keys for whoever reads it.
bool is_mapping_of_keys(const Value& value);

// Puts marks in the place of the ciphertexts of checked variables, which go to `secrets`.
void take_secrets(Value& variables, SecretTable& secrets);

// What was read from a file: a text with marks in it becomes {"$secret": TEXT}. A mark in a key is an error, and a
// ciphertext too, since secrets stand among variables.
void lift_secrets(Value& value, Diagnostics& diagnostics);
// The same for a variable file, which may have ciphertexts of its own: those that its text, or that of a template that
// it includes, really says (a fact or another variable must not bring one), and none where it asks for facts.
void lift_variable_secrets(Value& value, const Catalog& catalog, const SourceFile& source, SecretRule rule,
                           Diagnostics& diagnostics);

// What a rendered text says where a filter changed a mark; empty where none did.
std::string filtered_secret(const std::string& text, const SecretTable& secrets);

// Makes sensitive whatever a secret is put into, and what takes an output of such a part, until nothing more follows.
void spread_secrecy(const FunctionRegistry& functions, std::vector<Node>& nodes);

// Secrets that everybody on the target could read while a command runs: in its arguments. (Of files: lint_graph.hpp.)
void lint_secrets(const FunctionRegistry& functions, const std::vector<Node>& nodes, Diagnostics& diagnostics);

// The ciphertexts that these nodes name, by mark. A mark that is none of `all` is an error.
SecretTable named_secrets(const std::vector<Node>& nodes, const SecretTable& all, Diagnostics& diagnostics);

// A compiled run for eyes: "***" in the place of every secret and of every argument that is sensitive by itself.
Value shown_run(const StateRun& run, const FunctionRegistry& functions);
// "***" in the place of every mark in texts and excerpts.
Diagnostic without_marks(Diagnostic diagnostic);

}  // namespace prove
