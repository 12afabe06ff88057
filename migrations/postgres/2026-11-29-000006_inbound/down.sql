DROP TABLE strike;
DROP TABLE inbound_event;
DROP TABLE inbound_message;
