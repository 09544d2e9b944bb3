// The register functions that all_functions.cpp lists, and the arguments that mean the same in every function.
#pragma once

#include "agent/functions/registry.hpp"

namespace prove {

void register_file_managed(FunctionRegistry& registry);
void register_file_attributes(FunctionRegistry& registry);
void register_file_directory(FunctionRegistry& registry);
void register_file_symlink(FunctionRegistry& registry);
void register_file_absent(FunctionRegistry& registry);
void register_file_line(FunctionRegistry& registry);
void register_commands(FunctionRegistry& registry);
void register_packages(FunctionRegistry& registry);
void register_services(FunctionRegistry& registry);
void register_accounts(FunctionRegistry& registry);
void register_components(FunctionRegistry& registry);
void register_meta(FunctionRegistry& registry);
void register_shapes(FunctionRegistry& registry);  // meta functions that are compiled away

inline Argument owner_argument() {
    return {.name = "user", .type = ArgumentType::text, .help = "who owns it: a user's name, or a number in quotes"};
}
inline Argument group_argument() {
    return {.name = "group", .type = ArgumentType::text, .help = "its group: a name, or a number in quotes"};
}
inline Argument mode_argument() {
    return {
        .name = "mode", .type = ArgumentType::mode, .help = "its permissions, a quoted octal text such as \"0644\""};
}
inline Argument make_dirs_argument() {
    return {.name = "make_dirs",
            .type = ArgumentType::boolean,
            .fallback = false,
            .help = "make missing folders above it, owned by root with mode 0755"};
}
inline Claim attributes_claim() {
    return {.kind = "path",
            .aspect = "attributes",
            .argument = "path",
            .only_with = {"user", "group", "mode"},
            .compared = {"user", "group", "mode"}};
}

}  // namespace prove
