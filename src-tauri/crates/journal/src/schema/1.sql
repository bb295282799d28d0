-- State version 1. Never edit after a release: changes are a new file.
-- Times are microseconds since 1970 UTC; enums are the texts the model gives them in JSON.

CREATE TABLE sources (
    id          TEXT PRIMARY KEY,
    name        TEXT NOT NULL,
    name_key    TEXT NOT NULL UNIQUE,
    kind        TEXT NOT NULL,
    config      TEXT NOT NULL,
    created     INTEGER NOT NULL,
    instance_id TEXT,
    user_id     TEXT
) STRICT;

CREATE TABLE vaults (
    id            TEXT PRIMARY KEY,
    name          TEXT NOT NULL,
    name_key      TEXT NOT NULL UNIQUE,
    place         TEXT NOT NULL,
    repository_id TEXT NOT NULL,
    created       INTEGER NOT NULL,
    last_seen     INTEGER,
    is_default    INTEGER NOT NULL DEFAULT 0 CHECK (is_default IN (0, 1))
) STRICT;
CREATE UNIQUE INDEX one_default_vault ON vaults (is_default) WHERE is_default = 1;

-- Which vaults a source goes to, in order.
CREATE TABLE source_vaults (
    source_id TEXT NOT NULL REFERENCES sources (id) ON DELETE CASCADE,
    vault_id  TEXT NOT NULL REFERENCES vaults (id) ON DELETE CASCADE,
    position  INTEGER NOT NULL,
    PRIMARY KEY (source_id, vault_id)
) STRICT, WITHOUT ROWID;
CREATE INDEX source_vaults_by_vault ON source_vaults (vault_id);

-- Names beside ids, and no foreign keys: the history outlives its sources and vaults.
CREATE TABLE runs (
    seq          INTEGER PRIMARY KEY AUTOINCREMENT,
    id           TEXT NOT NULL UNIQUE,
    kind         TEXT NOT NULL,
    source_id    TEXT,
    source_name  TEXT,
    vault_id     TEXT,
    vault_name   TEXT,
    snapshot     TEXT,
    started      INTEGER NOT NULL,
    finished     INTEGER,
    verdict      TEXT,
    reason_kind  TEXT,
    reason       TEXT,
    items        INTEGER NOT NULL DEFAULT 0,
    bytes        INTEGER NOT NULL DEFAULT 0,
    stored_bytes INTEGER NOT NULL DEFAULT 0,
    added        INTEGER NOT NULL DEFAULT 0,
    changed      INTEGER NOT NULL DEFAULT 0,
    removed      INTEGER NOT NULL DEFAULT 0,
    unchanged    INTEGER NOT NULL DEFAULT 0,
    owner        TEXT NOT NULL,
    pid          INTEGER NOT NULL,
    boot         TEXT,
    program      TEXT NOT NULL,
    CHECK ((verdict IS NULL) = (finished IS NULL))
) STRICT;
CREATE INDEX runs_open ON runs (seq) WHERE verdict IS NULL;
CREATE INDEX runs_of_source ON runs (source_id, kind, seq);
CREATE INDEX runs_of_vault ON runs (vault_id, seq);
CREATE INDEX runs_of_snapshot ON runs (snapshot) WHERE snapshot IS NOT NULL;

CREATE TABLE run_gaps (
    run     INTEGER NOT NULL REFERENCES runs (seq) ON DELETE CASCADE,
    seq     INTEGER NOT NULL,
    subject TEXT NOT NULL,
    kind    TEXT NOT NULL,
    message TEXT NOT NULL,
    PRIMARY KEY (run, seq)
) STRICT, WITHOUT ROWID;

CREATE TABLE run_events (
    run     INTEGER NOT NULL REFERENCES runs (seq) ON DELETE CASCADE,
    seq     INTEGER NOT NULL,
    at      INTEGER NOT NULL,
    level   TEXT NOT NULL,
    message TEXT NOT NULL,
    PRIMARY KEY (run, seq)
) STRICT, WITHOUT ROWID;

CREATE TABLE restores (
    run           INTEGER PRIMARY KEY REFERENCES runs (seq) ON DELETE CASCADE,
    plan_path     TEXT NOT NULL,
    plan_hash     TEXT NOT NULL,
    steps         INTEGER NOT NULL,
    attempts      INTEGER NOT NULL DEFAULT 1,
    undo_vault    TEXT,
    undo_snapshot TEXT,
    undoes        TEXT,
    undone_by     TEXT
) STRICT;

-- A row exists from the moment a step's intent is recorded; a step without a row is pending.
-- state: 1 intent, 2 done, 3 skipped, 4 failed. collection is NULL for a file.
CREATE TABLE restore_steps (
    run        INTEGER NOT NULL REFERENCES restores (run) ON DELETE CASCADE,
    idx        INTEGER NOT NULL,
    collection TEXT,
    item       TEXT NOT NULL,
    action     TEXT NOT NULL,
    state      INTEGER NOT NULL CHECK (state BETWEEN 1 AND 4),
    before     TEXT,
    after      TEXT,
    new_id     TEXT,
    error_kind TEXT,
    error      TEXT,
    PRIMARY KEY (run, idx)
) STRICT, WITHOUT ROWID;
-- Relations are rebuilt by asking for the new id of an old one; few targets give new ids.
CREATE INDEX restore_new_ids ON restore_steps (run, collection, item) WHERE new_id IS NOT NULL;

CREATE TABLE audit (
    seq     INTEGER PRIMARY KEY,
    at      INTEGER NOT NULL,
    actor   TEXT NOT NULL,
    program TEXT NOT NULL,
    action  TEXT NOT NULL,
    object  TEXT NOT NULL,
    detail  TEXT NOT NULL,
    prev    BLOB NOT NULL CHECK (length(prev) = 32),
    hash    BLOB NOT NULL CHECK (length(hash) = 32)
) STRICT;
CREATE TRIGGER audit_no_update BEFORE UPDATE ON audit
BEGIN
    SELECT RAISE(ABORT, 'the audit log is append-only');
END;
CREATE TRIGGER audit_no_delete BEFORE DELETE ON audit
BEGIN
    SELECT RAISE(ABORT, 'the audit log is append-only');
END;
CREATE TRIGGER audit_in_order BEFORE INSERT ON audit
WHEN NEW.seq IS NOT (SELECT coalesce(max(seq), 0) + 1 FROM audit)
    OR NEW.prev IS NOT coalesce((SELECT hash FROM audit ORDER BY seq DESC LIMIT 1), zeroblob(32))
BEGIN
    SELECT RAISE(ABORT, 'the audit log is append-only');
END;
