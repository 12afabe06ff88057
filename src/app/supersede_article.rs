//! A published article takes the place of another. The older one stays where it is, for whoever has its address, and says
//! where the newer one is.
//!
//! The mark belongs to the article and not to one of its texts: a text that is published anew stays superseded, and one
//! whose successor is taken off the site for a while does not become current again unawares.

use crate::domain::article::ArticleId;
use crate::domain::staff_member::StaffId;
use crate::store::{Db, articles, audit_events, publications, supersessions};

use super::{App, AppError};

/// How many steps of a chain are followed at most. It has no circles; this keeps a damaged one from holding anybody up.
const MOST_STEPS: usize = 100;

/// Says that `successor` takes the place of an article.
///
/// # Errors
/// [`AppError::Refused`] when one of them is not on the site, or the successor's own successors lead back to the article.
pub async fn supersede(
    app: &App,
    by: StaffId,
    id: ArticleId,
    successor: ArticleId,
) -> Result<(), AppError> {
    let now = app.now();
    app.store
        .write(move |db| {
            articles::get(db, id)?;
            if publications::of_article(db, id)?.is_none() {
                return Err(AppError::refused(
                    "It is not on the site, so nothing needs to take its place there.",
                ));
            }
            let Some(newer) = publications::of_article(db, successor)? else {
                return Err(AppError::refused(
                    "Please choose an article that is on the site.",
                ));
            };
            if successor == id || chain(db, successor)?.contains(&id) {
                return Err(AppError::Refused(format!(
                    "“{}” is itself superseded by this one: readers would be sent round in a circle.",
                    newer.title
                )));
            }
            supersessions::set(db, id, successor, by, now)?;
            let detail = format!("by article {successor}, “{}”", newer.title);
            let entity = ("article", Some(id.0));
            audit_events::append(db, Some(by), "article.supersede", entity, Some(&detail), now)?;
            Ok(())
        })
        .await
}

/// Makes a superseded article current again.
///
/// # Errors
/// [`AppError::Refused`] when it is not superseded.
pub async fn reinstate(app: &App, by: StaffId, id: ArticleId) -> Result<(), AppError> {
    let now = app.now();
    app.store
        .write(move |db| {
            if !supersessions::remove(db, id)? {
                return Err(AppError::refused("It is not superseded."));
            }
            let entity = ("article", Some(id.0));
            audit_events::append(db, Some(by), "article.reinstate", entity, None, now)?;
            Ok(())
        })
        .await
}

/// What comes after an article, its successor first.
fn chain(db: &mut Db, id: ArticleId) -> Result<Vec<ArticleId>, AppError> {
    let mut chain = Vec::new();
    let mut at = id;
    while let Some(next) = supersessions::successor(db, at)? {
        if chain.len() >= MOST_STEPS || chain.contains(&next) {
            break;
        }
        chain.push(next);
        at = next;
    }
    Ok(chain)
}

/// How a superseded article's readers go on.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Successor {
    /// Slug and title of the newest that is on the site.
    OnSite {
        /// Name in addresses.
        slug: String,
        /// Title.
        title: String,
    },
    /// None of them is on the site at present.
    NotOnSite,
}

/// What readers of an article are led to; nothing if it is current.
pub(super) fn successor(db: &mut Db, id: ArticleId) -> Result<Option<Successor>, AppError> {
    let chain = chain(db, id)?;
    if chain.is_empty() {
        return Ok(None);
    }
    for newest in chain.into_iter().rev() {
        if let Some(on_site) = publications::of_article(db, newest)? {
            return Ok(Some(Successor::OnSite {
                slug: on_site.slug,
                title: on_site.title,
            }));
        }
    }
    Ok(Some(Successor::NotOnSite))
}

/// What staff see of an article's place.
#[derive(Debug, Clone, Default)]
pub struct Place {
    /// Its successor, as chosen: key and title.
    pub successor: Option<(ArticleId, String)>,
    /// Those whose place it takes.
    pub predecessors: Vec<(ArticleId, String)>,
    /// Those on the site that could take its place, the newest first.
    pub candidates: Vec<(ArticleId, String)>,
}

pub(super) fn place(db: &mut Db, id: ArticleId) -> Result<Place, AppError> {
    let successor = match supersessions::successor(db, id)? {
        Some(successor) => Some((successor, articles::get(db, successor)?.title)),
        None => None,
    };
    let superseded = supersessions::superseded(db)?;
    let candidates = publications::titles(db)?
        .into_iter()
        .filter(|(other, _)| *other != id && !superseded.contains(other));
    Ok(Place {
        successor,
        predecessors: supersessions::predecessors(db, id)?,
        candidates: candidates.collect(),
    })
}
