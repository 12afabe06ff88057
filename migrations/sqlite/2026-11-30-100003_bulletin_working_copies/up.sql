-- Bulletins are kept while they are typed as articles are. Of what a copy is: `article` or `bulletin`, begun or not.
ALTER TABLE working_copy ADD COLUMN kind TEXT NOT NULL DEFAULT 'article';
ALTER TABLE working_copy ADD COLUMN bulletin_id BIGINT REFERENCES bulletin (id);
CREATE UNIQUE INDEX working_copy_of_bulletin ON working_copy (staff_id, bulletin_id);
CREATE INDEX working_copy_bulletin ON working_copy (bulletin_id);
