-- What readers can search: an entry for each published article, each of its practice points, and each bulletin that was
-- sent. Entries are never changed, only replaced.

CREATE TABLE search_entry (
    id INTEGER PRIMARY KEY AUTOINCREMENT NOT NULL,
    kind TEXT NOT NULL CHECK (kind IN ('article', 'practice-point', 'bulletin')),
    -- The article's key, for its practice points too; or the bulletin's.
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

-- SQLite's own index of the words: the words themselves stay in search_entry.
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
