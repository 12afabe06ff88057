DROP TABLE link_check;
DROP TABLE bulletin_override;
DROP TABLE bulletin_wave;
