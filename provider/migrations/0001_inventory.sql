-- Owners, templates, identities and the audit trail. Times are RFC 3339 in UTC; lists and maps are JSON.
-- `origin`, `run` and `claimed` say which Terraform configuration made a row and whether its state is known to hold it.

CREATE TABLE owners (
    id          TEXT PRIMARY KEY,
    name        TEXT NOT NULL,
    accountable TEXT NOT NULL,
    steward     TEXT NOT NULL,
    contacts    TEXT NOT NULL,
    active      INTEGER NOT NULL CHECK (active IN (0, 1)),
    created_at  TEXT NOT NULL,
    updated_at  TEXT NOT NULL,
    removed_at  TEXT,
    version     INTEGER NOT NULL,
    origin      TEXT NOT NULL,
    run         TEXT NOT NULL,
    claimed     INTEGER NOT NULL DEFAULT 0 CHECK (claimed IN (0, 1))
) STRICT;
CREATE UNIQUE INDEX owner_name ON owners (name) WHERE removed_at IS NULL;

-- Every template text that was ever published or used, by content.
CREATE TABLE template_texts (
    digest  TEXT PRIMARY KEY,
    name    TEXT NOT NULL,
    version TEXT NOT NULL,
    source  TEXT NOT NULL
) STRICT;

-- The published versions. A version never changes its content; withdrawing one keeps the row.
CREATE TABLE templates (
    name         TEXT NOT NULL,
    version      TEXT NOT NULL,
    digest       TEXT NOT NULL,
    source       TEXT NOT NULL,
    published_at TEXT NOT NULL,
    updated_at   TEXT NOT NULL,
    withdrawn_at TEXT,
    origin       TEXT NOT NULL,
    run          TEXT NOT NULL,
    claimed      INTEGER NOT NULL DEFAULT 0 CHECK (claimed IN (0, 1)),
    PRIMARY KEY (name, version)
) STRICT;

CREATE TABLE identities (
    id                  TEXT PRIMARY KEY,
    kind                TEXT NOT NULL,
    name                TEXT NOT NULL,
    owner_id            TEXT NOT NULL REFERENCES owners (id),
    purpose             TEXT NOT NULL,
    expiry              TEXT NOT NULL,
    expires_at          TEXT NOT NULL,
    template            TEXT NOT NULL,
    template_name       TEXT NOT NULL,
    template_version    TEXT NOT NULL,
    template_digest     TEXT NOT NULL REFERENCES template_texts (digest),
    parameters          TEXT NOT NULL,
    service             TEXT,
    environment         TEXT,
    consumers           TEXT NOT NULL,
    parent              TEXT,
    rotation            TEXT NOT NULL,
    break_glass_reason  TEXT,
    subject             TEXT,
    spiffe_id           TEXT,
    status              TEXT NOT NULL CHECK (status IN ('active', 'disabled', 'decommissioned')),
    credential_version  INTEGER NOT NULL,
    rotated_at          TEXT NOT NULL,
    certified_until     TEXT,
    created_at          TEXT NOT NULL,
    updated_at          TEXT NOT NULL,
    disabled_at         TEXT,
    decommissioned_at   TEXT,
    version             INTEGER NOT NULL,
    origin              TEXT NOT NULL,
    run                 TEXT NOT NULL,
    claimed             INTEGER NOT NULL DEFAULT 0 CHECK (claimed IN (0, 1))
) STRICT;
-- The natural key. A decommissioned identity keeps its row and gives its name free.
CREATE UNIQUE INDEX identity_name ON identities (kind, name) WHERE decommissioned_at IS NULL;
CREATE INDEX identity_past_names ON identities (kind, name, decommissioned_at);
CREATE INDEX identity_owner ON identities (owner_id) WHERE decommissioned_at IS NULL;
CREATE INDEX identity_template ON identities (template_name, template_version) WHERE decommissioned_at IS NULL;

CREATE TABLE audit_events (
    seq      INTEGER PRIMARY KEY,
    at       TEXT NOT NULL,
    actor    TEXT NOT NULL,
    lineage  TEXT NOT NULL,
    action   TEXT NOT NULL,
    subject  TEXT NOT NULL,
    record   TEXT NOT NULL,
    previous TEXT NOT NULL,
    hash     TEXT NOT NULL
) STRICT;
CREATE INDEX audit_subject ON audit_events (subject, seq);

-- Where the chain ends, so that cutting off its tail shows.
CREATE TABLE audit_head (
    one  INTEGER PRIMARY KEY CHECK (one = 1),
    seq  INTEGER NOT NULL,
    hash TEXT NOT NULL
) STRICT;
INSERT INTO audit_head (one, seq, hash) VALUES (1, 0, '');

CREATE TRIGGER audit_event_keeps BEFORE UPDATE ON audit_events
BEGIN SELECT RAISE(ABORT, 'the audit trail is append-only'); END;
CREATE TRIGGER audit_event_stays BEFORE DELETE ON audit_events
BEGIN SELECT RAISE(ABORT, 'the audit trail is append-only'); END;
CREATE TRIGGER audit_head_stays BEFORE DELETE ON audit_head
BEGIN SELECT RAISE(ABORT, 'the audit trail is append-only'); END;
CREATE TRIGGER audit_head_grows BEFORE UPDATE ON audit_head WHEN NEW.seq <> OLD.seq + 1
BEGIN SELECT RAISE(ABORT, 'the audit trail is append-only'); END;
CREATE TRIGGER identity_stays BEFORE DELETE ON identities
BEGIN SELECT RAISE(ABORT, 'identities leave a tombstone'); END;
CREATE TRIGGER owner_stays BEFORE DELETE ON owners
BEGIN SELECT RAISE(ABORT, 'owners leave a tombstone'); END;
CREATE TRIGGER template_stays BEFORE DELETE ON templates
BEGIN SELECT RAISE(ABORT, 'published templates stay on record'); END;
CREATE TRIGGER template_text_keeps BEFORE UPDATE ON template_texts
BEGIN SELECT RAISE(ABORT, 'a template text never changes'); END;
CREATE TRIGGER template_text_stays BEFORE DELETE ON template_texts
BEGIN SELECT RAISE(ABORT, 'a template text never changes'); END;
