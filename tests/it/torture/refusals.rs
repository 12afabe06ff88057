//! A share of the recipients is refused: exactly those, in the server's words, and their addresses by its codes.

use std::collections::BTreeMap;

use crate::smtp_sink::{Act, At, is_in_share};

use super::sending::{Sending, address};
use super::small_and_large;

/// What the server says to an address, if it refuses it: a tenth of them, in three ways.
fn refusal(address: &str) -> Option<&'static str> {
    match address {
        _ if is_in_share(address, 5) => Some("550 5.1.1 No such user here"),
        _ if is_in_share(address, 8) => Some("552 5.2.2 Mailbox full"),
        _ if is_in_share(address, 10) => Some("550 Not here"),
        _ => None,
    }
}

small_and_large! {
    async fn exactly_the_tenth_that_the_server_refuses_is_refused_and_suspended_or_struck_by_code(
        here: TestApp, people = 300, 2_000
    ) {
        let sending = Sending::queued(here, people).await;
        sending.sink.set_behaviour(|moment| match moment.at {
            At::Rcpt => refusal(moment.address).map(|words| Act::Reply(words.into())),
            _ => None,
        });
        let service = sending.here.service(&[]).await;
        sending.wait_until_sent(&service).await;
        let refused: BTreeMap<String, &str> = (0..people)
            .map(address)
            .filter_map(|address| Some((address.clone(), refusal(&address)?)))
            .collect();
        assert!((people / 20..people / 5).contains(&refused.len()), "{}", refused.len());
        let rows = sending.ledger.rows().await;
        assert_eq!(rows.len(), people);
        for row in &rows {
            let expected = match refused.get(&row.recipient) {
                None => ("accepted", 1, "active", 0),
                Some(words) => {
                    assert_eq!(row.reply.as_deref(), Some(*words));
                    match words.contains("5.1.1") {
                        true => ("refused", 1, "suspended", 0),
                        false => ("refused", 1, "active", 1),
                    }
                }
            };
            assert_eq!((row.state.as_str(), row.tries, row.status.as_str(), row.strikes), expected, "{row:?}");
        }
        let received = sending.received().once();
        assert_eq!(received.number(), people - refused.len());
        assert!(received.people().all(|address| !refused.contains_key(address)));
    }

    async fn refusals_that_are_about_us_pause_the_bulletin_until_somebody_resumes_it(
        here: TestApp, people = 150, 1_000
    ) {
        let sending = Sending::queued(here, people).await;
        sending.sink.set_behaviour(|moment| match (moment.at, moment.nth) {
            (At::Rcpt, 50..) => Act::reply("550 5.7.1 Your network is not welcome"),
            _ => None,
        });
        let service = sending.here.service(&[]).await;
        let page = sending.page().await;
        let said = page.wait_for("paused").await;
        assert!(said.contains("not welcome"), "{said}");
        let paused = sending.wait_until(&service, |progress| progress.count("claimed") == 0).await;
        assert_eq!((paused.bulletin.as_str(), paused.count("refused")), ("paused", 0), "{paused:?}");
        sending.sink.behave();
        page.post("/staff/bulletins/1/resume", &[]).await.expect(303);
        sending.wait_until_sent(&service).await;
        sending.assert_everybody_has_it_once().await;
        let rows = sending.ledger.rows().await;
        assert!(rows.iter().all(|row| row.status == "active" && row.strikes == 0), "{rows:?}");
    }

    async fn a_policy_against_a_tenth_for_a_while_is_waited_out(here: TestApp, people = 200, 1_000) {
        let sending = Sending::queued(here, people).await;
        sending.sink.set_behaviour(|moment| match moment.at {
            At::Rcpt if is_in_share(moment.address, 10) => Act::reply("554 5.7.1 Not now, by our policy"),
            _ => None,
        });
        let tenth = (0..people).filter(|&n| is_in_share(&address(n), 10)).count();
        let service = sending.here.service(&[]).await;
        let deferred = sending.wait_until(&service, |progress| progress.open() == progress.count("deferred")).await;
        assert_eq!(deferred.count("deferred"), tenth, "{deferred:?}");
        sending.sink.behave();
        sending.wait_until_sent(&service).await;
        sending.assert_everybody_has_it_once().await;
        let rows = sending.ledger.rows().await;
        for row in rows {
            let tries = if is_in_share(&row.recipient, 10) { 2 } else { 1 };
            assert_eq!((row.tries, row.status.as_str(), row.strikes), (tries, "active", 0), "{row:?}");
        }
    }
}
