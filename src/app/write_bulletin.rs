//! Staff assemble bulletins from published articles.

use std::collections::HashMap;

use crate::domain::article::ArticleId;
use crate::domain::audience::Whom;
use crate::domain::bulletin::{ArticleForm, BulletinId, BulletinState};
use crate::domain::clinical_text::{image_problems, nhi_problems};
use crate::domain::short_text::ShortText;
use crate::domain::slug;
use crate::domain::staff_member::StaffId;
use crate::domain::working_copy::CopyOf;
use crate::store::articles;
use crate::store::bulletins::{self, Bulletin, BulletinText};
use crate::store::publications::{self, Publication};
use crate::store::symposia::{self, Symposium};
use crate::store::topics::{self, Topic};
use crate::store::{
    Db, audiences, audit_events, deliveries, staff_members, supersessions, working_copies,
};

use super::delete_draft::LATELY;
use super::keep_images::unknown_images;
use super::{App, AppError, choose_audience, correct_bulletin, second_person};

/// The longest introduction, in bytes.
const MAX_INTRODUCTION: usize = 20_000;

/// The most articles in a bulletin.
const MAX_ARTICLES: usize = 30;

/// Begins a bulletin as a draft.
///
/// # Errors
/// [`AppError::Invalid`] with the fields that are wrong.
pub async fn create(app: &App, by: StaffId, text: BulletinText) -> Result<BulletinId, AppError> {
    let text = checked(text)?;
    let now = app.now();
    app.store
        .write(move |db| {
            let base = slug::slug(&text.subject, "bulletin");
            let slug = slug::free(&base, &bulletins::slugs_like(db, &base)?);
            let id = bulletins::insert(db, &slug, &text, by, now)?;
            let entity = ("bulletin", Some(id.0));
            audit_events::append(db, Some(by), "bulletin.create", entity, None, now)?;
            Ok(id)
        })
        .await
}

/// Saves a draft over version `over`.
///
/// # Errors
/// [`AppError::Conflict`] when somebody saved another meanwhile; [`AppError::Refused`] when it is no
/// draft; [`AppError::Invalid`]; [`AppError::NotFound`].
pub async fn save(
    app: &App,
    by: StaffId,
    id: BulletinId,
    over: i32,
    text: BulletinText,
) -> Result<(), AppError> {
    let mut text = checked(text)?;
    let now = app.now();
    app.store
        .write(move |db| {
            let before = bulletins::get(db, id)?;
            if !before.state.is_open() {
                return Err(AppError::refused(why_closed(before.state)));
            }
            if before.corrects_id.is_some() {
                // Its audience is not for anybody to choose, and its secrecy is that of what it corrects.
                text.topics = bulletins::topics(db, id)?;
                text.symposium = before.symposium_id;
                text.narrowing = before.narrowing;
            }
            if !bulletins::update(db, id, over, &text, by, now)? {
                return Err(AppError::Conflict);
            }
            // What they typed is what they save.
            working_copies::delete_of(db, by, CopyOf::Bulletin(Some(id)))?;
            let entity = ("bulletin", Some(id.0));
            audit_events::append(db, Some(by), "bulletin.save", entity, None, now)?;
            Ok(())
        })
        .await
}

/// Why a bulletin in this state, which is no draft, cannot be changed.
pub fn why_closed(state: BulletinState) -> &'static str {
    match state {
        BulletinState::Cancelled => "It was given up, and stays as it is.",
        BulletinState::Scheduled => {
            "Only a draft can be changed. Take it off the schedule and back to draft first; an approval is gone then."
        }
        state if state.has_started() => {
            "Its sending has begun, so it stays as it is. To put something right, use “Correct” on its page."
        }
        _ => "Only a draft can be changed. Take it back to draft first; an approval is gone then.",
    }
}

/// Throws a draft away for which nobody ever asked for a review.
///
/// # Errors
/// [`AppError::Refused`] when somebody did, or it is no draft; [`AppError::NotFound`].
pub async fn discard(app: &App, by: StaffId, id: BulletinId) -> Result<(), AppError> {
    let now = app.now();
    app.store
        .write(move |db| {
            let bulletin = bulletins::get(db, id)?;
            let (of, since) = (CopyOf::Bulletin(Some(id)), now.minus(LATELY));
            if let Some(other) = working_copies::of_others(db, by, of, since)?.first() {
                return Err(AppError::Refused(format!(
                    "{} has typed something in it that is not saved. Ask them first.",
                    other.name
                )));
            }
            if bulletins::was_submitted(db, id)? || !bulletins::delete_draft(db, id)? {
                return Err(AppError::refused(
                    "Only a draft for which nobody ever asked for a review can be deleted. Cancel it instead.",
                ));
            }
            // A test whose bulletin is gone could never be made.
            if deliveries::skip_tests(db, id, "the draft was deleted", now)? {
                return Err(AppError::refused(
                    "A test of it is on its way at this moment. Please try again in a moment.",
                ));
            }
            let detail = format!("“{}”", bulletin.subject);
            let entity = ("bulletin", Some(id.0));
            audit_events::append(db, Some(by), "bulletin.delete", entity, Some(&detail), now)?;
            Ok(())
        })
        .await
}

/// A bulletin, with all that its page shows to staff besides its deliveries.
#[derive(Debug)]
pub struct Shown {
    /// The bulletin.
    pub bulletin: Bulletin,
    /// Its articles as they are on the site now, in order; `None` for one that is not there.
    pub articles: Vec<(ArticleId, ArticleForm, Option<Publication>)>,
    /// The titles, as they are being written, of its articles that are not on the site.
    pub off_site_titles: HashMap<ArticleId, String>,
    /// The topics of its audience.
    pub topics: Vec<Topic>,
    /// The symposium whose registered people alone receive it.
    pub symposium: Option<Symposium>,
    /// What leaves people of its audience out, each in words that go on from "people who".
    pub narrowing: Vec<String>,
    /// What it corrects, and what corrects it.
    pub corrections: correct_bulletin::Place,
    /// Whether it is a draft for which nobody ever asked for a review, and may be thrown away.
    pub may_discard: bool,
    /// How many people would receive it now; once its sending began, how many there were.
    pub audience: i64,
    /// What is missing before it may go to review.
    pub problems: Vec<String>,
    /// All who saved it: none of them may approve it.
    pub writers: Vec<StaffId>,
    /// Why nobody may approve it, where all who might wrote at it.
    pub nobody_approves: Option<String>,
    /// The names of all who wrote it, first of who began it.
    pub written_by: Vec<String>,
    /// The name of who saved it last.
    pub updated_by: String,
    /// The name of whoever approved it.
    pub approved_by: Option<String>,
}

/// A bulletin, with all that its page shows to staff besides its deliveries.
///
/// # Errors
/// [`AppError::NotFound`]; [`AppError::Store`].
pub async fn show(app: &App, id: BulletinId) -> Result<Shown, AppError> {
    let now = app.now();
    app.store
        .read(move |db| {
            let bulletin = bulletins::get(db, id)?;
            let chosen = bulletins::topics(db, id)?;
            let audience = match bulletin.started_at {
                Some(_) => bulletin.audience_count,
                None => {
                    let (whom, narrowing) = audiences::of_bulletin(db, id)?;
                    audiences::count(db, &whom, &narrowing, now)?
                }
            };
            let articles = articles_of(db, id)?;
            let mut off_site_titles = HashMap::new();
            for (article, _, on_site) in &articles {
                if on_site.is_none() {
                    off_site_titles.insert(*article, articles::get(db, *article)?.title);
                }
            }
            let approved_by = match bulletin.approved_by {
                Some(staff) => Some(staff_members::get(db, staff)?.name),
                None => None,
            };
            let writers = bulletins::writers(db, id)?;
            Ok(Shown {
                articles,
                off_site_titles,
                topics: topics::all(db)?
                    .into_iter()
                    .filter(|t| chosen.contains(&t.id))
                    .collect(),
                narrowing: choose_audience::in_words(db, &bulletin.narrowing)?,
                corrections: correct_bulletin::place(db, &bulletin, now)?,
                may_discard: bulletin.state.is_open() && !bulletins::was_submitted(db, id)?,
                audience,
                symposium: match bulletin.symposium_id {
                    Some(symposium) => Some(symposia::get(db, symposium)?),
                    None => None,
                },
                problems: problems(db, &bulletin)?,
                nobody_approves: second_person::lacking(db, &writers)?,
                written_by: second_person::names(db, bulletin.created_by, &writers)?,
                writers,
                updated_by: staff_members::get(db, bulletin.updated_by)?.name,
                approved_by,
                bulletin,
            })
        })
        .await
}

/// The symposia whose people can be written to: those on the site, the latest first.
///
/// # Errors
/// [`AppError::Store`].
pub async fn choosable_symposia(app: &App) -> Result<Vec<Symposium>, AppError> {
    app.store.read(|db| Ok(symposia::on_site(db, 200)?)).await
}

/// All bulletins, the newest first.
///
/// # Errors
/// [`AppError::Store`].
pub async fn list(app: &App) -> Result<Vec<Bulletin>, AppError> {
    app.store.read(|db| Ok(bulletins::list(db, 5_000)?)).await
}

/// The articles that can be taken into a bulletin: those on the site that have no successor, the newest first.
///
/// # Errors
/// [`AppError::Store`].
pub async fn choosable_articles(app: &App) -> Result<Vec<Publication>, AppError> {
    app.store
        .read(|db| Ok(publications::newest(db, None, 200)?))
        .await
}

pub(super) fn articles_of(
    db: &mut Db,
    id: BulletinId,
) -> Result<Vec<(ArticleId, ArticleForm, Option<Publication>)>, AppError> {
    let mut articles = Vec::new();
    for (article, form) in bulletins::articles(db, id)? {
        articles.push((article, form, publications::of_article(db, article)?));
    }
    Ok(articles)
}

/// What is missing before a bulletin may go to review, each in words for its editor.
pub(super) fn problems(db: &mut Db, bulletin: &Bulletin) -> Result<Vec<String>, AppError> {
    let mut problems = problems_but_numbers(db, bulletin)?;
    problems.extend(number_problems(bulletin));
    Ok(problems)
}

/// What in its own texts looks like a patient's number.
pub(super) fn number_problems(bulletin: &Bulletin) -> Vec<String> {
    let texts = [
        ("subject", &bulletin.subject),
        ("preheader", &bulletin.preheader),
        ("introduction", &bulletin.introduction),
    ];
    let found = texts.map(|(field, text)| nhi_problems(field, text));
    found.concat()
}

/// What is missing or wrong, patients' numbers aside.
pub(super) fn problems_but_numbers(
    db: &mut Db,
    bulletin: &Bulletin,
) -> Result<Vec<String>, AppError> {
    let mut problems = Vec::new();
    if bulletin.preheader.is_empty() {
        problems.push(
            "The preheader is missing: the line that inboxes show beside the subject.".to_owned(),
        );
    }
    let (whom, _) = audiences::of_bulletin(db, bulletin.id)?;
    if matches!(whom, Whom::Topics(topics) if topics.is_empty()) {
        problems.push("No topic is chosen, so nobody would receive it.".to_owned());
    }
    let articles = articles_of(db, bulletin.id)?;
    if articles.is_empty() && bulletin.introduction.trim().is_empty() {
        problems.push("There is no article in it, and no introduction.".to_owned());
    }
    if articles.iter().any(|(_, _, on_site)| on_site.is_none()) {
        problems.push(
            "An article in it is not on the site (any more). Publish it, or leave it out."
                .to_owned(),
        );
    }
    let superseded = supersessions::superseded(db)?;
    for (article, _, on_site) in &articles {
        if let (true, Some(on_site)) = (superseded.contains(article), on_site) {
            problems.push(format!(
                "“{}” is superseded. Take its successor into the bulletin, or leave it out.",
                on_site.title
            ));
        }
    }
    problems.extend(image_problems("introduction", &bulletin.introduction));
    problems.extend(unknown_images(db, "introduction", &bulletin.introduction)?);
    Ok(problems)
}

fn checked(mut text: BulletinText) -> Result<BulletinText, AppError> {
    let mut problems: Vec<(&'static str, String)> = Vec::new();
    match ShortText::parse(&text.subject, 150) {
        Ok(subject) => text.subject = subject.as_str().to_owned(),
        Err(error) => problems.push(("subject", error.about("a subject"))),
    }
    match ShortText::optional(&text.preheader, 200) {
        Ok(line) => text.preheader = line.map(|l| l.as_str().to_owned()).unwrap_or_default(),
        Err(error) => problems.push(("preheader", error.about("a preheader"))),
    }
    match super::text_field(&text.introduction, MAX_INTRODUCTION) {
        Ok(tidy) => text.introduction = tidy,
        Err(problem) => problems.push(("introduction", problem)),
    }
    if text.articles.len() > MAX_ARTICLES {
        problems.push((
            "articles",
            format!("A bulletin has at most {MAX_ARTICLES} articles."),
        ));
    }
    let mut seen = std::collections::HashSet::new();
    text.articles.retain(|(article, _)| seen.insert(*article));
    if problems.is_empty() {
        Ok(text)
    } else {
        Err(AppError::Invalid(problems))
    }
}
