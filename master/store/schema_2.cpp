// Version 2 of the database, from version 1: a target of a job can be cancelled by itself.
#include "master/store/schema.hpp"

namespace prove {

const char* const schema_2 = R"sql(
ALTER TABLE job_targets ADD COLUMN cancelled_by TEXT NOT NULL DEFAULT '';
)sql";

}  // namespace prove
