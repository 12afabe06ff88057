//! Staff: the first owner, signing in and out, roles, sessions, passwords, the audit.

use std::time::Duration;

use practice_points::app::first_owner;
use practice_points::domain::staff_member::StaffRole;

use crate::app::{PASSWORD, TestApp};
use crate::both_databases::on_both_databases;
use crate::desk::Desk;

const OWNER: &str = "owner@clinic.example";

on_both_databases! {
    async fn the_first_owner_is_made_by_the_code_of_the_console_and_only_once(app: TestApp) {
        let code = first_owner::issue_code(&app.app).await.unwrap().unwrap();
        assert_eq!(app.get("/staff").await.expect(303).location(), "/staff/sign-in?next=%2Fstaff");
        assert_eq!(app.get("/staff/sign-in").await.expect(303).location(), "/staff/first-owner");

        let mut form = [("code", "WRONG-CODE"), ("name", "Sample Owner"), ("email", OWNER), ("password", PASSWORD)];
        let page = app.post_form("/staff/first-owner", &form).await.expect(422);
        assert!(!page.text("#code-error").is_empty());
        assert_eq!(page.attribute("#email", "value"), OWNER);
        assert!(!page.body.contains(PASSWORD));

        form[0].1 = &code;
        app.post_form("/staff/first-owner", &form).await.expect(303);
        app.sign_in(OWNER, PASSWORD).await.expect(303);
        assert!(app.get("/staff").await.expect(200).text(".staff-strip").contains("Signed in as Sample Owner"));

        app.post_form("/staff/first-owner", &form).await.expect(409);
        assert_eq!(app.get("/staff/first-owner").await.expect(303).location(), "/staff/sign-in");
        assert_eq!(first_owner::issue_code(&app.app).await.unwrap(), None);
    }

    async fn a_short_password_of_the_first_owner_is_refused_beside_its_field(app: TestApp) {
        let code = first_owner::issue_code(&app.app).await.unwrap().unwrap();
        let form = [("code", code.as_str()), ("name", "Sample"), ("email", OWNER), ("password", "short")];
        let page = app.post_form("/staff/first-owner", &form).await.expect(422);
        assert!(page.text("#password-error").contains("12 characters"));
    }

    async fn signing_in_leads_back_to_the_page_that_was_asked_for_and_nowhere_else(app: TestApp) {
        app.add_staff(OWNER, StaffRole::Owner).await;
        let page = app.get("/staff/sign-in?next=%2Fstaff%2Fsubscribers%3Fq%3Da").await.expect(200);
        assert_eq!(page.attribute("input[name='next']", "value"), "/staff/subscribers?q=a");
        for (next, expected) in [
            ("/staff/subscribers?q=a", "/staff/subscribers?q=a"),
            ("https://evil.example/", "/staff"),
            ("//evil.example", "/staff"),
            ("/staff\\@evil.example", "/staff"),
            ("", "/staff"),
        ] {
            let form = [("email", OWNER), ("password", PASSWORD), ("next", next)];
            assert_eq!(app.other_browser().post_form("/staff/sign-in", &form).await.expect(303).location(), expected);
        }
    }

    async fn a_wrong_address_and_a_wrong_password_are_answered_alike(app: TestApp) {
        app.add_staff(OWNER, StaffRole::Owner).await;
        let wrong_password = app.sign_in(OWNER, "another password").await.expect(422);
        let wrong_address = app.sign_in("nobody@clinic.example", PASSWORD).await.expect(422);
        let no_address = app.sign_in("nonsense", PASSWORD).await.expect(422);
        assert_eq!(wrong_password.text("#password-error"), wrong_address.text("#password-error"));
        assert_eq!(wrong_password.text("#password-error"), no_address.text("#password-error"));
        assert!(!wrong_password.body.contains("another password"));
        assert!(wrong_password.headers.get("set-cookie").is_none());
    }

    async fn who_guesses_at_an_account_keeps_its_owner_out_of_no_browser_they_know(app: TestApp) {
        app.add_staff(OWNER, StaffRole::Owner).await;
        let owner = app.with_real_limits();
        let stranger = owner.other_browser();
        owner.sign_in(OWNER, PASSWORD).await.expect(303);
        owner.post_form("/staff/sign-out", &[]).await.expect(303);
        let mut answers = Vec::new();
        for _ in 0..8 {
            answers.push(stranger.sign_in(OWNER, "not this one").await.status.as_u16());
        }
        assert_eq!((answers[0], answers[7]), (422, 429));
        owner.sign_in(OWNER, PASSWORD).await.expect(303);
        // A cookie that somebody makes up is nobody's.
        let request = stranger
            .request(reqwest::Method::POST, "/staff/sign-in")
            .header("Cookie", "pp_known=AQEB")
            .header("Sec-Fetch-Site", "same-origin")
            .header("Content-Type", "application/x-www-form-urlencoded")
            .body(crate::app::urlencoded(&[("email", OWNER), ("password", PASSWORD)]));
        stranger.send(request).await.expect(429);
    }

    async fn the_session_is_a_new_one_whatever_cookie_was_there_before(app: TestApp) {
        app.add_staff(OWNER, StaffRole::Owner).await;
        let planted = "pp_session=00000000000000000000000000000000000000000000000000000000000000aa";
        let request = app
            .request(reqwest::Method::POST, "/staff/sign-in")
            .header("Cookie", planted)
            .header("Sec-Fetch-Site", "same-origin")
            .header("Content-Type", "application/x-www-form-urlencoded")
            .body(crate::app::urlencoded(&[("email", OWNER), ("password", PASSWORD)]));
        let answer = app.send(request).await.expect(303);
        assert!(answer.header("set-cookie").starts_with("pp_session=") && !answer.header("set-cookie").starts_with(planted));
        let request = app.other_browser().request(reqwest::Method::GET, "/staff").header("Cookie", planted);
        app.send(request).await.expect(303);
    }

    async fn signing_out_ends_the_session_for_good(app: TestApp) {
        app.add_staff(OWNER, StaffRole::Owner).await;
        let answer = app.sign_in(OWNER, PASSWORD).await.expect(303);
        let cookie = answer.header("set-cookie").split(';').next().unwrap().to_owned();
        let with_cookie = || app.other_browser().request(reqwest::Method::GET, "/staff").header("Cookie", &cookie);
        app.send(with_cookie()).await.expect(200);
        app.post_form("/staff/sign-out", &[]).await.expect(303);
        app.send(with_cookie()).await.expect(303);
        app.get("/staff").await.expect(303);
    }

    async fn a_session_ends_by_itself(app: TestApp) {
        app.sign_in_as(StaffRole::Author).await;
        app.app.clock.advance(Duration::from_secs(13 * 60 * 60));
        app.get("/staff").await.expect(303);
    }

    async fn a_session_that_nobody_uses_ends_sooner(app: TestApp) {
        app.sign_in_as(StaffRole::Author).await;
        let idle = app.other_browser();
        idle.sign_in("author@clinic.example", PASSWORD).await.expect(303);
        for _ in 0..5 {
            app.app.clock.advance(Duration::from_secs(61 * 60));
            app.get("/staff").await.expect(200);
        }
        idle.get("/staff").await.expect(303);
        let rows = scraper::Selector::parse("tbody tr").unwrap();
        assert_eq!(app.get("/staff/account").await.page().select(&rows).count(), 1);
    }

    async fn what_changes_accounts_asks_for_the_password_again_after_a_while(app: TestApp) {
        let id = app.sign_in_as(StaffRole::Owner).await;
        app.get("/staff/account/second-factor").await.expect(200);
        app.app.clock.advance(Duration::from_secs(31 * 60));
        let asked = app.get("/staff/account/second-factor").await.expect(303);
        let confirm = asked.location().to_owned();
        assert_eq!(confirm, "/staff/account/confirm?next=%2Fstaff%2Faccount%2Fsecond-factor");
        let role = format!("/staff/members/{id}/role");
        let refused = app.post_form(&role, &[("role", "author")]).await.expect(403);
        assert!(refused.text("h1").contains("password again"));
        assert!(!app.get("/staff/members").await.expect(200).body.contains("/invitations\""));

        let page = app.get(&confirm).await.expect(200);
        let next = page.attribute("input[name=next]", "value");
        let wrong = app.post_form("/staff/account/confirm", &[("password", "not this one"), ("next", &next)]).await.expect(422);
        assert!(!wrong.text("#password-error").is_empty());
        app.get("/staff/account/second-factor").await.expect(303);
        let right = app.post_form("/staff/account/confirm", &[("password", PASSWORD), ("next", &next)]).await.expect(303);
        assert_eq!(right.location(), "/staff/account/second-factor");
        app.get("/staff/account/second-factor").await.expect(200);
        assert!(app.get("/staff/members").await.expect(200).body.contains("/invitations\""));
        let elsewhere = [("password", PASSWORD), ("next", "https://evil.example/")];
        assert_eq!(app.post_form("/staff/account/confirm", &elsewhere).await.expect(303).location(), "/staff/account");
    }

    async fn sessions_are_listed_and_ended(app: TestApp) {
        app.add_staff(OWNER, StaffRole::Owner).await;
        app.sign_in(OWNER, PASSWORD).await.expect(303);
        let (second, third) = (app.other_browser(), app.other_browser());
        second.sign_in(OWNER, PASSWORD).await.expect(303);
        third.sign_in(OWNER, PASSWORD).await.expect(303);
        let page = app.get("/staff/account").await.expect(200);
        let rows = scraper::Selector::parse("tbody tr").unwrap();
        assert_eq!(page.page().select(&rows).count(), 3);
        let end = page.attribute("tbody form", "action");
        app.post_form(&end, &[]).await.expect(303);
        app.post_form(&end, &[]).await.expect(404);
        assert_eq!(app.get("/staff/account").await.page().select(&rows).count(), 2);
        app.post_form("/staff/account/sessions/end-others", &[]).await.expect(303);
        second.get("/staff").await.expect(303);
        third.get("/staff").await.expect(303);
        app.get("/staff").await.expect(200);
    }

    async fn a_new_password_ends_the_other_sessions(app: TestApp) {
        app.add_staff(OWNER, StaffRole::Owner).await;
        app.sign_in(OWNER, PASSWORD).await.expect(303);
        let other = app.other_browser();
        other.sign_in(OWNER, PASSWORD).await.expect(303);
        let wrong = [("current_password", "not this one"), ("new_password", "tui and kereru at noon")];
        assert!(!app.post_form("/staff/account/password", &wrong).await.expect(422).text("#current_password-error").is_empty());
        let short = [("current_password", PASSWORD), ("new_password", "short")];
        assert!(!app.post_form("/staff/account/password", &short).await.expect(422).text("#new_password-error").is_empty());
        other.get("/staff").await.expect(200);

        let right = [("current_password", PASSWORD), ("new_password", "tui and kereru at noon")];
        app.post_form("/staff/account/password", &right).await.expect(303);
        other.get("/staff").await.expect(303);
        app.get("/staff").await.expect(200);
        other.sign_in(OWNER, PASSWORD).await.expect(422);
        other.sign_in(OWNER, "tui and kereru at noon").await.expect(303);
    }

    async fn an_owner_changes_the_roles_and_passwords_of_staff(app: TestApp) {
        app.sign_in_as(StaffRole::Owner).await;
        app.add_staff("hine@clinic.example", StaffRole::Author).await;
        let author = app.other_browser();
        author.sign_in("hine@clinic.example", PASSWORD).await.expect(303);
        author.get("/staff/subscribers").await.expect(403);
        let page = app.get("/staff/members").await.expect(200);
        let role = page.attribute("form[action$='/role']", "action");
        app.post_form(&role, &[("role", "publisher")]).await.expect(303);
        author.get("/staff").await.expect(303);
        author.sign_in("hine@clinic.example", PASSWORD).await.expect(303);
        author.get("/staff/subscribers").await.expect(200);

        app.post_form(&role.replace("/role", "/password"), &[("password", "pohutukawa in december")]).await.expect(303);
        author.get("/staff").await.expect(303);
        author.sign_in("hine@clinic.example", "pohutukawa in december").await.expect(303);
        app.post_form(&role.replace("/role", "/deactivate"), &[]).await.expect(303);
        author.get("/staff").await.expect(303);
        author.sign_in("hine@clinic.example", "pohutukawa in december").await.expect(422);
    }

    async fn a_name_is_corrected_and_what_was_approved_goes_on_to_show_the_old_one(app: TestApp) {
        let desk = Desk::open(&app).await;
        desk.publish("Heard before").await;
        let on_site = "/articles/heard-before";
        let before = app.get(on_site).await.expect(200).text("main");
        assert!(before.contains("Sample Reviewer"), "{before}");

        let page = desk.reviewer.get("/staff/account").await.expect(200);
        assert_eq!(page.attribute("#name", "value"), "Sample Reviewer");
        let empty = desk.reviewer.post_form("/staff/account/name", &[("name", " ")]).await.expect(422);
        assert!(!empty.text("#name-error").is_empty());
        let taken = desk.reviewer.post_form("/staff/account/name", &[("name", "sample  AUTHOR")]).await.expect(409);
        assert!(taken.text("main").contains("A colleague has this name."));
        desk.reviewer.post_form("/staff/account/name", &[("name", "Hine Sample")]).await.expect(303);
        assert!(desk.reviewer.get("/staff").await.expect(200).text(".staff-strip").contains("Hine Sample"));
        desk.publish("Heard since").await;
        assert!(app.get("/articles/heard-since").await.expect(200).text("main").contains("Hine Sample"));

        let owner = app.other_browser();
        owner.sign_in_as(StaffRole::Owner).await;
        let names = owner.get("/staff/members").await.expect(200);
        let name = names.attribute("form[action$='/name']", "action");
        desk.author.post_form(&name, &[("name", "Somebody")]).await.expect(403);
        owner.post_form(&name, &[("name", "https://spam.example")]).await.expect(409);
        owner.post_form(&name, &[("name", "Hine Sample-Tūhoe")]).await.expect(303);
        assert!(owner.get("/staff/members").await.text("main").contains("Hine Sample-Tūhoe"));
        let audit = owner.get("/staff/audit").await.text("tbody");
        assert!(audit.contains("Sample Reviewer, now Hine Sample"), "{audit}");
        assert!(app.get(on_site).await.expect(200).text("main").contains("Sample Reviewer"));
    }

    async fn the_last_owner_stays_one(app: TestApp) {
        let id = app.sign_in_as(StaffRole::Owner).await;
        for (path, form) in [("role", vec![("role", "author")]), ("deactivate", vec![])] {
            let answer = app.post_form(&format!("/staff/members/{id}/{path}"), &form).await.expect(409);
            assert!(answer.text("main").contains("only owner"));
            assert!(answer.text("nav").contains("Audit"), "an error on a page of the staff has their navigation");
        }
    }

    async fn what_staff_do_is_noted(app: TestApp) {
        app.sign_in_as(StaffRole::Owner).await;
        let subscriber = app.subscribe("aroha@practice.example").await;
        app.post_form(&format!("/staff/subscribers/{}/suspend", subscriber.id), &[("reason", "asked by telephone")]).await.expect(303);
        let audit = app.get("/staff/audit").await.expect(200);
        let text = audit.text("tbody");
        for words in ["Suspended a subscriber", "Sample Owner", "Signed in", "Added a member of staff"] {
            assert!(text.contains(words), "{words}: {text}");
        }
        assert!(!audit.body.contains("aroha@practice.example"));
    }

    async fn every_page_of_the_staff_opens(app: TestApp) {
        app.sign_in_as(StaffRole::Owner).await;
        let pages = ["/staff", "/staff/account", "/staff/members", "/staff/audit", "/staff/subscribers", "/staff/subscribers/new", "/staff/subscribers/import"];
        for path in pages {
            let page = app.get(path).await.expect(200);
            assert_eq!(page.header("cache-control"), "no-store", "{path}");
            assert!(!page.body.contains("style=\""), "{path}");
        }
    }
}
