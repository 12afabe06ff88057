//! What came to the sink: every message that it accepted, on which connection and when.

use std::collections::HashMap;
use std::sync::{Mutex, MutexGuard};
use std::time::Instant;

use tokio::sync::Notify;
use tokio::sync::futures::Notified;

use super::At;

/// A message that the sink accepted.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Received {
    /// The address in `MAIL FROM`.
    pub from: String,
    /// The addresses in `RCPT TO` that were accepted.
    pub to: Vec<String>,
    /// The content as the client meant it: dot-stuffing undone, the closing full stop left out.
    pub bytes: Vec<u8>,
}

/// The same without its content.
#[derive(Clone, Debug)]
pub struct Accepted {
    /// The addresses in `RCPT TO` that were accepted, with commas.
    pub to: String,
    /// The field of that name; empty if there is none.
    pub message_id: String,
    /// On which connection.
    pub connection: usize,
    /// When the first line of the content was read.
    pub begun: Instant,
    /// When the final full stop was read.
    pub ended: Instant,
}

/// When the content of a message began and ended.
#[derive(Clone, Copy)]
pub(super) struct Times {
    pub(super) begun: Instant,
    pub(super) ended: Instant,
}

#[derive(Default)]
struct Table {
    messages: Vec<Received>,
    accepted: Vec<Accepted>,
    commands: Vec<String>,
    counts: HashMap<At, usize>,
    by_connection: Vec<usize>,
    open: usize,
    most_open: usize,
}

/// All of it, for the connections to write and the tests to read.
#[derive(Default)]
pub(super) struct Record {
    table: Mutex<Table>,
    changed: Notify,
}

/// A connection that is open, until this is dropped.
pub(super) struct Open<'a> {
    record: &'a Record,
    pub(super) number: usize,
}

impl Drop for Open<'_> {
    fn drop(&mut self) {
        self.record.table().open -= 1;
        self.record.changed.notify_waiters();
    }
}

impl Record {
    fn table(&self) -> MutexGuard<'_, Table> {
        self.table.lock().unwrap()
    }

    /// Ready when something changes after this call.
    pub(super) fn changed(&self) -> Notified<'_> {
        self.changed.notified()
    }

    pub(super) fn connected(&self) -> Open<'_> {
        let mut table = self.table();
        table.by_connection.push(0);
        table.open += 1;
        table.most_open = table.most_open.max(table.open);
        Open {
            record: self,
            number: table.by_connection.len() - 1,
        }
    }

    pub(super) fn command(&self, line: &str) {
        self.table().commands.push(line.to_owned());
    }

    /// Counts a moment; returns how many of its kind came before.
    pub(super) fn moment(&self, at: At) -> usize {
        let mut table = self.table();
        let count = table.counts.entry(at).or_default();
        *count += 1;
        *count - 1
    }

    pub(super) fn keep(&self, message: Received, connection: usize, times: Times) {
        let accepted = Accepted {
            to: message.to.join(","),
            message_id: message_id(&message.bytes),
            connection,
            begun: times.begun,
            ended: times.ended,
        };
        let mut table = self.table();
        table.by_connection[connection] += 1;
        table.messages.push(message);
        table.accepted.push(accepted);
        drop(table);
        self.changed.notify_waiters();
    }

    pub(super) fn carried(&self, connection: usize) -> usize {
        self.table().by_connection[connection]
    }

    pub(super) fn messages(&self) -> Vec<Received> {
        self.table().messages.clone()
    }

    pub(super) fn number(&self) -> usize {
        self.table().messages.len()
    }

    pub(super) fn accepted(&self) -> Vec<Accepted> {
        self.table().accepted.clone()
    }

    pub(super) fn commands(&self) -> Vec<String> {
        self.table().commands.clone()
    }

    pub(super) fn count(&self, at: At) -> usize {
        self.table().counts.get(&at).copied().unwrap_or(0)
    }

    pub(super) fn open_connections(&self) -> usize {
        self.table().open
    }

    pub(super) fn most_connections(&self) -> usize {
        self.table().most_open
    }

    pub(super) fn messages_by_connection(&self) -> Vec<usize> {
        self.table().by_connection.clone()
    }
}

fn message_id(content: &[u8]) -> String {
    const NAME: &[u8] = b"Message-ID: ";
    let mut header = content
        .split(|byte| *byte == b'\n')
        .take_while(|line| !matches!(line, [] | [b'\r']));
    let value = header.find_map(|line| line.strip_prefix(NAME));
    String::from_utf8_lossy(value.unwrap_or_default())
        .trim_end()
        .to_owned()
}
