ALTER TABLE publication DROP COLUMN approved_as;
