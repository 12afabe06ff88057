//! Images, each under the hash of its content.

use diesel::prelude::*;

use super::schema::{article, bulletin, image, publication, site_setting, staff_member};
use super::{Db, StoreError, each};
use crate::clock::Timestamp;
use crate::domain::article::ArticleId;
use crate::domain::bulletin::BulletinId;
use crate::domain::image::{Image, ImageFormat};
use crate::domain::staff_member::StaffId;

/// What is known of an image, without its content.
#[derive(Debug, Clone, Queryable)]
pub struct Description {
    /// Its name in addresses: a hash of its content.
    pub hash: String,
    /// How it is kept.
    pub format: ImageFormat,
    /// Width in pixels.
    pub width: i32,
    /// Height in pixels.
    pub height: i32,
    /// Size of the file, in bytes.
    pub byte_count: i32,
    /// Alternative text.
    pub alt: String,
    /// When it was brought.
    pub uploaded_at: Timestamp,
    /// The name of who brought it.
    pub uploaded_by: String,
}

macro_rules! description {
    () => {
        image::table.inner_join(staff_member::table).select((
            image::hash,
            image::format,
            image::width,
            image::height,
            image::byte_count,
            image::alt,
            image::uploaded_at,
            staff_member::name,
        ))
    };
}

/// Adds an image, unless its content is there already. Returns whether it is new.
pub fn insert(
    db: &mut Db,
    hash: &str,
    new: &Image,
    alt: &str,
    by: StaffId,
    now: Timestamp,
) -> Result<bool, StoreError> {
    let number = |value: u32| i32::try_from(value).unwrap_or(i32::MAX);
    let added = each!(db, c => diesel::insert_into(image::table)
        .values((
            image::hash.eq(hash),
            image::format.eq(new.format.as_str()),
            image::width.eq(number(new.width)),
            image::height.eq(number(new.height)),
            image::byte_count.eq(i32::try_from(new.content.len()).unwrap_or(i32::MAX)),
            image::content.eq(&new.content),
            image::alt.eq(alt),
            image::uploaded_by.eq(by.0),
            image::uploaded_at.eq(now.as_millis()),
        ))
        .on_conflict_do_nothing()
        .execute(c))?;
    Ok(added == 1)
}

/// The file of an image.
///
/// # Errors
/// [`StoreError::NotFound`].
pub fn content(db: &mut Db, hash: &str, format: ImageFormat) -> Result<Vec<u8>, StoreError> {
    Ok(image::table
        .find(hash)
        .filter(image::format.eq(format.as_str()))
        .select(image::content)
        .first(db)?)
}

/// What is known of an image.
///
/// # Errors
/// [`StoreError::NotFound`].
pub fn get(db: &mut Db, hash: &str) -> Result<Description, StoreError> {
    Ok(description!().filter(image::hash.eq(hash)).first(db)?)
}

/// All images, the newest first.
pub fn list(db: &mut Db, limit: i64, offset: i64) -> Result<Vec<Description>, StoreError> {
    Ok(description!()
        .order((image::uploaded_at.desc(), image::hash.asc()))
        .limit(limit)
        .offset(offset)
        .load(db)?)
}

/// How many there are.
pub fn count(db: &mut Db) -> Result<i64, StoreError> {
    Ok(image::table.count().get_result(db)?)
}

/// Format, width and height of those of these images that are there.
pub fn sizes(
    db: &mut Db,
    hashes: &[String],
) -> Result<Vec<(String, ImageFormat, i32, i32)>, StoreError> {
    Ok(image::table
        .filter(image::hash.eq_any(hashes.to_vec()))
        .select((image::hash, image::format, image::width, image::height))
        .load(db)?)
}

/// Gives an image another alternative text. Returns whether it is there.
pub fn set_alt(db: &mut Db, hash: &str, alt: &str) -> Result<bool, StoreError> {
    let changed = diesel::update(image::table.find(hash))
        .set(image::alt.eq(alt))
        .execute(db)?;
    Ok(changed == 1)
}

/// Takes an image away.
pub fn delete(db: &mut Db, hash: &str) -> Result<(), StoreError> {
    diesel::delete(image::table.find(hash)).execute(db)?;
    Ok(())
}

/// Where an image is shown: articles and bulletins with their titles.
#[derive(Debug, Clone, Default)]
pub struct Uses {
    /// In the text that is being written, or in what is on the site.
    pub articles: Vec<(ArticleId, String)>,
    /// In the introduction, or in the mail that was approved.
    pub bulletins: Vec<(BulletinId, String)>,
    /// As the clinic's logo, now or before: messages that went out show it.
    pub logo: bool,
}

impl Uses {
    /// Whether it is shown nowhere.
    pub fn is_empty(&self) -> bool {
        self.articles.is_empty() && self.bulletins.is_empty() && !self.logo
    }
}

/// Where an image is shown now. Earlier texts of an article do not count: what was never published must be possible to
/// take away. `logo` is the setting that holds the clinic's logo, and its earlier versions count.
pub fn uses(db: &mut Db, hash: &str, logo: &str) -> Result<Uses, StoreError> {
    let holds = format!("%/images/{hash}.%");
    let articles = article::table
        .left_join(publication::table)
        .filter(
            article::body
                .like(&holds)
                .or(publication::body.nullable().like(&holds)),
        )
        .select((article::id, article::title))
        .order(article::id.asc())
        .load(db)?;
    let bulletins = bulletin::table
        .filter(
            bulletin::introduction
                .like(&holds)
                .or(bulletin::frozen_html.like(&holds)),
        )
        .select((bulletin::id, bulletin::subject))
        .order(bulletin::id.asc())
        .load(db)?;
    let logo = site_setting::table
        .filter(site_setting::name.eq(logo))
        .filter(site_setting::value.like(&holds));
    Ok(Uses {
        articles,
        bulletins,
        logo: diesel::dsl::select(diesel::dsl::exists(logo)).get_result(db)?,
    })
}
