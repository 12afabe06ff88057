-- Work in the background that went wrong the last time it was tried. It goes away when it gets on.
CREATE TABLE background_trouble (
    job TEXT NOT NULL,
    -- Which import or change to many; 0 where there is one of it.
    job_id BIGINT NOT NULL,
    since BIGINT NOT NULL,
    words TEXT NOT NULL,
    PRIMARY KEY (job, job_id)
);
