//! What is kept of files ages, and lets go of who asks to be forgotten.

use diesel::prelude::*;

use crate::clock::Timestamp;
use crate::domain::email_address::for_people;
use crate::store::schema::import_run;
use crate::store::{Db, StoreError};

/// Takes an address out of what is kept of imports: files that were only checked, and refused lines,
/// whose reasons may repeat what stood in a wrong column. Of a refused line that names it nothing but the reason stays.
pub fn forget_address(db: &mut Db, email: &str) -> Result<(), StoreError> {
    diesel::update(import_run::table)
        .filter(import_run::content.is_not_null())
        .set(import_run::content.eq(None::<Vec<u8>>))
        .execute(db)?;
    let kept: Vec<(i64, String)> = import_run::table
        .filter(import_run::refused_lines.like("%@%"))
        .select((import_run::id, import_run::refused_lines))
        .load(db)?;
    for (id, lines) in kept {
        if let Some(lines) = without_cells(&lines, email) {
            diesel::update(import_run::table.find(id))
                .set(import_run::refused_lines.eq(lines))
                .execute(db)?;
        }
    }
    for spelling in [email, &email.to_lowercase()] {
        diesel::sql_query(
            "UPDATE import_run SET refused_lines = replace(refused_lines, $1, '') \
             WHERE refused_lines LIKE '%@%'",
        )
        .bind::<diesel::sql_types::Text, _>(spelling)
        .execute(db)?;
    }
    Ok(())
}

/// Refused lines without the cells of those that name an address; nothing where none does.
fn without_cells(lines: &str, email: &str) -> Option<String> {
    let mut kept: serde_json::Value = serde_json::from_str(lines).ok()?;
    let names = [email, &for_people(email)].map(str::to_lowercase);
    let mut is_changed = false;
    for line in kept.get_mut("lines")?.as_array_mut()? {
        let text = line.to_string().to_lowercase();
        let names_it = names.iter().any(|name| text.contains(name));
        if let Some(cells) = line.get_mut("cells").filter(|_| names_it) {
            *cells = serde_json::Value::Array(Vec::new());
            is_changed = true;
        }
    }
    is_changed.then(|| kept.to_string())
}

/// Lets go of what stands in refused lines of files that were brought before `before`; the reasons stay.
fn drop_stale_cells(db: &mut Db, before: Timestamp) -> Result<(), StoreError> {
    // With headings and cells it is an object, without them a list.
    let kept: Vec<(i64, String)> = import_run::table
        .filter(import_run::refused_lines.like("{%"))
        .filter(import_run::created_at.lt(before.as_millis()))
        .select((import_run::id, import_run::refused_lines))
        .load(db)?;
    for (id, lines) in kept {
        diesel::update(import_run::table.find(id))
            .set(import_run::refused_lines.eq(reasons_alone(&lines)))
            .execute(db)?;
    }
    Ok(())
}

fn reasons_alone(lines: &str) -> String {
    let kept = serde_json::from_str::<serde_json::Value>(lines).unwrap_or_default();
    let Some(lines) = kept.get("lines").and_then(serde_json::Value::as_array) else {
        return "[]".to_owned();
    };
    let mut lines = lines.clone();
    for line in &mut lines {
        if let Some(line) = line.as_object_mut() {
            line.remove("cells");
        }
    }
    serde_json::Value::Array(lines).to_string()
}

/// Lets go of files that were checked before `before` and never taken over.
pub fn drop_stale_files(db: &mut Db, before: Timestamp) -> Result<usize, StoreError> {
    drop_stale_cells(db, before)?;
    Ok(diesel::update(
        import_run::table
            .filter(import_run::content.is_not_null())
            .filter(import_run::started_at.is_null())
            .filter(import_run::created_at.lt(before.as_millis())),
    )
    .set(import_run::content.eq(None::<Vec<u8>>))
    .execute(db)?)
}
