-- The name under which a member of staff approved what is on the site, where they have another since. Null: their present one.
ALTER TABLE publication ADD COLUMN approved_as TEXT;
