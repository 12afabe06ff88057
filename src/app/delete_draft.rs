//! A draft that nobody needs is deleted: one that has never been on the site, and in which nothing is recorded that has to stay.

use std::time::Duration;

use crate::domain::article::{ArticleId, ArticleState};
use crate::domain::staff_member::StaffRole;
use crate::domain::working_copy::CopyOf;
use crate::store::articles::{self, Article};
use crate::store::{Db, audit_events, case_grounds, publications, working_copies};

use super::{Actor, App, AppError};

/// Who has typed within this time still writes at it.
pub(super) const LATELY: Duration = Duration::from_secs(30 * 24 * 60 * 60);

/// Whether somebody may delete an article: a draft of their own, or any as a publisher.
pub fn may_delete(article: &Article, actor: &Actor) -> bool {
    let own = article.created_by == actor.id;
    article.state == ArticleState::Draft && (own || actor.role.includes(StaffRole::Publisher))
}

/// Deletes a draft with its revisions and remarks.
///
/// # Errors
/// [`AppError::Refused`] with the reason why it has to stay; [`AppError::NotFound`].
pub async fn delete(app: &App, actor: &Actor, id: ArticleId) -> Result<(), AppError> {
    let now = app.now();
    let actor = actor.clone();
    app.store
        .write(move |db| {
            let article = articles::get(db, id)?;
            if article.state != ArticleState::Draft {
                return Err(AppError::refused("Only a draft can be deleted."));
            }
            if !may_delete(&article, &actor) {
                return Err(AppError::refused(
                    "Only its author or a publisher can delete this draft.",
                ));
            }
            if let Some(why) = why_it_stays(db, id)? {
                return Err(AppError::refused(why));
            }
            let since = now.minus(LATELY);
            let others = working_copies::of_others(db, actor.id, CopyOf::Article(Some(id)), since)?;
            if let Some(other) = others.first() {
                return Err(AppError::Refused(format!(
                    "{} has typed something in it that is not saved. Ask them first.",
                    other.name
                )));
            }
            articles::delete(db, id)?;
            let entity = ("article", Some(id.0));
            let detail = Some(article.title.as_str());
            audit_events::append(db, Some(actor.id), "article.delete", entity, detail, now)?;
            Ok(())
        })
        .await
}

fn why_it_stays(db: &mut Db, id: ArticleId) -> Result<Option<&'static str>, AppError> {
    let entity = ("article", id.0);
    Ok(
        if publications::of_article(db, id)?.is_some()
            || audit_events::happened(db, "article.publish", entity)?
        {
            Some("It has been on the site, so it stays on record.")
        } else if articles::is_in_a_bulletin(db, id)? {
            Some("It stands in a bulletin. Take it out there first.")
        } else if !case_grounds::consents(db, id)?.is_empty() {
            Some("A patient’s consent is recorded for it, so it stays on record.")
        } else {
            None
        },
    )
}
