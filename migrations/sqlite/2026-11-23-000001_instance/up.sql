-- What belongs to the installation itself.

CREATE TABLE instance_value (
    name TEXT PRIMARY KEY NOT NULL,
    value TEXT NOT NULL
);

-- Secrets are never changed, only followed by newer ones: links in old mails stay valid.
CREATE TABLE secret_key (
    id INTEGER PRIMARY KEY AUTOINCREMENT NOT NULL,
    purpose TEXT NOT NULL CHECK (purpose IN ('link', 'erasure')),
    secret BLOB NOT NULL,
    created_at BIGINT NOT NULL
);

CREATE TABLE staff_member (
    id INTEGER PRIMARY KEY AUTOINCREMENT NOT NULL,
    email TEXT NOT NULL,
    email_key TEXT NOT NULL UNIQUE,
    name TEXT NOT NULL,
    role TEXT NOT NULL CHECK (role IN ('author', 'reviewer', 'publisher', 'owner')),
    password_hash TEXT NOT NULL,
    active BOOLEAN NOT NULL,
    created_at BIGINT NOT NULL,
    updated_at BIGINT NOT NULL
);

CREATE TABLE staff_session (
    id INTEGER PRIMARY KEY AUTOINCREMENT NOT NULL,
    staff_id BIGINT NOT NULL REFERENCES staff_member (id),
    token_hash TEXT NOT NULL UNIQUE,
    device TEXT NOT NULL,
    created_at BIGINT NOT NULL,
    last_seen_at BIGINT NOT NULL,
    expires_at BIGINT NOT NULL
);
CREATE INDEX staff_session_staff ON staff_session (staff_id);

CREATE TABLE audit_event (
    id INTEGER PRIMARY KEY AUTOINCREMENT NOT NULL,
    at BIGINT NOT NULL,
    staff_id BIGINT REFERENCES staff_member (id),
    action TEXT NOT NULL,
    entity TEXT NOT NULL,
    entity_id BIGINT,
    detail TEXT
);
CREATE INDEX audit_event_entity ON audit_event (entity, entity_id);

-- trigger: append-only
CREATE TRIGGER audit_event_keeps_rows BEFORE DELETE ON audit_event
BEGIN SELECT RAISE(ABORT, 'audit_event is append-only'); END;
CREATE TRIGGER audit_event_keeps_values BEFORE UPDATE ON audit_event
BEGIN SELECT RAISE(ABORT, 'audit_event is append-only'); END;
-- INSERT OR REPLACE takes a row away without a DELETE.
CREATE TRIGGER audit_event_keeps_keys BEFORE INSERT ON audit_event
WHEN EXISTS (SELECT 1 FROM audit_event WHERE id = NEW.id)
BEGIN SELECT RAISE(ABORT, 'audit_event is append-only'); END;
