CREATE TABLE IF NOT EXISTS objects (
    type TEXT NOT NULL,
    id TEXT NOT NULL,
    token INTEGER NOT NULL,
    state INTEGER NOT NULL,        -- 0 active, 1 inactive, 2 deleted
    name TEXT NOT NULL,            -- as shown
    name_key TEXT NOT NULL,        -- case-folded, for look-ups
    number_key TEXT NOT NULL,
    party TEXT NOT NULL,
    txn_date TEXT NOT NULL,
    kind TEXT NOT NULL,
    open_cents INTEGER NOT NULL,
    created INTEGER NOT NULL,
    updated INTEGER NOT NULL,
    body TEXT NOT NULL
);
CREATE UNIQUE INDEX IF NOT EXISTS objects_by_id ON objects (type, id);
CREATE INDEX IF NOT EXISTS objects_by_state ON objects (type, state);
CREATE INDEX IF NOT EXISTS objects_by_updated ON objects (type, updated);
CREATE INDEX IF NOT EXISTS objects_by_name ON objects (type, name_key);
CREATE INDEX IF NOT EXISTS objects_by_number ON objects (type, number_key);
CREATE INDEX IF NOT EXISTS objects_by_party ON objects (type, party);
CREATE INDEX IF NOT EXISTS objects_by_date ON objects (type, txn_date);

CREATE TABLE IF NOT EXISTS links (
    from_type TEXT NOT NULL,
    from_id TEXT NOT NULL,
    to_type TEXT NOT NULL,
    to_id TEXT NOT NULL,
    cents INTEGER NOT NULL
);
CREATE INDEX IF NOT EXISTS links_by_source ON links (from_type, from_id);
CREATE INDEX IF NOT EXISTS links_by_target ON links (to_type, to_id);

CREATE TABLE IF NOT EXISTS counters (family TEXT PRIMARY KEY, last INTEGER NOT NULL);
CREATE TABLE IF NOT EXISTS settings (name TEXT PRIMARY KEY, value TEXT NOT NULL);

CREATE TABLE IF NOT EXISTS requests (
    id TEXT PRIMARY KEY,
    status INTEGER NOT NULL,
    fingerprint TEXT NOT NULL,
    body BLOB NOT NULL
);

CREATE TABLE IF NOT EXISTS log (
    seq INTEGER PRIMARY KEY,
    time INTEGER NOT NULL,
    request_id TEXT NOT NULL,
    operation TEXT NOT NULL,
    type TEXT NOT NULL,
    id TEXT NOT NULL,
    marker TEXT NOT NULL,
    origin TEXT NOT NULL
);

CREATE TABLE IF NOT EXISTS codes (
    code TEXT PRIMARY KEY,
    client TEXT NOT NULL,
    redirect_uri TEXT NOT NULL,
    expires INTEGER NOT NULL
);

CREATE TABLE IF NOT EXISTS tokens (
    value TEXT PRIMARY KEY,
    kind TEXT NOT NULL,
    grant_id TEXT NOT NULL,
    client TEXT NOT NULL,
    issued INTEGER NOT NULL,
    expires INTEGER NOT NULL
);
CREATE INDEX IF NOT EXISTS tokens_by_grant ON tokens (grant_id);
