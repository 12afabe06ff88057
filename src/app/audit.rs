//! Staff look up who did what.

use crate::domain::staff_member::StaffId;
use crate::store::audit_events::{self, AuditEvent, Filter};

use super::{App, AppError};

/// So many events are on a page.
pub const PAGE_SIZE: i64 = 100;

/// The newest events of any of these filters, or those before the event `before`, at most `limit`.
///
/// # Errors
/// [`AppError::Store`].
pub async fn list(
    app: &App,
    filters: Vec<Filter>,
    before: Option<i64>,
    limit: i64,
) -> Result<Vec<AuditEvent>, AppError> {
    app.store
        .read(move |db| Ok(audit_events::list_any(db, &filters, before, limit)?))
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
