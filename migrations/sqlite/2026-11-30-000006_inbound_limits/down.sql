DROP INDEX inbound_event_words;
DROP INDEX inbound_message_size;
