//! Pure types and rules: no input or output, and no clock of their own.

pub mod article;
pub mod bulletin;
pub mod clinical_text;
pub mod consent;
pub mod delivery;
pub mod email_address;
pub mod front_matter;
pub mod grouped;
pub mod hpi;
pub mod link_token;
pub mod local_time;
pub mod markdown;
pub mod mcnz_number;
pub mod named;
pub mod nhi;
pub mod person_name;
pub mod reference;
pub mod referral_check;
pub mod search_entry;
pub mod search_key;
pub mod search_words;
pub mod short_text;
pub mod slug;
pub mod staff_member;
pub mod subscriber;
pub mod topic;
