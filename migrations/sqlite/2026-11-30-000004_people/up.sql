-- What staff do with the list of people: search, filters with a name, changes to many at once, records made one, and files that
-- are taken over piece by piece.

-- The words by which a person is found, as they are compared: without macrons and capitals. A row for each, so that the
-- beginning of a word finds its people without a look at all the others.
CREATE TABLE subscriber_word (
    subscriber_id BIGINT NOT NULL REFERENCES subscriber (id),
    word TEXT NOT NULL,
    PRIMARY KEY (subscriber_id, word)
) WITHOUT ROWID;
CREATE INDEX subscriber_word_word ON subscriber_word (word, subscriber_id);

WITH RECURSIVE piece (id, word, rest) AS (
    SELECT id, '', replace(replace(replace(replace(replace(replace(replace(replace(replace(replace(replace(replace(replace(replace(replace(replace(replace(replace(replace(search_key, '@', ' '), '.', ' '), '-', ' '), '_', ' '), '+', ' '), ',', ' '), '/', ' '), '(', ' '), ')', ' '), '&', ' '), ':', ' '), ';', ' '), '!', ' '), '?', ' '), '"', ' '), '#', ' '), '*', ' '), '=', ' '), '%', ' ') || ' ' FROM subscriber
    UNION ALL
    SELECT id, substr(rest, 1, instr(rest, ' ') - 1), substr(rest, instr(rest, ' ') + 1) FROM piece WHERE rest <> ''
)
INSERT INTO subscriber_word (subscriber_id, word) SELECT DISTINCT id, word FROM piece WHERE word <> '';

-- An entry of an index is limited.
UPDATE subscriber SET search_key = substr(search_key, 1, 300) WHERE length(search_key) > 300;

-- The orders of the list. The columns behind the order are those by which it is filtered: a list of few among many is then
-- found within the index.
CREATE INDEX subscriber_by_name ON subscriber (search_key, id, status, region, role, created_at, source);
CREATE INDEX subscriber_by_email ON subscriber (email_key, id, status, region, role, created_at, source);
CREATE INDEX subscriber_by_time ON subscriber (created_at, id, status, region, role, source);
CREATE INDEX subscriber_with_strikes ON subscriber (id) WHERE strikes > 0;
CREATE INDEX registration_attended ON registration (symposium_id, subscriber_id) WHERE attended;

-- A filter of the list with a name. It belongs to the clinic, not to one person.
CREATE TABLE saved_filter (
    id INTEGER PRIMARY KEY AUTOINCREMENT NOT NULL,
    name TEXT NOT NULL UNIQUE,
    -- What stands in the address of the list.
    query TEXT NOT NULL,
    created_by BIGINT NOT NULL REFERENCES staff_member (id),
    created_at BIGINT NOT NULL
);

-- One thing that is done to many people. Who they are is settled when it is asked for; it is done when somebody has seen the
-- number and said yes.
CREATE TABLE bulk_change (
    id INTEGER PRIMARY KEY AUTOINCREMENT NOT NULL,
    action TEXT NOT NULL,
    topic_id BIGINT REFERENCES topic (id),
    -- Why, or on what ground.
    reason TEXT NOT NULL,
    asked_by BIGINT NOT NULL REFERENCES staff_member (id),
    asked_at BIGINT NOT NULL,
    member_count BIGINT NOT NULL,
    started_at BIGINT,
    finished_at BIGINT,
    -- When it was asked to be taken back, by whom, and when that was done.
    undone_at BIGINT,
    undone_by BIGINT REFERENCES staff_member (id),
    undo_finished_at BIGINT
);
CREATE INDEX bulk_change_open ON bulk_change (started_at, finished_at, undone_at, undo_finished_at);

CREATE TABLE bulk_member (
    bulk_id BIGINT NOT NULL REFERENCES bulk_change (id),
    subscriber_id BIGINT NOT NULL REFERENCES subscriber (id),
    -- Null: not yet. What came of it, and when; whether it was taken back.
    outcome TEXT,
    done_at BIGINT,
    undo_outcome TEXT,
    PRIMARY KEY (bulk_id, subscriber_id)
) WITHOUT ROWID;
CREATE INDEX bulk_member_outcome ON bulk_member (bulk_id, outcome, undo_outcome, subscriber_id);
CREATE INDEX bulk_member_subscriber ON bulk_member (subscriber_id);

-- The record that stays, of one that was merged into it. Links that were mailed for the one lead to the other.
ALTER TABLE subscriber ADD COLUMN merged_into BIGINT REFERENCES subscriber (id);
CREATE INDEX subscriber_merged ON subscriber (merged_into) WHERE merged_into IS NOT NULL;

-- The addresses of merged records, as a keyed hash, so that no file brings them back.
CREATE TABLE merged_address (
    address_hash TEXT PRIMARY KEY NOT NULL,
    subscriber_id BIGINT NOT NULL REFERENCES subscriber (id),
    merged_at BIGINT NOT NULL
);
CREATE INDEX merged_address_subscriber ON merged_address (subscriber_id);

-- Which column of the file is what, as JSON; how many lines it has, and how many of them are taken over.
ALTER TABLE import_run ADD COLUMN mapping TEXT;
ALTER TABLE import_run ADD COLUMN started_at BIGINT;
ALTER TABLE import_run ADD COLUMN line_count BIGINT NOT NULL DEFAULT 0;
ALTER TABLE import_run ADD COLUMN lines_done BIGINT NOT NULL DEFAULT 0;

-- What staff did to one person, on that person's page.
CREATE INDEX audit_event_of ON audit_event (entity, entity_id, id);
