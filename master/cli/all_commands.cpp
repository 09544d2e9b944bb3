// The list of commands, in the order in which help shows them.
#include "master/cli/command_line.hpp"

namespace prove {

void add_all_commands(CommandLine& line) {
    add_ping(line);
    add_facts(line);
    add_cmd(line);
    add_states(line);
    add_state(line);
    add_copy(line);
    add_targets(line);
    add_schedules(line);
    add_pauses(line);
    add_drift(line);
    add_keys(line);
    add_jobs_commands(line);
    add_history(line);
    add_status(line);
    add_metrics(line);
    add_catalog_commands(line);
    add_variables(line);
    add_graph(line);
    add_diff(line);
    add_component_commands(line);
    add_secret_commands(line);
    add_functions(line);
    add_schema(line);
    add_init(line);
    add_adopt(line);
    add_audit_commands(line);
    add_generate(line);
}

}  // namespace prove
