// The list of every state function of this build. A new family is one file and one line here.
#include "agent/functions/families.hpp"

namespace prove {

namespace {

// What a catalog may call.
FunctionRegistry families() {
    FunctionRegistry registry;
    register_file_managed(registry);
    register_file_attributes(registry);
    register_file_directory(registry);
    register_file_symlink(registry);
    register_file_absent(registry);
    register_file_line(registry);
    register_commands(registry);
    register_packages(registry);
    register_services(registry);
    register_accounts(registry);
    register_meta(registry);
    return registry;
}

}  // namespace

FunctionRegistry all_functions() {
    FunctionRegistry registry = families();
    register_components(registry);
    return registry;
}

FunctionRegistry functions_of_the_language() {
    FunctionRegistry registry = families();
    register_shapes(registry);
    return registry;
}

}  // namespace prove
