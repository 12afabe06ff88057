//! How domain types are read from columns. They are written as the plain values they hold.

use diesel::backend::Backend;
use diesel::deserialize::{self, FromSql, Queryable};
use diesel::sql_types::{BigInt, Text};

use crate::clock::Timestamp;
use crate::domain::article::{ArticleId, ArticleKind, ArticleState};
use crate::domain::audience::{Criteria, Narrowing, SavedAudienceId};
use crate::domain::background_job::BackgroundJob;
use crate::domain::bounce::{Category, Remedy};
use crate::domain::bulk_change::{BulkAction, BulkOutcome, UndoOutcome};
use crate::domain::bulletin::{ArticleForm, BulletinId, BulletinState};
use crate::domain::bulletin_link::LinkId;
use crate::domain::case_study::{ChecklistItem, Ground};
use crate::domain::consent::{Channel, ConsentKind};
use crate::domain::delivery::{DeliveryId, DeliveryKind, DeliveryState};
use crate::domain::email_address::EmailAddress;
use crate::domain::image::ImageFormat;
use crate::domain::inbound::{InboundId, Way};
use crate::domain::local_time::CalendarDate;
use crate::domain::readiness::{CheckKind, LinkOutcome};
use crate::domain::registration::{RegistrationId, RegistrationState};
use crate::domain::search_entry::EntryKind;
use crate::domain::staff_mail::{HeldBecause, StaffMailId, StaffMailKind};
use crate::domain::staff_member::{InvitationId, SessionId, StaffId, StaffLinkId, StaffRole};
use crate::domain::subscriber::{Region, Role, SubscriberId, SubscriberStatus};
use crate::domain::symposium::{SymposiumId, SymposiumState};
use crate::domain::topic::TopicId;

/// Reads a type from a column of text by its `FromStr`.
macro_rules! from_text {
    ($($type:ty),+ $(,)?) => { $(
        impl<DB: Backend> FromSql<Text, DB> for $type
        where
            String: FromSql<Text, DB>,
        {
            fn from_sql(value: DB::RawValue<'_>) -> deserialize::Result<Self> {
                let text = <String as FromSql<Text, DB>>::from_sql(value)?;
                text.parse().map_err(Into::into)
            }
        }

        impl<DB: Backend> Queryable<Text, DB> for $type
        where
            $type: FromSql<Text, DB>,
        {
            type Row = Self;

            fn build(row: Self) -> deserialize::Result<Self> {
                Ok(row)
            }
        }
    )+ };
}

/// Reads a type from a column of whole numbers.
macro_rules! from_bigint {
    ($($type:ty = $make:expr),+ $(,)?) => { $(
        impl<DB: Backend> FromSql<BigInt, DB> for $type
        where
            i64: FromSql<BigInt, DB>,
        {
            fn from_sql(value: DB::RawValue<'_>) -> deserialize::Result<Self> {
                <i64 as FromSql<BigInt, DB>>::from_sql(value).map($make)
            }
        }

        impl<DB: Backend> Queryable<BigInt, DB> for $type
        where
            $type: FromSql<BigInt, DB>,
        {
            type Row = Self;

            fn build(row: Self) -> deserialize::Result<Self> {
                Ok(row)
            }
        }
    )+ };
}

from_text!(
    ArticleForm,
    ArticleKind,
    ArticleState,
    BackgroundJob,
    BulkAction,
    BulkOutcome,
    BulletinState,
    CalendarDate,
    Category,
    Channel,
    CheckKind,
    ChecklistItem,
    ConsentKind,
    Criteria,
    DeliveryKind,
    DeliveryState,
    EmailAddress,
    EntryKind,
    Ground,
    HeldBecause,
    ImageFormat,
    LinkOutcome,
    Narrowing,
    Region,
    RegistrationState,
    Remedy,
    Role,
    StaffMailKind,
    StaffRole,
    SubscriberStatus,
    SymposiumState,
    UndoOutcome,
    Way,
);

from_bigint!(
    ArticleId = ArticleId,
    BulletinId = BulletinId,
    DeliveryId = DeliveryId,
    InboundId = InboundId,
    InvitationId = InvitationId,
    LinkId = LinkId,
    RegistrationId = RegistrationId,
    SavedAudienceId = SavedAudienceId,
    SessionId = SessionId,
    StaffId = StaffId,
    StaffLinkId = StaffLinkId,
    StaffMailId = StaffMailId,
    SubscriberId = SubscriberId,
    SymposiumId = SymposiumId,
    Timestamp = Timestamp::from_millis,
    TopicId = TopicId,
);
