-- The ledger: one row for each message to one recipient, bulletins and notices alike.

CREATE TABLE delivery (
    id INTEGER PRIMARY KEY AUTOINCREMENT NOT NULL,
    kind TEXT NOT NULL,
    bulletin_id BIGINT REFERENCES bulletin (id),
    subscriber_id BIGINT REFERENCES subscriber (id),
    -- What a notice is about: its sign-up request, or the bulletin that is tried out.
    reference_id BIGINT,
    recipient TEXT NOT NULL,
    state TEXT NOT NULL CHECK (state IN
        ('queued', 'claimed', 'accepted', 'deferred', 'refused', 'skipped', 'failed')),
    -- When the row is next to be looked at: the time to send, to try again, or the end of the lease.
    due_at BIGINT NOT NULL,
    claimed_by TEXT,
    tries INTEGER NOT NULL,
    stage TEXT,
    reply_code INTEGER,
    reply TEXT,
    created_at BIGINT NOT NULL,
    finished_at BIGINT,
    UNIQUE (bulletin_id, subscriber_id)
);
-- The claim walks these in the order of the due time, and never over finished rows.
CREATE INDEX delivery_notice_due ON delivery (due_at)
    WHERE bulletin_id IS NULL AND state IN ('queued', 'claimed', 'deferred');
CREATE INDEX delivery_bulletin_due ON delivery (bulletin_id, due_at)
    WHERE bulletin_id IS NOT NULL AND state IN ('queued', 'claimed', 'deferred');
CREATE INDEX delivery_bulletin_state ON delivery (bulletin_id, state, id);
CREATE INDEX delivery_subscriber ON delivery (subscriber_id, id);
CREATE INDEX delivery_recipient ON delivery (recipient, kind, created_at);

CREATE TABLE delivery_attempt (
    id INTEGER PRIMARY KEY AUTOINCREMENT NOT NULL,
    delivery_id BIGINT NOT NULL REFERENCES delivery (id),
    at BIGINT NOT NULL,
    worker TEXT NOT NULL,
    outcome TEXT NOT NULL,
    stage TEXT,
    reply_code INTEGER,
    reply TEXT
);
CREATE INDEX delivery_attempt_delivery ON delivery_attempt (delivery_id, id);
