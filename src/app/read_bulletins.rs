//! Anybody reads the bulletins that were sent, less the personal pieces.

use crate::mail::content::Content;
use crate::store::bulletins::{self, Bulletin};

use super::correct_bulletin::{self, Place};
use super::{App, AppError};

/// The bulletins whose sending has begun, the newest first.
///
/// # Errors
/// [`AppError::Store`].
pub async fn archive(app: &App) -> Result<Vec<Bulletin>, AppError> {
    app.store.read(|db| Ok(bulletins::archive(db, 200)?)).await
}

/// A bulletin as anybody reads it.
#[derive(Debug)]
pub struct Read {
    /// The bulletin.
    pub bulletin: Bulletin,
    /// What was sent, its personal pieces filled with what is for everybody.
    pub content: Content,
    /// What it corrects, and what corrects it.
    pub corrections: Place,
}

/// A bulletin exactly as it was sent, its personal pieces filled with what is for everybody.
///
/// # Errors
/// [`AppError::NotFound`]; [`AppError::Store`].
pub async fn show(app: &App, slug: &str) -> Result<Read, AppError> {
    let slug = slug.to_owned();
    let now = app.now();
    let (bulletin, frozen, mut corrections) = app
        .store
        .read(move |db| {
            let bulletin = bulletins::started_by_slug(db, &slug)?;
            let frozen = bulletins::frozen(db, bulletin.id)?.ok_or(AppError::NotFound)?;
            let corrections = correct_bulletin::place(db, &bulletin, now)?;
            Ok::<_, AppError>((bulletin, frozen, corrections))
        })
        .await?;
    // Drafts are nobody else's business.
    corrections
        .corrections
        .retain(|one| one.started_at.is_some());
    let content = Content {
        subject: bulletin.subject.clone(),
        html: frozen.html,
        text: frozen.text,
    };
    let content = super::compose_bulletin::for_everybody(app, &content)?;
    Ok(Read {
        bulletin,
        content,
        corrections,
    })
}
