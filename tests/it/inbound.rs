//! What comes back: read, believed only when it proves itself, acted on once.

mod acting;
mod corpus;
mod fuzzed;
mod hostile;
mod limits;
mod lmtp;
mod mailbox;
mod pages;
mod pipe;
mod pop3;
mod return_paths;
mod webhooks;

use practice_points::app::take_in::{self, Arrival, Taken};
use practice_points::domain::delivery::DeliveryId;
use practice_points::domain::inbound::Way;
use practice_points::domain::subscriber::SubscriberStatus;

use crate::app::TestApp;
use crate::both_databases::Database;

/// An application to whose address things come back.
pub struct Returning {
    pub app: TestApp,
}

/// The marks of one message of ours.
pub struct Marks {
    pub return_path: String,
    pub message_id: String,
    pub leave_token: String,
}

impl Returning {
    pub async fn start(database: Database) -> Self {
        Self::start_with(database, &[]).await
    }

    /// The same with more settings.
    pub async fn start_with(database: Database, more: &[(&str, &str)]) -> Self {
        let mut settings = vec![
            ("inbound.address", "bounces@clinic.example"),
            ("mail_from", "GP Practice Points <points@clinic.example>"),
        ];
        settings.extend_from_slice(more);
        let app = TestApp::start_with(database, "https://points.clinic.example", &settings).await;
        Self { app }
    }

    /// The marks of the newest message to an address.
    pub async fn marks(&self, email: &str) -> Marks {
        let app = &self.app.app;
        let id = self.newest_delivery(email).await;
        let subscriber = self.app.subscriber(email).await.id;
        Marks {
            return_path: app.return_path(id, app.now()).unwrap().to_string(),
            message_id: self.message_id(email).await,
            leave_token: app.unsubscribe_token(subscriber),
        }
    }

    /// The Message-ID of the newest message to an address.
    pub async fn message_id(&self, email: &str) -> String {
        let app = &self.app.app;
        app.message_id(self.newest_delivery(email).await, app.now())
    }

    async fn newest_delivery(&self, email: &str) -> DeliveryId {
        use diesel::RunQueryDsl;
        #[derive(diesel::QueryableByName)]
        struct Newest {
            #[diesel(sql_type = diesel::sql_types::BigInt)]
            id: i64,
        }
        let query = format!("SELECT max(id) AS id FROM delivery WHERE recipient = '{email}'");
        let newest = self.app.app.store.read(move |db| {
            let newest = diesel::sql_query(query).get_result::<Newest>(db);
            newest.map_err(practice_points::store::StoreError::from)
        });
        DeliveryId(newest.await.unwrap().id)
    }

    /// A message of the corpus about the newest message to an address.
    pub async fn message(&self, name: &str, email: &str) -> Vec<u8> {
        filled_in(&corpus::message(name), email, &self.marks(email).await)
    }

    /// Takes in a message that came by a way, without its envelope.
    pub async fn take_in_by(&self, way: Way, content: Vec<u8>) -> Taken {
        let arrival = Arrival {
            way,
            envelope_to: None,
            byte_count: content.len() as u64,
            content,
        };
        take_in::take_in(&self.app.app, arrival).await.unwrap()
    }

    /// Takes in a message of the corpus about the newest message to an address.
    pub async fn take_in(&self, name: &str, email: &str) -> Taken {
        let content = self.message(name, email).await;
        self.take_in_by(Way::Pipe, content).await
    }

    pub async fn status(&self, email: &str) -> SubscriberStatus {
        self.app.subscriber(email).await.status
    }

    /// The reports that real servers wrote when they were made to refuse, each about the newest message to a subscriber of its
    /// own: its name, whom it is about, and what it says.
    pub async fn real_reports(&self) -> Vec<(String, String, Vec<u8>)> {
        let mut reports = Vec::new();
        for name in corpus::names() {
            if !name.starts_with("real-") {
                continue;
            }
            let email = format!("gp{}@practice.example", reports.len());
            self.app.subscribe(&email).await;
            let report = self.message(&name, &email).await;
            reports.push((name, email, report));
        }
        assert!(reports.len() >= 14, "of three servers");
        reports
    }

    /// What came of each of them: how its person stands, what was understood, and what followed.
    pub async fn came_of(&self, reports: &[(String, String, Vec<u8>)]) -> Vec<String> {
        use diesel::RunQueryDsl;
        #[derive(diesel::QueryableByName)]
        struct Understood {
            #[diesel(sql_type = diesel::sql_types::Text)]
            category: String,
            #[diesel(sql_type = diesel::sql_types::Text)]
            remedy: String,
        }
        let mut came = Vec::new();
        for (name, email, _) in reports {
            let query = format!(
                "SELECT e.category, e.remedy FROM inbound_event e JOIN subscriber s ON s.id = e.subscriber_id \
                 WHERE s.email = '{email}' ORDER BY e.id"
            );
            let events = self.app.app.store.read(move |db| {
                let events = diesel::sql_query(query).load::<Understood>(db);
                events.map_err(practice_points::store::StoreError::from)
            });
            let events = events.await.unwrap().into_iter();
            let events = events.map(|one| format!("{} {}", one.category, one.remedy));
            let status = self.status(email).await.as_str();
            came.push(format!(
                "{name}: {status}, {}",
                events.collect::<Vec<_>>().join(", ")
            ));
        }
        came
    }

    /// What comes of the reports of real servers that are given to the pipe: what every other way is compared with.
    pub async fn by_the_pipe() -> Vec<String> {
        let here = Self::start(Database::Sqlite).await;
        let reports = here.real_reports().await;
        for (_, _, report) in &reports {
            here.take_in_by(Way::Pipe, report.clone()).await;
        }
        let came = here.came_of(&reports).await;
        assert!(
            came.iter().any(|line| line.contains(": suspended, ")),
            "{came:#?}"
        );
        assert!(
            came.iter().all(|line| !line.ends_with(", ")),
            "each is understood: {came:#?}"
        );
        came
    }

    /// As if a worker had handed over all that was queued.
    pub async fn everything_was_sent(&self) {
        use diesel::RunQueryDsl;
        let sent = self.app.app.store.write(|db| {
            let update = "UPDATE delivery SET state = 'accepted', finished_at = created_at";
            let done = diesel::sql_query(update).execute(db);
            done.map_err(practice_points::store::StoreError::from)
        });
        sent.await.unwrap();
    }

    /// Has one more message queued to a subscriber.
    pub async fn one_more_message(&self, email: &str) {
        self.app.post_form("/manage", &[("email", email)]).await;
    }
}

/// Puts an address and the marks of a message in the places for them.
pub fn filled_in(message: &[u8], email: &str, marks: &Marks) -> Vec<u8> {
    let mut message = message.to_vec();
    for (place, value) in [
        ("{return-path}", marks.return_path.as_str()),
        ("{message-id}", &marks.message_id),
        ("{leave-token}", &marks.leave_token),
        ("gp@practice.example", email),
    ] {
        message = replaced(&message, place.as_bytes(), value.as_bytes());
    }
    message
}

fn replaced(text: &[u8], from: &[u8], to: &[u8]) -> Vec<u8> {
    let mut out = Vec::new();
    let mut rest = text;
    while let Some(place) = rest.windows(from.len()).position(|window| window == from) {
        out.extend_from_slice(&rest[..place]);
        out.extend_from_slice(to);
        rest = &rest[place + from.len()..];
    }
    out.extend_from_slice(rest);
    out
}
