//! The pages for everybody.

pub(super) mod articles;
pub(super) mod bulletins;
pub(super) mod calcium_score;
pub(super) mod clinic;
pub(super) mod confirm;
pub(super) mod feeds;
pub(super) mod home;
pub(super) mod images;
pub(super) mod join;
mod links;
pub(super) mod machines;
pub(super) mod manage;
pub(super) mod manage_request;
pub(super) mod practice_points;
pub(super) mod referral_check;
pub(super) mod search;
pub(super) mod staff_links;
pub(super) mod subscribe;
pub(super) mod symposium;
pub(super) mod unsubscribe;
pub(super) mod webhooks;
