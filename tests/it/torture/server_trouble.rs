//! The mail server's own trouble: it defers everything, goes away, is dead from the start, closes after some messages.
//! Nobody is missed, nobody is written to twice, nobody's tries are used up, and no person is needed.

use std::time::Duration;

use crate::smtp_sink::{Act, At};

use super::sending::Sending;
use super::small_and_large;

/// What the page says while the server is in trouble.
const TROUBLE: &str = "The mail server is in trouble";

small_and_large! {
    async fn a_server_that_answers_451_to_every_recipient_for_a_while_costs_everybody_one_try(
        here: TestApp, people = 200, 1_000
    ) {
        let sending = Sending::queued(here, people).await;
        sending.sink.set_behaviour(|moment| match moment.at {
            At::Rcpt => Act::reply("451 4.3.0 Try again later"),
            _ => None,
        });
        let service = sending.here.service(&[]).await;
        let page = sending.page().await;
        sending.wait_until(&service, |progress| progress.count("deferred") == people).await;
        let progress = page.progress().await;
        let shown = format!("To be tried again {}", grouped(people));
        assert!(progress.contains(&shown), "{progress}");
        sending.sink.behave();
        sending.wait_until_sent(&service).await;
        sending.assert_everybody_has_it_once().await;
        let rows = sending.ledger.rows().await;
        assert!(rows.iter().all(|row| row.tries == 2 && row.strikes == 0), "{rows:?}");
    }

    async fn a_server_that_answers_451_to_the_sender_for_a_while_uses_up_nobodys_tries(
        here: TestApp, people = 200, 1_000
    ) {
        let sending = Sending::queued(here, people).await;
        sending.sink.set_behaviour(|moment| match (moment.at, moment.nth) {
            (At::Mail, 40..) => Act::reply("451 4.3.1 No space"),
            _ => None,
        });
        let service = sending.here.service(&[]).await;
        let page = sending.page().await;
        let said = page.wait_for(TROUBLE).await;
        assert!(said.contains("No space") && said.contains("goes on by itself"), "{said}");
        sending.sink.behave();
        sending.wait_until_sent(&service).await;
        sending.assert_everybody_has_it_once().await;
        sending.assert_nobodys_tries_are_used_up().await;
        page.wait_until_without(TROUBLE).await;
    }

    async fn a_server_that_is_gone_for_a_while_is_waited_for(
        here: TestApp, (people, seconds) = (300, 3), (1_000, 60)
    ) {
        let mut sending = Sending::queued(here, people).await;
        sending.take(Duration::from_millis(10));
        let service = sending.here.service(&[]).await;
        let page = sending.page().await;
        sending.sink.wait_for_number(people / 3).await;
        let gone = tokio::time::sleep(Duration::from_secs(seconds));
        sending.sink.go_away().await;
        let said = page.wait_for(TROUBLE).await;
        assert!(said.contains("goes on by itself"), "{said}");
        gone.await;
        let progress = sending.ledger.progress().await;
        assert_eq!(progress.bulletin, "sending", "nobody has to look: {progress:?}");
        sending.sink.come_back();
        sending.wait_until_sent(&service).await;
        sending.assert_everybody_has_it_once().await;
        sending.assert_nobodys_tries_are_used_up().await;
        page.wait_until_without(TROUBLE).await;
    }

    async fn a_server_that_is_dead_from_the_start_is_waited_for_until_it_is_repaired(
        here: TestApp, (people, seconds) = (200, 1), (1_000, 20)
    ) {
        let mut sending = Sending::queued(here, people).await;
        sending.sink.go_away().await;
        let service = sending.here.service(&[]).await;
        let page = sending.page().await;
        let said = page.wait_for(TROUBLE).await;
        assert!(said.contains(&format!("0 of {} done; sending.", grouped(people))), "{said}");
        tokio::time::sleep(Duration::from_secs(seconds)).await;
        sending.sink.come_back();
        sending.wait_until_sent(&service).await;
        sending.assert_everybody_has_it_once().await;
        sending.assert_nobodys_tries_are_used_up().await;
        page.wait_until_without(TROUBLE).await;
    }

    async fn a_server_that_closes_with_421_after_some_messages_gets_all_of_them(
        here: TestApp, (people, most) = (120, 10), (2_000, 60)
    ) {
        let sending = Sending::queued(here, people).await;
        sending.sink.set_behaviour(move |moment| {
            let is_enough = moment.at == At::Mail && moment.carried >= most;
            is_enough.then(|| Act::ReplyThenDrop("421 4.7.0 Enough for one connection".into()))
        });
        let service = sending.here.service(&[]).await;
        sending.wait_until_sent(&service).await;
        sending.assert_everybody_has_it_once().await;
        sending.assert_nobodys_tries_are_used_up().await;
        let carried = sending.sink.messages_by_connection();
        assert!(carried.iter().all(|&number| number <= most), "{carried:?}");
        assert!(carried.len() >= people / most, "{carried:?}");
    }
}

/// A number as the pages show it.
fn grouped(number: usize) -> String {
    if number < 1_000 {
        number.to_string()
    } else {
        format!("{},{:03}", number / 1_000, number % 1_000)
    }
}
