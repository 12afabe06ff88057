//! A bulletin goes again to those whose messages failed, once, and to nobody who has had it.

use crate::both_databases::on_both_databases;
use crate::clinic::count_recipients;
use crate::desk::Desk;

use super::mailing::Mailing as TestApp;
use super::state;

const GP1: &str = "gp1@practice.example";
const GP2: &str = "gp2@practice.example";

on_both_databases! {
    async fn only_those_get_it_again_whose_messages_failed_and_who_can(here: TestApp) {
        let desk = Desk::open(&here.app).await;
        here.refuse("gp1@");
        let path = here.send(&desk, 5).await;
        here.deliver(&desk, &path, 5).await;
        here.give_up("'gp2@practice.example', 'gp3@practice.example', 'gp4@practice.example'").await;
        let gone = here.app.unsubscribe_path("gp3@practice.example").await;
        here.app.post_form(&gone, &[]).await.expect(200);
        here.execute("DELETE FROM subscription WHERE subscriber_id = \
            (SELECT id FROM subscriber WHERE email = 'gp4@practice.example')").await;
        let id = here.mail_to(GP2).id;

        let again = format!("{path}/send-again");
        let page = desk.publisher.get(&again).await.expect(200);
        assert!(page.text("form.panel").contains("Given up after the last try: 1 person"), "{}", page.text("main"));
        assert_eq!(page.attribute("input[value=refused]", "value"), "", "the refused one is suspended");
        let left_out = page.text(".counts");
        for why in ["staff 1", "Unsubscribed 1", "Chose other topics since 1"] {
            assert!(left_out.contains(why), "{why}: {left_out}");
        }
        let finished = page.attribute("input[name=finished]", "value");
        let sure = [("which", "failed"), ("finished", finished.as_str()), ("confirm", "yes")];
        let asked = desk.publisher.post_form(&again, &sure[..2]).await.expect(422);
        assert!(asked.text("#confirm-error").contains("Please tick"));
        desk.reviewer.post_form(&again, &sure).await.expect(403);
        assert_eq!(state(&desk.author, &path).await, "Sent");

        desk.publisher.post_form(&again, &sure).await.expect(303);
        assert_eq!(state(&desk.author, &path).await, "Sending");
        desk.publisher.post_form(&again, &sure).await.expect(409);
        here.deliver(&desk, &path, 5).await;
        assert_eq!(state(&desk.author, &path).await, "Sent");
        desk.publisher.post_form(&again, &sure).await.expect(409);
        let counts = count_recipients(&here.sink);
        assert_eq!(counts.get(GP2), Some(&2), "once more: {counts:?}");
        assert_eq!(counts.values().sum::<usize>(), 5, "and nobody else: {counts:?}");
        assert_eq!(here.mail_to(GP2).id, id, "the same message");
        let audit = "audit_event WHERE action = 'bulletin.send-again' AND detail = 'to 1'";
        assert_eq!(here.app.count(audit).await, 1);
        // What happened to the refused one before is still there.
        assert_eq!(here.app.count("delivery_attempt WHERE outcome = 'refused'").await, 1);
    }

    async fn a_corrected_address_gets_it_where_it_works(here: TestApp) {
        let desk = Desk::open(&here.app).await;
        here.refuse("gp1@");
        let path = here.send(&desk, 2).await;
        here.deliver(&desk, &path, 2).await;
        let again = format!("{path}/send-again");
        let page = desk.publisher.get(&again).await.expect(200);
        assert!(page.text(".notice").contains("None of them can get it"));
        here.execute("UPDATE subscriber SET email = 'right@practice.example', email_key = 'right@practice.example', \
            status = 'active' WHERE email = 'gp1@practice.example'").await;
        let page = desk.publisher.get(&again).await.expect(200);
        let finished = page.attribute("input[name=finished]", "value");
        let none = [("which", "failed"), ("finished", finished.as_str()), ("confirm", "yes")];
        let none = desk.publisher.post_form(&again, &none).await.expect(409);
        assert!(none.text("main").contains("nothing is sent"));
        let sure = [("which", "refused"), ("finished", finished.as_str()), ("confirm", "yes")];
        desk.publisher.post_form(&again, &sure).await.expect(303);
        here.deliver(&desk, &path, 2).await;
        let counts = count_recipients(&here.sink);
        assert_eq!(counts.get("right@practice.example"), Some(&1), "{counts:?}");
        assert_eq!((counts.get(GP1), counts.get(GP2)), (None, Some(&1)));
        desk.publisher.get(&again).await.expect(409);
    }

    async fn pressed_twice_at_once_it_goes_once(here: TestApp) {
        let desk = Desk::open(&here.app).await;
        let path = here.send(&desk, 20).await;
        here.deliver(&desk, &path, 20).await;
        here.execute("UPDATE delivery SET state = 'failed', claimed_by = NULL WHERE kind = 'bulletin'").await;
        let again = format!("{path}/send-again");
        let page = desk.publisher.get(&again).await.expect(200);
        let finished = page.attribute("input[name=finished]", "value");
        let sure = [("which", "failed"), ("finished", finished.as_str()), ("confirm", "yes")];
        let (one, other) = tokio::join!(
            desk.publisher.post_form(&again, &sure),
            desk.publisher.post_form(&again, &sure),
        );
        let mut statuses = [one.status.as_u16(), other.status.as_u16()];
        statuses.sort_unstable();
        assert_eq!(statuses, [303, 409]);
        here.deliver(&desk, &path, 20).await;
        let counts = count_recipients(&here.sink);
        assert!(counts.len() == 20 && counts.values().all(|&count| count == 2), "{counts:?}");
    }
}
