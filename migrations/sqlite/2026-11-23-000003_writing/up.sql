-- Articles with their practice points, and the bulletins made of them.

CREATE TABLE article (
    id INTEGER PRIMARY KEY AUTOINCREMENT NOT NULL,
    slug TEXT NOT NULL UNIQUE,
    kind TEXT NOT NULL CHECK (kind IN ('news', 'case-study', 'symposium-update', 'guidance')),
    topic_id BIGINT NOT NULL REFERENCES topic (id),
    title TEXT NOT NULL,
    summary TEXT NOT NULL,
    body TEXT NOT NULL,
    practice_points TEXT NOT NULL,
    authors TEXT NOT NULL,
    conflicts TEXT NOT NULL,
    reference_list TEXT NOT NULL,
    reviewer_id BIGINT REFERENCES staff_member (id),
    review_by TEXT,
    state TEXT NOT NULL CHECK (state IN ('draft', 'in-review', 'approved', 'published')),
    version INTEGER NOT NULL,
    created_by BIGINT NOT NULL REFERENCES staff_member (id),
    updated_by BIGINT NOT NULL REFERENCES staff_member (id),
    approved_by BIGINT REFERENCES staff_member (id),
    created_at BIGINT NOT NULL,
    updated_at BIGINT NOT NULL,
    approved_at BIGINT
);
CREATE INDEX article_state ON article (state, updated_at);

-- The text that the site shows: the last one that was approved and published, while its authors may
-- be at work on the next.
CREATE TABLE publication (
    article_id BIGINT PRIMARY KEY NOT NULL REFERENCES article (id),
    slug TEXT NOT NULL UNIQUE,
    version INTEGER NOT NULL,
    kind TEXT NOT NULL,
    topic_id BIGINT NOT NULL REFERENCES topic (id),
    title TEXT NOT NULL,
    summary TEXT NOT NULL,
    body TEXT NOT NULL,
    practice_points TEXT NOT NULL,
    authors TEXT NOT NULL,
    conflicts TEXT NOT NULL,
    reference_list TEXT NOT NULL,
    review_by TEXT,
    approved_by BIGINT NOT NULL REFERENCES staff_member (id),
    approved_at BIGINT NOT NULL,
    first_published_at BIGINT NOT NULL,
    published_at BIGINT NOT NULL
);
CREATE INDEX publication_time ON publication (first_published_at);

-- Every saved text of an article, so that what was approved can be shown later.
CREATE TABLE article_revision (
    id INTEGER PRIMARY KEY AUTOINCREMENT NOT NULL,
    article_id BIGINT NOT NULL REFERENCES article (id),
    version INTEGER NOT NULL,
    saved_by BIGINT NOT NULL REFERENCES staff_member (id),
    saved_at BIGINT NOT NULL,
    content TEXT NOT NULL,
    UNIQUE (article_id, version)
);

CREATE TABLE bulletin (
    id INTEGER PRIMARY KEY AUTOINCREMENT NOT NULL,
    slug TEXT NOT NULL UNIQUE,
    subject TEXT NOT NULL,
    preheader TEXT NOT NULL,
    introduction TEXT NOT NULL,
    state TEXT NOT NULL CHECK (state IN
        ('draft', 'in-review', 'approved', 'scheduled', 'sending', 'paused', 'sent', 'cancelled')),
    version INTEGER NOT NULL,
    created_by BIGINT NOT NULL REFERENCES staff_member (id),
    updated_by BIGINT NOT NULL REFERENCES staff_member (id),
    approved_by BIGINT REFERENCES staff_member (id),
    created_at BIGINT NOT NULL,
    updated_at BIGINT NOT NULL,
    approved_at BIGINT,
    scheduled_for BIGINT,
    started_at BIGINT,
    finished_at BIGINT,
    audience_count BIGINT NOT NULL,
    waiting_for TEXT,
    frozen_html TEXT,
    frozen_text TEXT
);
CREATE INDEX bulletin_state ON bulletin (state, scheduled_for);

CREATE TABLE bulletin_article (
    bulletin_id BIGINT NOT NULL REFERENCES bulletin (id),
    article_id BIGINT NOT NULL REFERENCES article (id),
    position INTEGER NOT NULL,
    form TEXT NOT NULL CHECK (form IN ('whole', 'teaser')),
    PRIMARY KEY (bulletin_id, article_id)
);

CREATE TABLE bulletin_topic (
    bulletin_id BIGINT NOT NULL REFERENCES bulletin (id),
    topic_id BIGINT NOT NULL REFERENCES topic (id),
    PRIMARY KEY (bulletin_id, topic_id)
);

-- All who ever saved the text: none of them is the second person who approves it.
CREATE TABLE bulletin_writer (
    bulletin_id BIGINT NOT NULL REFERENCES bulletin (id),
    staff_id BIGINT NOT NULL REFERENCES staff_member (id),
    PRIMARY KEY (bulletin_id, staff_id)
);
