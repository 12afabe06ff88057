//! An installation with people and a bulletin to all of them, a mail server that can misbehave, and what came of it.

use std::collections::BTreeMap;
use std::time::Duration;

use crate::ledger::{Ledger, Progress};
use crate::process::{Installation, Service};
use crate::sample_bulletin::{self, PUBLISHER};
use crate::smtp_sink::{Accepted, Act, At, SmtpSink};

use super::page::Page;

pub use crate::sample_bulletin::address;

/// Over so many connections the program sends.
pub const CONNECTIONS: usize = 4;

/// So long a sending may take that nothing but our own slowness holds up.
pub const LONG_ENOUGH: Duration = Duration::from_secs(120);

/// What a test sends, and to whom.
pub struct Sending {
    pub here: Installation,
    pub sink: SmtpSink,
    pub ledger: Ledger,
    pub people: usize,
}

impl Sending {
    /// People on the list, and nothing to send yet. The settings are free to be changed until the program starts.
    pub async fn prepare(mut here: Installation, people: usize) -> Self {
        let sink = SmtpSink::start().await;
        sample_bulletin::prepare(&mut here, &sink.url());
        here.set("delivery.connections", &CONNECTIONS.to_string());
        sample_bulletin::import_people(&here, 0..people);
        let ledger = Ledger::open(&here);
        Self {
            here,
            sink,
            ledger,
            people,
        }
    }

    /// The same with a bulletin to everybody in the queue; no service runs yet.
    pub async fn queued(here: Installation, people: usize) -> Self {
        let sending = Self::prepare(here, people).await;
        sending.queue();
        sending
    }

    /// Queues a bulletin to everybody.
    pub fn queue(&self) {
        sample_bulletin::send(&self.here, &[]);
    }

    /// The server takes its time with every message, so that every moment is in the middle of several.
    pub fn take(&self, each: Duration) {
        self.sink
            .set_behaviour(move |moment| (moment.at == At::Content).then_some(Act::Slow(each)));
    }

    /// Opens the pages as a publisher.
    pub async fn page(&self) -> Page {
        Page::open(&self.here, PUBLISHER).await
    }

    /// Waits until the bulletin is sent; what is to be tried again later is tried again at once.
    pub async fn wait_until_sent(&self, service: &Service) -> Progress {
        self.ledger
            .wait_until_sent(LONG_ENOUGH, || service.said())
            .await
    }

    /// Waits until the bulletin is as wanted.
    pub async fn wait_until(
        &self,
        service: &Service,
        is_so: impl Fn(&Progress) -> bool,
    ) -> Progress {
        self.ledger
            .wait_until(LONG_ENOUGH, || service.said(), is_so)
            .await
    }

    /// Waits until so many final full stops have come, whatever the server says to them.
    pub async fn wait_until_at_server(&self, number: usize) {
        for _ in 0..1_000 {
            if self.sink.count(At::Content) >= number {
                return;
            }
            tokio::time::sleep(Duration::from_millis(10)).await;
        }
        panic!(
            "{} messages have come to the server",
            self.sink.count(At::Content)
        );
    }

    /// What each address got.
    pub fn received(&self) -> Received {
        Received::of(self.sink.accepted())
    }

    /// Everybody has it once, is known to, and needed one try only.
    pub async fn assert_everybody_has_it_once(&self) {
        self.received().everybody(self.people).once();
        let progress = self.ledger.progress().await;
        assert_eq!(progress.count("accepted"), self.people, "{progress:?}");
    }

    /// Nobody's tries were used up by trouble that is the server's own.
    pub async fn assert_nobodys_tries_are_used_up(&self) {
        let rows = self.ledger.rows().await;
        let more: Vec<_> = rows.iter().filter(|row| row.tries != 1).collect();
        assert!(more.is_empty(), "{more:?}");
    }
}

/// The messages that came, by address.
#[derive(Debug)]
pub struct Received(BTreeMap<String, Vec<Accepted>>);

impl Received {
    pub fn of(messages: Vec<Accepted>) -> Self {
        let mut received: BTreeMap<String, Vec<Accepted>> = BTreeMap::new();
        for message in messages {
            assert!(!message.message_id.is_empty(), "{message:?}");
            // Whoever sent it is told that it has gone out.
            if message.to == sample_bulletin::PUBLISHER {
                continue;
            }
            received
                .entry(message.to.clone())
                .or_default()
                .push(message);
        }
        Self(received)
    }

    /// Nobody is missed, nobody else is written to, and who was written to twice got the same Message-ID twice.
    #[track_caller]
    pub fn everybody(self, people: usize) -> Self {
        let missed: Vec<String> = (0..people)
            .map(address)
            .filter(|address| !self.0.contains_key(address))
            .collect();
        assert_eq!(missed, [""; 0], "missed");
        assert_eq!(self.0.len(), people, "nobody else is written to");
        self.same_message_ids()
    }

    #[track_caller]
    fn same_message_ids(self) -> Self {
        let mut ids: BTreeMap<&str, &str> = BTreeMap::new();
        for (person, copies) in &self.0 {
            let id = copies[0].message_id.as_str();
            assert!(
                copies.iter().all(|copy| copy.message_id == id),
                "{person}: {copies:?}"
            );
            let other = ids.insert(id, person);
            assert_eq!(other, None, "two people share a Message-ID");
        }
        self
    }

    /// Nobody is written to twice.
    #[track_caller]
    pub fn once(self) -> Self {
        self.twice_at_most(0)
    }

    /// No more than so many copies are more than one for each person.
    #[track_caller]
    pub fn twice_at_most(self, most: usize) -> Self {
        let copies: Vec<_> = self.0.values().flat_map(|copies| &copies[1..]).collect();
        assert!(
            copies.len() <= most,
            "{} came twice: {copies:?}",
            copies.len()
        );
        self
    }

    /// Who was written to.
    pub fn people(&self) -> impl Iterator<Item = &String> {
        self.0.keys()
    }

    /// How many messages came.
    pub fn number(&self) -> usize {
        self.0.values().map(Vec::len).sum()
    }

    /// The messages to an address.
    pub fn to(&self, address: &str) -> &[Accepted] {
        self.0.get(address).map_or(&[], Vec::as_slice)
    }
}
