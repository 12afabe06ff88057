-- Events of the clinic, and who comes to them.
CREATE TABLE symposium (
    id INTEGER PRIMARY KEY AUTOINCREMENT NOT NULL,
    slug TEXT NOT NULL UNIQUE,
    title TEXT NOT NULL,
    summary TEXT NOT NULL,
    -- An item a line: its time, its title, and who speaks.
    programme TEXT NOT NULL,
    -- A person a line.
    speakers TEXT NOT NULL,
    place TEXT NOT NULL,
    starts_at BIGINT NOT NULL,
    ends_at BIGINT NOT NULL,
    cpd_minutes INTEGER NOT NULL,
    -- Null: places are not limited.
    capacity INTEGER,
    registration_closes_at BIGINT NOT NULL,
    asks_dietary BOOLEAN NOT NULL,
    asks_access BOOLEAN NOT NULL,
    state TEXT NOT NULL CHECK (state = 'draft' OR state = 'published' OR state = 'cancelled'),
    -- Counts what calendars have to know of (RFC 5545, section 3.8.7.4).
    sequence INTEGER NOT NULL,
    -- Counts the saved texts.
    version INTEGER NOT NULL,
    created_by BIGINT NOT NULL REFERENCES staff_member (id),
    updated_by BIGINT NOT NULL REFERENCES staff_member (id),
    created_at BIGINT NOT NULL,
    updated_at BIGINT NOT NULL,
    published_at BIGINT,
    cancelled_at BIGINT
);
CREATE INDEX symposium_time ON symposium (starts_at);

-- A person's wish to come. The keys give the order of asking.
CREATE TABLE registration (
    id INTEGER PRIMARY KEY AUTOINCREMENT NOT NULL,
    symposium_id BIGINT NOT NULL REFERENCES symposium (id),
    subscriber_id BIGINT NOT NULL REFERENCES subscriber (id),
    state TEXT NOT NULL CHECK (state = 'registered' OR state = 'waiting' OR state = 'cancelled'),
    -- What they need, for the staff alone; taken out when it is not needed any more.
    dietary TEXT,
    access TEXT,
    asked_at BIGINT NOT NULL,
    -- When they got a place after waiting for one.
    moved_up_at BIGINT,
    cancelled_at BIGINT,
    -- The reminder is queued in the transaction that sets this, so that nobody gets two.
    reminded_at BIGINT,
    -- Null: not noted.
    attended BOOLEAN
);
CREATE UNIQUE INDEX registration_open ON registration (symposium_id, subscriber_id) WHERE state <> 'cancelled';
CREATE INDEX registration_order ON registration (symposium_id, state, id);
CREATE INDEX registration_subscriber ON registration (subscriber_id, id);

-- The event to which somebody who signs up wants to come.
ALTER TABLE signup_request ADD COLUMN symposium_id BIGINT REFERENCES symposium (id);
-- Goes to those who are registered for this event, and to nobody else.
ALTER TABLE bulletin ADD COLUMN symposium_id BIGINT REFERENCES symposium (id);

-- Events are found by the search too. SQLite changes no CHECK: the entries are made anew when the program starts.
DROP TRIGGER search_entry_removed;
DROP TRIGGER search_entry_added;
DROP TABLE search_index;
DROP TABLE search_entry;
DELETE FROM instance_value WHERE name = 'search_index_version';
CREATE TABLE search_entry (
    id INTEGER PRIMARY KEY AUTOINCREMENT NOT NULL,
    kind TEXT NOT NULL CHECK (kind = 'article' OR kind = 'practice-point' OR kind = 'bulletin' OR kind = 'symposium'),
    -- The article's key, for its practice points too; or the bulletin's, or the symposium's key.
    source_id BIGINT NOT NULL,
    -- Which practice point of its article, from 1; otherwise 0.
    position INTEGER NOT NULL,
    slug TEXT NOT NULL,
    title TEXT NOT NULL,
    body TEXT NOT NULL,
    -- The words of both, as they are compared: without macrons and capitals, with single spaces between.
    title_words TEXT NOT NULL,
    body_words TEXT NOT NULL,
    published_at BIGINT NOT NULL,
    UNIQUE (kind, source_id, position)
);
CREATE VIRTUAL TABLE search_index USING fts5 (
    title_words, body_words, content = 'search_entry', content_rowid = 'id',
    tokenize = 'unicode61 remove_diacritics 0', prefix = '2 3 4'
);
CREATE TRIGGER search_entry_added AFTER INSERT ON search_entry BEGIN
    INSERT INTO search_index (rowid, title_words, body_words) VALUES (new.id, new.title_words, new.body_words);
END;
CREATE TRIGGER search_entry_removed AFTER DELETE ON search_entry BEGIN
    INSERT INTO search_index (search_index, rowid, title_words, body_words)
        VALUES ('delete', old.id, old.title_words, old.body_words);
END;
