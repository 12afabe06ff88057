-- The staff's accounts: a second factor beside the password, invitations and links by mail; and an audit that can be searched.

-- When the person of a session last gave their password in it: what changes accounts asks for it again.
ALTER TABLE staff_session ADD COLUMN confirmed_at BIGINT NOT NULL DEFAULT 0;

-- What a person's one-time codes are made of (RFC 6238).
CREATE TABLE staff_second_factor (
    staff_id BIGINT PRIMARY KEY NOT NULL REFERENCES staff_member (id),
    -- Sealed under a key of the installation's, for this person alone.
    secret BLOB NOT NULL,
    -- The step of time of the newest code that was taken: neither it nor an older one is taken again.
    last_step BIGINT NOT NULL,
    created_at BIGINT NOT NULL,
    -- Null: being set up, asked for by nobody yet.
    confirmed_at BIGINT
);

-- Codes on paper, for who has lost the other: each is taken once.
CREATE TABLE staff_recovery_code (
    id INTEGER PRIMARY KEY AUTOINCREMENT NOT NULL,
    staff_id BIGINT NOT NULL REFERENCES staff_member (id),
    code_hash TEXT NOT NULL,
    used_at BIGINT
);
CREATE INDEX staff_recovery_code_staff ON staff_recovery_code (staff_id);

-- Signing in, after the password and before the code. It opens nothing.
CREATE TABLE staff_sign_in (
    id INTEGER PRIMARY KEY AUTOINCREMENT NOT NULL,
    staff_id BIGINT NOT NULL REFERENCES staff_member (id),
    token_hash TEXT NOT NULL UNIQUE,
    device TEXT NOT NULL,
    -- How often a code was tried.
    tries INTEGER NOT NULL,
    -- Whether the password was given, and not a link from a message.
    by_password BOOLEAN NOT NULL,
    created_at BIGINT NOT NULL,
    expires_at BIGINT NOT NULL
);
CREATE INDEX staff_sign_in_staff ON staff_sign_in (staff_id);

-- Whom an owner has asked to join. The link in the message is signed for this row, and kept nowhere.
CREATE TABLE staff_invitation (
    id INTEGER PRIMARY KEY AUTOINCREMENT NOT NULL,
    email TEXT NOT NULL,
    email_key TEXT NOT NULL,
    name TEXT NOT NULL,
    role TEXT NOT NULL CHECK (role = 'author' OR role = 'reviewer' OR role = 'publisher' OR role = 'owner'),
    invited_by BIGINT NOT NULL REFERENCES staff_member (id),
    created_at BIGINT NOT NULL,
    expires_at BIGINT NOT NULL,
    -- When it was taken up, withdrawn, or another was sent in its place.
    ended_at BIGINT
);
-- One at a time for each address.
CREATE UNIQUE INDEX staff_invitation_open ON staff_invitation (email_key) WHERE ended_at IS NULL;

-- A link by mail with which somebody signs in, or chooses a new password, in the browser that asked for it.
CREATE TABLE staff_link (
    id INTEGER PRIMARY KEY AUTOINCREMENT NOT NULL,
    purpose TEXT NOT NULL CHECK (purpose = 'sign-in' OR purpose = 'password'),
    staff_id BIGINT NOT NULL REFERENCES staff_member (id),
    -- SHA-256 of the cookie of the browser that asked.
    browser_hash TEXT NOT NULL,
    created_at BIGINT NOT NULL,
    expires_at BIGINT NOT NULL,
    used_at BIGINT
);
CREATE INDEX staff_link_staff ON staff_link (staff_id);

-- The audit's list is by key, the newest first; each of these has the key at its end.
CREATE INDEX audit_event_at ON audit_event (at);
CREATE INDEX audit_event_action ON audit_event (action);
CREATE INDEX audit_event_staff_action ON audit_event (staff_id, action);
CREATE INDEX audit_event_staff ON audit_event (staff_id);

-- The words of what is noted; the words themselves stay in audit_event.
CREATE VIRTUAL TABLE search_index_audit USING fts5 (
    detail, content = 'audit_event', content_rowid = 'id',
    tokenize = 'unicode61 remove_diacritics 2', prefix = '2 3 4'
);
INSERT INTO search_index_audit (rowid, detail) SELECT id, detail FROM audit_event WHERE detail IS NOT NULL;
CREATE TRIGGER audit_event_added AFTER INSERT ON audit_event WHEN new.detail IS NOT NULL BEGIN
    INSERT INTO search_index_audit (rowid, detail) VALUES (new.id, new.detail);
END;
