DROP TABLE saved_audience;
DROP INDEX bulletin_corrects;
ALTER TABLE bulletin DROP COLUMN corrects_id;
ALTER TABLE bulletin DROP COLUMN narrowing;
