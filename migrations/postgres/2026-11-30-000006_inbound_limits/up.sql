-- How much is kept is added up for every message that is to be kept, and for the staff's first page, without reading the
-- messages themselves.
CREATE INDEX inbound_message_size ON inbound_message (byte_count);
-- Words are let go of after their time, a piece at a time, without reading what has none any more.
CREATE INDEX inbound_event_words ON inbound_event (at) WHERE words <> '';
