-- What is written for each message, as little as can be: a row is touched when it is claimed and when it ends, and what
-- else it touches (indexes, rows beside it) is a page more in every commit.
--
-- SQLite builds a table for every IN of a CHECK or a partial index, at every change of a row; a comparison costs nothing.

CREATE TABLE lean_delivery (
    id INTEGER PRIMARY KEY AUTOINCREMENT NOT NULL,
    kind TEXT NOT NULL,
    bulletin_id BIGINT REFERENCES bulletin (id),
    subscriber_id BIGINT REFERENCES subscriber (id),
    -- What a notice is about: its sign-up request, or the bulletin that is tried out.
    reference_id BIGINT,
    recipient TEXT NOT NULL,
    state TEXT NOT NULL,
    -- When the row is next to be looked at: the time to send, to try again, or the end of the lease.
    due_at BIGINT NOT NULL,
    -- Who holds it, or who delivered it.
    claimed_by TEXT,
    tries INTEGER NOT NULL,
    stage TEXT,
    reply_code INTEGER,
    reply TEXT,
    created_at BIGINT NOT NULL,
    -- Null as long as something is still to be done.
    finished_at BIGINT,
    UNIQUE (bulletin_id, subscriber_id),
    CHECK (state = 'queued' OR state = 'claimed' OR state = 'accepted' OR state = 'deferred' OR state = 'refused'
        OR state = 'skipped' OR state = 'failed'),
    CHECK ((finished_at IS NULL) = (state = 'queued' OR state = 'claimed' OR state = 'deferred'))
);
INSERT INTO lean_delivery (id, kind, bulletin_id, subscriber_id, reference_id, recipient, state, due_at, claimed_by, tries,
    stage, reply_code, reply, created_at, finished_at)
SELECT id, kind, bulletin_id, subscriber_id, reference_id, recipient, state, due_at,
    CASE WHEN state = 'accepted' THEN (SELECT worker FROM delivery_attempt a WHERE a.delivery_id = d.id
        AND a.outcome = 'accepted') ELSE claimed_by END,
    tries, stage, reply_code, reply, created_at,
    CASE WHEN state IN ('queued', 'claimed', 'deferred') THEN NULL ELSE coalesce(finished_at, due_at) END
FROM delivery d ORDER BY id;

-- The tries that did not deliver; of the one that did, the message's own row says everything.
CREATE TABLE lean_delivery_attempt (
    id INTEGER PRIMARY KEY NOT NULL,
    delivery_id BIGINT NOT NULL REFERENCES lean_delivery (id),
    at BIGINT NOT NULL,
    worker TEXT NOT NULL,
    outcome TEXT NOT NULL,
    stage TEXT,
    reply_code INTEGER,
    reply TEXT
);
INSERT INTO lean_delivery_attempt SELECT id, delivery_id, at, worker, outcome, stage, reply_code, reply
FROM delivery_attempt WHERE outcome <> 'accepted' ORDER BY id;

DROP TABLE delivery_attempt;
-- No key is ever given twice: it is part of the Message-ID.
DELETE FROM sqlite_sequence WHERE name = 'lean_delivery';
INSERT INTO sqlite_sequence (name, seq) SELECT 'lean_delivery', seq FROM sqlite_sequence WHERE name = 'delivery';
DROP TABLE delivery;
ALTER TABLE lean_delivery RENAME TO delivery;
ALTER TABLE lean_delivery_attempt RENAME TO delivery_attempt;

-- The claim walks these in the order of the due time, and never over finished rows. The states are there to be counted.
CREATE INDEX delivery_notice_due ON delivery (due_at) WHERE bulletin_id IS NULL AND finished_at IS NULL;
CREATE INDEX delivery_bulletin_due ON delivery (bulletin_id, due_at, state, finished_at)
    WHERE bulletin_id IS NOT NULL AND finished_at IS NULL;
-- Where staff look for what did not go well; all others are found by (bulletin_id, subscriber_id).
CREATE INDEX delivery_bulletin_trouble ON delivery (bulletin_id, state, subscriber_id)
    WHERE bulletin_id IS NOT NULL AND state <> 'queued' AND state <> 'claimed' AND state <> 'accepted';
CREATE INDEX delivery_subscriber ON delivery (subscriber_id, id);
-- How many notices went to an address: the cap on what anybody can have sent to somebody else's.
CREATE INDEX delivery_notice_recipient ON delivery (recipient, kind, created_at) WHERE bulletin_id IS NULL;
CREATE INDEX delivery_attempt_delivery ON delivery_attempt (delivery_id, id);
