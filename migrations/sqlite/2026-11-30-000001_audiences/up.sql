-- What narrows the audience of a bulletin beyond its topics or its event, as JSON; nothing: nobody is left out.
ALTER TABLE bulletin ADD COLUMN narrowing TEXT NOT NULL DEFAULT '{}';
-- The bulletin whose receivers this one corrects; it goes to them, and to nobody else.
ALTER TABLE bulletin ADD COLUMN corrects_id BIGINT REFERENCES bulletin (id);
CREATE INDEX bulletin_corrects ON bulletin (corrects_id);

-- Audiences that are used again and again. A bulletin takes a copy.
CREATE TABLE saved_audience (
    id INTEGER PRIMARY KEY AUTOINCREMENT NOT NULL,
    name TEXT NOT NULL,
    -- The name as it is compared, so that no two are taken for each other.
    name_key TEXT NOT NULL UNIQUE,
    -- As JSON.
    criteria TEXT NOT NULL,
    updated_by BIGINT NOT NULL REFERENCES staff_member (id),
    updated_at BIGINT NOT NULL
);
