-- The indexes as they were. The accepted tries stay out of delivery_attempt: the rows of their messages tell them.
DROP INDEX delivery_notice_recipient;
DROP INDEX delivery_bulletin_trouble;
DROP INDEX delivery_bulletin_due;
DROP INDEX delivery_notice_due;
ALTER TABLE delivery DROP CONSTRAINT delivery_finished;
CREATE INDEX delivery_notice_due ON delivery (due_at)
    WHERE bulletin_id IS NULL AND state IN ('queued', 'claimed', 'deferred');
CREATE INDEX delivery_bulletin_due ON delivery (bulletin_id, due_at)
    WHERE bulletin_id IS NOT NULL AND state IN ('queued', 'claimed', 'deferred');
CREATE INDEX delivery_bulletin_state ON delivery (bulletin_id, state, id);
CREATE INDEX delivery_recipient ON delivery (recipient, kind, created_at);
