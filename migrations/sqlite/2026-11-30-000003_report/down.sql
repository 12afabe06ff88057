DROP TABLE bulletin_link_day;
DROP TABLE bulletin_link;
DROP INDEX consent_event_bulletin;
ALTER TABLE consent_event DROP COLUMN bulletin_id;
