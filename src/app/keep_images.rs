//! Staff bring images, and readers see them. What is kept was made anew from the pixels of what was brought.

use std::collections::HashMap;

use sha2::{Digest, Sha256};
use tokio::sync::Semaphore;

use crate::domain::clinical_text::nhi_problems;
use crate::domain::image::{self, HASH_CHARS, ImageFormat, MAX_FILE_BYTES};
use crate::domain::markdown;
use crate::domain::short_text::ShortText;
use crate::domain::staff_member::StaffId;
use crate::store::images::{self, Description, Uses};
use crate::store::{Db, audit_events};

use super::site_settings::name::LOOK;
use super::{App, AppError};

/// The longest reason for which an image is taken away, in characters.
pub const REASON_CHARS: usize = 200;

/// One image at a time is unpacked: it takes hundreds of megabytes for the largest.
static UNPACKING: Semaphore = Semaphore::const_new(1);

/// Takes an image over, with its alternative text. Returns its hash. The same image a second time is the same image: its
/// alternative text stays as it was.
///
/// # Errors
/// [`AppError::Invalid`] with the fields that are wrong: `file`, `alt`.
pub async fn upload(
    app: &App,
    by: StaffId,
    file: Vec<u8>,
    alt: &str,
) -> Result<(String, bool), AppError> {
    let alt = checked_alt(alt)?;
    let invalid = |problem: String| AppError::Invalid(vec![("file", problem)]);
    if file.is_empty() {
        return Err(invalid("Please choose a file.".to_owned()));
    }
    if file.len() > MAX_FILE_BYTES {
        let most = MAX_FILE_BYTES >> 20;
        return Err(invalid(format!("It is larger than {most} MB.")));
    }
    let permit = UNPACKING.acquire().await.map_err(AppError::internal)?;
    let made = tokio::task::spawn_blocking(move || {
        let made = image::make_anew(&file);
        drop(permit);
        made
    });
    let made = made.await.map_err(AppError::internal)?;
    let new = made.map_err(|refused| invalid(refused.to_string()))?;
    let hash = hash(&new.content);
    let now = app.now();
    app.store
        .write(move |db| {
            let is_new = images::insert(db, &hash, &new, &alt, by, now)?;
            if is_new {
                note(db, by, "image.upload", &format!("“{alt}”, {hash}"), now)?;
            }
            Ok((hash, is_new))
        })
        .await
}

fn hash(content: &[u8]) -> String {
    let digest = Sha256::digest(content);
    let first = digest.iter().take(HASH_CHARS / 2);
    first.map(|byte| format!("{byte:02x}")).collect()
}

fn checked_alt(alt: &str) -> Result<String, AppError> {
    let invalid = |problem: String| AppError::Invalid(vec![("alt", problem)]);
    let alt = image::alternative_text(alt)
        .map_err(|error| invalid(error.about("an alternative text")))?;
    match nhi_problems("alternative text", &alt).pop() {
        Some(problem) => Err(invalid(problem)),
        None => Ok(alt),
    }
}

fn note(
    db: &mut Db,
    by: StaffId,
    action: &str,
    detail: &str,
    now: crate::clock::Timestamp,
) -> Result<(), AppError> {
    Ok(audit_events::append(
        db,
        Some(by),
        action,
        ("image", None),
        Some(detail),
        now,
    )?)
}

/// Images, the newest first: `limit` of them from `offset` on, and how many there are in all.
///
/// # Errors
/// [`AppError::Store`].
pub async fn list(
    app: &App,
    limit: i64,
    offset: i64,
) -> Result<(Vec<(Description, Uses)>, i64), AppError> {
    app.store
        .read(move |db| {
            let mut found = Vec::new();
            for image in images::list(db, limit, offset)? {
                let uses = images::uses(db, &image.hash, LOOK)?;
                found.push((image, uses));
            }
            Ok((found, images::count(db)?))
        })
        .await
}

/// An image, and where it is shown.
///
/// # Errors
/// [`AppError::NotFound`]; [`AppError::Store`].
pub async fn show(app: &App, hash: String) -> Result<(Description, Uses), AppError> {
    app.store
        .read(move |db| Ok((images::get(db, &hash)?, images::uses(db, &hash, LOOK)?)))
        .await
}

/// Gives an image another alternative text: it stands in the Markdown that is pasted from now on. Texts that show the
/// image keep theirs, which were approved with them.
///
/// # Errors
/// [`AppError::Invalid`]; [`AppError::NotFound`].
pub async fn set_alt(app: &App, by: StaffId, hash: String, alt: &str) -> Result<(), AppError> {
    let alt = checked_alt(alt)?;
    let now = app.now();
    app.store
        .write(move |db| {
            if !images::set_alt(db, &hash, &alt)? {
                return Err(AppError::NotFound);
            }
            note(db, by, "image.alt", &format!("“{alt}”, {hash}"), now)
        })
        .await
}

/// Takes an image away.
///
/// # Errors
/// [`AppError::Refused`] when it is shown somewhere; [`AppError::NotFound`].
pub async fn delete(app: &App, by: StaffId, hash: String) -> Result<(), AppError> {
    refuse_logo(app, &hash)?;
    let now = app.now();
    app.store
        .write(move |db| {
            let image = images::get(db, &hash)?;
            let uses = images::uses(db, &hash, LOOK)?;
            if uses.logo {
                return Err(AppError::refused(
                    "The image was the clinic’s logo: messages that went out then show it.",
                ));
            }
            if !uses.is_empty() {
                return Err(AppError::refused(
                    "The image is shown somewhere. Take it out there first.",
                ));
            }
            images::delete(db, &hash)?;
            let detail = format!("“{}”, {hash}", image.alt);
            note(db, by, "image.delete", &detail, now)
        })
        .await
}

/// The clinic's logo stands on every page: another is chosen first.
fn refuse_logo(app: &App, hash: &str) -> Result<(), AppError> {
    let site = app.site();
    match &site.look.logo {
        Some(logo) if logo.hash == hash => Err(AppError::refused(
            "The image is the clinic’s logo. Choose another one in the settings first.",
        )),
        _ => Ok(()),
    }
}

/// Takes an image away at once, wherever it is shown: somebody can be recognised in it, or its owner objects. Pages and
/// mails that show it have its alternative text in its place, and no text with it is approved again. What readers'
/// programs have kept of it is beyond us.
///
/// # Errors
/// [`AppError::Invalid`] without a `reason`; [`AppError::NotFound`].
pub async fn take_away(app: &App, by: StaffId, hash: String, reason: &str) -> Result<(), AppError> {
    refuse_logo(app, &hash)?;
    let invalid = |problem: String| AppError::Invalid(vec![("reason", problem)]);
    let reason =
        ShortText::parse(reason, REASON_CHARS).map_err(|error| invalid(error.about("a reason")))?;
    if let Some(problem) = nhi_problems("reason", reason.as_str()).pop() {
        return Err(invalid(problem));
    }
    let now = app.now();
    app.store
        .write(move |db| {
            images::get(db, &hash)?;
            images::delete(db, &hash)?;
            let detail = format!("{hash}: {}", reason.as_str());
            note(db, by, "image.take-away", &detail, now)
        })
        .await
}

/// The file of an image.
///
/// # Errors
/// [`AppError::NotFound`]; [`AppError::Store`].
pub async fn content(app: &App, hash: String, format: ImageFormat) -> Result<Vec<u8>, AppError> {
    app.store
        .read(move |db| Ok(images::content(db, &hash, format)?))
        .await
}

/// Width and height of images by their addresses.
#[derive(Debug, Clone, Default)]
pub struct Sizes(HashMap<String, (u32, u32)>);

impl Sizes {
    /// The HTML of a page with the images' own sizes.
    pub fn on_a_page(&self, html: &str) -> String {
        markdown::with_sizes(html, "", |address| self.0.get(address).copied())
    }

    /// The HTML of a mail with sizes of at most `widest` pixels: Outlook goes by them alone.
    pub(super) fn in_a_mail(&self, html: &str, base_url: &str, widest: u32) -> String {
        markdown::with_sizes(html, base_url, |address| {
            let (width, height) = self.0.get(address).copied()?;
            if width <= widest {
                return Some((width, height));
            }
            let height = u64::from(height) * u64::from(widest) / u64::from(width);
            Some((widest, u32::try_from(height.max(1)).unwrap_or(u32::MAX)))
        })
    }
}

/// The sizes of the images in a text.
pub(super) fn sizes(db: &mut Db, text: &str) -> Result<Sizes, AppError> {
    let found = markdown::images(text);
    let hashes: Vec<String> = found
        .iter()
        .filter_map(|found| image::parse_address(&found.address))
        .map(|(hash, _)| hash.to_owned())
        .collect();
    if hashes.is_empty() {
        return Ok(Sizes::default());
    }
    let pixels = |side: i32| u32::try_from(side).unwrap_or(1);
    let known = images::sizes(db, &hashes)?.into_iter();
    Ok(Sizes(
        known
            .map(|(hash, format, width, height)| {
                let size = (pixels(width), pixels(height));
                (image::address(&hash, format), size)
            })
            .collect(),
    ))
}

/// The sizes of the images in a text.
///
/// # Errors
/// [`AppError::Store`].
pub async fn sizes_in(app: &App, text: &str) -> Result<Sizes, AppError> {
    if !text.contains("/images/") {
        return Ok(Sizes::default());
    }
    let text = text.to_owned();
    app.store.read(move |db| sizes(db, &text)).await
}

/// Images of a text that are not there (any more), each in words for its author.
pub(super) fn unknown_images(
    db: &mut Db,
    field: &str,
    text: &str,
) -> Result<Vec<String>, AppError> {
    let known = sizes(db, text)?;
    let found = markdown::images(text).into_iter();
    let unknown = found.filter(|found| {
        image::parse_address(&found.address).is_some() && !known.0.contains_key(&found.address)
    });
    Ok(unknown
        .map(|found| {
            format!(
                "The image “{}” in the {field} (line {}) is not there. Look under Images for its address.",
                found.address, found.line
            )
        })
        .collect())
}
