//! What staff did: rows are added, and never changed or taken away (a trigger sees to it).

use std::collections::{BTreeMap, BTreeSet};
use std::fmt::Write as _;

use diesel::prelude::*;
use diesel::sql_types::{BigInt, Nullable, Text};

use super::schema::{audit_event, staff_member};
use super::{Db, StoreError, search_entries};
use crate::clock::Timestamp;
use crate::domain::search_words::SearchWords;
use crate::domain::staff_member::StaffId;

/// An event, as stored.
#[derive(Debug, Clone, Queryable, QueryableByName)]
pub struct AuditEvent {
    /// Key.
    #[diesel(sql_type = BigInt)]
    pub id: i64,
    /// When.
    #[diesel(sql_type = BigInt)]
    pub at: Timestamp,
    /// Name of the member of staff; none for the command line and the program itself.
    #[diesel(sql_type = Nullable<Text>)]
    pub staff_name: Option<String>,
    /// What was done, as a verb: `article.approve`.
    #[diesel(sql_type = Text)]
    pub action: String,
    /// To what kind of thing.
    #[diesel(sql_type = Text)]
    pub entity: String,
    /// To which one.
    #[diesel(sql_type = Nullable<BigInt>)]
    pub entity_id: Option<i64>,
    /// More about it; no addresses of subscribers.
    #[diesel(sql_type = Nullable<Text>)]
    pub detail: Option<String>,
}

/// By whom.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum By {
    /// A member of staff.
    Staff(StaffId),
    /// The command line, or the program itself.
    Program,
}

/// Which events are wanted. The names are fixed ones of the program: what somebody typed never becomes part of a query.
#[derive(Debug, Clone, Default)]
pub struct Filter {
    /// By whom.
    pub by: Option<By>,
    /// One of these actions; empty for all.
    pub actions: Vec<&'static str>,
    /// To this one thing.
    pub about: Option<(&'static str, i64)>,
    /// To any of these things of one kind.
    pub things: Option<(&'static str, Vec<i64>)>,
    /// From then on, and before then.
    pub between: Option<(Timestamp, Timestamp)>,
    /// All of these words in what is noted; empty for all.
    pub words: SearchWords,
}

/// Notes an event.
pub fn append(
    db: &mut Db,
    staff: Option<StaffId>,
    action: &str,
    entity: (&str, Option<i64>),
    detail: Option<&str>,
    now: Timestamp,
) -> Result<(), StoreError> {
    diesel::insert_into(audit_event::table)
        .values((
            audit_event::at.eq(now.as_millis()),
            audit_event::staff_id.eq(staff.map(|id| id.0)),
            audit_event::action.eq(action),
            audit_event::entity.eq(entity.0),
            audit_event::entity_id.eq(entity.1),
            audit_event::detail.eq(detail),
        ))
        .execute(db)?;
    Ok(())
}

/// Notes what a member of staff did to a thing, in words.
pub fn note(
    db: &mut Db,
    by: StaffId,
    action: &str,
    (entity, id): (&str, i64),
    detail: &str,
    now: Timestamp,
) -> Result<(), StoreError> {
    append(db, Some(by), action, (entity, Some(id)), Some(detail), now)
}

/// Whether something was done to one thing at any time.
pub fn happened(db: &mut Db, action: &str, entity: (&str, i64)) -> Result<bool, StoreError> {
    let found = audit_event::table
        .filter(audit_event::entity.eq(entity.0))
        .filter(audit_event::entity_id.eq(entity.1))
        .filter(audit_event::action.eq(action))
        .select(audit_event::id)
        .first::<i64>(db)
        .optional()?;
    Ok(found.is_some())
}

/// Which member of staff did one of these to one thing last.
pub fn last_by(
    db: &mut Db,
    actions: &[&str],
    entity: (&str, i64),
) -> Result<Option<StaffId>, StoreError> {
    let last: Option<Option<StaffId>> = audit_event::table
        .filter(audit_event::entity.eq(entity.0))
        .filter(audit_event::entity_id.eq(entity.1))
        .filter(audit_event::action.eq_any(actions.to_vec()))
        .filter(audit_event::staff_id.is_not_null())
        .order(audit_event::id.desc())
        .select(audit_event::staff_id)
        .first(db)
        .optional()?;
    Ok(last.flatten())
}

const COLUMNS: &str = "e.id, e.at, m.name AS staff_name, e.action, e.entity, e.entity_id, e.detail";

/// The newest events of those that are wanted, before the event `before` where one is given. Each page is as quick as the
/// first: it is found by its key, through an index.
pub fn list(
    db: &mut Db,
    filter: &Filter,
    before: Option<i64>,
    limit: i64,
) -> Result<Vec<AuditEvent>, StoreError> {
    let mut conditions = conditions(db, filter)?;
    if let Some(before) = before {
        let _ = write!(conditions, " AND e.id < {before}");
    }
    let member = "LEFT JOIN staff_member m ON m.id = e.staff_id";
    if filter.words.is_empty() {
        let sql = format!(
            "SELECT {COLUMNS} FROM audit_event e {member} WHERE 1 = 1{conditions} ORDER BY e.id DESC LIMIT {limit}"
        );
        return Ok(diesel::sql_query(sql).load(db)?);
    }
    let words = search_entries::query(db, &filter.words);
    let sql = match db {
        // The index gives what it finds in the order of its keys, so that a word of every event is found as quickly as a
        // rare one.
        Db::Sqlite(_) => {
            let conditions = conditions.replace(" e.id ", " i.rowid ");
            format!(
                "SELECT {COLUMNS} FROM search_index_audit i JOIN audit_event e ON e.id = i.rowid {member} \
                 WHERE search_index_audit MATCH $1{conditions} ORDER BY i.rowid DESC LIMIT {limit}"
            )
        }
        Db::Pg(_) => format!(
            "SELECT {COLUMNS} FROM audit_event e {member} \
             WHERE to_tsvector('simple', translate(lower(e.detail), 'āēīōū', 'aeiou')) @@ to_tsquery('simple', $1)\
             {conditions} ORDER BY e.id DESC LIMIT {limit}"
        ),
    };
    Ok(diesel::sql_query(sql).bind::<Text, _>(words).load(db)?)
}

/// Of so many actions, each has its own turn in an index; more are looked for among all events.
const MOST_BY_INDEX: usize = 12;

/// The newest events of any of these filters, each once.
pub fn list_any(
    db: &mut Db,
    filters: &[Filter],
    before: Option<i64>,
    limit: i64,
) -> Result<Vec<AuditEvent>, StoreError> {
    let mut found = Vec::new();
    for filter in filters {
        if filter.things.is_none() && (2..=MOST_BY_INDEX).contains(&filter.actions.len()) {
            for action in &filter.actions {
                let one = Filter {
                    actions: vec![action],
                    ..filter.clone()
                };
                found.extend(list(db, &one, before, limit)?);
            }
        } else {
            found.extend(list(db, filter, before, limit)?);
        }
    }
    found.sort_unstable_by_key(|event| std::cmp::Reverse(event.id));
    found.dedup_by_key(|event| event.id);
    found.truncate(usize::try_from(limit).unwrap_or(usize::MAX));
    Ok(found)
}

/// The filter's conditions, each with an AND before it: numbers, and fixed names of ours.
fn conditions(db: &mut Db, filter: &Filter) -> Result<String, StoreError> {
    let mut sql = String::new();
    let names = |names: &[&str]| format!("'{}'", names.join("', '"));
    match filter.by {
        Some(By::Staff(id)) => {
            let _ = write!(sql, " AND e.staff_id = {}", id.0);
        }
        Some(By::Program) => sql.push_str(" AND e.staff_id IS NULL"),
        None => {}
    }
    match filter.actions.as_slice() {
        [] => {}
        [action] => {
            let _ = write!(sql, " AND e.action = '{action}'");
        }
        // Not by the index of actions: its finds would all have to be sorted first.
        actions => {
            let _ = write!(sql, " AND (e.action || '') IN ({})", names(actions));
        }
    }
    if let Some((entity, id)) = filter.about {
        let _ = write!(sql, " AND e.entity = '{entity}' AND e.entity_id = {id}");
    }
    if let Some((entity, ids)) = &filter.things {
        let ids = listed(ids);
        let _ = write!(sql, " AND e.entity = '{entity}' AND e.entity_id IN ({ids})");
    }
    if let Some((from, until)) = filter.between {
        let (from, until) = (from.as_millis(), until.as_millis());
        let _ = write!(sql, " AND +e.at >= {from} AND +e.at < {until}");
        // Through the keys, which are in the list's order; they go with the time but for a moment's difference between two hosts.
        let first = first_id_since(db, from.saturating_sub(SLACK))?.unwrap_or(i64::MAX);
        let _ = write!(sql, " AND e.id >= {first}");
        if let Some(last) = first_id_since(db, until.saturating_add(SLACK))? {
            let _ = write!(sql, " AND e.id <= {last}");
        }
    }
    Ok(sql)
}

/// Milliseconds: an hour.
const SLACK: i64 = 60 * 60 * 1000;

fn first_id_since(db: &mut Db, at: i64) -> Result<Option<i64>, StoreError> {
    Ok(audit_event::table
        .filter(audit_event::at.ge(at))
        .order((audit_event::at.asc(), audit_event::id.asc()))
        .select(audit_event::id)
        .first(db)
        .optional()?)
}

/// Keys, as they stand in a query.
fn listed<'a>(ids: impl IntoIterator<Item = &'a i64>) -> String {
    let ids: Vec<String> = ids.into_iter().map(i64::to_string).collect();
    ids.join(", ")
}

/// The kinds of things that are shown by their titles, and where those stand: never subscribers.
const TITLED: [(&str, &str); 5] = [
    ("article", "SELECT id, title FROM article"),
    ("bulletin", "SELECT id, subject AS title FROM bulletin"),
    ("staff member", "SELECT id, name AS title FROM staff_member"),
    ("symposium", "SELECT id, title FROM symposium"),
    ("topic", "SELECT id, name AS title FROM topic"),
];

/// Of so many things of a kind, the newest, events are found by a word of their titles.
const MOST_THINGS: usize = 200;

#[derive(QueryableByName)]
struct Titled {
    #[diesel(sql_type = BigInt)]
    id: i64,
    #[diesel(sql_type = Text)]
    title: String,
}

/// What the thing of each event is called now, in the order of the events; none where it is gone, or has no title.
pub fn titles(db: &mut Db, events: &[AuditEvent]) -> Result<Vec<Option<String>>, StoreError> {
    let mut titles: Vec<Option<String>> = vec![None; events.len()];
    for (kind, query) in TITLED {
        let key = |event: &AuditEvent| event.entity_id.filter(|_| event.entity == kind);
        let ids: BTreeSet<i64> = events.iter().filter_map(key).collect();
        if ids.is_empty() {
            continue;
        }
        let sql = format!("{query} WHERE id IN ({})", listed(&ids));
        let rows: Vec<Titled> = diesel::sql_query(sql).load(db)?;
        let found: BTreeMap<i64, String> =
            rows.into_iter().map(|row| (row.id, row.title)).collect();
        for (event, title) in events.iter().zip(&mut titles) {
            if let Some(called) = key(event).and_then(|id| found.get(&id)) {
                *title = Some(called.clone());
            }
        }
    }
    Ok(titles)
}

/// The things whose titles have all of these words, by their kind.
pub fn titled(
    db: &mut Db,
    words: &SearchWords,
) -> Result<Vec<(&'static str, Vec<i64>)>, StoreError> {
    let mut found = Vec::new();
    for (kind, query) in TITLED {
        let sql = format!("{query} ORDER BY id DESC");
        let all: Vec<Titled> = diesel::sql_query(sql).load(db)?;
        let ids: Vec<i64> = all
            .iter()
            .filter(|one| words.all_stand_in(&one.title))
            .map(|one| one.id)
            .take(MOST_THINGS)
            .collect();
        if !ids.is_empty() {
            found.push((kind, ids));
        }
    }
    Ok(found)
}

/// What was done to one thing, the newest first.
pub fn of(db: &mut Db, entity: (&str, i64), limit: i64) -> Result<Vec<AuditEvent>, StoreError> {
    Ok(audit_event::table
        .left_join(staff_member::table)
        .filter(audit_event::entity.eq(entity.0))
        .filter(audit_event::entity_id.eq(entity.1))
        .order(audit_event::id.desc())
        .limit(limit)
        .select((
            audit_event::id,
            audit_event::at,
            staff_member::name.nullable(),
            audit_event::action,
            audit_event::entity,
            audit_event::entity_id,
            audit_event::detail,
        ))
        .load(db)?)
}
