-- What the life of an identity needs beyond being there: what its kind states, its credential, reviews, bindings, exceptions.

ALTER TABLE identities ADD COLUMN details TEXT;
ALTER TABLE identities ADD COLUMN previous_valid_until TEXT;
ALTER TABLE identities ADD COLUMN credential TEXT;
ALTER TABLE identities ADD COLUMN review TEXT;
ALTER TABLE identities ADD COLUMN extended_by TEXT;

-- The certificates of the issuer keys, of which what they signed can be traced to the end of its life.
CREATE TABLE authorities (
    id           TEXT PRIMARY KEY,
    key_id       TEXT NOT NULL,
    trust_domain TEXT NOT NULL,
    certificate  TEXT NOT NULL,
    created_at   TEXT NOT NULL
) STRICT;

-- Certificates by serial number, whoever holds them. `revoked_at` may lie ahead: a superseded one works until then. That a holder is
-- disabled, quarantined or gone is in its own record, and revokes without a word here.
CREATE TABLE certificates (
    serial             TEXT PRIMARY KEY,
    identity_id        TEXT NOT NULL REFERENCES identities (id),
    authority          TEXT NOT NULL REFERENCES authorities (id),
    credential_version INTEGER NOT NULL,
    epoch              INTEGER,
    subject            TEXT NOT NULL,
    key_hash           TEXT NOT NULL,
    not_before         TEXT NOT NULL,
    not_after          TEXT NOT NULL,
    issued_at          TEXT NOT NULL,
    revoked_at         TEXT,
    revocation_reason  TEXT
) STRICT;
CREATE INDEX certificate_identity ON certificates (identity_id, not_after);
CREATE INDEX certificate_key ON certificates (key_hash);
CREATE INDEX certificate_authority ON certificates (authority, not_after);

-- The latest revocation list of each authority, kept so that it stays the same until something changes.
CREATE TABLE revocation_lists (
    authority TEXT PRIMARY KEY REFERENCES authorities (id),
    number    INTEGER NOT NULL,
    issued_at TEXT NOT NULL,
    entries   TEXT NOT NULL,
    list      TEXT NOT NULL
) STRICT;

-- The public half of every key that signed something, so that what it signed can be checked for as long as it lives.
CREATE TABLE issuer_keys (
    key_id         TEXT PRIMARY KEY,
    algorithm      TEXT NOT NULL,
    public_key     TEXT NOT NULL,
    first_used_at  TEXT NOT NULL,
    last_used_at   TEXT NOT NULL,
    needed_until   TEXT NOT NULL
) STRICT;

CREATE TABLE bindings (
    id          TEXT PRIMARY KEY,
    identity_id TEXT NOT NULL REFERENCES identities (id),
    platform    TEXT NOT NULL,
    principal   TEXT NOT NULL,
    consumers   TEXT NOT NULL,
    retired_by  TEXT,
    created_at  TEXT NOT NULL,
    updated_at  TEXT NOT NULL,
    removed_at  TEXT,
    version     INTEGER NOT NULL,
    origin      TEXT NOT NULL,
    run         TEXT NOT NULL,
    claimed     INTEGER NOT NULL DEFAULT 0 CHECK (claimed IN (0, 1))
) STRICT;
CREATE UNIQUE INDEX binding_principal ON bindings (platform, principal) WHERE removed_at IS NULL;
CREATE INDEX binding_identity ON bindings (identity_id) WHERE removed_at IS NULL;

CREATE TABLE exceptions (
    id                   TEXT PRIMARY KEY,
    subject              TEXT NOT NULL,
    rule                 TEXT NOT NULL,
    reason               TEXT NOT NULL,
    compensating_control TEXT NOT NULL,
    approver             TEXT NOT NULL,
    expiry               TEXT NOT NULL,
    expires_at           TEXT NOT NULL,
    renewals             INTEGER NOT NULL,
    created_at           TEXT NOT NULL,
    updated_at           TEXT NOT NULL,
    removed_at           TEXT,
    version              INTEGER NOT NULL,
    origin               TEXT NOT NULL,
    run                  TEXT NOT NULL,
    claimed              INTEGER NOT NULL DEFAULT 0 CHECK (claimed IN (0, 1))
) STRICT;
CREATE UNIQUE INDEX exception_key ON exceptions (subject, rule) WHERE removed_at IS NULL;
CREATE INDEX exception_past ON exceptions (subject, rule, created_at);

-- One row for each decision: a later decision of the same certification is another version of it.
CREATE TABLE certifications (
    id              TEXT NOT NULL,
    version         INTEGER NOT NULL,
    identity_id     TEXT NOT NULL REFERENCES identities (id),
    outcome         TEXT NOT NULL,
    reviewer        TEXT NOT NULL,
    evidence        TEXT NOT NULL,
    next_review     TEXT,
    template        TEXT,
    owner_id        TEXT,
    decided_at      TEXT NOT NULL,
    certified_until TEXT NOT NULL,
    effect          TEXT NOT NULL,
    removed_at      TEXT,
    origin          TEXT NOT NULL,
    run             TEXT NOT NULL,
    claimed         INTEGER NOT NULL DEFAULT 0 CHECK (claimed IN (0, 1)),
    PRIMARY KEY (id, version)
) STRICT;
CREATE INDEX certification_identity ON certifications (identity_id, decided_at);

CREATE TRIGGER certificate_stays BEFORE DELETE ON certificates
BEGIN SELECT RAISE(ABORT, 'certificates stay on record'); END;
CREATE TRIGGER authority_stays BEFORE DELETE ON authorities
BEGIN SELECT RAISE(ABORT, 'authorities that signed something stay on record'); END;
CREATE TRIGGER issuer_key_stays BEFORE DELETE ON issuer_keys
BEGIN SELECT RAISE(ABORT, 'keys that signed something stay on record'); END;
CREATE TRIGGER binding_stays BEFORE DELETE ON bindings
BEGIN SELECT RAISE(ABORT, 'bindings leave a tombstone'); END;
CREATE TRIGGER exception_stays BEFORE DELETE ON exceptions
BEGIN SELECT RAISE(ABORT, 'exceptions leave a tombstone'); END;
CREATE TRIGGER certification_stays BEFORE DELETE ON certifications
BEGIN SELECT RAISE(ABORT, 'certifications stay on record'); END;
