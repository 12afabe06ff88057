DROP TRIGGER search_entry_removed;
DROP TRIGGER search_entry_added;
DROP TABLE search_index;
DROP TABLE search_entry;
DELETE FROM instance_value WHERE name = 'search_index_version';
CREATE TABLE search_entry (
    id INTEGER PRIMARY KEY AUTOINCREMENT NOT NULL,
    kind TEXT NOT NULL CHECK (kind IN ('article', 'practice-point', 'bulletin')),
    -- The article's key, for its practice points too; or the bulletin's key.
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
DROP TABLE registration;
ALTER TABLE bulletin DROP COLUMN symposium_id;
ALTER TABLE signup_request DROP COLUMN symposium_id;
DROP TABLE symposium;
-- Messages about events that are gone.
DELETE FROM delivery_attempt WHERE delivery_id IN (SELECT id FROM delivery WHERE kind LIKE 'symposium-%');
DELETE FROM delivery WHERE kind LIKE 'symposium-%';
