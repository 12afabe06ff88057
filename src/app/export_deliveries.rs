//! Staff take a list of a bulletin's people with them, as CSV, a piece at a time: a million rows are never in memory at once.

use crate::clock::Timestamp;
use crate::domain::bulletin::BulletinId;
use crate::domain::local_time;
use crate::domain::staff_member::StaffId;
use crate::domain::subscriber::SubscriberId;
use crate::store::delivery_reports::{Page, RecipientFilter, RecipientReport};
use crate::store::{audit_events, bulletins};

use super::export_subscribers::harmless;
use super::{App, AppError, follow_bulletin};

/// So many rows are read at a time.
const PIECE: i64 = 1_000;

/// A list that is being taken.
#[derive(Debug, Clone)]
pub struct Export {
    bulletin: BulletinId,
    filter: RecipientFilter,
    /// Who came last; none before the titles.
    after: Option<SubscriberId>,
}

/// Begins to take a list. It is noted in the audit before the first byte: nobody has a part of it without that.
///
/// # Errors
/// [`AppError::NotFound`]; [`AppError::Store`].
pub async fn begin(
    app: &App,
    by: StaffId,
    bulletin: BulletinId,
    filter: RecipientFilter,
) -> Result<Export, AppError> {
    let now = app.now();
    let which = match (filter.state, filter.aftermath) {
        (_, Some(of)) => of.label(),
        (Some(state), None) => state.label(),
        (None, None) => "all",
    };
    app.store
        .write(move |db| {
            bulletins::get(db, bulletin)?;
            let entity = ("bulletin", Some(bulletin.0));
            audit_events::append(db, Some(by), "bulletin.export", entity, Some(which), now)?;
            Ok::<_, AppError>(())
        })
        .await?;
    Ok(Export {
        bulletin,
        filter,
        after: None,
    })
}

/// The next piece of the file and what is left of the list; nothing after the last.
///
/// # Errors
/// [`AppError::Store`].
pub async fn next(app: &App, export: Export) -> Result<Option<(Vec<u8>, Export)>, AppError> {
    let mut writer = csv::Writer::from_writer(Vec::new());
    let is_first = export.after.is_none();
    if is_first {
        let titles = [
            "email",
            "name",
            "state",
            "finished_at",
            "tries",
            "words",
            "afterwards",
            "noted_at",
        ];
        writer.write_record(titles).map_err(AppError::internal)?;
    }
    let after = export.after.unwrap_or(SubscriberId(0));
    let (id, filter) = (export.bulletin, export.filter.clone());
    let (rows, notes) = app
        .store
        .read(move |db| {
            let page = Page::After(after);
            Ok::<_, AppError>(follow_bulletin::list(db, id, &filter, page, PIECE)?)
        })
        .await?;
    for row in &rows {
        writer
            .write_record(cells(row, notes.get(&row.id)))
            .map_err(AppError::internal)?;
    }
    let last = rows.last().and_then(|row| row.subscriber_id);
    let Some(after) = last.or(is_first.then_some(after)) else {
        return Ok(None);
    };
    let piece = writer
        .into_inner()
        .map_err(|error| AppError::internal(error.into_error()))?;
    let after = Some(after);
    Ok(Some((piece, Export { after, ..export })))
}

fn cells(row: &RecipientReport, note: Option<&(Timestamp, String)>) -> [String; 8] {
    let time = |at: Option<Timestamp>| at.map(local_time::rfc3339).unwrap_or_default();
    [
        harmless(&row.recipient),
        harmless(row.name.as_deref().unwrap_or_default()),
        row.state.as_str().to_owned(),
        time(row.finished_at),
        row.tries.to_string(),
        harmless(row.reply.as_deref().unwrap_or_default()),
        harmless(note.map(|(_, words)| words.as_str()).unwrap_or_default()),
        time(note.map(|(at, _)| *at)),
    ]
}
