// Version 1 of the database. A later version is a file of its own that starts from this one; this one never changes.
#include "master/store/schema.hpp"

namespace prove {

const char* const schema_1 = R"sql(
CREATE TABLE jobs (
    id BLOB PRIMARY KEY,              -- begins with the time, so it sorts by age
    text TEXT NOT NULL UNIQUE,        -- the id as people write it
    operation TEXT NOT NULL, expression TEXT NOT NULL, options TEXT NOT NULL,
    who TEXT NOT NULL, source TEXT NOT NULL,
    created_ms INTEGER NOT NULL, not_after_ms INTEGER NOT NULL, wait_ms INTEGER NOT NULL,
    catalog TEXT NOT NULL, targets INTEGER NOT NULL, ended INTEGER NOT NULL, ended_ms INTEGER NOT NULL,
    cancelled_by TEXT NOT NULL
) STRICT, WITHOUT ROWID;
CREATE INDEX jobs_active ON jobs (id) WHERE ended = 0;

CREATE TABLE job_targets (
    job BLOB NOT NULL REFERENCES jobs ON DELETE CASCADE,
    target TEXT NOT NULL, key BLOB NOT NULL,
    phase TEXT NOT NULL, ending TEXT NOT NULL, reason TEXT NOT NULL, cause TEXT NOT NULL,
    accepted_ms INTEGER NOT NULL, ended_ms INTEGER NOT NULL, summary TEXT NOT NULL, late INTEGER NOT NULL,
    PRIMARY KEY (job, target)
) STRICT, WITHOUT ROWID;
CREATE INDEX job_targets_by_target ON job_targets (target, job);

CREATE TABLE results (
    job BLOB NOT NULL REFERENCES jobs ON DELETE CASCADE,
    target TEXT NOT NULL, stored_ms INTEGER NOT NULL, body TEXT NOT NULL,
    PRIMARY KEY (job, target)
) STRICT;

CREATE TABLE events (
    job BLOB NOT NULL REFERENCES jobs ON DELETE CASCADE,
    number INTEGER NOT NULL, time_ms INTEGER NOT NULL, target TEXT NOT NULL, kind TEXT NOT NULL, body TEXT NOT NULL,
    PRIMARY KEY (job, number)
) STRICT;

CREATE TABLE keys (
    id BLOB PRIMARY KEY,
    identity BLOB NOT NULL, sign BLOB NOT NULL, transport BLOB NOT NULL, seal BLOB NOT NULL,
    state TEXT NOT NULL, name TEXT NOT NULL, fingerprint TEXT NOT NULL, machine TEXT NOT NULL,
    address TEXT NOT NULL, note TEXT NOT NULL, decided_by TEXT NOT NULL,
    first_seen_ms INTEGER NOT NULL, last_seen_ms INTEGER NOT NULL, decided_ms INTEGER NOT NULL
) STRICT, WITHOUT ROWID;
-- A name belongs to at most one key that may work (S13).
CREATE UNIQUE INDEX keys_name ON keys (name) WHERE state = 'accepted' OR state = 'conflict';

CREATE TABLE agents (
    key BLOB PRIMARY KEY,
    journal TEXT NOT NULL, counter INTEGER NOT NULL, old_journals TEXT NOT NULL,
    version TEXT NOT NULL, boot_id TEXT NOT NULL, connected_ms INTEGER NOT NULL, seen_ms INTEGER NOT NULL
) STRICT, WITHOUT ROWID;

CREATE TABLE tokens (
    id TEXT PRIMARY KEY,
    key BLOB NOT NULL, pattern TEXT NOT NULL, made_by TEXT NOT NULL,
    created_ms INTEGER NOT NULL, expires_ms INTEGER NOT NULL, used_ms INTEGER NOT NULL, used_by BLOB NOT NULL
) STRICT, WITHOUT ROWID;

CREATE TABLE facts (key BLOB PRIMARY KEY, time_ms INTEGER NOT NULL, facts TEXT NOT NULL) STRICT;
CREATE TABLE settings (name TEXT PRIMARY KEY, text TEXT NOT NULL) STRICT, WITHOUT ROWID;
CREATE TABLE audit (number INTEGER PRIMARY KEY, record TEXT NOT NULL, hash BLOB NOT NULL) STRICT;
)sql";

}  // namespace prove
