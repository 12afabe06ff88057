//! Staff plan an event, see who comes, and write to them.

use std::time::Duration;

use practice_points::domain::staff_member::StaffRole;

use crate::app::{PASSWORD, TestApp};
use crate::both_databases::on_both_databases;
use crate::desk::{Desk, post, with};

use super::{Event, evening, news};

const GP: &str = "aroha@practice.example";

on_both_databases! {
    async fn an_author_plans_it_and_a_publisher_puts_it_on_the_site(app: TestApp) {
        let desk = Desk::open(&app).await;
        let path = post(&desk.author, "/staff/symposia", &evening()).await.expect(303).location().to_owned();
        desk.author.post_form(&format!("{path}/publish"), &[("version", "1")]).await.expect(403);
        let page = desk.author.get(&path).await.expect(200);
        assert!(page.text(".notice").contains("A publisher puts it on the site"));
        let version = desk.publisher.get(&path).await.attribute("form[action$='/publish'] input", "value");
        desk.publisher.post_form(&format!("{path}/publish"), &[("version", &version)]).await.expect(303);
        desk.publisher.post_form(&format!("{path}/publish"), &[("version", &version)]).await.expect(409);
        let changed = with(with(evening(), "title", "Mine"), "version", "1");
        let refused = post(&desk.author, &path, &changed).await.expect(409);
        assert!(refused.text(".notice").contains("a publisher can change it"));
        assert_eq!(refused.attribute("#title", "value"), "Mine", "what was typed is kept");
        desk.author.post_form(&format!("{path}/cancel"), &[("confirm", "yes")]).await.expect(403);
        for private in ["people", "people.csv"] {
            desk.author.get(&format!("{path}/{private}")).await.expect(403);
            app.other_browser().get(&format!("{path}/{private}")).await.expect(303);
        }
        assert_eq!(app.count("audit_event WHERE action = 'symposium.create'").await, 1);
        assert_eq!(app.count("audit_event WHERE action = 'symposium.publish'").await, 1);
    }

    async fn a_publisher_registers_somebody_who_asked_by_telephone(app: TestApp) {
        app.subscribe(GP).await;
        let event = Event::publish(&app, &with(evening(), "capacity", "1")).await;
        let people = format!("{}/people", event.path);
        let page = event.publisher.get(&people).await.expect(200);
        assert!(page.text("details").contains("/subscribe?symposium="));
        let typed = [("email", "Aroha@Practice.example"), ("dietary", "no nuts")];
        event.publisher.post_form(&people, &typed).await.expect(303);
        assert!(event.publisher.get(&people).await.text("table").contains("no nuts"));
        assert_eq!(news(&app, GP).await, ["symposium-registered"]);
        for (email, says) in [
            (GP, "registered already"),
            ("nobody@practice.example", "Nobody with this address is subscribed"),
            ("no address", "The @ is missing"),
        ] {
            let refused = event.publisher.post_form(&people, &[("email", email)]).await.expect(422);
            let said = refused.text("#email-error");
            assert!(said.contains(says), "{email}: {said}");
            assert_eq!(refused.attribute("#email", "value"), email);
        }
        app.subscribe("late@practice.example").await;
        event.publisher.post_form(&people, &[("email", "late@practice.example")]).await.expect(303);
        assert!(event.publisher.get(&people).await.text("#waiting-heading").contains("(1)"));
        let author = app.other_browser();
        author.sign_in_as(StaffRole::Author).await;
        author.post_form(&people, &typed).await.expect(403);
        assert_eq!(app.count("audit_event WHERE action = 'registration.add'").await, 2);
    }

    async fn a_form_that_is_refused_keeps_what_was_typed_and_names_the_line(app: TestApp) {
        app.sign_in_as(StaffRole::Author).await;
        let wrong = with(evening(), "programme", "18:30 Welcome\r\nno time here");
        let page = post(&app, "/staff/symposia", &wrong).await.expect(422);
        assert!(page.text("#programme-error").contains("Line 2 of the programme"));
        assert!(page.text("#programme").contains("no time here"));
        for (field, value, says) in [
            ("starts", "2027-09-26T02:30", "does not exist"),
            ("ends", "2027-04-06T18:00", "has to end after it begins"),
            ("closes", "2027-04-07T18:00", "closes when the event begins"),
            ("capacity", "many", "whole number"),
            ("capacity", "0", "from 1 to"),
            ("cpd_minutes", "-5", "from 0 to"),
            ("title", " ", "Please give a title."),
            ("starts", "", "Please say when it begins, such as 30 March 2027, 9:00 am."),
            ("ends", "soon", "Please say when it ends, such as"),
        ] {
            let page = post(&app, "/staff/symposia", &with(evening(), field, value)).await.expect(422);
            let said = page.text(&format!("#{field}-error"));
            assert!(said.contains(says), "{field}={value}: {said}");
            assert_eq!(page.attribute(&format!("#{field}"), "value"), value);
        }
        assert_eq!(app.count("symposium").await, 0);
    }

    async fn all_that_is_wrong_is_said_at_once(app: TestApp) {
        app.sign_in_as(StaffRole::Author).await;
        let mut wrong = evening();
        for (field, value) in [("title", ""), ("starts", ""), ("capacity", "many"), ("programme", "Welcome\r\n18:45\r\n19:00 Chest pain\r\n18:00 Tea")] {
            wrong = with(wrong, field, value);
        }
        let page = post(&app, "/staff/symposia", &wrong).await.expect(422);
        let said = page.text(".error-summary");
        for sentence in ["Please give a title.", "Please say when it begins", "places as a whole number", "Line 1 of", "Line 2 of", "Line 4 of"] {
            assert!(said.contains(sentence), "{sentence}: {said}");
        }
        assert_eq!(page.text("#ends-error"), "", "the end is all right");
        assert!(!said.contains("Line 3") && !said.contains("2026-"), "{said}");
    }

    async fn what_is_missing_or_names_a_patient_keeps_it_off_the_site(app: TestApp) {
        app.sign_in_as(StaffRole::Publisher).await;
        let bare = with(with(evening(), "place", ""), "summary", "About ZAC5361.");
        let path = post(&app, "/staff/symposia", &bare).await.expect(303).location().to_owned();
        let page = app.get(&path).await.expect(200);
        let missing = page.text(".notice.warn");
        assert!(missing.contains("The place is missing.") && missing.contains("ZAC5361"), "{missing}");
        app.post_form(&format!("{path}/publish"), &[("version", "1")]).await.expect(409);
    }

    async fn two_who_write_at_once_are_told(app: TestApp) {
        let event = Event::publish(&app, &evening()).await;
        let mine = with(with(evening(), "title", "Mine"), "version", "1");
        event.save(&with(evening(), "title", "Theirs")).await.expect(303);
        let page = post(&event.publisher, &event.path, &mine).await.expect(409);
        assert_eq!(page.attribute("#title", "value"), "Mine");
        assert_eq!(page.attribute("#over", "value"), "2");
        post(&event.publisher, &event.path, &with(mine, "over", "2")).await.expect(303);
        assert!(event.publisher.get(&event.path).await.text("h1").starts_with("Mine"));
        app.get(&event.page()).await.expect(200);
    }

    async fn the_people_are_seen_with_what_they_need_and_taken_away_as_a_file(app: TestApp) {
        let event = Event::publish(&app, &with(evening(), "capacity", "1")).await;
        let first = event.newcomer(&app, GP).await;
        app.post_form(&format!("{first}/needs"), &[("dietary", "=HYPERLINK(\"x\")"), ("access", "step-free")]).await.expect(303);
        event.newcomer(&app, "hemi@practice.example").await;
        let people = event.publisher.get(&format!("{}/people", event.path)).await.expect(200);
        let words = people.text("main");
        assert!(words.contains(GP) && words.contains("step-free") && words.contains("Waiting (1)"), "{words}");
        let file = event.publisher.get(&format!("{}/people.csv", event.path)).await.expect(200);
        assert!(file.header("content-disposition").starts_with("attachment"));
        assert_eq!(file.header("cache-control"), "no-store");
        let mut reader = csv::Reader::from_reader(file.body.as_bytes());
        let rows: Vec<csv::StringRecord> = reader.records().map(Result::unwrap).collect();
        assert_eq!(rows.len(), 2);
        assert_eq!(&rows[0][1], GP);
        assert_eq!((&rows[0][3], &rows[0][5], &rows[0][6]), ("registered", "'=HYPERLINK(\"x\")", "step-free"));
        assert_eq!((&rows[1][3], &rows[1][4]), ("waiting", "1"));
        assert_eq!(app.count("audit_event WHERE action = 'symposium.export'").await, 1);
        assert_eq!(app.count("audit_event WHERE detail LIKE '%step-free%'").await, 0);
        // By telephone: the next moves up.
        let cancel = people.attribute("form[action$='/cancel']", "action");
        event.publisher.post_form(&cancel, &[]).await.expect(303);
        assert_eq!(app.count("registration WHERE state = 'registered'").await, 1);
        assert_eq!(app.count("registration WHERE state = 'waiting'").await, 0);
        assert_eq!(app.get(&first).await.text("h1"), "This registration is cancelled");
    }

    async fn the_people_with_a_place_stand_by_name(app: TestApp) {
        let event = Event::publish(&app, &evening()).await;
        for (email, name) in [(GP, "Zane Sample"), ("hemi@practice.example", "Ōriwa Sample")] {
            event.newcomer(&app, email).await;
            let details = format!("{}/details", app.manage_path(email).await);
            app.post_form(&details, &[("name", name)]).await.expect(303);
        }
        let people = event.publisher.get(&format!("{}/people", event.path)).await.expect(200).text("tbody");
        assert!(people.find("Ōriwa") < people.find("Zane"), "{people}");
    }

    async fn who_came_is_noted_from_the_beginning_on(app: TestApp) {
        let event = Event::publish(&app, &evening()).await;
        event.newcomer(&app, GP).await;
        event.newcomer(&app, "hemi@practice.example").await;
        let attended = format!("{}/attended", event.path);
        event.publisher.post_form(&attended, &[("attended", "1")]).await.expect(409);
        app.app.clock.advance(Duration::from_secs(135 * 86_400));
        event.publisher.sign_in("publisher@clinic.example", PASSWORD).await.expect(303);
        let people = event.publisher.get(&format!("{}/people", event.path)).await.expect(200);
        let first = people.attribute("input[name=attended]", "value");
        event.publisher.post_form(&attended, &[("attended", &first)]).await.expect(303);
        assert_eq!(app.count("registration WHERE attended").await, 1);
        assert_eq!(app.count("registration WHERE NOT attended").await, 1);
        let people = event.publisher.get(&format!("{}/people", event.path)).await.expect(200);
        assert!(people.body.contains("checked"));
        event.publisher.post_form(&attended, &[]).await.expect(303);
        assert_eq!(app.count("registration WHERE attended").await, 0);
    }

    async fn a_bulletin_goes_to_the_registered_alone_and_stays_out_of_the_archive(app: TestApp) {
        let event = Event::publish(&app, &with(evening(), "capacity", "3")).await;
        for email in [GP, "left@practice.example", "paused@practice.example"] {
            event.newcomer(&app, email).await;
        }
        event.newcomer(&app, "waits@practice.example").await;
        app.subscribe("other@practice.example").await;
        let leave = app.unsubscribe_path("left@practice.example").await;
        app.post_form(&leave, &[]).await.expect(200);
        let manage = app.manage_path("paused@practice.example").await;
        app.post_form(&format!("{manage}/pause"), &[("until", "2027-01-01")]).await.expect(303);
        // Who left made no place free; the one who waits still does.
        let desk = Desk { author: app.other_browser(), reviewer: app.other_browser(), publisher: event.publisher };
        desk.author.sign_in_as(StaffRole::Author).await;
        desk.reviewer.sign_in_as(StaffRole::Reviewer).await;

        let link = desk.publisher.get(&event.path).await.attribute("a[href*='bulletins/new']", "href");
        let form = desk.author.get(&link).await.expect(200);
        let id = form.attribute("#symposium option[selected]", "value");
        assert_eq!(form.text("#audience"), "1 person");
        let counted = desk.author.get(&format!("/staff/bulletins/audience?topics=news&symposium={id}")).await.expect(200);
        assert_eq!(counted.body, "1 person");
        let fields = [("subject", "Where to park"), ("preheader", "On the roof"), ("introduction", "Up the ramp."), ("symposium", &id)];
        let path = desk.author.post_form("/staff/bulletins", &fields).await.expect(303).location().to_owned();
        let shown = desk.author.get(&path).await.expect(200);
        assert!(shown.text("main").contains("those who have a place at Hearts in Practice"), "{}", shown.text("main"));
        assert!(desk.author.get(&format!("{path}/edit")).await.attribute("#symposium option[selected]", "value") == id);
        desk.approve(&path).await;
        desk.publisher.post_form(&format!("{path}/send"), &[("confirm", "yes")]).await.expect(303);
        assert_eq!(app.count("delivery WHERE kind = 'bulletin'").await, 1);
        assert_eq!(app.notice_kinds(GP).await.last().map(String::as_str), Some("bulletin"));
        let slug = "where-to-park";
        app.get(&format!("/bulletins/{slug}")).await.expect(404);
        for page in ["/bulletins", "/feed.atom", "/sitemap.xml", "/search?q=park"] {
            assert!(!app.get(page).await.expect(200).body.contains(slug), "{page}");
        }
    }
}
