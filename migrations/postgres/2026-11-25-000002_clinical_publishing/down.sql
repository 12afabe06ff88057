DROP TABLE image;
DROP TABLE supersession;
DROP TABLE deidentification_tick;
DROP TABLE patient_consent;
ALTER TABLE publication DROP COLUMN case_ground;
