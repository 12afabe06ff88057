//! Staff take the list with them, as CSV.

use std::io::Write;

use crate::domain::local_time;
use crate::domain::staff_member::StaffId;
use crate::domain::subscriber::SubscriberId;
use crate::store::subscribers::{self, Filter, Subscriber};
use crate::store::{audit_events, topics};

use super::{App, AppError};

/// So many are read at a time.
const PIECE: i64 = 1_000;

/// Writes everybody whom the filter finds as CSV in UTF-8. `progress` is told how many are written.
/// The export is noted in the audit.
///
/// # Errors
/// [`AppError::Store`]; [`AppError::Internal`] when `out` cannot be written.
pub async fn export(
    app: &App,
    by: Option<StaffId>,
    filter: Filter,
    out: impl Write,
    progress: impl Fn(usize),
) -> Result<usize, AppError> {
    let mut writer = csv::Writer::from_writer(out);
    let titles = [
        "email",
        "name",
        "practice",
        "region",
        "role",
        "mcnz_number",
        "topics",
        "status",
        "source",
        "recorded_at",
    ];
    writer.write_record(titles).map_err(AppError::internal)?;
    let mut after = SubscriberId(0);
    let mut written = 0;
    loop {
        let piece_of = filter.clone();
        let (rows, chosen) = app
            .store
            .read(move |db| {
                let rows = subscribers::list_after(db, &piece_of, after, PIECE)?;
                let ids: Vec<SubscriberId> = rows.iter().map(|row| row.id).collect();
                let chosen = topics::chosen_by_each(db, &ids)?;
                Ok::<_, AppError>((rows, chosen))
            })
            .await?;
        let Some(last) = rows.last() else { break };
        after = last.id;
        for row in &rows {
            let slugs: Vec<&str> = chosen
                .iter()
                .filter(|(id, _)| *id == row.id)
                .map(|(_, slug)| slug.as_str())
                .collect();
            writer
                .write_record(cells(row, &slugs.join(";")))
                .map_err(AppError::internal)?;
        }
        written += rows.len();
        progress(written);
    }
    writer.flush().map_err(AppError::internal)?;
    drop(writer);
    let now = app.now();
    app.store
        .write(move |db| {
            let detail = format!("{written} people");
            let entity = ("subscribers", None);
            audit_events::append(db, by, "subscribers.export", entity, Some(&detail), now)?;
            Ok::<_, AppError>(())
        })
        .await?;
    Ok(written)
}

fn cells(row: &Subscriber, topics: &str) -> [String; 10] {
    let or_empty = |text: Option<&str>| harmless(text.unwrap_or_default());
    [
        harmless(&row.email),
        harmless(&row.name),
        or_empty(row.practice.as_deref()),
        or_empty(row.region.map(|region| region.as_str())),
        or_empty(row.role.map(|role| role.as_str())),
        or_empty(row.mcnz_number.as_deref()),
        harmless(topics),
        row.status.as_str().to_owned(),
        harmless(&row.source),
        local_time::rfc3339(row.created_at),
    ]
}

/// A cell that no spreadsheet takes for a formula (OWASP, CSV Injection).
pub fn harmless(cell: &str) -> String {
    if cell.starts_with(['=', '+', '-', '@', '\t', '\r']) {
        format!("'{cell}")
    } else {
        cell.to_owned()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_a_spreadsheet_would_run_is_made_harmless() {
        for cell in ["=1+1", "+64 9 1", "-2", "@SUM(A1)", "\t=1"] {
            assert_eq!(harmless(cell), format!("'{cell}"));
        }
        assert_eq!(harmless("O’Brien-Ngata"), "O’Brien-Ngata");
    }
}
