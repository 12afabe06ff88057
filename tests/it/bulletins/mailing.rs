//! A clinic with pages and a mail server, for what staff see of a bulletin after it went.

use mail_parser::MessageParser;
use practice_points::app::take_in::{self, Arrival};
use practice_points::domain::delivery::DeliveryId;
use practice_points::domain::inbound::Way;
use practice_points::store::StoreError;
use practice_points::worker::Worker;

use crate::app::TestApp;
use crate::both_databases::Database;
use crate::desk::Desk;
use crate::smtp_sink::{Act, At, SmtpSink};

use super::{SURE, add_readers, until_page_says};

/// It.
pub(crate) struct Mailing {
    pub app: TestApp,
    pub sink: SmtpSink,
}

/// A mail as somebody reads it.
pub(crate) struct Mail {
    pub text: String,
    pub html: String,
    pub id: String,
}

impl Mailing {
    pub async fn start(database: Database) -> Self {
        Self::start_with(database, &[]).await
    }

    /// The same with more settings.
    pub async fn start_with(database: Database, more: &[(&str, &str)]) -> Self {
        let sink = SmtpSink::start().await;
        let url = sink.url();
        let mut settings = vec![
            ("smtp_url", url.as_str()),
            ("mail_from", "GP Practice Points <points@clinic.example>"),
            ("inbound.address", "bounces@clinic.example"),
        ];
        settings.extend_from_slice(more);
        let app = TestApp::start_with(database, "http://points.clinic.example", &settings).await;
        Self { app, sink }
    }

    /// The server refuses everybody whose address begins so, for good.
    pub fn refuse(&self, beginning: &'static str) {
        self.sink.set_behaviour(move |moment| {
            let is_theirs = moment.at == At::Rcpt && moment.address.starts_with(beginning);
            is_theirs.then(|| Act::Reply("550 5.1.1 No such user".to_owned()))
        });
    }

    /// A bulletin to so many readers, on its way. Returns its page's path.
    pub async fn send(&self, desk: &Desk, readers: usize) -> String {
        add_readers(&self.app, readers).await;
        let path = desk.approved_bulletin("The news", &["news"]).await;
        let send = format!("{path}/send");
        desk.publisher.post_form(&send, &SURE).await.expect(303);
        path
    }

    /// Delivers until everything is done.
    pub async fn deliver(&self, desk: &Desk, path: &str, readers: usize) {
        let worker = Worker::start(&self.app.app).unwrap();
        let progress = format!("{path}/progress");
        let done = format!("{readers} of {readers} done.");
        until_page_says(&desk.author, &progress, &done).await;
        worker.stop().await;
    }

    /// Has the database do this.
    pub async fn execute(&self, statement: &'static str) {
        use diesel::RunQueryDsl as _;
        let done = self.app.app.store.write(move |db| {
            let done = diesel::sql_query(statement).execute(db);
            done.map_err(StoreError::from)
        });
        done.await.unwrap();
    }

    /// As if messages had been given up after the last try.
    pub async fn give_up(&self, addresses: &'static str) {
        let statement = format!(
            "UPDATE delivery SET state = 'failed', claimed_by = NULL, reply = 'given up' \
             WHERE recipient IN ({addresses})"
        );
        self.execute(statement.leak()).await;
    }

    /// The newest mail to an address.
    pub fn mail_to(&self, address: &str) -> Mail {
        let messages = self.sink.messages();
        let is_theirs = |to: &[String]| to.iter().any(|to| to == address);
        let message = messages.iter().rev().find(|one| is_theirs(&one.to));
        let message = message.unwrap_or_else(|| panic!("nothing came to {address}"));
        let parsed = MessageParser::default().parse(&message.bytes).unwrap();
        Mail {
            text: parsed.body_text(0).unwrap().into_owned(),
            html: parsed.body_html(0).unwrap().into_owned(),
            id: parsed.message_id().unwrap().to_owned(),
        }
    }

    /// A report or an answer comes back to the return path of the message to an address.
    pub async fn comes_back(&self, address: &str, content: String) {
        let id = self.delivery(address).await;
        let arrival = Arrival {
            way: Way::Pipe,
            envelope_to: Some(
                self.app
                    .app
                    .return_path(id, self.app.app.now())
                    .unwrap()
                    .to_string(),
            ),
            byte_count: content.len() as u64,
            content: content.into_bytes(),
        };
        take_in::take_in(&self.app.app, arrival).await.unwrap();
    }

    async fn delivery(&self, address: &str) -> DeliveryId {
        use diesel::RunQueryDsl as _;
        #[derive(diesel::QueryableByName)]
        struct Newest {
            #[diesel(sql_type = diesel::sql_types::BigInt)]
            id: i64,
        }
        let query = format!(
            "SELECT max(id) AS id FROM delivery WHERE recipient = '{address}' AND kind = 'bulletin'"
        );
        let newest = self.app.app.store.read(move |db| {
            let newest = diesel::sql_query(query).get_result::<Newest>(db);
            newest.map_err(StoreError::from)
        });
        DeliveryId(newest.await.unwrap().id)
    }
}

/// A delivery report: the mailbox is full.
pub fn mailbox_full(address: &str) -> String {
    format!(
        "From: MAILER-DAEMON@practice.example\r\nTo: bounces@clinic.example\r\nSubject: Undelivered\r\n\
         MIME-Version: 1.0\r\n\
         Content-Type: multipart/report; report-type=delivery-status; boundary=\"b\"\r\n\r\n\
         --b\r\nContent-Type: text/plain\r\n\r\nNot delivered.\r\n\
         --b\r\nContent-Type: message/delivery-status\r\n\r\nReporting-MTA: dns; mail.practice.example\r\n\r\n\
         Final-Recipient: rfc822; {address}\r\nAction: failed\r\nStatus: 5.2.2\r\n\
         Diagnostic-Code: smtp; 552 5.2.2 Over quota\r\n\r\n--b--\r\n"
    )
}

/// Somebody is away.
pub fn out_of_office(address: &str) -> String {
    format!(
        "From: {address}\r\nTo: bounces@clinic.example\r\nSubject: Out of office\r\n\
         Auto-Submitted: auto-replied\r\n\r\nI am away until Monday.\r\n"
    )
}
