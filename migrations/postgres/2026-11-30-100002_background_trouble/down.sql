DROP TABLE background_trouble;
