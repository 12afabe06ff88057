//! How soon the pages answer while something else is going on.

use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::time::{Duration, Instant};

use crate::installation::Service;

/// Pages that people open, in turn.
const PAGES: [&str; 4] = ["/", "/articles", "/calcium-score", "/staff"];

/// Visitors who open one page after another, at a leisurely pace: fifty pages a second in all.
pub struct Visitors {
    stop: Arc<AtomicBool>,
    visits: Vec<tokio::task::JoinHandle<Vec<Duration>>>,
}

impl Visitors {
    /// Lets them come. To be called on the benchmark's runtime.
    pub fn come(service: &Service) -> Self {
        let stop = Arc::new(AtomicBool::new(false));
        let visits = (0..5)
            .map(|visitor| {
                let stop = stop.clone();
                let pages = PAGES.map(|path| service.page(path));
                tokio::spawn(async move {
                    let mut took = Vec::new();
                    let mut turn: usize = visitor;
                    while !stop.load(Ordering::Relaxed) {
                        let (client, address) = &pages[turn % pages.len()];
                        turn += 1;
                        let start = Instant::now();
                        let answer = client.get(address).send().await.unwrap();
                        let (status, body) = (answer.status(), answer.bytes().await.unwrap());
                        took.push(start.elapsed());
                        assert!(
                            status.is_success() && !body.is_empty(),
                            "{address}: {status}"
                        );
                        tokio::time::sleep(Duration::from_millis(100)).await;
                    }
                    took
                })
            })
            .collect();
        Self { stop, visits }
    }

    /// Has them leave. Returns how many pages they opened, and in which time half, and 99 of 100, were there.
    pub async fn leave(self) -> (usize, Duration, Duration) {
        self.stop.store(true, Ordering::Relaxed);
        let mut took = Vec::new();
        for visit in self.visits {
            took.extend(visit.await.unwrap());
        }
        took.sort();
        let at = |share: usize| {
            took.get(took.len() * share / 100)
                .copied()
                .unwrap_or_default()
        };
        (took.len(), at(50), at(99))
    }
}
