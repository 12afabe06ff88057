//! The rules of the field, pure: no I/O and no clock of its own. Text that came from outside becomes one of these
//! types at the edge and is not checked a second time further in.

pub mod email_address;
pub mod hpi;
pub mod link_token;
pub mod local_time;
pub mod markdown;
pub mod mcnz_number;
pub mod nhi;
pub mod person_name;
pub mod referral_check;
pub mod search_key;
pub mod short_text;
