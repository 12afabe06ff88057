DROP TABLE import_run;
DROP TABLE erased_address;
DROP TABLE consent_event;
DROP TABLE consent_wording;
DROP TABLE signup_request;
DROP TABLE subscription;
DROP TABLE subscriber;
DROP TABLE topic;
