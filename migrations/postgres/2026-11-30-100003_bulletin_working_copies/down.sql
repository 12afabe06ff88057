DELETE FROM working_copy WHERE kind <> 'article';
DROP INDEX working_copy_bulletin;
DROP INDEX working_copy_of_bulletin;
ALTER TABLE working_copy DROP COLUMN bulletin_id;
ALTER TABLE working_copy DROP COLUMN kind;
