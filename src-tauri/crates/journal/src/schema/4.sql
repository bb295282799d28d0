-- State version 4: replications that go on for as long as nobody stops them.

CREATE TABLE replications (
    id              TEXT PRIMARY KEY,
    from_source     TEXT NOT NULL REFERENCES sources (id) ON DELETE CASCADE,
    from_collection TEXT NOT NULL,
    to_source       TEXT NOT NULL REFERENCES sources (id) ON DELETE CASCADE,
    to_collection   TEXT NOT NULL,
    what            TEXT NOT NULL,
    created         INTEGER NOT NULL,
    stopped         INTEGER,
    phase           TEXT,
    moved           INTEGER,
    progress        TEXT,
    problem         TEXT,
    again           INTEGER,
    gaps            TEXT NOT NULL DEFAULT '[]',
    gap_count       INTEGER NOT NULL DEFAULT 0,
    UNIQUE (from_source, from_collection, to_source, to_collection, what)
) STRICT;
CREATE INDEX replications_to ON replications (to_source);
