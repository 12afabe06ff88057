DROP TRIGGER search_entry_removed;
DROP TRIGGER search_entry_added;
DROP TABLE search_index;
DROP TABLE search_entry;
DELETE FROM instance_value WHERE name = 'search_index_version';
