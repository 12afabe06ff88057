DROP TABLE search_index;
DROP TABLE search_entry;
DROP FUNCTION index_search_entry();
DELETE FROM instance_value WHERE name = 'search_index_version';
