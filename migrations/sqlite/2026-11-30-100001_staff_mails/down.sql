DELETE FROM delivery_attempt WHERE delivery_id IN (SELECT id FROM delivery WHERE kind = 'staff-mail');
DELETE FROM delivery WHERE kind = 'staff-mail';
DROP TABLE staff_mail_off;
DROP TABLE staff_mail;
