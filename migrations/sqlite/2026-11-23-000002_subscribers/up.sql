-- The people on the list, what they agreed to, and what they asked for.

CREATE TABLE topic (
    id INTEGER PRIMARY KEY AUTOINCREMENT NOT NULL,
    slug TEXT NOT NULL UNIQUE,
    name TEXT NOT NULL,
    description TEXT NOT NULL,
    position INTEGER NOT NULL
);

CREATE TABLE subscriber (
    id INTEGER PRIMARY KEY AUTOINCREMENT NOT NULL,
    email TEXT NOT NULL,
    email_key TEXT NOT NULL UNIQUE,
    name TEXT NOT NULL,
    practice TEXT,
    region TEXT,
    role TEXT,
    mcnz_number TEXT,
    status TEXT NOT NULL CHECK (status IN ('pending', 'active', 'unsubscribed', 'suspended', 'erased')),
    status_reason TEXT,
    strikes INTEGER NOT NULL,
    paused_until BIGINT,
    source TEXT NOT NULL,
    search_key TEXT NOT NULL,
    created_at BIGINT NOT NULL,
    updated_at BIGINT NOT NULL
);
CREATE INDEX subscriber_status ON subscriber (status, id);

CREATE TABLE subscription (
    subscriber_id BIGINT NOT NULL REFERENCES subscriber (id),
    topic_id BIGINT NOT NULL REFERENCES topic (id),
    PRIMARY KEY (subscriber_id, topic_id)
);
CREATE INDEX subscription_topic ON subscription (topic_id, subscriber_id);

-- What somebody typed in the sign-up form. It becomes theirs only when they confirm:
-- anybody can type anybody's address.
CREATE TABLE signup_request (
    id INTEGER PRIMARY KEY AUTOINCREMENT NOT NULL,
    subscriber_id BIGINT NOT NULL REFERENCES subscriber (id),
    name TEXT NOT NULL,
    practice TEXT,
    region TEXT,
    role TEXT,
    mcnz_number TEXT,
    topics TEXT NOT NULL,
    wording_version TEXT NOT NULL,
    created_at BIGINT NOT NULL,
    expires_at BIGINT NOT NULL,
    used_at BIGINT
);
CREATE INDEX signup_request_subscriber ON signup_request (subscriber_id);

CREATE TABLE consent_wording (
    version TEXT PRIMARY KEY NOT NULL,
    wording TEXT NOT NULL,
    first_used_at BIGINT NOT NULL
);

CREATE TABLE consent_event (
    id INTEGER PRIMARY KEY AUTOINCREMENT NOT NULL,
    subscriber_id BIGINT NOT NULL REFERENCES subscriber (id),
    at BIGINT NOT NULL,
    kind TEXT NOT NULL,
    channel TEXT NOT NULL,
    wording_version TEXT REFERENCES consent_wording (version),
    topics TEXT,
    detail TEXT,
    staff_id BIGINT REFERENCES staff_member (id)
);
CREATE INDEX consent_event_subscriber ON consent_event (subscriber_id, id);

-- A keyed hash is all that is left of an erased person, so that an import cannot bring them back.
CREATE TABLE erased_address (
    address_hash TEXT PRIMARY KEY NOT NULL,
    erased_at BIGINT NOT NULL
);

CREATE TABLE import_run (
    id INTEGER PRIMARY KEY AUTOINCREMENT NOT NULL,
    staff_id BIGINT REFERENCES staff_member (id),
    created_at BIGINT NOT NULL,
    finished_at BIGINT,
    file_name TEXT NOT NULL,
    source TEXT NOT NULL,
    basis TEXT NOT NULL,
    topics TEXT NOT NULL,
    notify BOOLEAN NOT NULL,
    content BLOB,
    added INTEGER NOT NULL,
    unchanged INTEGER NOT NULL,
    refused INTEGER NOT NULL,
    refused_lines TEXT NOT NULL
);

-- trigger: append-only
CREATE TRIGGER consent_event_keeps_rows BEFORE DELETE ON consent_event
BEGIN SELECT RAISE(ABORT, 'consent_event is append-only'); END;
CREATE TRIGGER consent_event_keeps_values BEFORE UPDATE ON consent_event
BEGIN SELECT RAISE(ABORT, 'consent_event is append-only'); END;
-- INSERT OR REPLACE takes a row away without a DELETE.
CREATE TRIGGER consent_event_keeps_keys BEFORE INSERT ON consent_event
WHEN EXISTS (SELECT 1 FROM consent_event WHERE id = NEW.id)
BEGIN SELECT RAISE(ABORT, 'consent_event is append-only'); END;
