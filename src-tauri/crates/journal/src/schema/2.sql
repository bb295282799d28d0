-- State version 2: what a backup held, how much of a vault a check read, how large vaults are, recovery kits.

ALTER TABLE runs ADD COLUMN held_collections INTEGER;
ALTER TABLE runs ADD COLUMN held_records INTEGER;
ALTER TABLE runs ADD COLUMN held_files INTEGER;
ALTER TABLE runs ADD COLUMN held_bytes INTEGER;
ALTER TABLE runs ADD COLUMN held_workspaces INTEGER;
-- Of a check: the share of the vault's data it read, in percent.
ALTER TABLE runs ADD COLUMN share REAL;
-- How a source stands is asked by source, vault and verdict, whatever the length of its history.
CREATE INDEX runs_standing ON runs (source_id, vault_id, verdict, seq) WHERE kind = 'backup';
CREATE INDEX runs_by_start ON runs (kind, started);

-- Bytes the repository takes, as last counted.
ALTER TABLE vaults ADD COLUMN used_bytes INTEGER;

-- Recovery kits with words. One without a confirmation was begun and not ended: its key does not count.
CREATE TABLE kits (
    id         TEXT PRIMARY KEY,
    vault_id   TEXT NOT NULL REFERENCES vaults (id) ON DELETE CASCADE,
    key_id     TEXT NOT NULL,
    made       INTEGER NOT NULL,
    confirmed  INTEGER,
    pid        INTEGER NOT NULL,
    boot       TEXT,
    program    TEXT NOT NULL
) STRICT;
CREATE INDEX kits_of_vault ON kits (vault_id, made);
