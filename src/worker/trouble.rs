//! The mail server's trouble: rows go back untried, the server is left alone for a while, and the pages say so.

use crate::app::AppError;
use crate::domain::local_time;
use crate::mail::outcome::Stage;

use super::in_hand::Held;
use super::line::Line;
use super::send::Sender;

impl Sender {
    /// Puts a row back that could not be tried, and leaves the server alone if it is in trouble.
    pub(super) async fn put_back_untried(
        &self,
        line: &mut Line,
        held: Held,
        reached: Option<Stage>,
        why: &str,
    ) -> Result<(), AppError> {
        let carried = line.carried();
        self.shared.limits.give_back(&held.row().recipient);
        self.shared.queue.put_back(held);
        if carried > 0 {
            // It has worked until now: a fresh connection tells whether it is more than a rule of the server's.
            line.has_ended(carried);
            return Ok(());
        }
        line.abandon();
        if reached == Some(Stage::Hello) && self.route().takes_no_more() {
            return Ok(());
        }
        self.leave_alone(why).await
    }

    /// Leaves the server alone for a while, and says so on the pages.
    pub(super) async fn leave_alone(&self, why: &str) -> Result<(), AppError> {
        let shared = &self.shared;
        let pause = self.route().gate.trouble();
        tracing::warn!(
            why,
            seconds = pause.as_secs(),
            "the mail server is left alone for a while"
        );
        let words = format!(
            "The mail server is in trouble since {}: {why}. Sending goes on by itself as soon as it answers; nobody is \
             missed.",
            local_time::display(shared.app.now())
        );
        shared.board.trouble(&shared.app, self.route, words).await
    }
}
