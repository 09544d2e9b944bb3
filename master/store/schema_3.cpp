// Version 3 of the database, from version 2: what begins by a schedule, and operators' hands on it.
#include "master/store/schema.hpp"

namespace prove {

const char* const schema_3 = R"sql(
ALTER TABLE jobs ADD COLUMN schedule TEXT NOT NULL DEFAULT '';
ALTER TABLE jobs ADD COLUMN slot_ms INTEGER NOT NULL DEFAULT 0;

-- What schedules begin is held, on targets that an expression means now and by one schedule or (empty) all of them.
CREATE TABLE pauses (
    schedule TEXT NOT NULL, expression TEXT NOT NULL, why TEXT NOT NULL,
    who TEXT NOT NULL, source TEXT NOT NULL, created_ms INTEGER NOT NULL, until_ms INTEGER NOT NULL,
    PRIMARY KEY (schedule, expression)
) STRICT, WITHOUT ROWID;

-- Where the master keeps the clock: the last slot of a schedule that was taken for a target.
CREATE TABLE slots (
    schedule TEXT NOT NULL, target TEXT NOT NULL,
    due_ms INTEGER NOT NULL, taken_ms INTEGER NOT NULL, times TEXT NOT NULL,
    job TEXT NOT NULL, job_due_ms INTEGER NOT NULL, note TEXT NOT NULL,
    PRIMARY KEY (schedule, target)
) STRICT, WITHOUT ROWID;

-- How the targets of an ended job ended, as JSON, so that a list of jobs counts nothing.
ALTER TABLE jobs ADD COLUMN ends TEXT NOT NULL DEFAULT '{}';
UPDATE jobs SET ends = (SELECT json_group_object(ending, times) FROM
    (SELECT ending, count(*) AS times FROM job_targets WHERE job = jobs.id AND ending <> '' GROUP BY ending))
    WHERE ended = 1;
-- A large result is packed, and its body empty.
ALTER TABLE results ADD COLUMN packed BLOB NOT NULL DEFAULT x'';
-- Those of people ('') among very many of schedules, and those of one schedule.
CREATE INDEX jobs_by_schedule ON jobs (schedule, id);
-- What is forgotten first.
CREATE INDEX jobs_ended ON jobs (ended_ms) WHERE ended = 1;
CREATE INDEX jobs_fetched ON jobs (ended_ms) WHERE operation = 'fetch' AND ended = 1;
-- What did not end well is looked for, and is rare.
CREATE INDEX job_targets_not_well ON job_targets (job) WHERE ending NOT IN ('', 'done');

-- What the runs of a target's states found, the latest of them and over time.
CREATE TABLE standings (
    target TEXT PRIMARY KEY, key BLOB NOT NULL, standing TEXT NOT NULL,
    since_ms INTEGER NOT NULL, judged_ms INTEGER NOT NULL, job BLOB NOT NULL, catalog TEXT NOT NULL,
    drift_ms INTEGER NOT NULL, found TEXT NOT NULL
) STRICT, WITHOUT ROWID;
)sql";

}  // namespace prove
