//! What goes wrong in the background is noted, so that staff see it on their first page, and not in the log alone.

use crate::domain::background_job::BackgroundJob;
use crate::store::background_troubles;

use super::App;

/// So much is kept of what was said.
const LONGEST: usize = 500;

/// Notes that a job went wrong. Where even that cannot be written, the database is the trouble, and the pages say so.
pub async fn failed(app: &App, job: BackgroundJob, id: i64, words: &str) {
    let words: String = words
        .chars()
        .map(|c| if c.is_control() { ' ' } else { c })
        .take(LONGEST)
        .collect();
    let now = app.now();
    let noted = app
        .store
        .write(move |db| background_troubles::note(db, job, id, &words, now));
    if let Err(error) = noted.await {
        let error = &error as &dyn std::error::Error;
        tracing::warn!(error, job = job.as_str(), "trouble was not noted");
    }
}

/// Notes that a job gets on. Cheap where nothing was wrong: that is looked up without writing.
pub async fn works(app: &App, job: BackgroundJob, id: i64) {
    let cleared = async {
        let troubles = app.store.read(background_troubles::all).await?;
        if troubles
            .iter()
            .any(|one| one.job == job && one.job_id == id)
        {
            let clear = app
                .store
                .write(move |db| background_troubles::clear(db, job, id));
            clear.await?;
        }
        Ok::<_, crate::store::StoreError>(())
    };
    if let Err(error) = cleared.await {
        let error = &error as &dyn std::error::Error;
        tracing::warn!(
            error,
            job = job.as_str(),
            "the end of trouble was not noted"
        );
    }
}

/// What went wrong, with what it came from.
pub fn in_words(error: &dyn std::error::Error) -> String {
    let mut words = error.to_string();
    let causes = std::iter::successors(error.source(), |cause| cause.source());
    for cause in causes.map(ToString::to_string) {
        if !words.contains(&cause) {
            words = format!("{words}: {cause}");
        }
    }
    words
}
