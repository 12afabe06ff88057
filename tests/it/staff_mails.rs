//! What staff are told by mail: those who can act, once, and never who did it.

use std::time::Duration;

use diesel::RunQueryDsl;
use diesel::sql_types::Text;
use practice_points::app::{keep_staff, send_bulletin, tell_staff};
use practice_points::domain::staff_member::StaffRole;
use practice_points::store::StoreError;
use practice_points::worker::Worker;

use crate::app::{PASSWORD, TestApp};
use crate::both_databases::on_both_databases;
use crate::desk::{Desk, bulletin, guidance, post, with};
use crate::messages_and_links::{link, message_with};

const AUTHOR: &str = "author@clinic.example";
const REVIEWER: &str = "reviewer@clinic.example";
const PUBLISHER: &str = "publisher@clinic.example";
const SURE: [(&str, &str); 1] = [("confirm", "yes")];

/// So long messages about one text gather.
const GATHER: Duration = Duration::from_secs(10 * 60);

#[derive(diesel::QueryableByName)]
struct Told {
    #[diesel(sql_type = Text)]
    kind: String,
    #[diesel(sql_type = Text)]
    state: String,
}

/// What somebody is told, and where the message is, the oldest first.
async fn told(app: &TestApp, email: &str) -> Vec<(String, String)> {
    let query = format!(
        "SELECT m.kind, d.state FROM delivery d JOIN staff_mail m ON m.id = d.reference_id \
         WHERE d.kind = 'staff-mail' AND d.recipient = '{email}' ORDER BY d.id"
    );
    let read = app.app.store.read(move |db| {
        diesel::sql_query(query)
            .load::<Told>(db)
            .map_err(StoreError::from)
    });
    let rows = read.await.unwrap();
    rows.into_iter().map(|row| (row.kind, row.state)).collect()
}

/// The kinds of what somebody is told, the oldest first.
async fn kinds(app: &TestApp, email: &str) -> Vec<String> {
    let told = told(app, email).await;
    told.into_iter().map(|(kind, _)| kind).collect()
}

/// What somebody is told, once the worker has nothing more to do with any of it.
async fn settled(app: &TestApp, email: &str) -> Vec<(String, String)> {
    let waiting = async {
        loop {
            let told = told(app, email).await;
            let is_open = |state: &str| matches!(state, "queued" | "claimed" | "deferred");
            if !told.iter().any(|(_, state)| is_open(state)) {
                return told;
            }
            app.app.wake.notify_one();
            tokio::time::sleep(Duration::from_millis(10)).await;
        }
    };
    let waited = tokio::time::timeout(Duration::from_secs(20), waiting).await;
    waited.expect("what is due is delivered")
}

/// The same, where all of it comes to one end.
async fn until_told(app: &TestApp, email: &str, state: &str) {
    let told = settled(app, email).await;
    assert!(
        !told.is_empty() && told.iter().all(|(_, at)| at == state),
        "{told:?}"
    );
}

async fn remark(who: &TestApp, path: &str, words: &str) {
    let form = [("version", "1"), ("words", words)];
    who.post_form(&format!("{path}/remarks"), &form)
        .await
        .expect(303);
}

on_both_databases! {
    async fn what_is_handed_in_is_told_to_those_who_may_approve_it_and_nobody_else(app: TestApp) {
        let desk = Desk::open(&app).await;
        app.add_staff("other@clinic.example", StaffRole::Author).await;
        let gone = app.add_staff("gone@clinic.example", StaffRole::Reviewer).await;
        let by = app.add_staff("owner@clinic.example", StaffRole::Owner).await;
        keep_staff::change(&app.app, by, gone, StaffRole::Reviewer, false).await.unwrap();
        let path = desk.write("Worth reading").await;
        assert!(kinds(&app, REVIEWER).await.is_empty(), "a draft waits for nobody");
        desk.author.post_form(&format!("{path}/submit"), &[]).await.expect(303);
        for who in [REVIEWER, PUBLISHER, "owner@clinic.example"] {
            assert_eq!(kinds(&app, who).await, ["to-review"], "{who}");
        }
        for who in [AUTHOR, "other@clinic.example", "gone@clinic.example"] {
            assert!(kinds(&app, who).await.is_empty(), "{who}");
        }
        // A reviewer hands in what another has written, and what they wrote themselves.
        let path = desk.write("Handed in by another").await;
        desk.publisher.post_form(&format!("{path}/submit"), &[]).await.expect(303);
        assert_eq!(kinds(&app, PUBLISHER).await.len(), 1, "who did it is not told");
        let own = post(&desk.reviewer, "/staff/articles", &guidance("The reviewer’s own")).await.expect(303);
        desk.author.post_form(&format!("{}/submit", own.location()), &[]).await.expect(303);
        assert_eq!(kinds(&app, REVIEWER).await.len(), 2, "who wrote it is not asked to review it");
        assert_eq!(kinds(&app, PUBLISHER).await.len(), 2);
        // The overview says the same.
        let overview = desk.reviewer.get("/staff").await.expect(200).text(".work");
        assert!(overview.contains("Handed in by another") && !overview.contains("The reviewer’s own"), "{overview}");
    }

    async fn the_message_names_title_and_person_and_leads_to_the_page(app: TestApp) {
        let desk = Desk::open(&app).await;
        let _worker = Worker::start(&app.app).unwrap();
        let path = desk.write("Calcium & <risk>").await;
        desk.author.post_form(&format!("{path}/submit"), &[]).await.expect(303);
        app.app.clock.advance(GATHER);
        app.app.wake.notify_one();
        let message = message_with(&app, "/staff/articles/").await;
        assert_eq!(message.subject, "To review: Calcium & <risk>");
        let text = message.text.clone().unwrap();
        assert!(text.contains("Sample Author has handed in “Calcium & <risk>”"), "{text}");
        assert!(text.contains("/staff/account#mails") && text.contains("because you may approve what others wrote"), "{text}");
        // Nothing of what stands in it.
        assert!(!text.contains("moderate") && !text.contains("First point") && !text.contains("calcium score helps"), "{text}");
        let html = message.html.clone().unwrap();
        assert!(html.contains("Calcium &#38; &#60;risk&#62;") && html.contains("/staff/account#mails"), "{html}");
        assert!(!message.headers.iter().any(|(name, _)| name.eq_ignore_ascii_case("list-unsubscribe")));
        let page = link(&message, "/staff/articles/");
        assert_eq!(page, path);
        let stranger = app.other_browser();
        let asked = stranger.get(&page).await.expect(303);
        assert!(asked.location().starts_with("/staff/sign-in?next="), "{}", asked.location());
    }

    async fn what_is_done_before_the_message_goes_is_not_told(app: TestApp) {
        let desk = Desk::open(&app).await;
        let _worker = Worker::start(&app.app).unwrap();
        let path = desk.write("Quickly approved").await;
        desk.approve(&path).await;
        let withdrawn = desk.write("Withdrawn").await;
        desk.author.post_form(&format!("{withdrawn}/submit"), &[]).await.expect(303);
        desk.author.post_form(&format!("{withdrawn}/withdraw"), &[]).await.expect(303);
        let deleted = desk.write("Deleted").await;
        remark(&desk.reviewer, &deleted, "Do we need it?").await;
        desk.author.post_form(&format!("{deleted}/delete"), &SURE).await.expect(303);
        assert_eq!(kinds(&app, REVIEWER).await, ["to-review", "to-review"]);
        app.app.clock.advance(GATHER);
        until_told(&app, REVIEWER, "skipped").await;
        let author = settled(&app, AUTHOR).await;
        let is = |kind: &str, state: &str| (kind.to_owned(), state.to_owned());
        assert_eq!(author, [is("approved", "accepted"), is("remarks", "skipped")]);
        let publisher = settled(&app, PUBLISHER).await;
        assert!(publisher.contains(&is("to-publish", "accepted")), "{publisher:?}");
    }

    async fn five_remarks_in_ten_minutes_are_one_message_and_a_later_one_is_another(app: TestApp) {
        let desk = Desk::open(&app).await;
        let path = desk.write("Much discussed").await;
        desk.author.post_form(&format!("{path}/submit"), &[]).await.expect(303);
        for number in 1..=4 {
            remark(&desk.reviewer, &path, &format!("Remark {number}.")).await;
            app.app.clock.advance(Duration::from_secs(60));
        }
        let own = [("version", "1"), ("words", "An answer.")];
        desk.author.post_form(&format!("{path}/remarks"), &own).await.expect(303);
        let asked = [("version", "1"), ("words", "Please shorten it.")];
        desk.reviewer.post_form(&format!("{path}/changes"), &asked).await.expect(303);
        assert_eq!(kinds(&app, AUTHOR).await, ["remarks"]);
        let worker = Worker::start(&app.app).unwrap();
        app.app.clock.advance(GATHER);
        until_told(&app, AUTHOR, "accepted").await;
        let message = message_with(&app, "asks for changes").await;
        assert_eq!(message.subject, "Changes asked for: Much discussed");
        let text = message.text.unwrap();
        assert!(text.contains("Sample Reviewer asks for changes in “Much discussed”"), "{text}");
        assert!(text.contains("There are 4 remarks on it besides."), "{text}");
        assert!(!text.contains("Please shorten") && !text.contains("Remark 1"), "{text}");
        // What comes after it has gone is told again, and alone.
        remark(&desk.publisher, &path, "One thing more.").await;
        assert_eq!(kinds(&app, AUTHOR).await, ["remarks", "remarks"]);
        app.app.clock.advance(GATHER);
        let message = message_with(&app, "Sample Publisher made a remark").await;
        assert_eq!(message.subject, "Remarks: Much discussed");
        worker.stop().await;
    }

    async fn a_text_handed_in_again_and_again_floods_nobody(app: TestApp) {
        let desk = Desk::open(&app).await;
        let path = desk.write("To and fro").await;
        for _ in 0..4 {
            desk.author.post_form(&format!("{path}/submit"), &[]).await.expect(303);
            desk.author.post_form(&format!("{path}/withdraw"), &[]).await.expect(303);
        }
        desk.author.post_form(&format!("{path}/submit"), &[]).await.expect(303);
        assert_eq!(kinds(&app, REVIEWER).await, ["to-review"]);
    }

    async fn each_chooses_what_they_are_told(app: TestApp) {
        let desk = Desk::open(&app).await;
        let page = desk.author.get("/staff/account").await.expect(200);
        let ticked = |page: &crate::answer::Answer| {
            let boxes = scraper::Selector::parse("#mails input[type=checkbox][checked]").unwrap();
            page.page().select(&boxes).count()
        };
        assert_eq!(ticked(&page), 3, "what an author is ever told");
        let page = desk.publisher.get("/staff/account").await.expect(200);
        assert_eq!(ticked(&page), 8);
        let form = [("mail", "to-approve"), ("mail", "held"), ("mail", "no-such-mail")];
        desk.publisher.post_form("/staff/account/mails", &form).await.expect(303);
        let page = desk.publisher.get("/staff/account").await.expect(200);
        assert_eq!(ticked(&page), 2);
        let path = desk.write("Not for everybody").await;
        desk.author.post_form(&format!("{path}/submit"), &[]).await.expect(303);
        assert!(kinds(&app, PUBLISHER).await.is_empty());
        assert_eq!(kinds(&app, REVIEWER).await, ["to-review"]);
        // Switched off while it waits, it does not go.
        desk.reviewer.post_form("/staff/account/mails", &[]).await.expect(303);
        let _worker = Worker::start(&app.app).unwrap();
        app.app.clock.advance(GATHER);
        until_told(&app, REVIEWER, "skipped").await;
        // And on again.
        let form = [("mail", "to-review")];
        desk.reviewer.post_form("/staff/account/mails", &form).await.expect(303);
        let path = desk.write("Told again").await;
        desk.author.post_form(&format!("{path}/submit"), &[]).await.expect(303);
        assert_eq!(kinds(&app, REVIEWER).await.len(), 2);
        let owner = app.other_browser();
        owner.sign_in_as(StaffRole::Owner).await;
        assert!(owner.get("/staff/audit").await.expect(200).text("tbody").contains("Chose which mails they get"));
    }

    async fn who_has_left_meanwhile_is_told_nothing(app: TestApp) {
        let desk = Desk::open(&app).await;
        let by = app.add_staff("owner@clinic.example", StaffRole::Owner).await;
        let leaving = app.add_staff("leaving@clinic.example", StaffRole::Reviewer).await;
        let path = desk.write("Too late for one").await;
        desk.author.post_form(&format!("{path}/submit"), &[]).await.expect(303);
        assert_eq!(kinds(&app, "leaving@clinic.example").await, ["to-review"]);
        keep_staff::change(&app.app, by, leaving, StaffRole::Reviewer, false).await.unwrap();
        let _worker = Worker::start(&app.app).unwrap();
        app.app.clock.advance(GATHER);
        until_told(&app, "leaving@clinic.example", "skipped").await;
    }

    async fn what_did_not_happen_is_not_told(app: TestApp) {
        let desk = Desk::open(&app).await;
        let path = desk.write("Not complete").await;
        let form = with(with(guidance("Not complete"), "version", "1"), "practice_points", "");
        post(&desk.author, &path, &form).await.expect(303);
        desk.author.post_form(&format!("{path}/submit"), &[]).await.expect(409);
        desk.reviewer.post_form(&format!("{path}/approve"), &[("version", "2")]).await.expect(409);
        remark(&desk.reviewer, &path, "Told once.").await;
        desk.reviewer.post_form(&format!("{path}/remarks"), &[("version", "1"), ("words", "")]).await.expect(422);
        assert_eq!(kinds(&app, AUTHOR).await, ["remarks"]);
        assert!(kinds(&app, REVIEWER).await.is_empty());
        assert_eq!(app.count("staff_mail").await, 1);
    }

    async fn a_bulletin_is_told_of_from_its_handing_in_to_its_end(app: TestApp) {
        let desk = Desk::open(&app).await;
        let worker = Worker::start(&app.app).unwrap();
        app.subscribe("gp@practice.example").await;
        let article = desk.publish("In the bulletin").await;
        app.app.clock.advance(GATHER);
        until_told(&app, AUTHOR, "accepted").await;
        let before = [kinds(&app, AUTHOR).await, kinds(&app, REVIEWER).await, kinds(&app, PUBLISHER).await];
        let form = bulletin("November news", &article, &["news"]);
        let path = post(&desk.author, "/staff/bulletins", &form).await.expect(303).location().to_owned();
        desk.author.post_form(&format!("{path}/submit"), &[]).await.expect(303);
        let since = async |email: &str, before: &[String]| kinds(&app, email).await.split_off(before.len());
        assert_eq!(since(REVIEWER, &before[1]).await, ["to-approve"]);
        assert_eq!(since(PUBLISHER, &before[2]).await, ["to-approve"]);
        // It is given back, and handed in again.
        app.app.clock.advance(GATHER);
        settled(&app, REVIEWER).await;
        settled(&app, PUBLISHER).await;
        let asked = [("version", "1"), ("words", "The second link is wrong.")];
        desk.reviewer.post_form(&format!("{path}/changes"), &asked).await.expect(303);
        app.app.clock.advance(GATHER);
        let message = message_with(&app, "Sample Reviewer asks for changes in the bulletin “November news”").await;
        assert!(!message.text.clone().unwrap().contains("second link"), "what it is stands on the page alone");
        let before = [kinds(&app, AUTHOR).await, kinds(&app, REVIEWER).await, kinds(&app, PUBLISHER).await];
        desk.author.post_form(&format!("{path}/submit"), &[]).await.expect(303);
        assert_eq!(since(PUBLISHER, &before[2]).await, ["to-approve"]);
        let version = desk.reviewer.get(&path).await.attribute("form[action$='/approve'] input[name=version]", "value");
        desk.reviewer.post_form(&format!("{path}/approve"), &[("version", &version)]).await.expect(303);
        assert_eq!(since(AUTHOR, &before[0]).await, ["approved"]);
        assert_eq!(since(PUBLISHER, &before[2]).await, ["to-approve", "to-publish"]);
        desk.publisher.post_form(&format!("{path}/send"), &SURE).await.expect(303);
        let message = message_with(&app, "The bulletin “November news” has gone out.").await;
        assert_eq!(message.subject, "Sent: November news");
        let text = message.text.clone().unwrap();
        let text = text.split_whitespace().collect::<Vec<_>>().join(" ");
        assert!(text.contains("gone out. 1 message: 1 accepted by the mail servers, 0 refused or given up."), "{text}");
        assert!(text.contains("because you sent it"), "{text}");
        assert_eq!(since(PUBLISHER, &before[2]).await, ["to-approve", "to-publish", "sent"]);
        assert_eq!(since(AUTHOR, &before[0]).await, ["approved"], "who did not send it is not told");
        worker.stop().await;
    }

    async fn one_that_did_not_go_out_as_planned_is_told_to_those_who_may_send(app: TestApp) {
        let desk = Desk::open(&app).await;
        app.add_staff("owner@clinic.example", StaffRole::Owner).await;
        app.subscribe("gp@practice.example").await;
        let path = desk.approved_bulletin("For later", &["news"]).await;
        let form = [("at", "2026-11-24T09:00"), ("confirm", "yes")];
        desk.publisher.post_form(&format!("{path}/schedule"), &form).await.expect(303);
        // What it holds is past its day of review by then.
        app.app.clock.advance(Duration::from_secs(800 * 86_400));
        send_bulletin::start_due(&app.app).await.unwrap();
        for who in [PUBLISHER, "owner@clinic.example"] {
            assert_eq!(kinds(&app, who).await.last().unwrap(), "held", "{who}");
        }
        assert!(!kinds(&app, REVIEWER).await.contains(&"held".to_owned()));
        desk.publisher.sign_in(PUBLISHER, PASSWORD).await.expect(303);
        let trouble = desk.publisher.get("/staff").await.expect(200).text("main");
        assert!(trouble.contains("A bulletin is held up") && trouble.contains("It did not go out on 24 November 2026"), "{trouble}");
        let _worker = Worker::start(&app.app).unwrap();
        let message = message_with(&app, "Its time had come").await;
        assert_eq!(message.subject, "Held: For later");
    }

    async fn review_dates_are_told_once_a_week_whoever_looks(app: TestApp) {
        let desk = Desk::open(&app).await;
        let path = desk.publish("Old guidance").await;
        desk.publish("Older guidance").await;
        assert_eq!(tell_staff::tell_due(&app.app).await.unwrap(), 0);
        app.app.clock.advance(Duration::from_secs(720 * 86_400));
        // Several workers at once, and one that was killed and starts anew.
        let (one, two, three) = tokio::join!(
            tell_staff::tell_due(&app.app),
            tell_staff::tell_due(&app.app),
            tell_staff::tell_due(&app.app)
        );
        assert_eq!(one.unwrap() + two.unwrap() + three.unwrap(), 2, "the author and the reviewer");
        assert_eq!(tell_staff::tell_due(&app.app).await.unwrap(), 0);
        let dates = async |email: &str| kinds(&app, email).await.iter().filter(|kind| *kind == "review-dates").count();
        assert_eq!((dates(AUTHOR).await, dates(REVIEWER).await, dates(PUBLISHER).await), (1, 1, 0));
        let worker = Worker::start(&app.app).unwrap();
        let message = message_with(&app, "Old guidance: due 23 November 2028").await;
        worker.stop().await;
        assert_eq!(message.subject, "2 articles to be looked at again");
        assert_eq!(link(&message, "/staff/articles/"), path);
        // The next week it is told again; to nobody who does not want to know.
        desk.reviewer.sign_in(REVIEWER, PASSWORD).await.expect(303);
        desk.reviewer.post_form("/staff/account/mails", &[("mail", "to-review")]).await.expect(303);
        app.app.clock.advance(Duration::from_secs(7 * 86_400));
        assert_eq!(tell_staff::tell_due(&app.app).await.unwrap(), 1);
        assert_eq!((dates(AUTHOR).await, dates(REVIEWER).await), (2, 1));
    }

    async fn review_dates_of_those_who_have_left_are_told_to_who_may_publish(app: TestApp) {
        let desk = Desk::open(&app).await;
        let by = app.add_staff("owner@clinic.example", StaffRole::Owner).await;
        desk.publish("Orphaned").await;
        let members = keep_staff::all(&app.app).await.unwrap();
        for member in members.iter().filter(|member| [AUTHOR, REVIEWER].contains(&member.email.as_str())) {
            keep_staff::change(&app.app, by, member.id, member.role, false).await.unwrap();
        }
        app.app.clock.advance(Duration::from_secs(740 * 86_400));
        assert_eq!(tell_staff::tell_due(&app.app).await.unwrap(), 2, "publisher and owner");
    }
}
