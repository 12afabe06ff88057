//! The way of an article from its author to the site: a second person approves the very text, and a
//! publisher puts it up.

use crate::clock::Timestamp;
use crate::domain::article::{ArticleId, ArticleState, may_approve};
use crate::domain::clinical_text;
use crate::domain::staff_mail::About;
use crate::domain::staff_member::StaffId;
use crate::store::articles::{self, Article};
use crate::store::{Db, audit_events, publications};

use super::keep_images::unknown_images;
use super::write_article::parts;
use super::{App, AppError, clear_case_study, index_site, tell_staff};

/// Asks for a review.
///
/// # Errors
/// [`AppError::Refused`] when something is missing, or it is no draft.
pub async fn submit(app: &App, by: StaffId, id: ArticleId) -> Result<(), AppError> {
    let now = app.now();
    change(app, by, id, "article.submit", move |db, article| {
        complete(db, article, now)?;
        let writers = articles::writers(db, id)?;
        if article
            .reviewer_id
            .is_some_and(|asked| writers.contains(&asked))
        {
            return Err(AppError::refused(
                "The reviewer has written in this text themselves. Please ask a second person.",
            ));
        }
        tell_staff::handed_in(db, About::Article(id), by, now)?;
        Ok((ArticleState::Draft, ArticleState::InReview))
    })
    .await
}

/// Approves the text, as a second person.
///
/// # Errors
/// [`AppError::Refused`] by the second-person rule, when something is missing, when it is a case study
/// without a ground for its publication, or when it does not wait for approval.
pub async fn approve(app: &App, by: StaffId, id: ArticleId, version: i32) -> Result<(), AppError> {
    let now = app.now();
    change(app, by, id, "article.approve", move |db, article| {
        let writers = articles::writers(db, id)?;
        may_approve(article.state == ArticleState::InReview, &writers, by)
            .map_err(|refusal| AppError::refused(refusal.to_string()))?;
        // What is approved is what the approver has read.
        if article.version != version {
            return Err(AppError::Conflict);
        }
        complete(db, article, now)?;
        clear_case_study::ground(db, article)?;
        articles::set_approval(db, id, Some((by, now)))?;
        tell_staff::approved(db, About::Article(id), by, now)?;
        Ok((ArticleState::InReview, ArticleState::Approved))
    })
    .await
}

/// Takes it back to a draft; an approval is gone. What the site shows stays.
///
/// # Errors
/// [`AppError::Refused`] when it is a draft already.
pub async fn withdraw(app: &App, by: StaffId, id: ArticleId) -> Result<(), AppError> {
    change(app, by, id, "article.withdraw", move |db, article| {
        if article.state == ArticleState::Draft {
            return Err(AppError::refused("It is a draft already."));
        }
        articles::set_approval(db, id, None)?;
        Ok((article.state, ArticleState::Draft))
    })
    .await
}

/// Puts the approved text on the site.
///
/// # Errors
/// [`AppError::Refused`] when nobody has approved it.
pub async fn publish(app: &App, by: StaffId, id: ArticleId) -> Result<(), AppError> {
    let now = app.now();
    change(app, by, id, "article.publish", move |db, article| {
        let approved = article.approved_by.zip(article.approved_at);
        let (ArticleState::Approved, Some(approved)) = (article.state, approved) else {
            return Err(AppError::refused(
                "It has to be approved before it is published.",
            ));
        };
        complete(db, article, now)?;
        let ground = clear_case_study::ground(db, article)?;
        publications::put(db, article, approved, ground, now)?;
        index_site::article(db, id)?;
        Ok((ArticleState::Approved, ArticleState::Published))
    })
    .await
}

/// Takes it off the site. Its text stays approved.
///
/// # Errors
/// [`AppError::Refused`] when it is not on the site.
pub async fn unpublish(app: &App, by: StaffId, id: ArticleId) -> Result<(), AppError> {
    change(app, by, id, "article.unpublish", move |db, article| {
        if !publications::remove(db, id)? {
            return Err(AppError::refused("It is not on the site."));
        }
        index_site::article(db, id)?;
        let state = article.state;
        let after = if state == ArticleState::Published {
            ArticleState::Approved
        } else {
            state
        };
        Ok((state, after))
    })
    .await
}

fn complete(db: &mut Db, article: &Article, now: Timestamp) -> Result<(), AppError> {
    let mut problems = clinical_text::problems(&parts(article, now));
    problems.extend(unknown_images(db, "text", &article.body)?);
    if problems.is_empty() {
        Ok(())
    } else {
        Err(AppError::Refused(problems.join(" ")))
    }
}

/// Moves an article from one state to another, as `decide` says, and notes it.
pub(super) async fn change<F>(
    app: &App,
    by: StaffId,
    id: ArticleId,
    action: &'static str,
    decide: F,
) -> Result<(), AppError>
where
    F: FnOnce(&mut Db, &Article) -> Result<(ArticleState, ArticleState), AppError> + Send + 'static,
{
    let now = app.now();
    app.store
        .write(move |db| {
            let article = articles::get(db, id)?;
            let (from, to) = decide(db, &article)?;
            if !articles::set_state(db, id, from, to)? {
                let why = format!("That is not possible now: it is {}.", article.state.label());
                return Err(AppError::Refused(why));
            }
            let detail = format!("version {}", article.version);
            let entity = ("article", Some(id.0));
            audit_events::append(db, Some(by), action, entity, Some(&detail), now)?;
            Ok(())
        })
        .await
}
