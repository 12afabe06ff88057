//! The ledger of the running program, as somebody beside it sees it; and the time that a test need not wait for.

use std::collections::BTreeMap;
use std::time::{Duration, Instant};

use diesel::RunQueryDsl as _;
use diesel::sql_types::{BigInt, Integer, Nullable, Text};
use practice_points::store::{DatabaseUrl, Db, Store, StoreError};

use crate::process::Installation;

/// How many rows of a bulletin are in each state.
pub type States = BTreeMap<String, usize>;

/// The ledger of one installation. What it says of "the bulletin" is of the newest one.
#[derive(Clone)]
pub struct Ledger(Store);

#[derive(diesel::QueryableByName)]
struct Counted {
    #[diesel(sql_type = Text)]
    bulletin: String,
    #[diesel(sql_type = BigInt)]
    audience: i64,
    #[diesel(sql_type = Text)]
    state: String,
    #[diesel(sql_type = BigInt)]
    number: i64,
}

/// How far a bulletin is, at one moment.
#[derive(Debug, Clone)]
pub struct Progress {
    /// Its own state.
    pub bulletin: String,
    /// To how many people it is sent.
    pub audience: usize,
    /// Its rows by state.
    pub states: States,
}

impl Progress {
    /// How many rows are in a state.
    pub fn count(&self, state: &str) -> usize {
        self.states.get(state).copied().unwrap_or(0)
    }

    /// How many rows something is still to be done with.
    pub fn open(&self) -> usize {
        ["queued", "claimed", "deferred"]
            .iter()
            .map(|state| self.count(state))
            .sum()
    }

    /// The invariant: the states add up to the audience, and a bulletin that is sent has nothing open.
    #[track_caller]
    fn adds_up(self) -> Self {
        assert_eq!(
            self.states.values().sum::<usize>(),
            self.audience,
            "{self:?}"
        );
        if self.bulletin == "sent" {
            assert_eq!(self.open(), 0, "sent, and something is left: {self:?}");
        }
        self
    }
}

/// A message to one person.
#[derive(Debug, Clone, diesel::QueryableByName)]
pub struct Row {
    #[diesel(sql_type = Text)]
    pub recipient: String,
    #[diesel(sql_type = Text)]
    pub state: String,
    #[diesel(sql_type = Nullable<Text>)]
    pub claimed_by: Option<String>,
    #[diesel(sql_type = Integer)]
    pub tries: i32,
    #[diesel(sql_type = Nullable<Text>)]
    pub reply: Option<String>,
    #[diesel(sql_type = BigInt)]
    pub subscriber_id: i64,
    #[diesel(sql_type = Text)]
    pub status: String,
    #[diesel(sql_type = Integer)]
    pub strikes: i32,
}

#[derive(diesel::QueryableByName)]
struct Consents {
    #[diesel(sql_type = BigInt)]
    events: i64,
    #[diesel(sql_type = BigInt)]
    people: i64,
}

#[derive(diesel::QueryableByName)]
struct Name {
    #[diesel(sql_type = Text)]
    name: String,
}

const NEWEST: &str = "(SELECT max(id) FROM bulletin)";

impl Ledger {
    /// Opens the ledger of an installation whose database is there.
    pub fn open(here: &Installation) -> Self {
        Self::open_at(here.database_url())
    }

    /// Opens the ledger in a database that is there.
    pub fn open_at(url: DatabaseUrl) -> Self {
        Self(Store::open(url).unwrap())
    }

    /// The database, for what only one test does to it.
    pub fn store(&self) -> &Store {
        &self.0
    }

    async fn query<T: Send + 'static>(
        &self,
        query: impl FnOnce(&mut Db) -> diesel::QueryResult<T> + Send + 'static,
    ) -> T {
        let read = self.0.read(|db| query(db).map_err(StoreError::from));
        read.await.unwrap()
    }

    /// Has the database do this.
    pub async fn execute(&self, statement: String) {
        let write = self.0.write(move |db| {
            let done = diesel::sql_query(statement).execute(db);
            done.map_err(StoreError::from)
        });
        write.await.unwrap();
    }

    /// How far the bulletin is: one query, so one moment. The invariant holds at every moment.
    pub async fn progress(&self) -> Progress {
        let query = format!(
            "SELECT b.state AS bulletin, b.audience_count AS audience, d.state AS state, \
             count(*) AS number FROM bulletin b JOIN delivery d ON d.bulletin_id = b.id \
             WHERE b.id = {NEWEST} GROUP BY b.state, b.audience_count, d.state"
        );
        let rows = self
            .query(move |db| diesel::sql_query(query).load::<Counted>(db))
            .await;
        let number = |count: i64| usize::try_from(count).unwrap();
        let first = rows.first().expect("the bulletin has an audience");
        let progress = Progress {
            bulletin: first.bulletin.clone(),
            audience: number(first.audience),
            states: rows
                .iter()
                .map(|row| (row.state.clone(), number(row.number)))
                .collect(),
        };
        progress.adds_up()
    }

    /// Its rows, in the order of the queue.
    pub async fn rows(&self) -> Vec<Row> {
        let query = format!(
            "SELECT d.recipient, d.state, d.claimed_by, d.tries, d.reply, s.id AS subscriber_id, \
             s.status, s.strikes FROM delivery d JOIN subscriber s ON s.id = d.subscriber_id \
             WHERE d.bulletin_id = {NEWEST} ORDER BY d.id"
        );
        self.query(move |db| diesel::sql_query(query).load(db))
            .await
    }

    /// The state of the message to an address.
    pub async fn state_of(&self, address: &str) -> String {
        let query = format!(
            "SELECT state AS name FROM delivery WHERE bulletin_id = {NEWEST} AND recipient = $1"
        );
        let address = address.to_owned();
        let state = self.query(move |db| {
            diesel::sql_query(query)
                .bind::<Text, _>(address)
                .get_result::<Name>(db)
        });
        state.await.name
    }

    /// The state of the message to a subscriber, who may be nameless.
    pub async fn state_of_subscriber(&self, id: i64) -> String {
        let query = format!(
            "SELECT state AS name FROM delivery WHERE bulletin_id = {NEWEST} AND subscriber_id = $1"
        );
        let state = self.query(move |db| {
            diesel::sql_query(query)
                .bind::<BigInt, _>(id)
                .get_result::<Name>(db)
        });
        state.await.name
    }

    /// How many events of a kind are in the record of consent, and of how many people.
    pub async fn consents(&self, kind: &'static str) -> (usize, usize) {
        let query = "SELECT count(*) AS events, count(DISTINCT subscriber_id) AS people FROM consent_event WHERE kind = $1";
        let found = self.query(move |db| {
            diesel::sql_query(query)
                .bind::<Text, _>(kind)
                .get_result::<Consents>(db)
        });
        let Consents { events, people } = found.await;
        let number = |count: i64| usize::try_from(count).unwrap();
        (number(events), number(people))
    }

    /// The names of all workers that ever held a row or recorded a try.
    pub async fn workers(&self) -> Vec<String> {
        let query = "SELECT DISTINCT claimed_by AS name FROM delivery WHERE claimed_by IS NOT NULL \
                     UNION SELECT DISTINCT worker FROM delivery_attempt";
        let names = self
            .query(move |db| diesel::sql_query(query).load::<Name>(db))
            .await;
        names.into_iter().map(|name| name.name).collect()
    }

    /// The minute for which workers that are gone still hold their rows is not waited for. For when none runs.
    pub async fn end_leases(&self) {
        let statement = "UPDATE delivery SET due_at = 0 WHERE state = 'claimed'";
        self.execute(statement.to_owned()).await;
    }

    /// The same for one worker that is gone.
    pub async fn end_leases_of(&self, worker: &str) {
        let is_name = |c: char| c.is_ascii_alphanumeric() || c == '-';
        assert!(worker.chars().all(is_name), "{worker}");
        self.execute(format!(
            "UPDATE delivery SET due_at = 0 WHERE state = 'claimed' AND claimed_by = '{worker}'"
        ))
        .await;
    }

    /// The minutes until the next try are not waited for.
    pub async fn end_waits(&self) {
        let statement = "UPDATE delivery SET due_at = 0 WHERE state = 'deferred'";
        self.execute(statement.to_owned()).await;
    }

    /// Waits until the bulletin is as wanted, and looks at the invariant all the while.
    ///
    /// # Panics
    /// When it is not so within that time; `said` gives the program's own words then.
    pub async fn wait_until(
        &self,
        within: Duration,
        said: impl Fn() -> String,
        is_so: impl Fn(&Progress) -> bool,
    ) -> Progress {
        let start = Instant::now();
        loop {
            let progress = self.progress().await;
            if is_so(&progress) {
                return progress;
            }
            assert!(
                start.elapsed() < within,
                "after {within:?}: {progress:?}\n{}",
                said()
            );
            // Another process writes the ledger: nothing tells when.
            tokio::time::sleep(Duration::from_millis(30)).await;
        }
    }

    /// Waits until the bulletin is sent; what is to be tried again later is tried again at once.
    pub async fn wait_until_sent(&self, within: Duration, said: impl Fn() -> String) -> Progress {
        let start = Instant::now();
        loop {
            let left = within.saturating_sub(start.elapsed());
            let moved =
                |progress: &Progress| progress.bulletin == "sent" || progress.count("deferred") > 0;
            let progress = self.wait_until(left, &said, moved).await;
            if progress.bulletin == "sent" {
                return progress;
            }
            self.end_waits().await;
            tokio::time::sleep(Duration::from_millis(100)).await;
        }
    }
}
