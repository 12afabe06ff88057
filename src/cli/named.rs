//! Values on the command line that have a name of their own: roles, states, grounds.

use clap::builder::{PossibleValuesParser, TypedValueParser};

use crate::domain::consent::ConsentBasis;
use crate::domain::staff_member::StaffRole;
use crate::domain::subscriber::SubscriberStatus;

/// Takes one of `all`, and lists them in the help.
fn one_of<T>(all: &'static [T], name: fn(T) -> &'static str) -> impl TypedValueParser<Value = T>
where
    T: Copy + std::str::FromStr<Err: std::error::Error + Send + Sync> + Send + Sync + 'static,
{
    PossibleValuesParser::new(all.iter().map(move |value| name(*value)))
        .try_map(|text| text.parse::<T>())
}

/// A role of a member of staff.
pub(super) fn staff_role() -> impl TypedValueParser<Value = StaffRole> {
    one_of(StaffRole::ALL, StaffRole::as_str)
}

/// A status of a subscriber.
pub(super) fn subscriber_status() -> impl TypedValueParser<Value = SubscriberStatus> {
    one_of(SubscriberStatus::ALL, SubscriberStatus::as_str)
}

/// A basis of consent.
pub(super) fn consent_basis() -> impl TypedValueParser<Value = ConsentBasis> {
    one_of(ConsentBasis::ALL, ConsentBasis::as_str)
}
