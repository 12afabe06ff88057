//! Delivery under every fault that we could think of: the real program, the real protocol, both databases. Nobody is
//! missed, and hardly anybody is written to twice.
//!
//! Each fault has a small form, which runs in every `cargo test`, and most have a large one as well:
//!
//! ```text
//! cargo test --test it -- --ignored torture --test-threads 4
//! ```
//!
//! What is random comes from a seed that is printed, and can be given again as `TORTURE_SEED`.

mod database_trouble;
mod endings;
mod leaving;
pub mod page;
mod refusals;
mod sending;
mod server_trouble;
mod stages;
mod wire;
mod workers;

use std::io::Write as _;

/// Makes tests of each function with a small and a large scale: `NAME::{sqlite, postgres}` run always, and
/// `NAME::long::{sqlite, postgres}` when they are asked for.
macro_rules! small_and_large {
    ($(
        $(#[$attribute:meta])*
        async fn $name:ident($($here:ident)+: TestApp, $scale:pat = $small:expr, $large:expr) $body:block
    )+) => { $(
        mod $name {
            use super::*;

            #[tokio::test(flavor = "multi_thread", worker_threads = 2)]
            async fn sqlite() {
                test($crate::torture::installation(false).await.unwrap(), false).await;
            }

            #[tokio::test(flavor = "multi_thread", worker_threads = 2)]
            async fn postgres() {
                let Some(here) = $crate::torture::installation(true).await else { return };
                test(here, false).await;
            }

            mod long {
                use super::*;

                #[tokio::test(flavor = "multi_thread", worker_threads = 2)]
                #[ignore = "takes long; see the README"]
                async fn sqlite() {
                    test($crate::torture::installation(false).await.unwrap(), true).await;
                }

                #[tokio::test(flavor = "multi_thread", worker_threads = 2)]
                #[ignore = "takes long; see the README"]
                async fn postgres() {
                    let Some(here) = $crate::torture::installation(true).await else { return };
                    test(here, true).await;
                }
            }

            $(#[$attribute])*
            async fn test($($here)+: $crate::process::Installation, is_long: bool) {
                let $scale = if is_long { $large } else { $small };
                $body
            }
        }
    )+ };
}

pub(crate) use small_and_large;

/// A fresh installation on one of the databases; none where there is no PostgreSQL.
async fn installation(on_postgres: bool) -> Option<crate::process::Installation> {
    use crate::both_databases::Database;
    let database = if on_postgres {
        Database::Postgres(crate::postgres::server()?)
    } else {
        Database::Sqlite
    };
    Some(crate::process::Installation::start(database).await)
}

/// Numbers that look random and come again with the same seed (SplitMix64).
struct Random(u64);

impl Random {
    /// With the seed of `TORTURE_SEED`, else a new one, which is printed.
    fn seeded() -> Self {
        let given = std::env::var("TORTURE_SEED").ok();
        let seed = given.map_or_else(
            || getrandom::u64().expect("the system gives random numbers"),
            |seed| seed.parse().expect("TORTURE_SEED is a number"),
        );
        let thread = std::thread::current();
        let test = thread.name().unwrap_or_default();
        // To the stream itself: the seed is wanted just when nobody is left to print what was captured.
        let _ = writeln!(std::io::stderr(), "TORTURE_SEED={seed} {test}");
        Self(seed)
    }

    /// One of the numbers below `limit`.
    fn below(&mut self, limit: usize) -> usize {
        self.0 = self.0.wrapping_add(0x9e37_79b9_7f4a_7c15);
        let mut mixed = self.0;
        mixed = (mixed ^ (mixed >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
        mixed = (mixed ^ (mixed >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb);
        let limit = u64::try_from(limit.max(1)).unwrap();
        usize::try_from((mixed ^ (mixed >> 31)) % limit).unwrap()
    }
}
