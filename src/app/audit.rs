//! Staff look up who did what.

use crate::domain::search_words::SearchWords;
use crate::domain::staff_member::StaffId;
use crate::store::audit_events::{self, AuditEvent, Filter};

use super::{App, AppError};

/// So many events are on a page.
pub const PAGE_SIZE: i64 = 100;

/// An event, and what the thing it was done to is called now.
#[derive(Debug, Clone)]
pub struct Told {
    /// The event.
    pub event: AuditEvent,
    /// The title of the article, the bulletin and so on; none where it is gone, or has none.
    pub title: Option<String>,
}

/// The newest events of any of these filters, or those before the event `before`, at most `limit`. Words are looked for in
/// the titles of things as well.
///
/// # Errors
/// [`AppError::Store`].
pub async fn list(
    app: &App,
    filters: Vec<Filter>,
    before: Option<i64>,
    limit: i64,
) -> Result<Vec<Told>, AppError> {
    app.store
        .read(move |db| {
            let mut all = filters;
            let mut by_title = Vec::new();
            for filter in all.iter().filter(|filter| !filter.words.is_empty()) {
                for things in audit_events::titled(db, &filter.words)? {
                    by_title.push(Filter {
                        words: SearchWords::default(),
                        things: Some(things),
                        ..filter.clone()
                    });
                }
            }
            all.extend(by_title);
            let events = audit_events::list_any(db, &all, before, limit)?;
            let titles = audit_events::titles(db, &events)?;
            let told = events.into_iter().zip(titles);
            Ok(told.map(|(event, title)| Told { event, title }).collect())
        })
        .await
}

/// Notes that somebody takes the audit with them, before they have it.
///
/// # Errors
/// [`AppError::Store`].
pub async fn note_export(app: &App, by: StaffId, detail: String) -> Result<(), AppError> {
    let now = app.now();
    app.store
        .write(move |db| {
            let entity = ("audit", None);
            audit_events::append(db, Some(by), "audit.export", entity, Some(&detail), now)?;
            Ok(())
        })
        .await
}
