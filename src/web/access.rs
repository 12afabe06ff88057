//! Who may ask for a route, and by which method.

use actix_web::guard::{self, Guard};

use crate::domain::staff_member::StaffRole;

/// Who may ask for a route.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Access {
    /// Anybody.
    Public,
    /// Whoever has the link: the token in the path is the proof, or what a mail provider signs, and no cookie plays a
    /// part. Programs send such requests by themselves (RFC 8058), so it does not matter where they come from.
    Token,
    /// Anybody, to sign in. What is here is kept by no cache.
    SignIn,
    /// Members of staff with this role, or one that includes it.
    Staff(StaffRole),
    /// The same, who gave their password a short time ago: what changes accounts is not left open on a computer that
    /// somebody walked away from.
    Recent(StaffRole),
}

impl Access {
    /// The role that it takes; none where no session is needed.
    pub fn role(self) -> Option<StaffRole> {
        match self {
            Self::Staff(role) | Self::Recent(role) => Some(role),
            Self::Public | Self::Token | Self::SignIn => None,
        }
    }
}

/// The method of a request. HEAD is answered wherever GET is.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Verb {
    /// Changes nothing.
    Get,
    /// May change something.
    Post,
}

impl Verb {
    /// For the header `Allow`.
    pub fn allow(self) -> &'static str {
        match self {
            Self::Get => "GET, HEAD",
            Self::Post => "POST",
        }
    }

    /// What lets a request with this method pass.
    pub(super) fn guard(self) -> Box<dyn Guard> {
        match self {
            Self::Get => Box::new(guard::Any(guard::Get()).or(guard::Head())),
            Self::Post => Box::new(guard::Post()),
        }
    }
}

/// A row of the table.
#[derive(Debug)]
pub struct Route {
    /// Method.
    pub method: Verb,
    /// Path, with its variable parts in braces.
    pub pattern: &'static str,
    /// Who may ask.
    pub access: Access,
}
