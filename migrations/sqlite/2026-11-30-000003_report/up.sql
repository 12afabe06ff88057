-- What is known of a bulletin after it was sent: who left by its link, and how often its other links were followed.

-- The bulletin by whose link somebody left. Null for everything else, and for all that was noted before.
ALTER TABLE consent_event ADD COLUMN bulletin_id BIGINT REFERENCES bulletin (id);
CREATE INDEX consent_event_bulletin ON consent_event (bulletin_id, subscriber_id) WHERE bulletin_id IS NOT NULL;

-- The links of a bulletin that go by a short address of ours. They are kept as long as the bulletin: its mails are.
CREATE TABLE bulletin_link (
    id INTEGER PRIMARY KEY AUTOINCREMENT NOT NULL,
    bulletin_id BIGINT NOT NULL REFERENCES bulletin (id),
    -- The end of the short address. It stands for this one link and can lead nowhere else.
    code TEXT NOT NULL UNIQUE,
    url TEXT NOT NULL,
    -- The words that are linked.
    label TEXT NOT NULL,
    position INTEGER NOT NULL,
    UNIQUE (bulletin_id, url)
);

-- How often a link was followed on a day in Auckland: a number, and nothing of who did.
CREATE TABLE bulletin_link_day (
    link_id BIGINT NOT NULL REFERENCES bulletin_link (id),
    day TEXT NOT NULL,
    count BIGINT NOT NULL,
    PRIMARY KEY (link_id, day)
);
