//! Who leaves, is suspended or is erased while a bulletin is being sent gets nothing that was not already on the wire.

use std::collections::BTreeMap;
use std::time::{Duration, Instant};

use crate::ledger::Row;
use crate::smtp_sink::{Accepted, Act, At};

use super::page::{Page, leave_by_one_click};
use super::sending::{CONNECTIONS, Received, Sending};
use super::{Random, small_and_large};

/// A worker that has claimed a row and knows that its person may be written to need not ask again for so long. Beyond it,
/// a little for the way between the processes.
const STILL_FRESH: Duration = Duration::from_millis(1_200);

/// How somebody goes.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Way {
    OneClick,
    Unsubscribed,
    Suspended,
    Erased,
}

const WAYS: [Way; 4] = [
    Way::OneClick,
    Way::Unsubscribed,
    Way::Suspended,
    Way::Erased,
];

/// Somebody who has gone, and when the program said so.
#[derive(Debug)]
struct Gone {
    way: Way,
    row: Row,
    answered: Instant,
    /// Whether nobody held their message a moment later.
    was_waiting: bool,
}

/// The link by which to leave, of each person, out of a bulletin that everybody has got.
fn links(sending: &Sending) -> BTreeMap<String, String> {
    const FIELD: &str = "List-Unsubscribe: <";
    let mut links = BTreeMap::new();
    for message in sending.sink.messages() {
        let text = String::from_utf8_lossy(&message.bytes).into_owned();
        let field = text.lines().find_map(|line| line.strip_prefix(FIELD));
        let link = field.unwrap().split('>').next().unwrap().to_owned();
        links.insert(message.to.join(","), link);
    }
    links
}

async fn go(sending: &Sending, page: &Page, link: &str, way: Way, row: Row) -> Gone {
    let record = format!("/staff/subscribers/{}", row.subscriber_id);
    match way {
        Way::OneClick => drop(leave_by_one_click(&sending.here, link).await),
        Way::Unsubscribed => {
            let answer = page.post(&format!("{record}/unsubscribe"), &[]).await;
            answer.expect(303);
        }
        Way::Suspended => {
            let reason = [("reason", "A sample of one")];
            let answer = page.post(&format!("{record}/suspend"), &reason).await;
            answer.expect(303);
        }
        Way::Erased => {
            let sure = [("confirm", "yes")];
            let answer = page.post(&format!("{record}/erase"), &sure).await;
            answer.expect(303);
        }
    }
    let answered = Instant::now();
    // A claim that had looked at the person before is in the ledger by then.
    tokio::time::sleep(Duration::from_millis(50)).await;
    let state = sending.ledger.state_of_subscriber(row.subscriber_id).await;
    Gone {
        way,
        row,
        answered,
        was_waiting: state == "queued",
    }
}

/// A first bulletin that everybody has, and the second one in the queue. Returns the links out of the first one, and how
/// many messages it was.
async fn between_two_bulletins(sending: &Sending) -> (BTreeMap<String, String>, usize) {
    sending.queue();
    let service = sending.here.service(&[]).await;
    sending.wait_until_sent(&service).await;
    let links = links(sending);
    drop(service); // Killed: it has nothing in hand.
    sending.sink.wait_until_idle().await;
    sending.queue();
    (links, sending.sink.number())
}

small_and_large! {
    async fn who_goes_during_the_sending_gets_nothing_that_was_not_on_the_wire(
        here: TestApp, (people, leavers) = (250, 12), (1_000, 60)
    ) {
        let mut random = Random::seeded();
        let sending = Sending::prepare(here, people).await;
        let (links, before) = between_two_bulletins(&sending).await;
        sending.take(Duration::from_millis(25));
        let service = sending.here.service(&[]).await;
        let page = sending.page().await;
        let mut gone = Vec::new();
        for number in 0..leavers {
            let rows = sending.ledger.rows().await;
            let is_there = |row: &&Row| row.status == "active" && matches!(row.state.as_str(), "queued" | "claimed");
            let mut there: Vec<&Row> = rows.iter().filter(is_there).collect();
            // Near the front of the queue, where it matters when.
            there.truncate(40);
            assert!(!there.is_empty(), "all of them go during the sending");
            let row = there[random.below(there.len())].clone();
            gone.push(go(&sending, &page, &links[&row.recipient], WAYS[number % 4], row).await);
        }
        let progress = sending.wait_until_sent(&service).await;
        let received = Received::of(sending.sink.accepted().split_off(before)).once();
        for person in &gone {
            for message in received.to(&person.row.recipient) {
                let late = message.begun.saturating_duration_since(person.answered);
                assert!(late <= STILL_FRESH, "{late:?} after they had gone: {person:?}");
                assert!(!person.was_waiting, "nobody held it: {person:?}");
            }
        }
        let skipped = gone.iter().filter(|person| received.to(&person.row.recipient).is_empty()).count();
        assert_eq!(progress.count("skipped"), skipped, "{progress:?}");
        assert_eq!(received.number(), people - skipped, "{progress:?}");
        assert!(skipped >= leavers / 4, "{skipped} of {leavers} were not on the wire");
        let ways = gone.iter().map(|person| person.way);
        assert_eq!(ways.filter(|way| *way == Way::Erased).count(), leavers / 4);
        let rows = sending.ledger.rows().await;
        let erased = rows.iter().filter(|row| row.status == "erased");
        assert_eq!(erased.clone().count(), leavers / 4);
        assert!(erased.clone().all(|row| row.recipient.is_empty()), "{:?}", erased.collect::<Vec<_>>());
    }

    /// All whose messages a worker has in hand go at once, while the server holds up every connection.
    async fn who_goes_while_a_worker_holds_their_message_gets_it_only_if_it_was_on_the_wire(
        here: TestApp, people = 60, 120
    ) {
        let sending = Sending::prepare(here, people).await;
        let (links, before) = between_two_bulletins(&sending).await;
        sending.sink.set_behaviour(move |moment| {
            let is_held = moment.at == At::Content && moment.nth < before + CONNECTIONS;
            is_held.then_some(Act::Slow(STILL_FRESH + Duration::from_millis(600)))
        });
        let service = sending.here.service(&[]).await;
        sending.wait_until_at_server(before + CONNECTIONS).await;
        let rows = sending.ledger.rows().await;
        let held: Vec<Row> = rows.into_iter().filter(|row| row.state == "claimed").collect();
        assert!(held.len() > 2 * CONNECTIONS, "{held:?}");
        for row in &held {
            leave_by_one_click(&sending.here, &links[&row.recipient]).await;
        }
        let answered = Instant::now();
        assert_eq!(sending.sink.number(), before, "every connection is still held up");
        let progress = sending.wait_until_sent(&service).await;
        let received = Received::of(sending.sink.accepted().split_off(before)).once();
        let went: Vec<&Accepted> = held.iter().flat_map(|row| received.to(&row.recipient)).collect();
        // What a connection has said of the next message behind the last one is on the wire as well.
        let begun_later = went.iter().filter(|message| message.begun > answered).count();
        assert!(begun_later <= CONNECTIONS, "{begun_later} began after they had left: {went:?}");
        assert_eq!(progress.count("skipped"), held.len() - went.len(), "{progress:?}");
    }
}
