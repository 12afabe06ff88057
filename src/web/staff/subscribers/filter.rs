//! Which subscribers a list shows, and in which order, as the address of the page says it.

use std::time::Duration;

use serde::Deserialize;

use crate::clock::Timestamp;
use crate::domain::bulletin::BulletinId;
use crate::domain::local_time::{self, CalendarDate};
use crate::domain::subscriber::{SubscriberId, SubscriberStatus};
use crate::domain::subscriber_filter::{ListOrder, SortBy, SubscriberFilter};
use crate::domain::symposium::SymposiumId;
use crate::store::subscribers::Position;
use crate::store::topics::Topic;
use crate::web::page::list_address;

/// The longest text of a filter, in characters.
const MOST_CHARS: usize = 200;

/// The filters as they stand in the address; an empty one filters nothing, and so does one that is no
/// known choice.
#[derive(Debug, Default, Clone, Deserialize)]
#[serde(default)]
pub(in crate::web) struct FilterQuery {
    pub(super) q: String,
    pub(super) status: String,
    pub(super) topic: String,
    pub(super) region: String,
    pub(super) role: String,
    pub(super) from: String,
    pub(super) to: String,
    pub(super) source: String,
    pub(super) trouble: String,
    pub(super) attended: String,
    pub(super) received: String,
    pub(super) not_received: String,
    pub(super) sort: String,
    pub(super) down: String,
    /// The person after whom the page begins, or before whom it ends.
    after: String,
    before: String,
    /// Whether it is the last page.
    last: String,
    /// How many people stand before the page, as the link to it knew.
    skipped: String,
}

impl FilterQuery {
    /// The filter.
    pub(super) fn filter(&self, topics: &[Topic]) -> SubscriberFilter {
        let status = self.status.parse::<SubscriberStatus>().ok();
        let short = |text: &str| text.chars().take(MOST_CHARS).collect::<String>();
        SubscriberFilter {
            search: short(self.q.trim()),
            status: status.filter(|status| *status != SubscriberStatus::Erased),
            topic: topics
                .iter()
                .find(|topic| topic.slug == self.topic)
                .map(|topic| topic.id),
            region: self.region.parse().ok(),
            role: self.role.parse().ok(),
            joined_from: day(&self.from).map(|day| day.0),
            joined_before: day(&self.to).map(|day| day.1),
            source: Some(short(&self.source)).filter(|source| !source.is_empty()),
            trouble: self.trouble.parse().ok(),
            attended: self.attended.parse().ok().map(SymposiumId),
            received: self.received.parse().ok().map(BulletinId),
            not_received: self.not_received.parse().ok().map(BulletinId),
        }
    }

    /// The order.
    pub(super) fn order(&self) -> ListOrder {
        match self.sort.parse() {
            Ok(by) => ListOrder {
                by,
                is_backwards: self.down == "yes",
            },
            Err(_) => ListOrder::default(),
        }
    }

    /// Where the page is.
    pub(super) fn position(&self) -> Position {
        let person = |key: &str| key.parse().ok().map(SubscriberId);
        if let Some(id) = person(&self.after) {
            Position::After(id)
        } else if let Some(id) = person(&self.before) {
            Position::Before(id)
        } else if self.last == "yes" {
            Position::Last
        } else {
            Position::First
        }
    }

    /// How many people stand before the page, as far as the address tells.
    pub(super) fn skipped(&self) -> i64 {
        self.skipped.parse().unwrap_or(0).max(0)
    }

    /// Whether anything is filtered.
    pub(super) fn is_set(&self) -> bool {
        self.fields().iter().any(|(_, value)| !value.is_empty())
    }

    /// Whether any of the rarer filters is set.
    pub(super) fn has_more(&self) -> bool {
        self.fields()[5..]
            .iter()
            .any(|(_, value)| !value.is_empty())
    }

    fn fields(&self) -> [(&'static str, &str); 12] {
        [
            ("q", &self.q),
            ("status", &self.status),
            ("topic", &self.topic),
            ("region", &self.region),
            ("role", &self.role),
            ("from", &self.from),
            ("to", &self.to),
            ("source", &self.source),
            ("trouble", &self.trouble),
            ("attended", &self.attended),
            ("received", &self.received),
            ("not_received", &self.not_received),
        ]
    }

    /// The address of `path` with these filters.
    pub(super) fn address(&self, path: &str) -> String {
        list_address(path, self.fields(), 0)
    }

    /// The address of the list with these filters, in this order, at this place.
    pub(super) fn page_address(&self, order: ListOrder, place: &[(&str, String)]) -> String {
        let mut fields: Vec<(&str, &str)> = self.fields().to_vec();
        if order != ListOrder::default() {
            fields.push(("sort", order.by.as_str()));
            fields.push(("down", if order.is_backwards { "yes" } else { "" }));
        }
        fields.extend(place.iter().map(|(name, value)| (*name, value.as_str())));
        list_address("/staff/subscribers", fields, 0)
    }

    /// Filters and order alone, as they stand behind the question mark.
    pub(super) fn as_saved(&self) -> String {
        let address = self.page_address(self.order(), &[]);
        address
            .split_once('?')
            .map_or_else(String::new, |(_, query)| query.to_owned())
    }

    /// The address of the list in the order of a column: the other way round where it is in that order already.
    pub(super) fn sorted_address(&self, by: SortBy) -> String {
        let now = self.order();
        let is_backwards = if now.by == by {
            !now.is_backwards
        } else {
            by == SortBy::Joined
        };
        self.page_address(ListOrder { by, is_backwards }, &[])
    }
}

/// The beginning of a day, and its end.
fn day(text: &str) -> Option<(Timestamp, Timestamp)> {
    let begin = |day: CalendarDate| local_time::parse_local(&format!("{}T00:00", day.iso())).ok();
    let day = local_time::parse_date(text).ok()?;
    let from = begin(day)?;
    // The middle of the next one, however long the clock makes this one.
    let next = CalendarDate::of(from.plus(Duration::from_secs(36 * 60 * 60)));
    Some((from, begin(next)?))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_address_keeps_the_filters_and_only_those_that_are_set() {
        let query = FilterQuery {
            q: "Māngere & co".to_owned(),
            ..FilterQuery::default()
        };
        assert_eq!(query.address("/x"), "/x?q=M%C4%81ngere+%26+co");
        assert_eq!(FilterQuery::default().address("/x"), "/x");
        assert_eq!(query.as_saved(), "q=M%C4%81ngere+%26+co");
    }

    #[test]
    fn the_erased_cannot_be_listed() {
        let query = FilterQuery {
            status: "erased".to_owned(),
            ..FilterQuery::default()
        };
        assert_eq!(query.filter(&[]).status, None);
    }

    #[test]
    fn a_second_press_on_a_heading_turns_the_order_round() {
        let mut query = FilterQuery::default();
        assert_eq!(
            query.sorted_address(SortBy::Name),
            "/staff/subscribers?sort=name"
        );
        query.sort = "name".to_owned();
        assert_eq!(
            query.sorted_address(SortBy::Name),
            "/staff/subscribers?sort=name&down=yes"
        );
        assert_eq!(query.sorted_address(SortBy::Joined), "/staff/subscribers");
    }

    #[test]
    fn a_day_lasts_until_the_next_whatever_the_clock_does() {
        for (text, hours) in [("2026-11-30", 24), ("2027-04-04", 25), ("2027-09-26", 23)] {
            let lasts = day(text).map(|(from, before)| before.since(from).as_secs() / 3_600);
            assert_eq!(lasts, Some(hours), "{text}");
        }
        assert_eq!(day("no day"), None);
    }
}
