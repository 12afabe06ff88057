DROP TABLE audit_event;
DROP TABLE staff_session;
DROP TABLE staff_member;
DROP TABLE secret_key;
DROP TABLE instance_value;
DROP FUNCTION refuse_change();
