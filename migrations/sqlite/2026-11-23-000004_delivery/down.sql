DROP TABLE delivery_attempt;
DROP TABLE delivery;
