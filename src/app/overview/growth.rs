//! How the list grows. The ledger of consent is added up for each day as time passes, so that a page reads a few hundred rows
//! and what came since, however long the ledger is.

use std::collections::BTreeMap;
use std::time::Duration;

use crate::app::{App, AppError, merge_subscribers};
use crate::clock::Timestamp;
use crate::domain::consent::{ConsentKind, Turn};
use crate::domain::local_time::CalendarDate;
use crate::store::growth::{self, Change, Day};
use crate::store::{Db, instance};

/// Up to which event the ledger has been added up.
const THROUGH: &str = "growth_through";

/// Younger events wait: one with a smaller key may still be in a transaction that is not finished.
const SETTLED_AFTER: Duration = Duration::from_secs(10 * 60);

/// So many events are added up in one transaction.
const PIECE: usize = 2_000;

/// So many weeks are shown: a year.
const WEEKS: i32 = 52;

/// So many months are shown: a year.
const MONTHS: i32 = 12;

/// How many came and how many left, by day.
#[derive(Debug, Clone, Default)]
pub struct Growth(BTreeMap<CalendarDate, (i64, i64)>);

/// In which pieces a year is shown.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum By {
    /// Weeks that end today.
    Week,
    /// Months of the calendar.
    Month,
}

/// A week or a month.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Period {
    /// Its first day.
    pub from: CalendarDate,
    /// Its last day.
    pub to: CalendarDate,
    /// How many came to the list.
    pub joined: i64,
    /// How many left it.
    pub departed: i64,
    /// How many were on it at the end.
    pub active: i64,
}

impl Growth {
    /// The last year in pieces, the oldest first, when `active` are on the list now.
    pub fn periods(&self, by: By, active: i64, now: Timestamp) -> Vec<Period> {
        let mut active = active;
        let mut periods = Vec::new();
        for (from, to) in spans(by, CalendarDate::of(now)) {
            let days = self.0.range(from..=to);
            let (joined, departed) = days.fold((0, 0), |(j, d), (_, (joined, departed))| {
                (j + joined, d + departed)
            });
            periods.push(Period {
                from,
                to,
                joined,
                departed,
                active,
            });
            // Whom no event brought onto the list was there before any.
            active = (active - joined + departed).max(0);
        }
        periods.reverse();
        periods
    }
}

/// The first and the last days of the pieces, the newest first.
fn spans(by: By, today: CalendarDate) -> Vec<(CalendarDate, CalendarDate)> {
    let of_week = |back: i32| {
        let to = today.plus_days(-7 * back);
        (to.plus_days(-6), to)
    };
    let of_month = |back: i32| {
        let from = today.first_of_month().plus_months(-back);
        (from, from.plus_months(1).plus_days(-1))
    };
    match by {
        By::Week => (0..WEEKS).map(of_week).collect(),
        By::Month => (0..MONTHS).map(of_month).collect(),
    }
}

/// Events by day: those that turned somebody onto the list, or off it. Who confirms twice comes once; of two records that were
/// merged, one goes if it was on the list.
fn by_day(changes: &[Change]) -> BTreeMap<CalendarDate, (i64, i64)> {
    let mut days = BTreeMap::new();
    for change in changes {
        let before = change.earlier.and_then(|kind| kind.turn());
        let (joined, departed) = match (before.unwrap_or(Turn::Off), change.kind.turn()) {
            (Turn::Off, Some(Turn::On)) => (1, 0),
            (Turn::On, Some(Turn::Off)) => (0, 1),
            _ if is_one_of_two_on_the_list(change) => (0, 1),
            _ => continue,
        };
        let day: &mut (i64, i64) = days.entry(CalendarDate::of(change.at)).or_default();
        day.0 += joined;
        day.1 += departed;
    }
    days
}

/// Whether the event tells of a record that was on the list and went into another one. Into one that was never on the list, or
/// was suspended, its place moves: nobody is lost.
fn is_one_of_two_on_the_list(change: &Change) -> bool {
    let detail = change.detail.as_deref().unwrap_or_default();
    change.kind == ConsentKind::Merged
        && change
            .earlier
            .is_some_and(|earlier| earlier != ConsentKind::Suspended)
        && merge_subscribers::was_active(detail)
}

/// What is known of the growth of a little more than the last year.
pub(super) fn read(db: &mut Db, now: Timestamp) -> Result<Growth, AppError> {
    let first = CalendarDate::of(now).plus_months(-13).iso();
    let mut days = BTreeMap::new();
    for Day {
        day,
        joined,
        departed,
    } in growth::days_since(db, &first)?
    {
        days.insert(day.parse().map_err(AppError::internal)?, (joined, departed));
    }
    // In pieces: right after an update the whole ledger may be left to add up.
    let mut after = through(instance::value(db, THROUGH)?.as_deref());
    let limit = i64::try_from(PIECE).unwrap_or(i64::MAX);
    loop {
        let changes = growth::changes_after(db, after, limit)?;
        for (day, (joined, departed)) in by_day(&changes) {
            let known: &mut (i64, i64) = days.entry(day).or_default();
            known.0 += joined;
            known.1 += departed;
        }
        match changes.last() {
            Some(last) if changes.len() == PIECE => after = last.id,
            _ => break,
        }
    }
    Ok(Growth(days))
}

fn through(value: Option<&str>) -> i64 {
    value.and_then(|text| text.parse().ok()).unwrap_or(0)
}

/// Adds up what has come to the ledger of consent, and is settled.
///
/// # Errors
/// [`AppError::Store`].
pub async fn add_up(app: &App) -> Result<(), AppError> {
    let settled = app.now().minus(SETTLED_AFTER);
    while app.store.write(move |db| add_up_piece(db, settled)).await? {}
    Ok(())
}

/// Adds up a piece. Returns whether there may be more.
fn add_up_piece(db: &mut Db, settled: Timestamp) -> Result<bool, AppError> {
    let old = instance::value_or_set(db, THROUGH, "0")?;
    let limit = i64::try_from(PIECE).unwrap_or(i64::MAX);
    let mut changes = growth::changes_after(db, through(Some(&old)), limit)?;
    let is_full = changes.len() == PIECE;
    let young = changes.iter().position(|change| change.at > settled);
    changes.truncate(young.unwrap_or(PIECE));
    let Some(last) = changes.last() else {
        return Ok(false);
    };
    // Another process may be adding up the same.
    if !instance::replace_value(db, THROUGH, &old, &last.id.to_string())? {
        return Ok(false);
    }
    for (day, (joined, departed)) in by_day(&changes) {
        let day = Day {
            day: day.iso(),
            joined,
            departed,
        };
        growth::add_to_day(db, &day)?;
    }
    Ok(is_full && young.is_none())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn of_two_records_that_become_one_one_goes() {
        let merged = |earlier, detail: &str| Change {
            id: 1,
            at: Timestamp::from_millis(1_795_381_200_000),
            kind: ConsentKind::Merged,
            earlier,
            detail: Some(detail.to_owned()),
        };
        let gone = |change: Change| by_day(&[change]).into_values().next();
        let (active, left) = ("record 7: Active", "record 7: Unsubscribed");
        let confirmed = Some(ConsentKind::Confirmed);
        assert_eq!(gone(merged(confirmed, active)), Some((0, 1)));
        assert_eq!(gone(merged(confirmed, left)), None);
        assert_eq!(gone(merged(Some(ConsentKind::Suspended), active)), None);
        assert_eq!(gone(merged(None, active)), None);
    }

    #[test]
    fn the_weeks_and_months_of_a_year_follow_each_other() {
        let now = Timestamp::from_millis(1_795_381_200_000); // 23 November 2026
        let days = [
            ("2026-11-23", (3, 0)),
            ("2026-11-16", (5, 2)),
            ("2026-10-31", (1, 1)),
        ];
        let days = days
            .into_iter()
            .filter_map(|(day, counts)| Some((day.parse::<CalendarDate>().ok()?, counts)));
        let growth = Growth(days.collect());
        let weeks = growth.periods(By::Week, 10, now);
        assert_eq!(weeks.len(), 52);
        let active: Vec<i64> = weeks[49..].iter().map(|week| week.active).collect();
        assert_eq!(active, [4, 7, 10]);
        for pair in weeks.windows(2) {
            assert_eq!(pair[0].to.plus_days(1), pair[1].from);
        }
        let months = growth.periods(By::Month, 10, now);
        assert_eq!(months.len(), 12);
        let shown: Vec<_> = months[10..]
            .iter()
            .map(|m| (m.joined, m.departed, m.active))
            .collect();
        assert_eq!(shown, [(1, 1, 4), (8, 2, 10)]);
        assert_eq!(months[11].to.iso(), "2026-11-30");
    }
}
