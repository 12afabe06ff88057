//! What the clinic sets itself, on its pages and not in the settings file: who it is, how it looks, who sends, how long things
//! are kept, how it words what it asks for and tells, and with which keys it signs.
//!
//! Each setting is a JSON object under a name, and each change is a version more. What was never set is as the settings file
//! or the program has it. Every process keeps what it read last, and looks every few seconds whether there is something newer;
//! the process that changed something looks at once.

mod clinic;
mod look;
mod retention;
mod sender;
mod signing;
mod words;

use std::sync::{Arc, PoisonError, RwLock};
use std::time::Duration;

use serde::Serialize;
use serde::de::DeserializeOwned;
use serde_json::Value;

use crate::clock::Timestamp;
use crate::config::{Clinic, Dkim, MailAddress, Settings};
use crate::domain::email_address::EmailAddress;
use crate::domain::staff_member::StaffId;
use crate::store::site_settings::{self, Version};
use crate::store::{DatabaseUrl, Db, Store, audit_events, migrate};

use super::{App, AppError};

pub use clinic::{ClinicFields, set_clinic};
pub use look::{Colours, Logo, Look, set_colours, set_logo, take_logo_away};
pub use retention::{Bounds, Retention, RetentionFields, set_retention};
pub use sender::{SenderFields, set_sender};
pub use signing::{KeptKey, KeyKind, KeyState, Signing, let_sign, make_key, stop_signing};
pub(super) use words::newest_wording;
pub use words::{Notices, NoticesFields, Wording, set_notices, set_wording, wordings};

/// So often each process looks for what another has set.
const LOOKS_EVERY: Duration = Duration::from_secs(2);

/// So many versions of a setting are shown.
const HISTORY: i64 = 20;

/// The names under which settings are kept.
pub(super) mod name {
    pub(super) const CLINIC: &str = "clinic";
    pub(in crate::app) const LOOK: &str = "look";
    pub(super) const SENDER: &str = "sender";
    pub(super) const RETENTION: &str = "retention";
    pub(super) const WORDING: &str = "wording";
    pub(super) const NOTICES: &str = "notices";
    pub(super) const SIGNING: &str = "signing";
}

/// What the clinic has set, or what stands in its place.
#[derive(Debug, Clone)]
pub struct Site {
    /// Grows with every change.
    pub version: i64,
    /// Who the clinic is.
    pub clinic: Clinic,
    /// Where it is called; empty if that is not told.
    pub phone: String,
    /// What new guidance on calcium scores says of conflicts of interest; may be empty.
    pub usual_conflicts: String,
    /// Its logo and colours.
    pub look: Look,
    /// Whom messages come from.
    pub mail_from: MailAddress,
    /// Where replies go.
    pub reply_to: Option<EmailAddress>,
    /// How long things are kept.
    pub retention: Retention,
    /// To what people agree.
    pub wording: Wording,
    /// What people are told.
    pub notices: Notices,
    /// The keys that were made here.
    pub signing: Signing,
    /// How messages are signed, by keys from here and from the settings file.
    pub dkim: Option<Dkim>,
}

impl Site {
    fn read(db: &mut Db, settings: &Settings) -> Result<Self, AppError> {
        let version = site_settings::newest_id(db)?;
        let sender = sender::read(db, settings)?;
        let (clinic, set) = clinic::read(db, settings)?;
        let signing: Signing = value(db, name::SIGNING)?.unwrap_or_default();
        Ok(Self {
            version,
            clinic,
            phone: set.phone,
            usual_conflicts: set.conflicts,
            look: look::read(db)?,
            mail_from: sender.0,
            reply_to: sender.1,
            retention: retention::read(db, settings)?,
            wording: newest_wording(db)?,
            notices: value(db, name::NOTICES)?.unwrap_or_default(),
            dkim: signing.join(settings),
            signing,
        })
    }

    /// The clinic's address on one line, and its telephone.
    pub fn postal_address(&self) -> String {
        let Clinic { street, postal, .. } = &self.clinic;
        match self.phone.as_str() {
            "" => format!("{street}; {postal}"),
            phone => format!("{street}; {postal}; phone {phone}"),
        }
    }

    /// The settings of the deployment, with these in the place of theirs.
    pub fn over(&self, settings: &Settings) -> Settings {
        Settings {
            clinic: self.clinic.clone(),
            mail_from: self.mail_from.clone(),
            reply_to: self.reply_to.clone(),
            dkim: self.dkim.clone(),
            ..settings.clone()
        }
    }
}

/// The settings of a deployment, with those in the place of theirs that the clinic has set on its pages; as they are where the
/// database is not there, or of another version.
pub async fn in_effect(settings: &Settings) -> Settings {
    if let DatabaseUrl::Sqlite(file) = &settings.database_url
        && !file.exists()
    {
        return settings.clone();
    }
    let of_deployment = settings.clone();
    let looked = tokio::task::spawn_blocking(move || {
        let store = Store::open(of_deployment.database_url.clone()).ok()?;
        let status = migrate::status(&store).ok()?;
        (status.pending.is_empty() && status.unknown.is_empty()).then_some(store)
    });
    let Ok(Some(store)) = looked.await else {
        return settings.clone();
    };
    match read(&store, &Arc::new(settings.clone())).await {
        Ok(site) => site.over(settings),
        Err(_) => settings.clone(),
    }
}

/// The newest value of a setting. One that a newer version of the program wrote, and this one cannot read, is as if it were not
/// set: the pages stay up.
fn value<T: DeserializeOwned>(db: &mut Db, name: &str) -> Result<Option<T>, AppError> {
    let Some(text) = site_settings::value(db, name)? else {
        return Ok(None);
    };
    Ok(serde_json::from_str(&text)
        .inspect_err(|error| tracing::error!(%error, name, "a setting cannot be read"))
        .ok())
}

/// What this process knows of the settings.
pub(super) struct Kept {
    store: Store,
    settings: Arc<Settings>,
    site: RwLock<Arc<Site>>,
}

impl Kept {
    /// Reads the settings, and goes on looking for newer ones until it is dropped.
    pub(super) async fn open(
        store: &Store,
        settings: &Arc<Settings>,
    ) -> Result<Arc<Self>, AppError> {
        let site = read(store, settings).await?;
        let kept = Arc::new(Self {
            store: store.clone(),
            settings: settings.clone(),
            site: RwLock::new(Arc::new(site)),
        });
        let looking = Arc::downgrade(&kept);
        tokio::spawn(async move {
            loop {
                tokio::time::sleep(LOOKS_EVERY).await;
                let Some(kept) = looking.upgrade() else {
                    return;
                };
                if let Err(error) = kept.refresh().await {
                    // A database that is away is told of by whoever needs it.
                    tracing::debug!(%error, "no look for newer settings");
                }
            }
        });
        Ok(kept)
    }

    pub(super) fn now(&self) -> Arc<Site> {
        self.site
            .read()
            .unwrap_or_else(PoisonError::into_inner)
            .clone()
    }

    /// Reads what is newer than what is known.
    pub(super) async fn refresh(&self) -> Result<(), AppError> {
        let newest = self.store.read(site_settings::newest_id).await?;
        if newest == self.now().version {
            return Ok(());
        }
        let site = Arc::new(read(&self.store, &self.settings).await?);
        *self.site.write().unwrap_or_else(PoisonError::into_inner) = site;
        Ok(())
    }
}

async fn read(store: &Store, settings: &Arc<Settings>) -> Result<Site, AppError> {
    let settings = settings.clone();
    store.read(move |db| Site::read(db, &settings)).await
}

/// Sets a setting within the caller's transaction, and notes under `action` what has changed of what was in force before:
/// `unset`, where nothing was set. Returns whether there is a new version.
fn set<T: Serialize>(
    db: &mut Db,
    by: StaffId,
    (name, action): (&str, &str),
    (unset, new): (&T, &T),
    now: Timestamp,
) -> Result<bool, AppError> {
    let old = site_settings::value(db, name)?;
    let new = serde_json::to_value(new).map_err(AppError::internal)?;
    let old: Option<Value> = old
        .as_deref()
        .and_then(|text| serde_json::from_str(text).ok());
    if old.as_ref() == Some(&new) {
        return Ok(false);
    }
    site_settings::append(db, name, &new.to_string(), Some(by), now)?;
    let before = match old {
        Some(old) => old,
        None => serde_json::to_value(unset).map_err(AppError::internal)?,
    };
    let changed = match changes(&before, &new).as_slice() {
        [] => "The same as before, and set here from now on".to_owned(),
        changed => changed.join("; "),
    };
    audit_events::append(
        db,
        Some(by),
        action,
        ("settings", None),
        Some(&changed),
        now,
    )?;
    Ok(true)
}

/// What differs between two values, in words.
fn changes(before: &Value, after: &Value) -> Vec<String> {
    let fields = after.as_object().into_iter().flatten();
    fields
        .map(|(name, value)| (name, shown(before.get(name)), shown(Some(value))))
        .filter(|(_, was, is)| was != is)
        .map(|(name, was, is)| format!("{}: {was} → {is}", label(name)))
        .collect()
}

/// A value of a field, for people.
fn shown(value: Option<&Value>) -> String {
    match value {
        None | Some(Value::Null) => "nothing".to_owned(),
        Some(Value::String(text)) if text.is_empty() => "nothing".to_owned(),
        Some(Value::String(text)) => format!("“{text}”"),
        // A logo.
        Some(Value::Object(parts)) => shown(parts.get("address")),
        Some(other) => other.to_string(),
    }
}

/// What a field is called on the pages.
fn label(name: &str) -> String {
    let label = match name {
        "name" => "Name",
        "street" => "Where it is",
        "postal" => "Postal address",
        "phone" => "Telephone",
        "email" => "E-mail for people",
        "conflicts" => "Usual statement on conflicts",
        "logo" => "Logo",
        "main_light" => "Links and buttons, light",
        "main_dark" => "Links and buttons, dark",
        "accent_light" => "Accent, light",
        "accent_dark" => "Accent, dark",
        "from_name" => "Name",
        "from_address" => "Address",
        "reply_to" => "Replies go to",
        "unconfirmed_days" => "Sign-ups that were never confirmed, days",
        "inbound_days" => "Messages that came back, days",
        "unsaved_days" => "Texts that were never saved, days",
        "carrier" => "Who carries the mail",
        "privacy_officer" => "Who looks after privacy",
        "place" => "Where the database is kept",
        "more" => "Anything else",
        "version" => "Version",
        "text" => "Wording",
        other => return other.replace('_', " "),
    };
    label.to_owned()
}

/// Sets a setting, in all processes within seconds and in this one at once; `unset` is what is in force where nothing is set.
/// Returns whether anything has changed.
async fn save<T: Serialize + Send + 'static>(
    app: &App,
    by: StaffId,
    names: (&'static str, &'static str),
    (unset, new): (T, T),
) -> Result<bool, AppError> {
    let now = app.now();
    let changed = app
        .store
        .write(move |db| set(db, by, names, (&unset, &new), now))
        .await?;
    app.site.refresh().await?;
    Ok(changed)
}

/// A version of a setting, for people.
#[derive(Debug, Clone)]
pub struct Earlier {
    /// When it was set.
    pub at: Timestamp,
    /// The name of who set it.
    pub by: String,
    /// What was set, by the names of its fields.
    pub fields: Vec<(String, String)>,
}

/// Settings whose versions people look at.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Section {
    /// Who the clinic is.
    Clinic,
    /// Whom messages come from.
    Sender,
    /// How long things are kept.
    Retention,
    /// What people are told.
    Notices,
}

/// The versions of a setting, the newest first.
///
/// # Errors
/// [`AppError::Store`].
pub async fn history(app: &App, of: Section) -> Result<Vec<Earlier>, AppError> {
    let name = match of {
        Section::Clinic => name::CLINIC,
        Section::Sender => name::SENDER,
        Section::Retention => name::RETENTION,
        Section::Notices => name::NOTICES,
    };
    let versions = app
        .store
        .read(move |db| site_settings::history(db, name, HISTORY))
        .await?;
    Ok(versions.into_iter().map(earlier).collect())
}

fn earlier(version: Version) -> Earlier {
    let value: Value = serde_json::from_str(&version.value).unwrap_or(Value::Null);
    let fields = value.as_object().into_iter().flatten();
    let shown = |value: &Value| match value {
        Value::String(text) => text.clone(),
        other => other.to_string(),
    };
    Earlier {
        at: version.at,
        by: version.staff_name.unwrap_or_default(),
        fields: fields
            .map(|(name, value)| (label(name), shown(value)))
            .filter(|(_, value)| !value.is_empty())
            .collect(),
    }
}
