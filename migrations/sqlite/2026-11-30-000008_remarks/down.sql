DROP TABLE article_remark;
