DROP TABLE working_copy;
