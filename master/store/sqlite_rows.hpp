// How each row goes into the database and comes back. Columns stand in the order of the schema.
#pragma once

#include "master/store/records.hpp"
#include "master/store/sqlite.hpp"

namespace prove::sqlite {

// Writes any row but audit records, which need the chain.
void put(Connection& database, const Write& row);
void put_audit(Connection& database, const AuditRow& row);

// The row that a statement stands on; its columns are all of the table's, in order.
JobRow job_row(Statement& at);
JobTargetRow job_target_row(Statement& at);
ResultRow result_row(Statement& at);
EventRow event_row(Statement& at);
KeyRow key_row(Statement& at);
AgentRow agent_row(Statement& at);
TokenRow token_row(Statement& at);
FactsRow facts_row(Statement& at);
AuditRow audit_row(Statement& at);
PauseRow pause_row(Statement& at);
SlotRow slot_row(Statement& at);
StandingRow standing_row(Statement& at);

}  // namespace prove::sqlite
