-- On what ground a case study was published; nothing for other kinds, and for what came on the site before grounds were asked for.
ALTER TABLE publication ADD COLUMN case_ground TEXT CHECK (case_ground = 'consent' OR case_ground = 'de-identified');

-- A patient's written consent to the publication of a case study. Rows are added, and marked when the patient takes it back;
-- nothing here names the patient: the signed form lies in the clinic's records.
CREATE TABLE patient_consent (
    id INTEGER PRIMARY KEY AUTOINCREMENT NOT NULL,
    article_id BIGINT NOT NULL REFERENCES article (id),
    taken_by TEXT NOT NULL,
    taken_on TEXT NOT NULL,
    scope TEXT NOT NULL,
    recorded_by BIGINT NOT NULL REFERENCES staff_member (id),
    recorded_at BIGINT NOT NULL,
    withdrawn_by BIGINT REFERENCES staff_member (id),
    withdrawn_at BIGINT
);
CREATE INDEX patient_consent_article ON patient_consent (article_id);

-- Who looked for what in which saved text. Another text is looked through anew.
CREATE TABLE deidentification_tick (
    id INTEGER PRIMARY KEY AUTOINCREMENT NOT NULL,
    article_id BIGINT NOT NULL REFERENCES article (id),
    version INTEGER NOT NULL,
    item TEXT NOT NULL,
    ticked_by BIGINT NOT NULL REFERENCES staff_member (id),
    ticked_at BIGINT NOT NULL,
    UNIQUE (article_id, version, item)
);

-- Which article takes the place of which.
CREATE TABLE supersession (
    article_id BIGINT PRIMARY KEY NOT NULL REFERENCES article (id),
    successor_id BIGINT NOT NULL REFERENCES article (id),
    set_by BIGINT NOT NULL REFERENCES staff_member (id),
    set_at BIGINT NOT NULL,
    CHECK (article_id <> successor_id)
);
CREATE INDEX supersession_successor ON supersession (successor_id);

-- Pictures, as they were made anew from what was uploaded. The name is a hash of the content.
CREATE TABLE image (
    hash TEXT PRIMARY KEY NOT NULL,
    format TEXT NOT NULL CHECK (format = 'png' OR format = 'jpeg'),
    width INTEGER NOT NULL,
    height INTEGER NOT NULL,
    byte_count INTEGER NOT NULL,
    content BLOB NOT NULL,
    alt TEXT NOT NULL,
    uploaded_by BIGINT NOT NULL REFERENCES staff_member (id),
    uploaded_at BIGINT NOT NULL
);
CREATE INDEX image_uploaded ON image (uploaded_at);
