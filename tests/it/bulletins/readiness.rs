//! What is looked at before a bulletin goes out, and what somebody lets pass.

use std::time::Duration;

use practice_points::app::check_links::PAGES;
use practice_points::domain::staff_member::StaffRole;
use practice_points::worker::Worker;

use crate::answer::Answer;
use crate::app::TestApp;
use crate::both_databases::{Database, on_both_databases};
use crate::desk::{Desk, bulletin, post, with};
use crate::postgres;

use super::{SURE, add_readers, rows, state, until_page_says};

/// The entry of a check on the bulletin's page: its badge and its words.
async fn entry(who: &TestApp, path: &str, label: &str) -> String {
    let page = who.get(path).await.expect(200);
    let all = page.texts(".checks > li");
    let found = all.iter().find(|entry| entry.contains(label));
    found
        .unwrap_or_else(|| panic!("no {label} in {all:?}"))
        .clone()
}

/// Lets a check pass, as the page's form does it.
async fn let_pass(who: &TestApp, path: &str, check: &str, reason: &str) -> Answer {
    let page = who.get(path).await.expect(200);
    let form = format!("form:has([name=check][value={check}])");
    let value = |name: &str| page.attribute(&format!("{form} [name={name}]"), "value");
    let (version, fingerprint) = (value("version"), value("fingerprint"));
    let form = [
        ("check", check),
        ("version", &version),
        ("fingerprint", &fingerprint),
        ("reason", reason),
    ];
    who.post_form(&format!("{path}/override"), &form).await
}

/// Another article takes the place of the bulletin's.
pub(crate) async fn supersede(desk: &Desk, path: &str) {
    let article = desk
        .author
        .get(path)
        .await
        .attribute("ol a[href^='/staff/articles/']", "href");
    let newer = desk.publish("The newer one").await;
    let successor = newer.rsplit('/').next().unwrap();
    desk.publisher
        .post_form(&format!("{article}/supersede"), &[("successor", successor)])
        .await
        .expect(303);
}

on_both_databases! {
    async fn an_approved_bulletin_has_nothing_that_holds_it_up(app: TestApp) {
        let desk = Desk::open(&app).await;
        let path = desk.assemble("All well", &["news"]).await;
        let approval = entry(&desk.author, &path, "Approval").await;
        assert!(approval.starts_with("Needed") && approval.contains("has not approved it yet"), "{approval}");
        desk.approve(&path).await;
        let page = desk.author.get(&path).await;
        assert!(page.text("#checks").contains("Nothing holds it up."), "{}", page.text("#checks"));
        assert!(entry(&desk.author, &path, "Approval").await.contains("Sample Reviewer approved it on 23 November 2026."));
        assert!(entry(&desk.author, &path, "Link to unsubscribe").await.contains("in the HTML and in the text part"));
        assert!(entry(&desk.author, &path, "Size").await.contains("of at most 102 KB"));
        // Nobody outside gets it from a mailbox: that is told, and no hindrance.
        let sender = entry(&desk.author, &path, "Sender").await;
        assert!(sender.starts_with("Look") && sender.contains("built-in mailbox"), "{sender}");
    }

    async fn what_comes_up_holds_it_until_somebody_lets_it_pass_with_a_reason(app: TestApp) {
        let desk = Desk::open(&app).await;
        add_readers(&app, 1).await;
        let path = desk.approved_bulletin("Superseded", &["news"]).await;
        supersede(&desk, &path).await;
        let send = format!("{path}/send");
        let refused = desk.publisher.post_form(&send, &SURE).await.expect(409);
        assert!(refused.text("main").contains("is not sent as it is"), "{}", refused.text("main"));
        let at = [("at", "2026-11-24T09:00")];
        desk.publisher.post_form(&format!("{path}/schedule"), &at).await.expect(409);
        assert_eq!(rows(&app).await, []);

        // Who does not send is not offered it, and without a reason it is not done.
        assert!(!desk.reviewer.get(&path).await.body.contains("Why it may go nevertheless"));
        desk.reviewer.post_form(&format!("{path}/override"), &[("check", "superseded")]).await.expect(403);
        let asked = let_pass(&desk.publisher, &path, "superseded", " ").await.expect(422);
        assert!(!asked.text("#reason-superseded-error").is_empty());
        let_pass(&desk.publisher, &path, "superseded", "It says the same as before.").await.expect(303);
        let passed = entry(&desk.author, &path, "Articles are current").await;
        assert!(passed.starts_with("Let pass"), "{passed}");
        assert!(passed.contains("Sample Publisher let it pass on 23 November 2026"), "{passed}");
        assert!(passed.contains("“It says the same as before.”"), "{passed}");
        let owner = app.other_browser();
        owner.sign_in_as(StaffRole::Owner).await;
        let audit = owner.get("/staff/audit").await.expect(200).text("tbody");
        assert!(audit.contains("It says the same as before."), "{audit}");
        desk.publisher.post_form(&send, &SURE).await.expect(303);
    }

    async fn what_was_let_pass_is_void_when_it_is_taken_back_or_the_bulletin_is(app: TestApp) {
        let desk = Desk::open(&app).await;
        let path = desk.approved_bulletin("Void", &["news"]).await;
        supersede(&desk, &path).await;
        let holds = async || entry(&desk.author, &path, "Articles are current").await.starts_with("Needed");
        let_pass(&desk.publisher, &path, "superseded", "Known.").await.expect(303);
        assert!(!holds().await);
        let back = format!("{path}/override/take-back");
        desk.publisher.post_form(&back, &[("check", "superseded")]).await.expect(303);
        assert!(holds().await);
        desk.publisher.post_form(&back, &[("check", "superseded")]).await.expect(409);
        // Of two who look at once, the second decides on what is there now.
        let page = desk.publisher.get(&path).await;
        let fingerprint = page.attribute("[name=fingerprint]", "value");
        for (version, fingerprint) in [("2", fingerprint.as_str()), ("1", "0123456789abcdef0123456789abcdef")] {
            let form = [("check", "superseded"), ("version", version), ("fingerprint", fingerprint), ("reason", "Known.")];
            desk.publisher.post_form(&format!("{path}/override"), &form).await.expect(409);
        }
        let_pass(&desk.publisher, &path, "superseded", "Known.").await.expect(303);
        desk.author.post_form(&format!("{path}/withdraw"), &[]).await.expect(303);
        let draft = desk.publisher.get(&path).await;
        assert!(!draft.body.contains("let it pass on"), "a draft keeps nothing of it");
    }

    async fn the_law_and_the_second_person_are_never_let_pass(app: TestApp) {
        let desk = Desk::open(&app).await;
        let path = desk.assemble("Never", &["news"]).await;
        desk.author.post_form(&format!("{path}/submit"), &[]).await.expect(303);
        for check in ["approval", "patient-numbers", "unsubscribe", "content", "size"] {
            let form = [("check", check), ("version", "1"), ("reason", "I say so.")];
            desk.publisher.post_form(&format!("{path}/override"), &form).await.expect(409);
        }
        desk.publisher.post_form(&format!("{path}/override"), &[("check", "weather")]).await.expect(404);
    }

    async fn links_into_the_own_site_are_looked_up(app: TestApp) {
        let desk = Desk::open(&app).await;
        let article = desk.publish("Here").await;
        let words = "[One](/articles/here), [two](/articles/nowhere), [three](/staff/subscribers), [four](/contact#top), \
                     [five](/bulletins/links), [six](javascript:alert)";
        let form = with(bulletin("Links", &article, &["news"]), "introduction", words);
        let path = post(&desk.author, "/staff/bulletins", &form).await.expect(303).location().to_owned();
        let found = entry(&desk.author, &path, "Links").await;
        assert!(found.starts_with("Needed Links. 2 of "), "{found}");
        assert!(found.contains("/articles/nowhere : there is no such page here"), "{found}");
        assert!(found.contains("/staff/subscribers : this page is for staff"), "{found}");
        // They can be opened from here.
        let page = desk.author.get(&path).await;
        assert!(!page.attribute(".checks li li a[href$='/articles/nowhere']", "href").is_empty());
    }

    async fn a_subject_that_inboxes_cut_is_worth_a_look(app: TestApp) {
        let desk = Desk::open(&app).await;
        let article = desk.publish("Short").await;
        let subject = "Whom to send for a calcium score, whom to leave alone, and why";
        let form = bulletin(subject, &article, &["news"]);
        let path = post(&desk.author, "/staff/bulletins", &form).await.expect(303).location().to_owned();
        let found = entry(&desk.author, &path, "Subject").await;
        assert_eq!(found, "Look Subject, preheader and content. The subject has 62 characters; inboxes show 40 to 60.");
    }

    async fn at_its_time_a_new_hindrance_holds_it_and_says_so(app: TestApp) {
        let desk = Desk::open(&app).await;
        add_readers(&app, 1).await;
        let path = desk.approved_bulletin("At nine", &["news"]).await;
        let at = [("at", "2026-11-23T11:00")];
        desk.publisher.post_form(&format!("{path}/schedule"), &at).await.expect(303);
        supersede(&desk, &path).await;
        app.app.clock.advance(Duration::from_secs(60 * 60));
        let worker = Worker::start(&app.app).unwrap();
        until_page_says(&desk.author, &path, "It did not go out on 23 November 2026, 11:00 am as planned.").await;
        worker.stop().await;
        assert_eq!(state(&desk.author, &path).await, "Approved");
        assert_eq!(rows(&app).await, []);
        let_pass(&desk.publisher, &path, "superseded", "It may.").await.expect(303);
        desk.publisher.post_form(&format!("{path}/send"), &SURE).await.expect(303);
        assert!(!desk.author.get(&path).await.body.contains("as planned"));
    }
}

/// The worker asks the sites that a bulletin leads to, and none in the clinic's own network.
async fn links_are_asked(database: Database) {
    let settings = [("check_links", "true")];
    let app = TestApp::start_with(database, "https://points.clinic.example", &settings).await;
    let desk = Desk::open(&app).await;
    add_readers(&app, 1).await;
    let form = [
        ("subject", "Outside"),
        ("preheader", "For a test"),
        (
            "introduction",
            "Into [the inside](http://127.0.0.1:9/secret).",
        ),
        ("topics", "news"),
    ];
    let made = desk.author.post_form("/staff/bulletins", &form).await;
    let path = made.expect(303).location().to_owned();
    desk.approve(&path).await;
    let waits = entry(&desk.author, &path, "Links").await;
    assert!(
        waits.starts_with("Wait") && waits.contains("being looked at"),
        "{waits}"
    );
    let page = desk.author.get(&path).await;
    assert_eq!(
        page.attribute("#checks", "data-refresh"),
        format!("{path}/checks")
    );
    let worker = Worker::start(&app.app).unwrap();
    until_page_says(
        &desk.author,
        &format!("{path}/checks"),
        "into a private network",
    )
    .await;
    let found = entry(&desk.author, &path, "Links").await;
    assert!(
        found.contains("1 of 3 links does not answer. Checked just now."),
        "{found}"
    );
    desk.publisher
        .post_form(&format!("{path}/send"), &SURE)
        .await
        .expect(409);
    // What is let pass stays so when it is looked at once more, and finds the same.
    let_pass(&desk.publisher, &path, "links", "Only we open it.")
        .await
        .expect(303);
    app.app.clock.advance(Duration::from_secs(3 * 60));
    assert!(
        entry(&desk.author, &path, "Links")
            .await
            .contains("Checked 3 minutes ago.")
    );
    desk.author
        .post_form(&format!("{path}/check-links"), &[])
        .await
        .expect(303);
    until_page_says(&desk.author, &format!("{path}/checks"), "Checked just now.").await;
    assert!(
        entry(&desk.author, &path, "Links")
            .await
            .starts_with("Let pass")
    );
    worker.stop().await;
    desk.publisher
        .post_form(&format!("{path}/send"), &SURE)
        .await
        .expect(303);
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn links_are_asked_by_the_worker_sqlite() {
    links_are_asked(Database::Sqlite).await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn links_are_asked_by_the_worker_postgres() {
    if let Some(server) = postgres::server() {
        links_are_asked(Database::Postgres(server)).await;
    }
}

#[tokio::test]
async fn the_pages_that_are_there_for_good_are_there() {
    let app = TestApp::start(Database::Sqlite).await;
    for page in PAGES {
        app.get(page).await.expect(200);
    }
}
