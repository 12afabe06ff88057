-- What came back and has to be looked at by a person, as it came. Let go of after a set time.
CREATE TABLE inbound_message (
    id INTEGER PRIMARY KEY AUTOINCREMENT NOT NULL,
    received_at BIGINT NOT NULL,
    -- By which way.
    way TEXT NOT NULL,
    -- A hash of the content: the same message twice, or by two ways, is one.
    digest TEXT NOT NULL UNIQUE,
    -- What it seems to be.
    category TEXT NOT NULL,
    -- Who wrote it, and what about, as it says itself.
    sender TEXT NOT NULL,
    subject TEXT NOT NULL,
    -- Whom it may be about: a hint, unless it is an answer to a message of ours.
    subscriber_id BIGINT REFERENCES subscriber (id),
    -- Octets as it came; of a large one only the beginning is kept.
    byte_count BIGINT NOT NULL,
    content BLOB NOT NULL,
    -- Whether a person has to look at it, and when one did.
    wants_attention BOOLEAN NOT NULL,
    handled_at BIGINT,
    handled_by BIGINT REFERENCES staff_member (id)
);
CREATE INDEX inbound_message_received ON inbound_message (received_at);
-- What waits is counted for every page of the staff, without reading the messages themselves.
CREATE INDEX inbound_message_open ON inbound_message (wants_attention, handled_at);
CREATE INDEX inbound_message_subscriber ON inbound_message (subscriber_id);

-- What was understood and believed. The meaning is a hash of what was said of which message: said twice, it counts once.
CREATE TABLE inbound_event (
    id INTEGER PRIMARY KEY AUTOINCREMENT NOT NULL,
    at BIGINT NOT NULL,
    way TEXT NOT NULL,
    meaning TEXT NOT NULL UNIQUE,
    delivery_id BIGINT REFERENCES delivery (id),
    subscriber_id BIGINT REFERENCES subscriber (id),
    bulletin_id BIGINT REFERENCES bulletin (id),
    category TEXT NOT NULL,
    code TEXT,
    -- The words of the report, which may repeat the address: taken out when the person is erased.
    words TEXT NOT NULL,
    -- What was done.
    remedy TEXT NOT NULL
);
CREATE INDEX inbound_event_subscriber ON inbound_event (subscriber_id, id);
CREATE INDEX inbound_event_bulletin ON inbound_event (bulletin_id, category);
CREATE INDEX inbound_event_at ON inbound_event (at);

-- Failures that count against an address for a while. A message counts once, however often its failure is told.
CREATE TABLE strike (
    id INTEGER PRIMARY KEY AUTOINCREMENT NOT NULL,
    subscriber_id BIGINT NOT NULL REFERENCES subscriber (id),
    delivery_id BIGINT NOT NULL UNIQUE REFERENCES delivery (id),
    at BIGINT NOT NULL,
    -- Whether the server said so while we spoke to it: what it takes later proves the address then.
    in_dialogue BOOLEAN NOT NULL
);
CREATE INDEX strike_subscriber ON strike (subscriber_id, at);
