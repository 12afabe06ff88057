//! Enums whose values have one name in the database, in forms and in addresses.

use thiserror::Error;

/// A name that is none of the known values.
#[derive(Debug, Clone, PartialEq, Eq, Error)]
#[error("“{given}” is not a known {what}")]
pub struct UnknownName {
    /// What was looked for, in a word or two.
    pub what: &'static str,
    /// What was given.
    pub given: String,
}

/// Declares an enum with `ALL`, `as_str`, `label` (for people), `Display` and `FromStr`.
macro_rules! named {
    (
        $(#[$meta:meta])*
        $name:ident, $what:literal {
            $( $(#[$variant_meta:meta])* $variant:ident = $text:literal, $label:literal; )+
        }
    ) => {
        $(#[$meta])*
        #[derive(Clone, Copy, PartialEq, Eq, Hash, Debug)]
        pub enum $name {
            $( $(#[$variant_meta])* $variant, )+
        }

        impl $name {
            /// Every value, in the order in which people see them.
            pub const ALL: &'static [$name] = &[ $( $name::$variant, )+ ];

            /// The name in the database, in forms and in addresses.
            pub const fn as_str(self) -> &'static str {
                match self { $( $name::$variant => $text, )+ }
            }

            /// The name for people.
            pub const fn label(self) -> &'static str {
                match self { $( $name::$variant => $label, )+ }
            }
        }

        impl std::fmt::Display for $name {
            fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
                f.write_str(self.label())
            }
        }

        impl std::str::FromStr for $name {
            type Err = $crate::domain::named::UnknownName;

            fn from_str(text: &str) -> Result<Self, Self::Err> {
                match text {
                    $( $text => Ok($name::$variant), )+
                    _ => Err($crate::domain::named::UnknownName {
                        what: $what,
                        given: text.chars().take(40).collect(),
                    }),
                }
            }
        }
    };
}

/// Declares the key of an entity: a number that is not mixed up with another entity's.
macro_rules! entity_id {
    ($(#[$meta:meta])* $name:ident) => {
        $(#[$meta])*
        #[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Debug, serde::Serialize, serde::Deserialize)]
        #[serde(transparent)]
        pub struct $name(pub i64);

        impl std::fmt::Display for $name {
            fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
                self.0.fmt(f)
            }
        }
    };
}

pub(crate) use {entity_id, named};
