-- What is written for each message, as little as can be: a row is touched when it is claimed and when it ends, and each
-- index that such a change touches costs as much again.

-- Of the try that delivered, the message's own row says everything, also who made it.
UPDATE delivery d SET claimed_by = a.worker FROM delivery_attempt a
    WHERE a.delivery_id = d.id AND a.outcome = 'accepted' AND d.state = 'accepted';
DELETE FROM delivery_attempt WHERE outcome = 'accepted';
UPDATE delivery SET finished_at = due_at WHERE finished_at IS NULL AND state NOT IN ('queued', 'claimed', 'deferred');
UPDATE delivery SET finished_at = NULL WHERE finished_at IS NOT NULL AND state IN ('queued', 'claimed', 'deferred');
ALTER TABLE delivery ADD CONSTRAINT delivery_finished
    CHECK ((finished_at IS NULL) = (state IN ('queued', 'claimed', 'deferred')));

DROP INDEX delivery_notice_due;
DROP INDEX delivery_bulletin_due;
DROP INDEX delivery_bulletin_state;
DROP INDEX delivery_recipient;
-- The claim walks these in the order of the due time, and never over finished rows. The states are there to be counted.
CREATE INDEX delivery_notice_due ON delivery (due_at) WHERE bulletin_id IS NULL AND finished_at IS NULL;
CREATE INDEX delivery_bulletin_due ON delivery (bulletin_id, due_at, state)
    WHERE bulletin_id IS NOT NULL AND finished_at IS NULL;
-- Where staff look for what did not go well; all others are found by (bulletin_id, subscriber_id).
CREATE INDEX delivery_bulletin_trouble ON delivery (bulletin_id, state, subscriber_id)
    WHERE bulletin_id IS NOT NULL AND state <> 'queued' AND state <> 'claimed' AND state <> 'accepted';
-- How many notices went to an address: the cap on what anybody can have sent to somebody else's.
CREATE INDEX delivery_notice_recipient ON delivery (recipient, kind, created_at) WHERE bulletin_id IS NULL;
