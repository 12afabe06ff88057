DELETE FROM search_entry WHERE kind = 'symposium';
DELETE FROM instance_value WHERE name = 'search_index_version';
ALTER TABLE search_entry DROP CONSTRAINT search_entry_kind_check;
ALTER TABLE search_entry ADD CONSTRAINT search_entry_kind_check CHECK (kind IN ('article', 'practice-point', 'bulletin'));
DROP TABLE registration;
ALTER TABLE bulletin DROP COLUMN symposium_id;
ALTER TABLE signup_request DROP COLUMN symposium_id;
DROP TABLE symposium;
-- Messages about events that are gone.
DELETE FROM delivery_attempt WHERE delivery_id IN (SELECT id FROM delivery WHERE kind LIKE 'symposium-%');
DELETE FROM delivery WHERE kind LIKE 'symposium-%';
