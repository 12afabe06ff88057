//! What the database says of a bulletin, to be compared with the model.

use std::collections::HashMap;

use diesel::RunQueryDsl as _;
use diesel::sql_types::{BigInt, Nullable, Text};
use practice_points::clock::Timestamp;
use practice_points::store::Db;

use super::model::{Bulletin, Model, Row, Status};

#[derive(diesel::QueryableByName)]
struct Found {
    #[diesel(sql_type = Text)]
    bulletin: String,
    #[diesel(sql_type = BigInt)]
    audience: i64,
    #[diesel(sql_type = Text)]
    state: String,
    #[diesel(sql_type = Nullable<Text>)]
    claimed_by: Option<String>,
    #[diesel(sql_type = BigInt)]
    due_at: i64,
    #[diesel(sql_type = Text)]
    status: String,
}

/// What is in the database.
#[derive(Debug)]
pub struct Ledger {
    bulletin: Bulletin,
    audience: usize,
    pub(super) rows: Vec<Row>,
    statuses: Vec<Status>,
}

impl Ledger {
    /// Reads it.
    pub(super) fn read(db: &mut Db, bulletin: i64) -> diesel::QueryResult<Self> {
        let found: Vec<Found> = diesel::sql_query(
            "SELECT b.state AS bulletin, b.audience_count AS audience, d.state AS state, d.claimed_by, d.due_at, \
             s.status AS status FROM bulletin b JOIN delivery d ON d.bulletin_id = b.id \
             JOIN subscriber s ON s.id = d.subscriber_id WHERE b.id = $1 ORDER BY s.id",
        )
        .bind::<BigInt, _>(bulletin)
        .load(db)?;
        let bulletins = HashMap::from([
            ("sending", Bulletin::Sending),
            ("paused", Bulletin::Paused),
            ("sent", Bulletin::Sent),
            ("cancelled", Bulletin::Cancelled),
        ]);
        let statuses = HashMap::from([
            ("active", Status::Active),
            ("unsubscribed", Status::Unsubscribed),
            ("suspended", Status::Suspended),
            ("erased", Status::Erased),
        ]);
        Ok(Self {
            bulletin: bulletins[found[0].bulletin.as_str()],
            audience: usize::try_from(found[0].audience).unwrap(),
            rows: found.iter().map(row).collect(),
            statuses: found
                .iter()
                .map(|row| statuses[row.status.as_str()])
                .collect(),
        })
    }

    /// It is what the model says, and it adds up.
    pub fn agrees_with(&self, model: &Model) {
        assert_eq!(
            self.rows.len(),
            self.audience,
            "the states add up to the audience: {self:?}"
        );
        let is_open = self.rows.iter().any(|row| row.due().is_some());
        assert!(
            self.bulletin != Bulletin::Sent || !is_open,
            "sent, and something is left: {self:?}"
        );
        assert_eq!(self.bulletin, model.bulletin, "{self:?}\n{model:?}");
        for (number, person) in model.people.iter().enumerate() {
            assert_eq!(
                self.rows[number], person.row,
                "{number} of {self:?}\n{model:?}"
            );
            assert_eq!(
                self.statuses[number], person.status,
                "{number} of {self:?}\n{model:?}"
            );
        }
    }
}

fn row(found: &Found) -> Row {
    let due = Timestamp::from_millis(found.due_at);
    let holder = found
        .claimed_by
        .as_deref()
        .and_then(|name| name.strip_prefix("worker-"));
    match (found.state.as_str(), holder) {
        ("queued", None) => Row::Queued(due),
        ("claimed", Some(holder)) => Row::Claimed(holder.parse().unwrap(), due),
        ("deferred", None) => Row::Deferred(due),
        // It keeps who delivered it.
        ("accepted", Some(_)) => Row::Accepted,
        ("refused", None) => Row::Refused,
        ("skipped", None) => Row::Skipped,
        ("failed", None) => Row::Failed,
        (state, holder) => panic!("{state} and held by {holder:?}"),
    }
}
