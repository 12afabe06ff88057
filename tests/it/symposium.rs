//! Symposia, as staff plan them and as GPs come to them.

mod calendar;
mod messages;
mod newcomers;
mod pages;
mod registering;
mod staff;
mod waiting_list;

use practice_points::app::links::REGISTER_FOR;
use practice_points::app::read_mailbox;
use practice_points::domain::registration::RegistrationId;
use practice_points::domain::staff_member::StaffRole;
use practice_points::mail::mailbox::StoredMessage;
use practice_points::worker::Worker;

use crate::app::{Answer, TestApp};
use crate::desk::{Fields, post};

/// An evening that lacks nothing, with two places.
pub fn evening() -> Fields {
    [
        ("title", "Hearts in Practice: an evening for Tāmaki"),
        ("summary", "Chest pain, palpitations, and whom to refer."),
        ("starts", "2027-04-06T18:30"),
        ("ends", "2027-04-06T20:30"),
        ("place", "Ascot Hospital, Level 3, Remuera"),
        (
            "programme",
            "18:30 Welcome | Dr Ana Sample, cardiologist\r\n18:45 Chest pain\r\n# After supper\r\n7:45 pm Questions",
        ),
        ("speakers", "Dr Ana Sample, cardiologist"),
        ("cpd_minutes", "90"),
        ("capacity", "2"),
        ("asks_dietary", "yes"),
        ("asks_access", "yes"),
    ]
    .map(|(name, value)| (name, value.to_owned()))
    .into()
}

/// The tick with which somebody cancels their registration.
pub const GIVE_UP: &[(&str, &str)] = &[("confirm", "yes")];

/// An event on the site, and who put it there.
pub struct Event {
    pub publisher: TestApp,
    /// Its page for staff.
    pub path: String,
    pub slug: String,
}

impl Event {
    /// Puts an event on the site.
    pub async fn publish(app: &TestApp, fields: &Fields) -> Self {
        let publisher = app.other_browser();
        publisher.sign_in_as(StaffRole::Publisher).await;
        Self::publish_by(publisher, fields).await
    }

    /// The same, by a publisher who is signed in.
    pub async fn publish_by(publisher: TestApp, fields: &Fields) -> Self {
        let path = post(&publisher, "/staff/symposia", fields)
            .await
            .expect(303)
            .location()
            .to_owned();
        publisher
            .post_form(&format!("{path}/publish"), &[("version", "1")])
            .await
            .expect(303);
        let page = publisher.get(&path).await.expect(200);
        let public = page.attribute(".meta a", "href");
        Self {
            publisher,
            path,
            slug: public.trim_start_matches("/symposium/").to_owned(),
        }
    }

    /// Its page for everybody.
    pub fn page(&self) -> String {
        format!("/symposium/{}", self.slug)
    }

    /// Saves it anew with these fields, over the version that is there.
    pub async fn save(&self, fields: &Fields) -> Answer {
        let form = self
            .publisher
            .get(&format!("{}/edit", self.path))
            .await
            .expect(200);
        let version = form.attribute("input[name=version]", "value");
        let fields = crate::desk::with(fields.clone(), "version", version);
        post(&self.publisher, &self.path, &fields).await
    }

    /// The path of a fresh link with which a subscriber registers.
    pub async fn register_path(&self, app: &TestApp, email: &str) -> String {
        let subscriber = app.subscriber(email).await.id;
        app.app
            .register_path(&self.slug, subscriber, app.app.now().plus(REGISTER_FOR))
    }

    /// Registers a subscriber by their link. Returns the path of their registration.
    pub async fn register(&self, app: &TestApp, email: &str) -> String {
        let path = self.register_path(app, email).await;
        app.post_form(&path, &[])
            .await
            .expect(303)
            .location()
            .to_owned()
    }

    /// Signs somebody up, and registers them.
    pub async fn newcomer(&self, app: &TestApp, email: &str) -> String {
        app.subscribe(email).await;
        self.register(app, email).await
    }
}

/// Delivers what waits, and returns the messages to an address, by their subjects.
pub async fn delivered(app: &TestApp, email: &str) -> Vec<StoredMessage> {
    let worker = Worker::start(&app.app).unwrap();
    let emptied = async {
        while app.count("delivery WHERE finished_at IS NULL").await > 0 {
            app.app.wake.notify_one();
            tokio::time::sleep(std::time::Duration::from_millis(10)).await;
        }
    };
    tokio::time::timeout(std::time::Duration::from_secs(30), emptied)
        .await
        .expect("everything is delivered");
    worker.stop().await;
    let mut messages = Vec::new();
    for entry in read_mailbox::list(&app.app, "", None, 500)
        .await
        .unwrap()
        .unwrap()
    {
        if entry.to.contains(email) {
            messages.push(
                read_mailbox::read(&app.app, entry.id)
                    .await
                    .unwrap()
                    .unwrap(),
            );
        }
    }
    messages
}

/// The message among these whose subject begins so.
#[track_caller]
pub fn about<'a>(messages: &'a [StoredMessage], subject: &str) -> &'a StoredMessage {
    let subjects: Vec<&str> = messages
        .iter()
        .map(|message| message.subject.as_str())
        .collect();
    messages
        .iter()
        .find(|message| message.subject.starts_with(subject))
        .unwrap_or_else(|| panic!("no “{subject}” in {subjects:?}"))
}

/// The path of somebody's newest registration.
pub async fn registration_path(app: &TestApp, email: &str) -> String {
    let notices = app.notices(email).await;
    let newest = notices
        .iter()
        .rev()
        .find(|notice| notice.kind.starts_with("symposium-") && notice.kind != "symposium-link");
    let id = newest
        .and_then(|notice| notice.reference_id)
        .expect("a registration");
    app.app.registration_path(RegistrationId(id))
}

/// What was queued to an address about symposia, the oldest first.
pub async fn news(app: &TestApp, email: &str) -> Vec<String> {
    let mut kinds = app.notice_kinds(email).await;
    kinds.retain(|kind| kind.starts_with("symposium-"));
    kinds
}
