-- What members of staff are told by mail: what waits for them, and what became of what they wrote or sent. What a message
-- says is made of what holds when it goes.
CREATE TABLE staff_mail (
    id INTEGER PRIMARY KEY AUTOINCREMENT NOT NULL,
    staff_id BIGINT NOT NULL REFERENCES staff_member (id),
    kind TEXT NOT NULL,
    -- The article or the bulletin. Nothing refers to it: a draft can be deleted while its message waits.
    entity TEXT,
    entity_id BIGINT,
    -- Who did last what is told.
    by_staff BIGINT REFERENCES staff_member (id),
    -- The first remark that is told; the last one is the one before the next message's first.
    first_remark BIGINT,
    -- Why a bulletin is held.
    reason TEXT,
    created_at BIGINT NOT NULL
);
CREATE INDEX staff_mail_staff ON staff_mail (staff_id, kind, entity, entity_id, id);
CREATE INDEX staff_mail_created ON staff_mail (created_at);

-- What a member does not want to be told by mail; everything else is told.
CREATE TABLE staff_mail_off (
    staff_id BIGINT NOT NULL REFERENCES staff_member (id),
    kind TEXT NOT NULL,
    PRIMARY KEY (staff_id, kind)
);
