-- What somebody has typed and not saved: kept by itself, for each person on their own, so that a closed tab loses nothing and no
-- approval is withdrawn by a text that is not finished. Of an article that is not begun yet there may be several.
CREATE TABLE working_copy (
    id INTEGER PRIMARY KEY AUTOINCREMENT NOT NULL,
    staff_id BIGINT NOT NULL REFERENCES staff_member (id),
    article_id BIGINT REFERENCES article (id),
    version INTEGER NOT NULL,
    content TEXT NOT NULL,
    kept_at BIGINT NOT NULL,
    UNIQUE (staff_id, article_id)
);
CREATE INDEX working_copy_article ON working_copy (article_id);
