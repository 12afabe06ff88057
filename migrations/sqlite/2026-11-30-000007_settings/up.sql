-- What the clinic sets itself, on its pages: each change is a row more, and the newest of a name counts. What stood before
-- stays readable: who agreed to a notice can be shown which one it was.
CREATE TABLE site_setting (
    id INTEGER PRIMARY KEY AUTOINCREMENT NOT NULL,
    name TEXT NOT NULL,
    -- A JSON object.
    value TEXT NOT NULL,
    at BIGINT NOT NULL,
    staff_id BIGINT REFERENCES staff_member (id)
);
CREATE INDEX site_setting_name ON site_setting (name, id);

-- A topic that is not offered any more: who chose it keeps it, and what was sent under it stays there.
ALTER TABLE topic ADD COLUMN retired_at BIGINT;

-- How many came to the list and left it on each day of the clinic's calendar, added up from consent_event. How far that has
-- been done stands in instance_value as growth_through.
CREATE TABLE growth_day (
    day TEXT PRIMARY KEY NOT NULL,
    joined BIGINT NOT NULL,
    departed BIGINT NOT NULL
);

-- The people of a region are counted in the index.
CREATE INDEX subscriber_status_region ON subscriber (status, region);

-- trigger: append-only
CREATE TRIGGER site_setting_keeps_rows BEFORE DELETE ON site_setting
BEGIN SELECT RAISE(ABORT, 'site_setting is append-only'); END;
CREATE TRIGGER site_setting_keeps_values BEFORE UPDATE ON site_setting
BEGIN SELECT RAISE(ABORT, 'site_setting is append-only'); END;
