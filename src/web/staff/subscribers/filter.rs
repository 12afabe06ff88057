//! Which subscribers a list shows, as the address of the page says it.

use serde::Deserialize;

use crate::domain::subscriber::SubscriberStatus;
use crate::store::subscribers::Filter;
use crate::store::topics::Topic;
use crate::web::page::list_address;

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
    pub(super) page: String,
}

impl FilterQuery {
    /// The filter.
    pub(super) fn filter(&self, topics: &[Topic]) -> Filter {
        let status = self.status.parse::<SubscriberStatus>().ok();
        Filter {
            search: self.q.chars().take(200).collect(),
            status: status.filter(|status| *status != SubscriberStatus::Erased),
            topic: topics
                .iter()
                .find(|topic| topic.slug == self.topic)
                .map(|topic| topic.id),
            region: self.region.parse().ok(),
            role: self.role.parse().ok(),
        }
    }

    /// Whether anything is filtered.
    pub(super) fn is_set(&self) -> bool {
        self.fields().iter().any(|(_, value)| !value.is_empty())
    }

    fn fields(&self) -> [(&'static str, &str); 5] {
        [
            ("q", &self.q),
            ("status", &self.status),
            ("topic", &self.topic),
            ("region", &self.region),
            ("role", &self.role),
        ]
    }

    /// The address of `path` with these filters, and a page of the list if it is not the first.
    pub(super) fn address(&self, path: &str, page: i64) -> String {
        list_address(path, self.fields(), page)
    }
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
        assert_eq!(query.address("/x", 2), "/x?q=M%C4%81ngere+%26+co&page=2");
        assert_eq!(FilterQuery::default().address("/x", 0), "/x");
    }

    #[test]
    fn the_erased_cannot_be_listed() {
        let query = FilterQuery {
            status: "erased".to_owned(),
            ..FilterQuery::default()
        };
        assert_eq!(query.filter(&[]).status, None);
    }
}
