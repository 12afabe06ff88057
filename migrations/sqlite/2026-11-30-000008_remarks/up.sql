-- What colleagues say of an article while it is written and reviewed. Readers never see it.
CREATE TABLE article_remark (
    id INTEGER PRIMARY KEY AUTOINCREMENT NOT NULL,
    article_id BIGINT NOT NULL REFERENCES article (id),
    -- The text that was in front of them.
    version INTEGER NOT NULL,
    -- Whether the remark took the article back to its author.
    asks_for_changes BOOLEAN NOT NULL,
    words TEXT NOT NULL,
    by_staff BIGINT NOT NULL REFERENCES staff_member (id),
    at BIGINT NOT NULL
);
CREATE INDEX article_remark_article ON article_remark (article_id, id);
