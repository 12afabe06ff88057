//! Staff look up who did what.

use crate::store::audit_events::{self, AuditEvent};

use super::{App, AppError};

/// So many events are on a page.
pub const PAGE_SIZE: i64 = 100;

/// The newest events, or those before the event `before`.
///
/// # Errors
/// [`AppError::Store`].
pub async fn list(app: &App, before: Option<i64>) -> Result<Vec<AuditEvent>, AppError> {
    app.store
        .read(move |db| Ok(audit_events::list(db, before, PAGE_SIZE)?))
        .await
}
