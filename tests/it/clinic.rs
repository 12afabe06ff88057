//! A clinic for the tests of delivery: its database, its people, its mail server, and no pages.

use std::time::Duration;

use practice_points::app::import_subscribers::{self, Import};
use practice_points::app::keep_subscribers::Ground;
use practice_points::app::{
    App, follow_bulletin, keep_staff, review_article, review_bulletin, write_article,
    write_bulletin,
};
use practice_points::clock::{Clock, Timestamp};
use practice_points::config::{Settings, Sources};
use practice_points::domain::article::ArticleId;
use practice_points::domain::audience::Narrowing;
use practice_points::domain::bulletin::{ArticleForm, BulletinId, BulletinState};
use practice_points::domain::consent::ConsentBasis;
use practice_points::domain::delivery::DeliveryState;
use practice_points::domain::email_address::EmailAddress;
use practice_points::domain::person_name::PersonName;
use practice_points::domain::staff_mail::StaffMailKind;
use practice_points::domain::staff_member::{StaffId, StaffRole};
use practice_points::domain::subscriber::SubscriberId;
use practice_points::store::articles::ArticleText;
use practice_points::store::bulletins::BulletinText;
use practice_points::store::delivery_reports::{Page, RecipientFilter, RecipientReport};
use practice_points::store::staff_mails;
use practice_points::store::subscribers::{self, Subscriber};
use practice_points::store::topics;
use practice_points::worker::Worker;
use secrecy::SecretString;

use crate::both_databases::Database;
use crate::smtp_sink::SmtpSink;

/// 23 November 2026, 10 am in Auckland.
pub const NOW: Timestamp = Timestamp::from_millis(1_795_381_200_000);

/// A clinic with its own database and mail server.
pub struct Clinic {
    pub app: App,
    pub sink: SmtpSink,
    pub author: StaffId,
    pub reviewer: StaffId,
    _folder: tempfile::TempDir,
}

impl Clinic {
    pub async fn start(database: Database) -> Self {
        let sink = SmtpSink::start().await;
        let url = sink.url();
        Self::start_with(database, sink, &[("smtp_url", url)]).await
    }

    /// The same with these settings, which name the mail server too.
    pub async fn start_with(
        database: Database,
        sink: SmtpSink,
        settings: &[(&str, String)],
    ) -> Self {
        let folder = tempfile::tempdir().unwrap();
        let mut sources = Sources::default();
        sources.add_flag("data_dir", folder.path().display().to_string());
        // No test asks other people's sites.
        sources.add_flag("check_links", "false".to_owned());
        if let Database::Postgres(server) = database {
            sources.add_flag("database_url", server.fresh_database(None));
        }
        for (key, value) in settings {
            sources.add_flag(key, value.clone());
        }
        sources.add_flag(
            "mail_from",
            "GP Practice Points <points@clinic.example>".to_owned(),
        );
        let settings = Settings::from_sources(&sources).unwrap();
        let app = App::open(settings, Clock::fixed(NOW)).await.unwrap();
        let author = staff(&app, "author@clinic.example", StaffRole::Author).await;
        let reviewer = staff(&app, "reviewer@clinic.example", StaffRole::Publisher).await;
        Self {
            app,
            sink,
            author,
            reviewer,
            _folder: folder,
        }
    }

    /// Adds so many people who chose `news`: `gp0@practice.example`, `gp1@…` and so on.
    pub async fn add_subscribers(&self, number: usize) {
        let mut file = String::from("email,name\n");
        for n in 0..number {
            file.push_str(&format!("gp{n}@practice.example,Sample Person {n}\n"));
        }
        let import = Import {
            file_name: "sample.csv".into(),
            content: file.into_bytes(),
            source: "a sample list".into(),
            ground: Ground {
                basis: ConsentBasis::Express,
                evidence: "on paper".into(),
            },
            topics: vec!["news".into()],
            notify: false,
        };
        let report = import_subscribers::import(&self.app, import, |_| ())
            .await
            .unwrap();
        assert_eq!(report.counts.added as usize, number, "{report:?}");
    }

    /// The subscriber with this address.
    pub async fn subscriber(&self, email: &str) -> Subscriber {
        let email = EmailAddress::parse(email).unwrap();
        self.app
            .store
            .read(move |db| subscribers::by_email(db, &email))
            .await
            .unwrap()
            .unwrap()
    }

    /// A published article.
    pub async fn published_article(&self, title: &str) -> ArticleId {
        let app = &self.app;
        let text = ArticleText {
            kind: "news".into(),
            topic_id: self.topic("news").await,
            title: title.into(),
            summary: "What is new, in a sentence.".into(),
            body: "Text with a [link](https://clinic.example/news) and **bold** words.".into(),
            practice_points: "Ask first.\nThen refer.".into(),
            authors: "Sample Author, cardiologist".into(),
            conflicts: String::new(),
            reference_list: String::new(),
            reviewer_id: None,
            review_by: None,
        };
        let id = write_article::create(app, self.author, text).await.unwrap();
        review_article::submit(app, self.author, id).await.unwrap();
        review_article::approve(app, self.reviewer, id, 1)
            .await
            .unwrap();
        review_article::publish(app, self.reviewer, id)
            .await
            .unwrap();
        id
    }

    async fn topic(&self, slug: &'static str) -> practice_points::domain::topic::TopicId {
        let all = self.app.store.read(topics::all).await.unwrap();
        all.iter().find(|topic| topic.slug == slug).unwrap().id
    }

    /// A bulletin on `news`, approved by a second person.
    pub async fn approved_bulletin(&self) -> BulletinId {
        let article = self.published_article("Māori hearts").await;
        let text = BulletinText {
            symposium: None,
            narrowing: Narrowing::default(),
            subject: "Practice Points for Tāmaki".into(),
            preheader: "What is new".into(),
            introduction: "Kia ora koutou.\n\n.A line that begins with a full stop.".into(),
            articles: vec![(article, ArticleForm::Whole)],
            topics: vec![self.topic("news").await],
        };
        let id = write_bulletin::create(&self.app, self.author, text)
            .await
            .unwrap();
        review_bulletin::submit(&self.app, self.author, id)
            .await
            .unwrap();
        review_bulletin::approve(&self.app, self.reviewer, id, 1)
            .await
            .unwrap();
        id
    }

    pub fn worker(&self) -> Worker {
        Worker::start(&self.app).unwrap()
    }

    /// Moves the clock on, and has the workers look.
    pub fn advance(&self, by: Duration) {
        self.app.clock.advance(by);
        self.app.wake.notify_waiters();
        self.app.wake.notify_one();
    }

    /// Waits until a bulletin is in a state.
    pub async fn wait_for_state(&self, id: BulletinId, state: BulletinState) {
        self.wait_until(id, |progress| progress.bulletin.state == state)
            .await;
    }

    /// Waits until so many rows of a bulletin are in a state.
    pub async fn wait_for_rows(&self, id: BulletinId, state: DeliveryState, number: i64) {
        self.wait_until(id, |progress| {
            progress
                .counts
                .iter()
                .any(|(s, count)| *s == state && *count == number)
        })
        .await;
    }

    /// Waits until the progress of a bulletin is as wanted.
    pub async fn wait_until(
        &self,
        id: BulletinId,
        wanted: impl Fn(&follow_bulletin::Progress) -> bool,
    ) {
        let mut last = None;
        for _ in 0..1_500 {
            let progress = follow_bulletin::progress(&self.app, id).await.unwrap();
            if wanted(&progress) {
                return;
            }
            last = Some(progress);
            // The ledger is a table: nothing tells when it changes.
            tokio::time::sleep(Duration::from_millis(20)).await;
        }
        panic!("after 30 s: {last:?}");
    }

    /// The rows of a bulletin in a state.
    pub async fn rows(&self, id: BulletinId, state: DeliveryState) -> Vec<RecipientReport> {
        let filter = RecipientFilter {
            state: Some(state),
            ..RecipientFilter::default()
        };
        let page = Page::After(SubscriberId(0));
        follow_bulletin::recipients(&self.app, id, filter, page)
            .await
            .unwrap()
            .rows
    }

    /// The invariant: the states add up to the audience, and a sent bulletin has nothing open.
    pub async fn assert_adds_up(&self, id: BulletinId) {
        let progress = follow_bulletin::progress(&self.app, id).await.unwrap();
        assert_eq!(
            progress.total(),
            progress.bulletin.audience_count,
            "{progress:?}"
        );
        if progress.bulletin.state == BulletinState::Sent {
            assert_eq!(progress.finished(), progress.total(), "{progress:?}");
        }
    }

    /// How often each address was written to, by what the mail server accepted.
    pub fn accepted(&self) -> std::collections::BTreeMap<String, usize> {
        count_recipients(&self.sink)
    }
}

/// How often each address is among the messages that a sink accepted, but for the staff, who are told that a bulletin has
/// gone out.
pub fn count_recipients(sink: &SmtpSink) -> std::collections::BTreeMap<String, usize> {
    let mut counts = std::collections::BTreeMap::new();
    for message in sink.messages() {
        for to in message.to {
            if !to.ends_with("@clinic.example") {
                *counts.entry(to).or_default() += 1;
            }
        }
    }
    counts
}

async fn staff(app: &App, email: &str, role: StaffRole) -> StaffId {
    let name = PersonName::parse(&format!("Sample {role}")).unwrap();
    let password = SecretString::from("korimako sings at dawn");
    let id = keep_staff::add(
        app,
        None,
        EmailAddress::parse(email).unwrap(),
        name,
        role,
        password,
    )
    .await
    .unwrap();
    // What the mail server counts here is what subscribers get.
    let switched_off = app.store.write(move |db| {
        let mut kinds = StaffMailKind::ALL.iter();
        kinds.try_for_each(|kind| staff_mails::switch(db, id, *kind, false))
    });
    switched_off.await.unwrap();
    id
}
