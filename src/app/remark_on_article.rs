//! Colleagues say something of an article while it is written and reviewed; readers never see it.

use crate::clock::Timestamp;
use crate::domain::article::{ArticleId, ArticleState, may_approve};
use crate::domain::clinical_text::nhi_problems;
use crate::domain::staff_member::StaffId;
use crate::store::article_remarks::{self, NewRemark};
use crate::store::{Db, articles, audit_events};

use super::review_article::change;
use super::{App, AppError, tell_staff};

/// The longest remark, in bytes.
const MAX_REMARK: usize = 4_000;

/// The most remarks on one article.
const MAX_REMARKS: i64 = 500;

/// Says something of the text of `version` to those who write and review it; nothing else changes.
///
/// # Errors
/// [`AppError::Invalid`] for the field `words`; [`AppError::NotFound`].
pub async fn remark(
    app: &App,
    by: StaffId,
    id: ArticleId,
    version: i32,
    words: &str,
) -> Result<(), AppError> {
    let words = checked(words)?;
    let now = app.now();
    app.store
        .write(move |db| {
            articles::get(db, id)?;
            keep(db, by, id, version, words, false, now)?;
            let entity = ("article", Some(id.0));
            audit_events::append(db, Some(by), "article.remark", entity, None, now)?;
            Ok(())
        })
        .await
}

/// Gives a text that waits for approval back to its author, and says what is to be changed in it.
///
/// # Errors
/// [`AppError::Invalid`] for the field `words`; [`AppError::Refused`] when it does not wait for approval;
/// [`AppError::Conflict`] when `version` is not the text that waits.
pub async fn ask_for_changes(
    app: &App,
    by: StaffId,
    id: ArticleId,
    version: i32,
    words: &str,
) -> Result<(), AppError> {
    let words = checked(words)?;
    let now = app.now();
    change(app, by, id, "article.changes", move |db, article| {
        let writers = articles::writers(db, id)?;
        may_approve(true, &writers, by).map_err(|why| AppError::refused(why.to_string()))?;
        if article.state == ArticleState::InReview && article.version != version {
            return Err(AppError::Conflict);
        }
        keep(db, by, id, version, words, true, now)?;
        Ok((ArticleState::InReview, ArticleState::Draft))
    })
    .await
}

/// A remark without what a remark may not have in it.
pub(super) fn checked(words: &str) -> Result<String, AppError> {
    let invalid = |problem| AppError::Invalid(vec![("words", problem)]);
    let words = super::text_field(words.trim(), MAX_REMARK).map_err(invalid)?;
    if words.is_empty() {
        return Err(invalid("Please write what you want to say.".to_owned()));
    }
    match nhi_problems("remark", &words).into_iter().next() {
        Some(problem) => Err(invalid(problem)),
        None => Ok(words),
    }
}

fn keep(
    db: &mut Db,
    by: StaffId,
    id: ArticleId,
    version: i32,
    words: String,
    asks_for_changes: bool,
    now: Timestamp,
) -> Result<(), AppError> {
    if article_remarks::count(db, id)? >= MAX_REMARKS {
        return Err(AppError::refused(
            "There are too many remarks on this article already.",
        ));
    }
    let remark = NewRemark {
        version,
        asks_for_changes,
        words,
    };
    let remark = article_remarks::insert(db, id, &remark, by, now)?;
    Ok(tell_staff::remarked(db, id, by, remark, now)?)
}
