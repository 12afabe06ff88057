DROP TABLE bulletin_writer;
DROP TABLE bulletin_topic;
DROP TABLE bulletin_article;
DROP TABLE bulletin;
DROP TABLE publication;
DROP TABLE article_revision;
DROP TABLE article;
