-- State version 3: plans and what became of every slot, guards that tripped, drills, messages, whether Backstay was there.

ALTER TABLE runs ADD COLUMN plan_id TEXT;
ALTER TABLE runs ADD COLUMN plan_name TEXT;
-- The due time a run of a plan stands for; NULL when somebody asked for it.
ALTER TABLE runs ADD COLUMN slot INTEGER;
-- Rates and runs of some days are asked for every plan and source each time the window is looked at.
CREATE INDEX runs_of_plan ON runs (plan_id, started, kind, verdict) WHERE plan_id IS NOT NULL;
CREATE INDEX runs_rates ON runs (source_id, started, kind, verdict) WHERE source_id IS NOT NULL;

CREATE TABLE plans (
    id           TEXT PRIMARY KEY,
    name         TEXT NOT NULL,
    name_key     TEXT NOT NULL UNIQUE,
    spec         TEXT NOT NULL,
    created      INTEGER NOT NULL,
    changed      INTEGER NOT NULL,
    enabled      INTEGER NOT NULL DEFAULT 1 CHECK (enabled IN (0, 1)),
    paused_until INTEGER,
    paused_by    TEXT
) STRICT;

CREATE TABLE plan_sources (
    plan_id   TEXT NOT NULL REFERENCES plans (id) ON DELETE CASCADE,
    source_id TEXT NOT NULL REFERENCES sources (id) ON DELETE CASCADE,
    position  INTEGER NOT NULL,
    PRIMARY KEY (plan_id, source_id)
) STRICT, WITHOUT ROWID;
CREATE INDEX plan_sources_by_source ON plan_sources (source_id);

CREATE TABLE plan_vaults (
    plan_id  TEXT NOT NULL REFERENCES plans (id) ON DELETE CASCADE,
    vault_id TEXT NOT NULL REFERENCES vaults (id) ON DELETE CASCADE,
    position INTEGER NOT NULL,
    PRIMARY KEY (plan_id, vault_id)
) STRICT, WITHOUT ROWID;
CREATE INDEX plan_vaults_by_vault ON plan_vaults (vault_id);

-- What the scheduler remembers of one task of one plan. version counts the writings.
CREATE TABLE tasks (
    plan_id  TEXT NOT NULL REFERENCES plans (id) ON DELETE CASCADE,
    task     TEXT NOT NULL,
    version  INTEGER NOT NULL,
    handled  INTEGER NOT NULL,
    epoch    INTEGER NOT NULL,
    waiting  TEXT,
    retry_at INTEGER,
    attempts INTEGER NOT NULL,
    PRIMARY KEY (plan_id, task)
) STRICT, WITHOUT ROWID;

-- The record of every slot: count slots from first to last with one outcome. The process is the one that claimed it.
CREATE TABLE slots (
    plan_id    TEXT NOT NULL REFERENCES plans (id) ON DELETE CASCADE,
    task       TEXT NOT NULL,
    epoch      INTEGER NOT NULL,
    first      INTEGER NOT NULL,
    last       INTEGER NOT NULL CHECK (last >= first),
    count      INTEGER NOT NULL CHECK (count > 0),
    outcome    TEXT NOT NULL,
    reason     TEXT,
    covered_by INTEGER,
    waited     INTEGER,
    started    INTEGER,
    finished   INTEGER,
    attempts   INTEGER NOT NULL,
    run        TEXT,
    code       TEXT,
    message    TEXT,
    owner      TEXT,
    pid        INTEGER,
    boot       TEXT,
    born       INTEGER,
    PRIMARY KEY (plan_id, task, epoch, first)
) STRICT, WITHOUT ROWID;
CREATE INDEX slots_by_time ON slots (plan_id, last);
CREATE INDEX slots_of_task ON slots (plan_id, task, last);
CREATE INDEX slots_running ON slots (owner) WHERE outcome = 'running';
CREATE INDEX slots_waiting ON slots (first) WHERE outcome = 'waiting';

-- Guards that tripped. Names beside ids, and no foreign keys: they outlive their sources.
CREATE TABLE holds (
    seq         INTEGER PRIMARY KEY AUTOINCREMENT,
    id          TEXT NOT NULL UNIQUE,
    source_id   TEXT NOT NULL,
    source_name TEXT NOT NULL,
    vault_id    TEXT,
    vault_name  TEXT,
    kind        TEXT NOT NULL,
    collection  TEXT,
    trip        TEXT NOT NULL,
    run         TEXT,
    snapshot    TEXT,
    before      TEXT,
    at          INTEGER NOT NULL,
    last_at     INTEGER NOT NULL,
    count       INTEGER NOT NULL DEFAULT 1,
    released    INTEGER,
    released_by TEXT,
    note        TEXT,
    CHECK ((released IS NULL) = (released_by IS NULL))
) STRICT;
CREATE INDEX holds_open ON holds (source_id, seq) WHERE released IS NULL;

-- Snapshots that are never removed by rule.
CREATE TABLE pins (
    vault_id  TEXT NOT NULL REFERENCES vaults (id) ON DELETE CASCADE,
    snapshot  TEXT NOT NULL,
    name      TEXT,
    pinned_by TEXT NOT NULL,
    at        INTEGER NOT NULL,
    PRIMARY KEY (vault_id, snapshot)
) STRICT, WITHOUT ROWID;

CREATE TABLE drills (
    seq         INTEGER PRIMARY KEY AUTOINCREMENT,
    run         TEXT NOT NULL UNIQUE,
    plan_id     TEXT,
    source_id   TEXT NOT NULL,
    source_name TEXT NOT NULL,
    vault_id    TEXT NOT NULL,
    vault_name  TEXT NOT NULL,
    snapshot    TEXT NOT NULL,
    scope       TEXT NOT NULL,
    started     INTEGER NOT NULL,
    seconds     REAL NOT NULL,
    bytes       INTEGER NOT NULL,
    records     INTEGER NOT NULL,
    files       INTEGER NOT NULL,
    compared    INTEGER NOT NULL,
    differing   INTEGER NOT NULL,
    verdict     TEXT NOT NULL,
    reason_kind TEXT,
    reason      TEXT
) STRICT;
CREATE INDEX drills_of_source ON drills (source_id, seq);

-- Ways to tell people. events and plans are JSON arrays; a removed plan's id stays, or a channel for one plan would become one
-- for all.
CREATE TABLE channels (
    id       TEXT PRIMARY KEY,
    name     TEXT NOT NULL,
    name_key TEXT NOT NULL UNIQUE,
    kind     TEXT NOT NULL,
    config   TEXT NOT NULL,
    events   TEXT NOT NULL,
    plans    TEXT NOT NULL,
    enabled  INTEGER NOT NULL CHECK (enabled IN (0, 1)),
    created  INTEGER NOT NULL
) STRICT;

-- One message for one cause: at most one row of a cause is open.
CREATE TABLE alerts (
    seq      INTEGER PRIMARY KEY AUTOINCREMENT,
    cause    TEXT NOT NULL,
    event    TEXT NOT NULL,
    message  TEXT NOT NULL,
    first    INTEGER NOT NULL,
    last     INTEGER NOT NULL,
    count    INTEGER NOT NULL,
    resolved INTEGER
) STRICT;
CREATE UNIQUE INDEX alerts_open ON alerts (cause) WHERE resolved IS NULL;

CREATE TABLE letters (
    id        INTEGER PRIMARY KEY AUTOINCREMENT,
    at        INTEGER NOT NULL,
    channel   TEXT NOT NULL,
    event     TEXT NOT NULL,
    cause     TEXT NOT NULL,
    message   TEXT NOT NULL,
    attempts  INTEGER NOT NULL DEFAULT 0,
    next_try  INTEGER NOT NULL,
    delivered INTEGER,
    given_up  INTEGER,
    error     TEXT
) STRICT;
CREATE INDEX letters_due ON letters (next_try, id) WHERE delivered IS NULL AND given_up IS NULL;

-- The newest sign of life of each process; the last written is the last in seq, whatever the clock said.
CREATE TABLE beats (
    seq        INTEGER PRIMARY KEY AUTOINCREMENT,
    at         INTEGER NOT NULL,
    boot       TEXT NOT NULL,
    awake      INTEGER NOT NULL,
    since_boot INTEGER NOT NULL,
    program    TEXT NOT NULL,
    pid        INTEGER NOT NULL,
    UNIQUE (boot, pid)
) STRICT;

CREATE TABLE absences (
    from_at INTEGER PRIMARY KEY,
    to_at   INTEGER NOT NULL,
    why     TEXT NOT NULL
) STRICT;

CREATE TABLE last_look (
    one    INTEGER PRIMARY KEY CHECK (one = 1),
    at     INTEGER NOT NULL,
    result TEXT NOT NULL
) STRICT;
