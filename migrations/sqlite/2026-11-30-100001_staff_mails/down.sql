DROP TABLE staff_mail_off;
DROP TABLE staff_mail;
