//! Pure types and rules: no input or output, and no clock of their own.

pub mod article;
pub mod bulletin;
pub mod consent;
pub mod delivery;
pub mod named;
pub mod staff_member;
pub mod subscriber;
pub mod topic;
