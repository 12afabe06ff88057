//! What takes long to count is remembered for a while, so that pages open at once however long the lists are.

use std::collections::HashMap;
use std::future::Future;
use std::hash::Hash;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::time::{Duration, Instant};

use super::AppError;

/// What is counted sooner is counted each time: the lists of most clinics.
const LONG: Duration = Duration::from_millis(20);

/// Counting takes at most one part in so many of a processor's time.
const SHARE: u32 = 100;

/// What was counted longer ago is not shown any more, unless more is said.
const TOO_OLD: Duration = Duration::from_secs(60);

/// So many counts are kept.
const KEPT: usize = 64;

/// How many there are in each state.
pub(super) type Counts<S> = Vec<(S, i64)>;

/// Counts by what they are of.
pub(super) struct Remembered<K, V> {
    entries: Mutex<HashMap<K, Entry<V>>>,
    long: Duration,
    too_old: Duration,
}

struct Entry<V> {
    value: V,
    at: Instant,
    took: Duration,
    is_counted_anew: bool,
}

enum Found<V> {
    Fresh(V),
    /// Still shown, and to be counted anew.
    Old(V),
    Nothing,
}

impl<K, V> Default for Remembered<K, V> {
    fn default() -> Self {
        Self {
            entries: Mutex::default(),
            long: LONG,
            too_old: TOO_OLD,
        }
    }
}

impl<K, V> Remembered<K, V> {
    /// What is still worth showing after so long, while it is counted anew behind it.
    pub(super) fn lasting(too_old: Duration) -> Self {
        Self {
            too_old,
            ..Self::default()
        }
    }
}

impl<K, V> Remembered<K, V>
where
    K: Clone + Eq + Hash + Send + 'static,
    V: Clone + Send + 'static,
{
    /// The number as it is now, or as it was a moment ago where counting takes long.
    ///
    /// # Errors
    /// Those of counting.
    pub(super) async fn get<F, C>(self: &Arc<Self>, key: K, count: F) -> Result<V, AppError>
    where
        F: FnOnce() -> C,
        C: Future<Output = Result<V, AppError>> + Send + 'static,
    {
        match self.find(&key) {
            Found::Fresh(value) => Ok(value),
            Found::Old(value) => {
                let (this, counting) = (self.clone(), count());
                tokio::spawn(async move {
                    if let Err(error) = this.count(key.clone(), counting).await {
                        tracing::warn!(error = &error as &dyn std::error::Error, "not counted");
                        this.entries().remove(&key);
                    }
                });
                Ok(value)
            }
            Found::Nothing => self.count(key, count()).await,
        }
    }

    fn find(&self, key: &K) -> Found<V> {
        let mut entries = self.entries();
        let Some(entry) = entries.get_mut(key) else {
            return Found::Nothing;
        };
        let age = entry.at.elapsed();
        if entry.took < self.long || age > self.too_old {
            Found::Nothing
        } else if age < entry.took * SHARE || entry.is_counted_anew {
            Found::Fresh(entry.value.clone())
        } else {
            entry.is_counted_anew = true;
            Found::Old(entry.value.clone())
        }
    }

    async fn count(
        &self,
        key: K,
        counting: impl Future<Output = Result<V, AppError>>,
    ) -> Result<V, AppError> {
        let at = Instant::now();
        let value = counting.await?;
        let entry = Entry {
            value: value.clone(),
            at,
            took: at.elapsed(),
            is_counted_anew: false,
        };
        let mut entries = self.entries();
        if entries.len() >= KEPT && !entries.contains_key(&key) {
            entries.clear();
        }
        entries.insert(key, entry);
        Ok(value)
    }

    fn entries(&self) -> MutexGuard<'_, HashMap<K, Entry<V>>> {
        self.entries.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used)]

    use std::sync::atomic::{AtomicU32, Ordering};

    use super::*;

    async fn counted(
        numbers: &Arc<Remembered<&'static str, u32>>,
        times: &Arc<AtomicU32>,
        takes: u64,
    ) -> u32 {
        let times = times.clone();
        let count = move || async move {
            tokio::time::sleep(Duration::from_millis(takes)).await;
            Ok(times.fetch_add(1, Ordering::Relaxed) + 1)
        };
        numbers.get("all", count).await.unwrap()
    }

    #[tokio::test]
    async fn what_is_soon_counted_is_counted_each_time() {
        let (numbers, times) = (Arc::new(Remembered::default()), Arc::default());
        for expected in 1..4 {
            assert_eq!(counted(&numbers, &times, 0).await, expected);
        }
    }

    #[tokio::test]
    async fn what_takes_long_is_remembered_and_then_counted_in_the_background() {
        let numbers = Arc::new(Remembered {
            long: Duration::from_millis(1),
            ..Remembered::default()
        });
        let times = Arc::default();
        assert_eq!(counted(&numbers, &times, 5).await, 1);
        assert_eq!(counted(&numbers, &times, 5).await, 1, "remembered");
        numbers.entries().get_mut("all").unwrap().took = Duration::from_millis(1);
        numbers.entries().get_mut("all").unwrap().at -= Duration::from_secs(1);
        assert_eq!(counted(&numbers, &times, 5).await, 1, "the old one at once");
        while times.load(Ordering::Relaxed) < 2 {
            tokio::task::yield_now().await;
        }
        tokio::task::yield_now().await;
        assert_eq!(
            counted(&numbers, &times, 5).await,
            2,
            "and the new one then"
        );
        assert_eq!(times.load(Ordering::Relaxed), 2, "counted once for all");
        numbers.entries().get_mut("all").unwrap().at -= TOO_OLD;
        assert_eq!(counted(&numbers, &times, 5).await, 3, "too old to be shown");
    }
}
