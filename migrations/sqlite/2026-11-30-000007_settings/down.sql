DROP INDEX subscriber_status_region;
DROP TABLE growth_day;
DELETE FROM instance_value WHERE name = 'growth_through';
ALTER TABLE topic DROP COLUMN retired_at;
DROP TABLE site_setting;
