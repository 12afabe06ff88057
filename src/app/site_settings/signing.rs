//! The keys with which messages are signed (DKIM), made here: one file each, for the program's user only, in the data folder.
//!
//! A key waits until its record is in the DNS; then it signs, beside those that sign already, so that a change never leaves
//! a message without a signature that can be checked; and then the old one stops.

use std::fs::{DirBuilder, OpenOptions};
use std::io::Write as _;
use std::os::unix::fs::{DirBuilderExt as _, OpenOptionsExt as _};
use std::path::{Path, PathBuf};

use secrecy::{ExposeSecret as _, SecretString};
use serde::{Deserialize, Serialize};

use super::name;
use crate::app::{App, AppError};
use crate::clock::Timestamp;
use crate::config::{Dkim, Settings};
use crate::domain::local_time::CalendarDate;
use crate::domain::named::named;
use crate::domain::slug;
use crate::domain::staff_member::StaffId;
use crate::mail::dkim::{PrivateKey, SelectedKey, Signer};
use crate::store::{Db, audit_events, site_settings};

named! {
    /// The sort of a key.
    KeyKind, "sort of key" {
        /// What every receiver can check.
        Rsa = "rsa", "RSA, 2048 bits";
        /// Shorter, and not known to every receiver yet: beside one of RSA.
        Ed25519 = "ed25519", "Ed25519";
    }
}

named! {
    /// Where a key is on its way.
    KeyState, "state of a key" {
        /// It does not sign before its record is published.
        Waiting = "waiting", "Waits for its record";
        /// It signs.
        Signing = "signing", "Signs";
        /// It does not sign any more; its record stays until the last message it signed has arrived.
        Retired = "retired", "Retired";
    }
}

/// A key that was made here.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct KeptKey {
    /// For which domain it signs.
    pub domain: String,
    /// Under which selector the DNS has its public half.
    pub selector: String,
    /// Its sort.
    kind: String,
    /// Its record.
    pub record: String,
    /// Where it is on its way.
    state: String,
    /// Since when, in milliseconds.
    since: i64,
}

impl KeptKey {
    /// Its sort.
    pub fn kind(&self) -> KeyKind {
        self.kind.parse().unwrap_or(KeyKind::Rsa)
    }

    /// Where it is on its way.
    pub fn state(&self) -> KeyState {
        self.state.parse().unwrap_or(KeyState::Waiting)
    }

    /// Since when.
    pub fn since(&self) -> Timestamp {
        Timestamp::from_millis(self.since)
    }

    /// The name of its record.
    pub fn record_name(&self) -> String {
        format!("{}._domainkey.{}", self.selector, self.domain)
    }

    /// The file of its private half.
    pub fn file(&self, settings: &Settings) -> PathBuf {
        folder(settings).join(format!("{}.pem", self.selector))
    }
}

fn folder(settings: &Settings) -> PathBuf {
    settings.data_dir.join("dkim")
}

/// All keys that were made here, the oldest first.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Signing {
    /// The keys.
    pub keys: Vec<KeptKey>,
}

impl Signing {
    /// How messages are signed: with the keys of the settings file, and with those from here that sign.
    pub(super) fn join(&self, settings: &Settings) -> Option<Dkim> {
        let from_file = settings.dkim.as_ref();
        let signs = |key: &&KeptKey| key.state() == KeyState::Signing;
        let newest = self.keys.iter().rfind(signs);
        let domain = match (from_file, newest) {
            (Some(dkim), _) => dkim.signer.domain().to_owned(),
            (None, Some(key)) => key.domain.clone(),
            (None, None) => return None,
        };
        let of_file = from_file.into_iter().flat_map(|dkim| {
            let selectors = dkim.signer.keys().iter().map(|key| key.selector.clone());
            selectors.map(Ok).zip(dkim.key_files.iter().cloned())
        });
        let of_here = self
            .keys
            .iter()
            .filter(|key| signs(key) && key.domain == domain)
            .map(|key| (key.selector.parse(), key.file(settings)));
        let (mut keys, mut key_files) = (Vec::new(), Vec::new());
        for (selector, file) in of_file.chain(of_here) {
            match (selector, PrivateKey::read(&file)) {
                (Ok(selector), Ok(key)) => {
                    keys.push(SelectedKey { selector, key });
                    key_files.push(file);
                }
                (_, Err(error)) => {
                    let file = file.display();
                    tracing::error!(%error, %file, "a DKIM key cannot be read: messages are not signed with it");
                }
                (Err(error), _) => tracing::error!(%error, "a DKIM key has no selector"),
            }
        }
        (!keys.is_empty()).then(|| Dkim {
            signer: Signer::new(&domain, keys),
            key_files,
        })
    }

    /// What is to be said of keys that are to sign, and do not on this machine.
    pub fn unread(&self, in_effect: &Settings) -> Vec<String> {
        let files = in_effect.dkim.iter().flat_map(|dkim| &dkim.key_files);
        let files: Vec<&PathBuf> = files.collect();
        let keys = self.keys.iter();
        keys.filter(|key| key.state() == KeyState::Signing)
            .filter(|key| !files.contains(&&key.file(in_effect)))
            .map(|key| {
                let file = key.file(in_effect);
                format!(
                    "The key {} is to sign for {}, and does not on this machine: {} could not be read, or other keys sign for another domain.",
                    key.selector,
                    key.domain,
                    file.display()
                )
            })
            .collect()
    }
}

/// Makes a key. It does not sign yet.
///
/// # Errors
/// [`AppError::Refused`] while another one of its sort waits, or when its file cannot be written; [`AppError::Store`].
pub async fn make_key(app: &App, by: StaffId, kind: KeyKind) -> Result<KeptKey, AppError> {
    let site = app.site();
    let waits = |key: &KeptKey| key.kind() == kind && key.state() == KeyState::Waiting;
    if site.signing.keys.iter().any(waits) {
        return Err(AppError::refused(
            "A key of this sort waits already. Publish its record, and let it sign.",
        ));
    }
    let domain = match &app.settings.dkim {
        Some(dkim) => dkim.signer.domain().to_owned(),
        None => site.mail_from.email.domain().to_owned(),
    };
    let now = app.now();
    let day = CalendarDate::of(now).iso().replace('-', "");
    let mut taken: Vec<String> = site
        .signing
        .keys
        .iter()
        .map(|key| key.selector.clone())
        .collect();
    if let Some(dkim) = &app.settings.dkim {
        taken.extend(
            dkim.signer
                .keys()
                .iter()
                .map(|key| key.selector.to_string()),
        );
    }
    let start = match kind {
        KeyKind::Rsa => format!("points{day}"),
        KeyKind::Ed25519 => format!("points{day}e"),
    };
    let folder = folder(&app.settings);
    let selector = free_selector(&folder, &start, taken);
    let file = folder.join(format!("{selector}.pem"));
    let made = tokio::task::spawn_blocking(move || -> Result<String, AppError> {
        let pem = match kind {
            KeyKind::Rsa => PrivateKey::new_rsa(),
            KeyKind::Ed25519 => PrivateKey::new_ed25519(),
        };
        let pem = pem.map_err(AppError::internal)?;
        let key =
            PrivateKey::from_pem(pem.expose_secret().as_bytes()).map_err(AppError::internal)?;
        write(&folder, &file, &pem).map_err(|error| {
            AppError::refused(format!(
                "The key’s file {} cannot be written: {error}.",
                file.display()
            ))
        })?;
        Ok(key.record())
    });
    let key = KeptKey {
        domain,
        selector,
        kind: kind.as_str().to_owned(),
        record: made.await.map_err(AppError::internal)??,
        state: KeyState::Waiting.as_str().to_owned(),
        since: now.as_millis(),
    };
    let new = key.clone();
    change(
        app,
        by,
        "settings.key-made",
        key.selector.clone(),
        move |signing| {
            signing.keys.push(new);
            Ok(())
        },
    )
    .await?;
    Ok(key)
}

fn free_selector(folder: &Path, start: &str, mut taken: Vec<String>) -> String {
    loop {
        let selector = slug::free(start, &taken);
        // A file that another installation left is never overwritten.
        if !folder.join(format!("{selector}.pem")).exists() {
            return selector;
        }
        taken.push(selector);
    }
}

fn write(folder: &Path, file: &Path, pem: &SecretString) -> std::io::Result<()> {
    DirBuilder::new()
        .recursive(true)
        .mode(0o700)
        .create(folder)?;
    let mut open = OpenOptions::new();
    let mut file = open.write(true).create_new(true).mode(0o600).open(file)?;
    file.write_all(pem.expose_secret().as_bytes())?;
    file.sync_all()
}

/// Lets a key sign whose record is published.
///
/// # Errors
/// [`AppError::NotFound`]; [`AppError::Refused`] when it does not wait, or its file cannot be read here; [`AppError::Store`].
pub async fn let_sign(app: &App, by: StaffId, selector: String) -> Result<(), AppError> {
    let site = app.site();
    let key = site
        .signing
        .keys
        .iter()
        .find(|key| key.selector == selector);
    let file = key.ok_or(AppError::NotFound)?.file(&app.settings);
    PrivateKey::read(&file)
        .map_err(|error| AppError::refused(format!("{}: {error}.", file.display())))?;
    move_on(
        app,
        by,
        "settings.key-signs",
        selector,
        KeyState::Waiting,
        KeyState::Signing,
    )
    .await
}

/// Lets a key sign no more. Its file is deleted; its record is to stay for a week.
///
/// # Errors
/// [`AppError::NotFound`]; [`AppError::Refused`] when it does not sign; [`AppError::Store`].
pub async fn stop_signing(app: &App, by: StaffId, selector: String) -> Result<(), AppError> {
    let site = app.site();
    let key = site
        .signing
        .keys
        .iter()
        .find(|key| key.selector == selector);
    let key = key.ok_or(AppError::NotFound)?;
    let (file, from) = (key.file(&app.settings), key.state());
    if from == KeyState::Retired {
        return Err(AppError::refused("This key does not sign any more."));
    }
    move_on(
        app,
        by,
        "settings.key-stops",
        selector,
        from,
        KeyState::Retired,
    )
    .await?;
    if let Err(error) = std::fs::remove_file(&file) {
        tracing::warn!(%error, file = %file.display(), "the file of a retired key is left");
    }
    Ok(())
}

async fn move_on(
    app: &App,
    by: StaffId,
    action: &'static str,
    selector: String,
    from: KeyState,
    to: KeyState,
) -> Result<(), AppError> {
    let now = app.now();
    change(app, by, action, selector.clone(), move |signing| {
        let mut keys = signing.keys.iter_mut();
        let key = keys.find(|key| key.selector == selector);
        let key = key.ok_or(AppError::NotFound)?;
        if key.state() != from {
            return Err(AppError::refused(
                "Somebody else has moved this key on meanwhile.",
            ));
        }
        key.state = to.as_str().to_owned();
        key.since = now.as_millis();
        Ok(())
    })
    .await
}

/// Changes the list of keys as it is in the database. Selectors are noted; private halves are in files, and never here.
async fn change(
    app: &App,
    by: StaffId,
    action: &'static str,
    selector: String,
    change: impl FnOnce(&mut Signing) -> Result<(), AppError> + Send + 'static,
) -> Result<(), AppError> {
    let now = app.now();
    app.store
        .write(move |db: &mut Db| {
            let mut signing: Signing = super::value(db, name::SIGNING)?.unwrap_or_default();
            change(&mut signing)?;
            let value = serde_json::to_string(&signing).map_err(AppError::internal)?;
            site_settings::append(db, name::SIGNING, &value, Some(by), now)?;
            let entity = ("settings", None);
            audit_events::append(db, Some(by), action, entity, Some(&selector), now)?;
            Ok::<_, AppError>(())
        })
        .await?;
    app.site.refresh().await
}
