//! The real program is ended in the middle of sending, and started again: by `kill -9` nobody is missed and
//! at most one message a connection comes twice, with the same Message-ID; by SIGTERM none does.

use std::collections::BTreeMap;
use std::time::Duration;

use diesel::RunQueryDsl as _;
use diesel::sql_types::{BigInt, Text};
use practice_points::store::{Db, Store, StoreError};
use rustix::process::Signal;

use crate::both_databases::on_both_databases;
use crate::process::{Installation as TestApp, Service};
use crate::smtp_sink::{Act, At, SmtpSink};

const PEOPLE: usize = 300;
const CONNECTIONS: usize = 4;
const WRITER: &str = "writer.sample@clinic.example";
const PUBLISHER: &str = "publisher.sample@clinic.example";
const BULLETIN: &str = "+++\nsubject = \"A sample\"\npreheader = \"For a test\"\ntopics = [\"news\"]\n+++\n\n\
                        Kia ora.\n";

/// A mail server that takes its time, so that every moment is in the middle of several messages.
async fn slow_server() -> SmtpSink {
    let sink = SmtpSink::start().await;
    sink.set_behaviour(|moment| {
        (moment.at == At::Content).then_some(Act::Slow(Duration::from_millis(15)))
    });
    sink
}

/// A bulletin to everybody is queued; no service runs yet.
fn queue(here: &mut TestApp, sink: &SmtpSink) {
    here.set("smtp_url", &sink.url());
    here.set("mail_from", "GP Practice Points <points@clinic.example>");
    here.set("delivery.connections", &CONNECTIONS.to_string());
    here.add_staff(WRITER, "author");
    here.add_staff(PUBLISHER, "publisher");
    let mut people = String::from("email,topics\n");
    for number in 0..PEOPLE {
        people.push_str(&format!("gp{number}@practice.example,news\n"));
    }
    let import = "subscribers import - --source Sample --basis express --evidence Paper";
    let arguments: Vec<&str> = import.split(' ').collect();
    here.run_with_input(&arguments, people.as_bytes())
        .succeeded();
    let file = here.write("bulletin.md", BULLETIN);
    let send = [
        "bulletin",
        "send",
        &file,
        "--written-by",
        WRITER,
        "--approved-by",
        PUBLISHER,
    ];
    here.run(&send).succeeded();
}

/// The ledger, as somebody beside the service sees it.
struct Ledger(Store);

#[derive(diesel::QueryableByName)]
struct StateCount {
    #[diesel(sql_type = Text)]
    state: String,
    #[diesel(sql_type = BigInt)]
    number: i64,
}

impl Ledger {
    fn open(here: &TestApp) -> Self {
        Self(Store::open(here.database_url()).unwrap())
    }

    async fn query<T: Send + 'static>(
        &self,
        query: impl FnOnce(&mut Db) -> diesel::QueryResult<T> + Send + 'static,
    ) -> T {
        self.0
            .write(|db| query(db).map_err(StoreError::from))
            .await
            .unwrap()
    }

    /// How many rows of the bulletin there are in each state.
    async fn states(&self) -> BTreeMap<String, usize> {
        let query = "SELECT state, count(*) AS number FROM delivery WHERE bulletin_id IS NOT NULL GROUP BY state";
        let rows = self
            .query(move |db| diesel::sql_query(query).load::<StateCount>(db))
            .await;
        rows.into_iter()
            .map(|row| (row.state, usize::try_from(row.number).unwrap()))
            .collect()
    }

    async fn bulletin(&self) -> String {
        let query = "SELECT state, audience_count AS number FROM bulletin";
        let row = self
            .query(move |db| diesel::sql_query(query).get_result::<StateCount>(db))
            .await;
        assert_eq!(usize::try_from(row.number).unwrap(), PEOPLE);
        row.state
    }

    /// The minute for which a worker that is gone still holds its rows is not waited for.
    async fn end_leases(&self) {
        let query = "UPDATE delivery SET due_at = 0 WHERE state = 'claimed'";
        self.query(move |db| diesel::sql_query(query).execute(db))
            .await;
    }

    async fn wait_until_sent(&self, service: &Service) {
        for _ in 0..600 {
            if self.bulletin().await == "sent" {
                return;
            }
            // Another process writes the ledger: nothing tells when.
            tokio::time::sleep(Duration::from_millis(50)).await;
        }
        panic!(
            "not sent after 30 s: {:?}\n{}",
            self.states().await,
            service.said()
        );
    }
}

/// The Message-IDs that each person got.
fn received(sink: &SmtpSink) -> BTreeMap<String, Vec<String>> {
    let mut received: BTreeMap<String, Vec<String>> = BTreeMap::new();
    for message in sink.messages() {
        let text = String::from_utf8_lossy(&message.bytes).into_owned();
        let id = text
            .lines()
            .find_map(|line| line.strip_prefix("Message-ID: "));
        let id = id.expect("every message has a Message-ID").to_owned();
        received.entry(message.to.join(",")).or_default().push(id);
    }
    received
}

fn assert_everybody_has_one_message(received: &BTreeMap<String, Vec<String>>) {
    assert_eq!(
        received.len(),
        PEOPLE,
        "nobody is missed, and nobody else is written to"
    );
    let mut ids: Vec<&String> = Vec::new();
    for (person, copies) in received {
        assert!(
            copies.iter().all(|id| *id == copies[0]),
            "{person}: {copies:?}"
        );
        ids.push(&copies[0]);
    }
    ids.sort();
    ids.dedup();
    assert_eq!(ids.len(), PEOPLE, "no two people share a Message-ID");
}

on_both_databases! {
    async fn after_kill_9_nobody_is_missed_and_at_most_one_message_a_connection_comes_twice(mut here: TestApp) {
        let sink = slow_server().await;
        queue(&mut here, &sink);
        let ledger = Ledger::open(&here);
        let mut kills = 0;
        for seen in [30, 90, 170] {
            let mut service = here.service(&[]).await;
            sink.wait_for(seen).await;
            service.send(Signal::KILL);
            service.end(Duration::from_secs(5)).await.expect("it is gone");
            kills += 1;
            let states = ledger.states().await;
            assert_eq!(states.values().sum::<usize>(), PEOPLE, "{states:?}");
            assert!(states["accepted"] < PEOPLE, "the kill came in the middle: {states:?}");
            let known = states["accepted"];
            let came = sink.messages().len();
            assert!(came <= known + kills * CONNECTIONS, "{came} came, and {known} are known to have");
            assert!(known <= received(&sink).len(), "what counts as accepted has come");
            ledger.end_leases().await;
        }
        let service = here.service(&[]).await;
        ledger.wait_until_sent(&service).await;
        assert_eq!(ledger.states().await, BTreeMap::from([("accepted".to_owned(), PEOPLE)]));
        let received = received(&sink);
        assert_everybody_has_one_message(&received);
        let copies: usize = received.values().map(Vec::len).sum();
        assert!(copies <= PEOPLE + kills * CONNECTIONS, "{} came twice", copies - PEOPLE);
    }

    async fn after_sigterm_nobody_is_missed_and_nothing_comes_twice(mut here: TestApp) {
        let sink = slow_server().await;
        queue(&mut here, &sink);
        let ledger = Ledger::open(&here);
        for seen in [40, 120] {
            let mut service = here.service(&[]).await;
            sink.wait_for(seen).await;
            service.send(Signal::TERM);
            let status = service.end(Duration::from_secs(5)).await.expect("it ends within five seconds");
            assert_eq!(status.code(), Some(0), "{}", service.said());
            let states = ledger.states().await;
            assert!(!states.contains_key("claimed"), "what was in hand is given back: {states:?}");
            assert!(states["queued"] > 0, "the stop came in the middle: {states:?}");
            assert_eq!(states["accepted"], sink.messages().len(), "what was accepted is known: {states:?}");
        }
        let service = here.service(&[]).await;
        ledger.wait_until_sent(&service).await;
        let received = received(&sink);
        assert_everybody_has_one_message(&received);
        assert!(received.values().all(|copies| copies.len() == 1));
    }
}
