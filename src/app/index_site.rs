//! Keeps what readers can search in step with what is on the site, in the transaction that changes it.

use crate::domain::article::ArticleId;
use crate::domain::bulletin::BulletinId;
use crate::domain::clinical_text::lines;
use crate::domain::local_time;
use crate::domain::markdown;
use crate::domain::search_entry::EntryKind;
use crate::domain::symposium::SymposiumId;
use crate::mail::content::Content;
use crate::store::bulletins::{self, Bulletin};
use crate::store::publications::{self, Publication};
use crate::store::search_entries::{self, NewEntry};
use crate::store::symposia::{self, Symposium};
use crate::store::{Db, instance};

use super::AppError;

/// Counts the ways in which entries are made. A program that makes them in a new way makes all anew when it starts.
const VERSION: &str = "3";

/// What an article has in the index.
const OF_ARTICLE: [EntryKind; 2] = [EntryKind::Article, EntryKind::PracticePoint];

/// Makes sure that everything is in the index that is on the site: what was there before there was an index, or when
/// it was made in another way.
pub(super) fn prepare(db: &mut Db) -> Result<(), AppError> {
    const NAME: &str = "search_index_version";
    if instance::value(db, NAME)?.as_deref() == Some(VERSION) {
        return Ok(());
    }
    search_entries::clear(db)?;
    for publication in publications::list(db, None, i64::MAX, 0)? {
        insert_article(db, &publication)?;
    }
    for bulletin in bulletins::archive(db, i64::MAX)? {
        insert_bulletin(db, &bulletin)?;
    }
    for symposium in symposia::on_site(db, i64::MAX)? {
        insert_symposium(db, &symposium)?;
    }
    instance::set_value(db, NAME, VERSION)?;
    Ok(())
}

/// Puts an article in as it is on the site now, or takes it out when it is not there.
pub(super) fn article(db: &mut Db, id: ArticleId) -> Result<(), AppError> {
    search_entries::remove(db, &OF_ARTICLE, id.0)?;
    match publications::of_article(db, id)? {
        Some(publication) => insert_article(db, &publication),
        None => Ok(()),
    }
}

/// Puts a bulletin in whose sending has begun.
pub(super) fn bulletin(db: &mut Db, id: BulletinId) -> Result<(), AppError> {
    search_entries::remove(db, &[EntryKind::Bulletin], id.0)?;
    let bulletin = bulletins::get(db, id)?;
    // What goes to the people of one event is not in the archive.
    if bulletin.symposium_id.is_some() {
        return Ok(());
    }
    insert_bulletin(db, &bulletin)
}

/// Puts a symposium in as it is on the site now.
pub(super) fn symposium(db: &mut Db, id: SymposiumId) -> Result<(), AppError> {
    search_entries::remove(db, &[EntryKind::Symposium], id.0)?;
    let symposium = symposia::get(db, id)?;
    insert_symposium(db, &symposium)
}

fn insert_symposium(db: &mut Db, symposium: &Symposium) -> Result<(), AppError> {
    let Some(published_at) = symposium.published_at else {
        return Ok(());
    };
    let date = local_time::display_date(symposium.starts_at);
    let body = [
        &symposium.summary,
        &date,
        &symposium.place,
        &symposium.programme.replace(['|', '#'], " "),
        &symposium.speakers,
    ];
    let entry = NewEntry {
        kind: EntryKind::Symposium,
        source_id: symposium.id.0,
        position: 0,
        slug: &symposium.slug,
        title: &symposium.title,
        body: &body.map(|part| part.trim()).join("\n"),
        published_at,
    };
    Ok(search_entries::insert(db, &entry)?)
}

fn insert_article(db: &mut Db, publication: &Publication) -> Result<(), AppError> {
    let body = [
        &publication.summary,
        &markdown::to_words(&publication.body),
        &publication.practice_points,
        &publication.authors,
        &publication.reference_list,
    ];
    let entry = NewEntry {
        kind: EntryKind::Article,
        source_id: publication.article_id.0,
        position: 0,
        slug: &publication.slug,
        title: &publication.title,
        body: &body.map(|part| part.trim()).join("\n"),
        published_at: publication.first_published_at,
    };
    search_entries::insert(db, &entry)?;
    for (position, point) in (1..).zip(lines(&publication.practice_points)) {
        let entry = NewEntry {
            kind: EntryKind::PracticePoint,
            position,
            body: point,
            ..entry
        };
        search_entries::insert(db, &entry)?;
    }
    Ok(())
}

fn insert_bulletin(db: &mut Db, bulletin: &Bulletin) -> Result<(), AppError> {
    let (Some(started), Some(frozen)) = (bulletin.started_at, bulletins::frozen(db, bulletin.id)?)
    else {
        return Ok(());
    };
    let content = Content {
        subject: String::new(),
        html: String::new(),
        text: frozen.text,
    };
    let content = content
        .preview(|_| String::new())
        .map_err(AppError::internal)?;
    let entry = NewEntry {
        kind: EntryKind::Bulletin,
        source_id: bulletin.id.0,
        position: 0,
        slug: &bulletin.slug,
        title: &bulletin.subject,
        body: &format!("{}\n{}", bulletin.preheader, told(&content.text)),
        published_at: started,
    };
    Ok(search_entries::insert(db, &entry)?)
}

/// What a bulletin's text tells, between the greeting and the line above its foot: every bulletin has these, and would be
/// found by their words.
fn told(text: &str) -> String {
    let above_foot = text
        .rsplit_once("\n--------------------------------------------------------------------\n")
        .map_or(text, |(above, _)| above);
    let after_greeting = above_foot
        .split_once("\nKia ora")
        .and_then(|(_, after)| after.split_once('\n'))
        .map_or(above_foot, |(_, after)| after);
    without_rules(after_greeting)
}

/// The text without the lines that only underline a heading or divide.
fn without_rules(text: &str) -> String {
    let is_rule = |line: &&str| {
        !line.trim().is_empty() && line.chars().all(|c| matches!(c, '=' | '-' | '*' | ' '))
    };
    text.lines()
        .filter(|line| !is_rule(line))
        .collect::<Vec<_>>()
        .join("\n")
}
