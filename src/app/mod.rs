//! Use cases: one verb each, and each one transaction that reads as the sentence that describes it.

pub mod audit;
pub mod background;
pub mod backup;
pub mod calendar;
pub mod change_many;
pub mod change_preferences;
pub mod check_bulletin;
pub mod check_links;
pub mod choose_audience;
pub mod clear_case_study;
pub mod compose_bulletin;
pub mod confirm;
pub mod correct_bulletin;
pub mod count_links;
pub mod delete_draft;
pub mod deliver;
pub mod demo;
mod demo_symposia;
mod erase;
mod error;
pub mod examine;
pub mod export_deliveries;
pub mod export_subscribers;
pub mod first_owner;
pub mod follow_bulletin;
pub mod import_subscribers;
mod index_site;
mod instance;
pub mod invite_staff;
pub mod keep_images;
pub mod keep_registrations;
pub mod keep_staff;
pub mod keep_subscribers;
pub mod keep_topics;
pub mod keep_working_copy;
pub mod links;
pub mod list_subscribers;
pub mod merge_subscribers;
mod notices;
pub mod overview;
mod passwords;
mod personal_data;
pub mod places;
pub mod preview_bulletin;
pub mod publish_symposium;
pub mod read_bulletins;
pub mod read_feeds;
pub mod read_inbound;
pub mod read_mailbox;
pub mod read_practice_points;
pub mod read_publications;
pub mod read_report;
pub mod read_symposia;
pub mod register;
pub mod remark_on_article;
mod remembered;
pub mod remind;
pub mod retain;
pub mod review_article;
pub mod review_bulletin;
pub mod run_checks;
pub mod search;
pub mod second_factor;
mod second_person;
pub mod send_again;
pub mod send_bulletin;
pub mod send_in_waves;
mod shipped_content;
pub mod sign_in;
pub mod site_settings;
pub mod subscribe;
pub mod supersede_article;
mod suspend_address;
pub mod take_in;
pub mod tell_staff;
pub mod unsubscribe;
pub mod write_article;
pub mod write_bulletin;
pub mod write_symposium;

use std::sync::Arc;
use std::time::Duration;

pub use error::AppError;
pub use instance::Instance;
use remembered::{Counts, Remembered};
use site_settings::Site;

use crate::clock::{Clock, Timestamp};
use crate::config::Settings;
use crate::domain::bulletin::{BulletinId, BulletinState};
use crate::domain::delivery::DeliveryState;
use crate::domain::local_time::CalendarDate;
use crate::domain::return_path::ReturnPath;
use crate::domain::staff_member::{SessionId, StaffId, StaffRole};
use crate::domain::subscriber::SubscriberStatus;
use crate::domain::subscriber_filter::SubscriberFilter;
use crate::mail::sender::Sender;
use crate::store::Store;

/// A bulletin in a state of its own, and when it was last finished: sent again, it has other numbers.
type Sending = (BulletinId, BulletinState, Option<Timestamp>);

/// What an overview shows of a large list may be so old.
const SHOWN_FOR: Duration = Duration::from_secs(12 * 60 * 60);

/// The installation: everything a use case needs. Cheap to clone.
#[derive(Clone)]
pub struct App {
    /// The database.
    pub store: Store,
    /// The time.
    pub clock: Clock,
    /// The settings.
    pub settings: Arc<Settings>,
    /// The secrets, and what else belongs to the installation itself.
    pub instance: Arc<Instance>,
    /// Told when there is something to deliver, so that nothing waits for a timer.
    pub wake: Arc<tokio::sync::Notify>,
    /// How many people a filter of the list finds.
    filter_counts: Arc<Remembered<SubscriberFilter, i64>>,
    /// How many people there are of each status.
    subscriber_counts: Arc<Remembered<(), Counts<SubscriberStatus>>>,
    /// How many rows of a bulletin are in each state, while it is in one of its own.
    delivery_counts: Arc<Remembered<Sending, Counts<DeliveryState>>>,
    /// When the messages of a bulletin were accepted.
    pictures: Arc<Remembered<Sending, Arc<read_report::Picture>>>,
    /// Held while one of these is made: it takes long for a large bulletin.
    picturing: Arc<tokio::sync::Mutex<()>>,
    /// How often links were followed, until that is written.
    link_counts: Arc<count_links::Pending>,
    /// How fast bulletins go.
    paces: Arc<follow_bulletin::pace::Paces>,
    /// Who came to the list and who left, as of a day.
    growth: Arc<Remembered<CalendarDate, overview::growth::Growth>>,
    /// What the people on the list chose, and where they are.
    audience: Arc<Remembered<(), overview::Audience>>,
    /// What the clinic sets itself.
    site: Arc<site_settings::Kept>,
}

impl App {
    /// Opens the database, brings it up to date, and reads what belongs to the installation.
    ///
    /// # Errors
    /// [`AppError::Store`] when the database cannot be used.
    pub async fn open(settings: Settings, clock: Clock) -> Result<Self, AppError> {
        let store = Store::open(settings.database_url.clone())?;
        let migrating = store.clone();
        let ran = tokio::task::spawn_blocking(move || crate::store::migrate::up(&migrating))
            .await
            .map_err(AppError::internal)??;
        for migration in ran {
            tracing::info!(migration, "the database was migrated");
        }
        let now = clock.now();
        let instance = store.write(move |db| instance::prepare(db, now)).await?;
        let settings = Arc::new(settings);
        let site = site_settings::Kept::open(&store, &settings).await?;
        Ok(Self {
            store,
            clock,
            settings,
            instance: Arc::new(instance),
            wake: Arc::new(tokio::sync::Notify::new()),
            filter_counts: Arc::default(),
            subscriber_counts: Arc::default(),
            delivery_counts: Arc::default(),
            pictures: Arc::new(Remembered::lasting(Duration::from_secs(60 * 60))),
            picturing: Arc::default(),
            link_counts: Arc::default(),
            paces: Arc::default(),
            growth: Arc::new(Remembered::lasting(SHOWN_FOR)),
            audience: Arc::new(Remembered::lasting(SHOWN_FOR)),
            site,
        })
    }

    /// The time now.
    pub fn now(&self) -> Timestamp {
        self.clock.now()
    }

    /// What the clinic sets itself, as it was set a moment ago.
    pub fn site(&self) -> Arc<Site> {
        self.site.now()
    }

    /// Who writes, as messages say it.
    pub fn sender(&self) -> Sender {
        let (settings, site) = (&self.settings, self.site());
        let from = &site.mail_from;
        let inbound = settings.inbound.address.as_ref();
        let newsletter_name = crate::NEWSLETTER_NAME.to_owned();
        Sender {
            clinic_name: site.clinic.name.clone(),
            from_name: if from.name.is_empty() {
                newsletter_name.clone()
            } else {
                from.name.clone()
            },
            newsletter_name,
            postal_address: site.postal_address(),
            contact_address: site.clinic.email.clone(),
            from_address: from.email.clone(),
            reply_to: site.reply_to.clone(),
            unsubscribe_mailbox: inbound
                .and_then(ReturnPath::for_leaving)
                .or_else(|| site.reply_to.clone()),
            brand: site.look.brand(settings.base_url.url()),
            base_url: settings.base_url.url().clone(),
        }
    }
}

/// Who does something: a member of staff who is signed in.
#[derive(Debug, Clone)]
pub struct Actor {
    /// Who.
    pub id: StaffId,
    /// Their name.
    pub name: String,
    /// What they may do.
    pub role: StaffRole,
    /// Their session.
    pub session: SessionId,
    /// Whether they gave their password a short time ago.
    pub is_recent: bool,
    /// Whether they have to set up a second factor before anything else.
    pub must_set_up: bool,
}

/// A text of several lines with tidy line ends; or what is wrong with it, in words for its writer.
fn text_field(text: &str, longest: usize) -> Result<String, String> {
    if text.len() > longest {
        return Err(format!("It is too long: at most {longest} bytes."));
    }
    let tidy = text.replace("\r\n", "\n").replace('\r', "\n");
    // Private-use characters mark the personal pieces of a mail.
    let strange = |c: char| {
        (c.is_control() && c != '\n' && c != '\t') || ('\u{E000}'..='\u{F8FF}').contains(&c)
    };
    if tidy.chars().any(strange) {
        return Err(
            "It holds a control character that cannot be shown. Please type it anew.".to_owned(),
        );
    }
    Ok(tidy)
}
