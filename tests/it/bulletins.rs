//! Bulletins are assembled, approved by a second person, sent, and followed for each person.

mod brand;
mod eyes;
mod links;
pub(crate) mod mailing;
pub(crate) mod readiness;
mod report;
mod send_again;
mod sending;
mod waves;
mod working_copies;

use std::time::Duration;

use practice_points::domain::email_address::EmailAddress;
use practice_points::domain::staff_member::StaffRole;
use practice_points::domain::subscriber::SubscriberStatus;
use practice_points::store::subscribers::{self, Details};
use practice_points::store::{StoreError, topics};
use practice_points::worker::Worker;

use crate::app::TestApp;
use crate::both_databases::on_both_databases;
use crate::desk::{Desk, bulletin, guidance, post, with};

/// Puts people on the list, active and with the topic news: `gp1@practice.example` and so on.
pub(crate) async fn add_readers(app: &TestApp, count: usize) {
    let now = app.app.now();
    let added = app.app.store.write(move |db| {
        let all = topics::all(db)?;
        let news: Vec<_> = all
            .iter()
            .filter(|topic| topic.slug == "news")
            .map(|topic| topic.id)
            .collect();
        for number in 1..=count {
            let email = EmailAddress::parse(&format!("gp{number}@practice.example")).unwrap();
            let details = Details {
                name: format!("Sample Reader {number}"),
                practice: None,
                region: None,
                role: None,
                mcnz_number: None,
            };
            let active = SubscriberStatus::Active;
            let id = subscribers::insert(db, &email, &details, active, "test", now)?;
            topics::set_chosen(db, id, &news)?;
        }
        Ok::<_, StoreError>(())
    });
    added.await.unwrap();
}

/// The addresses that have a row of a bulletin, and the rows' states, in the order of the addresses.
async fn rows(app: &TestApp) -> Vec<(String, String)> {
    #[derive(diesel::QueryableByName)]
    struct Row {
        #[diesel(sql_type = diesel::sql_types::Text)]
        recipient: String,
        #[diesel(sql_type = diesel::sql_types::Text)]
        state: String,
    }
    let query = "SELECT recipient, state FROM delivery WHERE kind = 'bulletin' ORDER BY recipient";
    let read = app.app.store.read(move |db| {
        use diesel::RunQueryDsl;
        diesel::sql_query(query)
            .load::<Row>(db)
            .map_err(StoreError::from)
    });
    read.await
        .unwrap()
        .into_iter()
        .map(|row| (row.recipient, row.state))
        .collect()
}

/// The state that the bulletin's page shows.
async fn state(who: &TestApp, path: &str) -> String {
    who.get(path).await.expect(200).text("h1 .badge")
}

/// Waits until a page says something, and gives up after a while.
pub(crate) async fn until_page_says(who: &TestApp, path: &str, words: &str) {
    let waiting = async {
        while !who.get(path).await.body.contains(words) {
            who.app.wake.notify_one();
            tokio::time::sleep(Duration::from_millis(10)).await;
        }
    };
    let waited = tokio::time::timeout(Duration::from_secs(30), waiting).await;
    assert!(
        waited.is_ok(),
        "{path} never said “{words}”: {}",
        who.get(path).await.text("main")
    );
}

/// What a form sends when it is meant.
pub(crate) const SURE: [(&str, &str); 1] = [("confirm", "yes")];

on_both_databases! {
    async fn a_bulletin_goes_to_exactly_the_active_subscribers_of_its_topics(app: TestApp) {
        let desk = Desk::open(&app).await;
        app.subscribe("active@practice.example").await;
        app.subscribe("other-topic@practice.example").await;
        let link = app.manage_path("other-topic@practice.example").await;
        app.post_form(&format!("{link}/topics"), &[("topics", "symposium")]).await;
        app.subscribe("paused@practice.example").await;
        let link = app.manage_path("paused@practice.example").await;
        app.post_form(&format!("{link}/pause"), &[("until", "2026-12-24")]).await.expect(303);
        let suspended = app.subscribe("suspended@practice.example").await.id;
        let suspend = format!("/staff/subscribers/{suspended}/suspend");
        desk.publisher.post_form(&suspend, &[("reason", "Moved away")]).await.expect(303);
        app.subscribe("unsubscribed@practice.example").await;
        let link = app.unsubscribe_path("unsubscribed@practice.example").await;
        app.post_form(&link, &[]).await.expect(200);
        app.sign_up("pending@practice.example").await.expect(303);

        let path = desk.approved_bulletin("November news", &["news", "case-studies"]).await;
        let page = desk.publisher.get(&path).await;
        assert!(page.text(".facts").contains("1 person, by topic: News, Case studies"));
        desk.publisher.post_form(&format!("{path}/send"), &SURE).await.expect(303);
        let queued = ("active@practice.example".to_owned(), "queued".to_owned());
        assert_eq!(rows(&app).await, [queued]);

        let worker = Worker::start(&app.app).unwrap();
        until_page_says(&desk.author, &format!("{path}/progress"), "1 of 1 done.").await;
        worker.stop().await;
        let page = desk.publisher.get(&path).await;
        assert_eq!(page.text("h1 .badge"), "Sent");
        assert_eq!(page.attribute("#progress", "data-refresh"), "");
        app.get("/bulletins/november-news").await.expect(200);
    }

    async fn a_second_person_approves_a_bulletin_too(app: TestApp) {
        let desk = Desk::open(&app).await;
        let article = desk.publish("For two").await;
        let form = bulletin("By the publisher", &article, &["news"]);
        let saved = post(&desk.publisher, "/staff/bulletins", &form).await.expect(303);
        let path = saved.location().to_owned();
        desk.publisher.post_form(&format!("{path}/submit"), &[]).await.expect(303);
        let own = desk.publisher.get(&path).await;
        assert!(own.text(".notice").contains("A second person has to approve it"));
        assert_eq!(own.attribute("form[action$='/approve']", "action"), "");
        let approve = format!("{path}/approve");
        desk.publisher.post_form(&approve, &[("version", "1")]).await.expect(409);
        desk.author.post_form(&approve, &[("version", "1")]).await.expect(403);
        assert!(desk.author.get(&path).await.text(".notice").contains("role “Reviewer”"));
        desk.reviewer.post_form(&approve, &[("version", "1")]).await.expect(303);
        assert_eq!(state(&desk.author, &path).await, "Approved");
    }

    async fn where_all_who_might_approve_it_wrote_at_it_the_page_says_so(app: TestApp) {
        let desk = Desk::open(&app).await;
        let article = desk.publish("For nobody").await;
        let form = bulletin("By both", &article, &["news"]);
        let saved = post(&desk.publisher, "/staff/bulletins", &form).await.expect(303);
        let path = saved.location().to_owned();
        let words = "Sample Publisher and Sample Reviewer both wrote at this, so neither may approve it.";
        assert!(!desk.author.get(&path).await.text("main").contains(words));
        post(&desk.reviewer, &path, &with(form, "version", "1")).await.expect(303);
        // Before it is submitted and after that, to everybody.
        let draft = desk.author.get(&path).await;
        assert!(draft.text("main").contains(words), "{}", draft.text("main"));
        assert!(draft.text(".facts").contains("Sample Publisher, Sample Reviewer"));
        desk.author.post_form(&format!("{path}/submit"), &[]).await.expect(303);
        for who in [&desk.author, &desk.reviewer, &desk.publisher] {
            assert!(who.get(&path).await.text("main").contains(words));
        }
        // Somebody else who may is enough.
        app.add_staff("second@clinic.example", StaffRole::Reviewer).await;
        assert!(!desk.author.get(&path).await.text("main").contains(words));
    }

    async fn nothing_is_sent_that_is_not_approved_or_not_meant(app: TestApp) {
        let desk = Desk::open(&app).await;
        add_readers(&app, 1).await;
        let path = desk.assemble("Not yet", &["news"]).await;
        let send = format!("{path}/send");
        let refused = desk.publisher.post_form(&send, &SURE).await.expect(409);
        assert!(refused.text("main").contains("the bulletin is draft"));
        desk.approve(&path).await;
        let asked = desk.publisher.post_form(&send, &[]).await.expect(422);
        assert!(asked.text("#confirm_send-error").contains("Please tick"));
        desk.reviewer.post_form(&send, &SURE).await.expect(403);
        assert_eq!(rows(&app).await, []);
        assert_eq!(state(&desk.author, &path).await, "Approved");
    }

    async fn a_bulletin_that_nobody_would_get_is_not_sent(app: TestApp) {
        let desk = Desk::open(&app).await;
        let path = desk.approved_bulletin("To nobody", &["symposium"]).await;
        let refused = desk.publisher.post_form(&format!("{path}/send"), &SURE).await.expect(409);
        assert!(refused.text("main").contains("nobody would receive it"));
        assert_eq!(state(&desk.author, &path).await, "Approved");
    }

    async fn what_was_approved_is_frozen_whatever_becomes_of_its_articles(app: TestApp) {
        let desk = Desk::open(&app).await;
        let path = desk.approved_bulletin("Frozen", &["news"]).await;
        let before = desk.author.get(&format!("{path}/preview.html")).await.expect(200).body;
        assert!(before.contains("<strong>moderate</strong>"), "{before}");
        // The article changes on the site; the approved mail does not.
        let article = desk.author.get(&path).await.attribute("ol a[href^='/staff/articles/']", "href");
        let form = with(with(guidance("Guidance for Frozen"), "version", "1"), "body", "Other words.");
        post(&desk.author, &article, &form).await.expect(303);
        desk.approve(&article).await;
        desk.publisher.post_form(&format!("{article}/publish"), &[]).await.expect(303);
        let after = desk.author.get(&format!("{path}/preview.html")).await.body;
        assert_eq!(before, after);

        // Nor can its text be changed, and what was typed is not lost.
        desk.author.get(&format!("{path}/edit")).await.expect(409);
        let typed = with(bulletin("Thawed", &article, &["news"]), "version", "1");
        let refused = post(&desk.author, &path, &typed).await.expect(409);
        assert!(refused.text(".notice.warn").contains("Only a draft can be changed"));
        assert_eq!(refused.attribute("input[name=subject]", "value"), "Thawed");
        desk.author.post_form(&format!("{path}/withdraw"), &[]).await.expect(303);
        post(&desk.author, &path, &typed).await.expect(303);
        assert!(desk.author.get(&path).await.text("h1").starts_with("Thawed Draft"));
    }

    async fn articles_stand_in_the_order_of_their_numbers_and_as_they_were_chosen(app: TestApp) {
        let desk = Desk::open(&app).await;
        let first = desk.publish("Alpha guidance").await;
        let second = desk.publish("Beta guidance").await;
        let third = desk.publish("Gamma guidance").await;
        let id = |path: &str| path.rsplit('/').next().unwrap().to_owned();
        let mut form = bulletin("In order", &first, &["news"]);
        form.retain(|(name, _)| !["article", "position", "form"].contains(name));
        for (path, position, whole) in [(&first, "2", "teaser"), (&second, "1", "whole"), (&third, "", "whole")] {
            form.push(("article", id(path)));
            form.push(("position", position.to_owned()));
            form.push(("form", whole.to_owned()));
        }
        let saved = post(&desk.author, "/staff/bulletins", &form).await.expect(303);
        let path = saved.location().to_owned();
        let page = desk.author.get(&path).await;
        let list = page.text("section ol");
        assert_eq!(list, "Beta guidance Guidance, whole Alpha guidance Guidance, teaser");
        let wrong = with(form, "position", "first");
        let again = post(&desk.author, &path, &with(wrong, "version", "1")).await.expect(422);
        assert!(again.text("#articles-error").contains("is no number"));
        assert_eq!(again.attribute("input[name=position]", "value"), "first");
    }

    async fn the_preview_is_html_in_a_locked_frame_and_text(app: TestApp) {
        let desk = Desk::open(&app).await;
        let path = desk.assemble("Looks", &["news"]).await;
        let page = desk.author.get(&format!("{path}/preview")).await.expect(200);
        assert_eq!(page.attribute("iframe", "src"), format!("{path}/preview.html"));
        // It is locked; its links open windows of their own, in which they work.
        let sandbox = page.attribute("iframe", "sandbox");
        assert_eq!(sandbox, "allow-popups allow-popups-to-escape-sandbox");
        assert!(page.text("pre").contains("At moderate risk."));
        assert!(page.text(".facts").contains("of at most 102 KB"));
        let mail = desk.author.get(&format!("{path}/preview.html")).await.expect(200);
        let policy = mail.header("content-security-policy");
        assert!(policy.starts_with("default-src 'none'") && policy.contains("sandbox"), "{policy}");
        assert!(policy.ends_with("sandbox allow-popups allow-popups-to-escape-sandbox"), "{policy}");
        assert_eq!(mail.attribute("head base", "target"), "_blank");
        assert!(mail.body.contains("our news"));
    }

    async fn the_number_of_people_follows_the_topics(app: TestApp) {
        let desk = Desk::open(&app).await;
        add_readers(&app, 3).await;
        let count = |topics: &str| {
            let path = format!("/staff/bulletins/audience{topics}");
            let author = &desk.author;
            async move { author.get(&path).await.expect(200).body }
        };
        assert_eq!(count("").await, "0 people");
        assert_eq!(count("?topics=news&topics=symposium").await, "3 people");
        assert_eq!(count("?topics=symposium").await, "0 people");
        desk.author.get("/staff/bulletins/audience?topics=nonsense").await.expect(404);
        // Without a script, the button shows it, and saves nothing.
        let form = [("action", "preview"), ("subject", "Counted"), ("topics", "news")];
        let page = desk.author.post_form("/staff/bulletins", &form).await.expect(200);
        assert_eq!(page.text("#audience"), "3 people");
        assert_eq!(page.attribute("input[name=subject]", "value"), "Counted");
        assert_eq!(app.count("bulletin").await, 0);
    }

    async fn of_two_who_assemble_at_once_neither_loses_a_word(app: TestApp) {
        let desk = Desk::open(&app).await;
        let path = desk.assemble("Two at once", &["news"]).await;
        let article = desk.publish("Another").await;
        let mine = with(bulletin("Mine", &article, &["news"]), "version", "1");
        let theirs = with(bulletin("Theirs", &article, &["news"]), "version", "1");
        post(&desk.publisher, &path, &theirs).await.expect(303);
        let conflict = post(&desk.author, &path, &mine).await.expect(409);
        assert_eq!(conflict.attribute("input[name=subject]", "value"), "Mine");
        let facts = conflict.text("form .notice.warn");
        assert!(facts.contains("Version 2 was saved by Sample Publisher"), "{facts}");
        assert!(desk.author.get(&path).await.text("h1").starts_with("Theirs"));
        post(&desk.author, &path, &with(mine, "over", "2")).await.expect(303);
        assert!(desk.author.get(&path).await.text("h1").starts_with("Mine"));
    }

    async fn who_reviews_a_bulletin_can_say_what_is_to_be_changed_and_give_it_back(app: TestApp) {
        let desk = Desk::open(&app).await;
        let path = desk.assemble("Almost good", &["news"]).await;
        let draft = desk.publisher.get(&path).await;
        assert!(draft.text("main").contains("appear here once a second person has approved it"));
        assert!(desk.author.get(&path).await.text("main").contains("it is scheduled and sent by somebody with the role"));
        let changes = format!("{path}/changes");
        let words = "The dose in point 2 is\r\nfor <b>adults</b>. Please say so.";
        let typed = [("version", "1"), ("words", words)];
        desk.reviewer.post_form(&changes, &typed).await.expect(409);
        desk.author.post_form(&format!("{path}/submit"), &[]).await.expect(303);
        let page = desk.reviewer.get(&path).await;
        assert_eq!(page.attribute("form[action$='/changes']", "action"), changes);
        assert_eq!(page.text(".page-head a[href='#words']"), "Ask for changes");
        assert_eq!(desk.author.get(&path).await.text(".page-head a[href='#words']"), "");

        let empty = desk.reviewer.post_form(&changes, &[("version", "1"), ("words", " ")]).await;
        assert!(empty.expect(422).text("#words-error").contains("Please write"));
        let number = [("version", "1"), ("words", "It is about ZAA0067, is it not?")];
        let refused = desk.reviewer.post_form(&changes, &number).await.expect(422);
        assert!(refused.text("#words-error").contains("NHI"), "{}", refused.text("main"));
        assert!(refused.text("#words").contains("ZAA0067"), "what was typed stays");
        desk.author.post_form(&changes, &typed).await.expect(403);
        desk.reviewer.post_form(&changes, &[("version", "2"), ("words", "Of another one.")]).await.expect(409);
        desk.reviewer.post_form(&changes, &typed).await.expect(303);

        let page = desk.author.get(&path).await;
        assert_eq!(page.text("h1 .badge"), "Draft");
        let asked = page.text("#held");
        assert!(asked.contains("Sample Reviewer asked for changes on 23 November 2026"), "{asked}");
        assert!(asked.contains("for <b>adults</b>. Please say so."), "{asked}");
        let edit = desk.author.get(&format!("{path}/edit")).await.expect(200);
        assert_eq!(edit.text("#asked"), asked, "it stands where it is done, too");
        let overview = desk.author.get("/staff").await.expect(200).text(".work");
        assert!(overview.contains("Changes asked for") && overview.contains("Sample Reviewer asked for changes on 23 November"), "{overview}");
        assert_eq!(overview.matches("Almost good").count(), 1, "{overview}");
        let noted = "audit_event WHERE action = 'bulletin.changes' AND detail LIKE 'version 1: The dose in point 2 is%'";
        assert_eq!(app.count(noted).await, 1);
        // It stays while the text is changed, and goes when it is submitted again.
        desk.author.post_form(&format!("{path}/submit"), &[]).await.expect(303);
        assert_eq!(desk.author.get(&path).await.text("#held"), "");
        desk.author.post_form(&format!("{path}/withdraw"), &[]).await.expect(303);
        assert_eq!(desk.author.get(&path).await.text("#held"), "");
    }

    async fn what_keeps_a_draft_from_review_is_said_where_its_button_would_be(app: TestApp) {
        let desk = Desk::open(&app).await;
        let form = [("subject", "No line beside it"), ("introduction", "Kia ora."), ("topics", "news")];
        let path = desk.author.post_form("/staff/bulletins", &form).await.expect(303).location().to_owned();
        let page = desk.author.get(&path).await;
        let said = page.text(".notice");
        assert!(said.contains("It can be submitted for approval once this is put right: The preheader is missing"), "{said}");
        assert_eq!(page.attribute("form[action$='/submit']", "action"), "");
        // What can be deleted need not be cancelled besides.
        let page = desk.publisher.get(&path).await;
        assert!(page.text(".page-head").contains("Delete"), "{}", page.text("main"));
        assert_eq!(page.attribute("form[action$='/cancel']", "action"), "");
    }

    async fn a_patients_number_keeps_a_bulletin_from_review(app: TestApp) {
        let desk = Desk::open(&app).await;
        let article = desk.publish("Fine").await;
        let form = with(bulletin("Numbers", &article, &["news"]), "introduction", "Re ZAC5361.");
        let path = post(&desk.author, "/staff/bulletins", &form).await.expect(303).location().to_owned();
        let page = desk.author.get(&path).await;
        assert!(page.text(".checks").contains("in the introduction (line 1, character 4)"));
        assert_eq!(page.text(".checks").matches("ZAC5361").count(), 1, "it is told once");
        assert_eq!(page.attribute("form[action$='/submit']", "action"), "");
        desk.author.post_form(&format!("{path}/submit"), &[]).await.expect(409);
        let wrong = with(form, "subject", "Two\r\nlines");
        let again = post(&desk.author, &path, &with(wrong, "version", "1")).await.expect(422);
        assert!(again.text("#subject-error").contains("on one line"));
    }

    async fn what_is_not_there_is_not_found(app: TestApp) {
        let desk = Desk::open(&app).await;
        for missing in ["", "/edit", "/preview", "/preview.html", "/progress", "/checks", "/deliveries", "/deliveries/1"] {
            desk.publisher.get(&format!("/staff/bulletins/999{missing}")).await.expect(404);
        }
        for step in ["submit", "withdraw", "unschedule", "pause", "resume", "waves", "release"] {
            desk.publisher.post_form(&format!("/staff/bulletins/999/{step}"), &[]).await.expect(404);
        }
        desk.publisher.post_form("/staff/bulletins/999/send", &SURE).await.expect(404);
        desk.publisher.get("/staff/bulletins/1x").await.expect(404);
    }
}
