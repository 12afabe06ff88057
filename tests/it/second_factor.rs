//! The second factor of staff: set up with an app, asked for when signing in, and taken off again.

use std::time::Duration;

use diesel::RunQueryDsl as _;
use practice_points::app::App;
use practice_points::app::sign_in::{self, FirstStep, code};
use practice_points::clock::{Clock, Timestamp};
use practice_points::domain::staff_member::StaffRole;
use practice_points::store::StoreError;
use reqwest::Method;
use secrecy::SecretString;

use crate::answer::Answer;
use crate::app::{PASSWORD, TestApp};
use crate::authenticator::{Authenticator, PAGE, recovery_codes, set_up};
use crate::both_databases::on_both_databases;
use crate::python;

const OWNER: &str = "owner@clinic.example";

/// Somebody at a new browser whose password was right.
async fn after_the_password(app: &TestApp, email: &str) -> TestApp {
    let browser = app.other_browser();
    let answer = browser.sign_in(email, PASSWORD).await.expect(303);
    assert_eq!(answer.location(), "/staff/sign-in/code");
    browser
}

async fn give(browser: &TestApp, code: &str) -> Answer {
    browser
        .post_form("/staff/sign-in/code", &[("code", code)])
        .await
}

/// Moves on to the next code.
fn next_step(app: &TestApp) {
    app.app.clock.advance(Duration::from_secs(30));
}

async fn execute(app: &TestApp, sql: &'static str) -> usize {
    app.app
        .store
        .write(move |db| diesel::sql_query(sql).execute(db).map_err(StoreError::from))
        .await
        .unwrap()
}

on_both_databases! {
    async fn it_is_in_use_once_the_first_code_of_the_app_is_given(app: TestApp) {
        app.add_staff(OWNER, StaffRole::Owner).await;
        let elsewhere = app.other_browser();
        elsewhere.sign_in(OWNER, PASSWORD).await.expect(303);
        app.sign_in(OWNER, PASSWORD).await.expect(303);
        let page = app.get(PAGE).await.expect(200);
        assert!(!page.body.contains("<svg class=\"qr\""));
        app.post_form(&format!("{PAGE}/begin"), &[]).await.expect(303);
        let page = app.get(PAGE).await.expect(200);
        let phone = Authenticator::scan(&page);
        assert_eq!(phone.uri.scheme(), "otpauth");
        assert_eq!(phone.uri.path(), "/Practice%20Points:owner%40clinic.example");
        let link: url::Url = page.attribute("a[href^='otpauth:']", "href").parse().unwrap();
        assert_eq!(link, phone.uri);
        let typed = page.text(".qr-key").replace(' ', "");
        assert!(phone.uri.query_pairs().any(|(name, value)| name == "secret" && value == typed));
        // A password alone still does: nothing is in use yet.
        app.other_browser().sign_in(OWNER, PASSWORD).await.expect(303);

        let confirm = format!("{PAGE}/confirm");
        let wrong = app.post_form(&confirm, &[("code", &phone.wrong_code(&app))]).await.expect(422);
        assert!(!wrong.text("#code-error").is_empty());
        elsewhere.get("/staff").await.expect(200);
        let done = app.post_form(&confirm, &[("code", &phone.now(&app))]).await.expect(200);
        let codes = recovery_codes(&done);
        assert_eq!(codes.len(), 10);
        elsewhere.get("/staff").await.expect(303);

        let page = app.get(PAGE).await.expect(200);
        assert!(page.text(".lede").contains("In use since"));
        assert!(!page.body.contains(&typed) && !page.body.contains(&codes[0]));
        app.post_form(&confirm, &[("code", &phone.now(&app))]).await.expect(409);
        app.post_form(&format!("{PAGE}/begin"), &[]).await.expect(409);
        assert!(app.get("/staff/account").await.expect(200).body.contains("You have 10 recovery codes left"));
    }

    async fn signing_in_takes_the_password_and_then_the_code(app: TestApp) {
        app.add_staff(OWNER, StaffRole::Owner).await;
        app.sign_in(OWNER, PASSWORD).await.expect(303);
        let (phone, _) = set_up(&app).await;
        next_step(&app);

        let form = [("email", OWNER), ("password", PASSWORD), ("next", "/staff/audit")];
        let browser = app.other_browser();
        let answer = browser.post_form("/staff/sign-in", &form).await.expect(303);
        assert_eq!(answer.location(), "/staff/sign-in/code?next=%2Fstaff%2Faudit");
        // Half of a sign-in opens nothing.
        browser.get("/staff").await.expect(303);
        browser.post_form("/staff/sign-out", &[]).await.expect(403);
        let page = browser.get("/staff/sign-in/code?next=%2Fstaff%2Faudit").await.expect(200);
        assert_eq!(page.attribute("input[name=next]", "value"), "/staff/audit");
        let wrong = give(&browser, &phone.wrong_code(&app)).await.expect(422);
        assert!(wrong.text("#code-error").contains("Each code works once"));
        let spaced = phone.now(&app);
        let spaced = format!("{} {}", &spaced[..3], &spaced[3..]);
        let right = [("code", spaced.as_str()), ("next", "/staff/audit")];
        let right = browser.post_form("/staff/sign-in/code", &right).await.expect(303);
        assert_eq!(right.location(), "/staff/audit");
        browser.get("/staff/audit").await.expect(200);
        // What was half done is gone with it.
        assert_eq!(app.count("staff_sign_in").await, 0);
    }

    async fn a_code_is_taken_once_and_none_before_it(app: TestApp) {
        app.add_staff(OWNER, StaffRole::Owner).await;
        app.sign_in(OWNER, PASSWORD).await.expect(303);
        let (phone, _) = set_up(&app).await;
        // The one that set it up is used up as well.
        give(&after_the_password(&app, OWNER).await, &phone.now(&app)).await.expect(422);
        next_step(&app);
        let first = phone.now(&app);
        next_step(&app);
        let second = phone.now(&app);
        give(&after_the_password(&app, OWNER).await, &second).await.expect(303);
        give(&after_the_password(&app, OWNER).await, &second).await.expect(422);
        give(&after_the_password(&app, OWNER).await, &first).await.expect(422);

        // Another process on the same database knows it too.
        let other = App::open((*app.app.settings).clone(), Clock::fixed(app.app.now())).await.unwrap();
        let password = SecretString::from(PASSWORD.to_owned());
        let step = sign_in::sign_in(&other, OWNER, password, "another").await.unwrap();
        let FirstStep::CodeNeeded(token) = step else { panic!("no code is asked for") };
        let again = code::finish(&other, &token, second).await.unwrap();
        assert!(matches!(again, code::Finished::Wrong), "{again:?}");
        other.clock.advance(Duration::from_secs(30));
        let fresh = code::finish(&other, &token, phone.code(other.now())).await.unwrap();
        assert!(matches!(fresh, code::Finished::SignedIn(..)), "{fresh:?}");
    }

    async fn of_two_who_come_with_one_code_at_once_one_is_let_in(app: TestApp) {
        app.add_staff(OWNER, StaffRole::Owner).await;
        app.sign_in(OWNER, PASSWORD).await.expect(303);
        let (phone, _) = set_up(&app).await;
        next_step(&app);
        let (one, other) = (after_the_password(&app, OWNER).await, after_the_password(&app, OWNER).await);
        let code = phone.now(&app);
        let (one, other) = tokio::join!(give(&one, &code), give(&other, &code));
        let mut answers = [one.status.as_u16(), other.status.as_u16()];
        answers.sort_unstable();
        assert_eq!(answers, [303, 422]);
    }

    async fn a_phone_may_be_one_step_ahead_or_behind(app: TestApp) {
        app.add_staff(OWNER, StaffRole::Owner).await;
        app.sign_in(OWNER, PASSWORD).await.expect(303);
        let (phone, _) = set_up(&app).await;
        for (seconds, taken) in [(-60, false), (-30, true), (60, false), (30, true)] {
            app.app.clock.advance(Duration::from_secs(300));
            let shown = Timestamp::from_millis(app.app.now().as_millis() + seconds * 1000);
            let answer = give(&after_the_password(&app, OWNER).await, &phone.code(shown)).await;
            assert_eq!(answer.status == 303, taken, "{seconds} s");
        }
    }

    async fn each_recovery_code_lets_in_once(app: TestApp) {
        app.add_staff(OWNER, StaffRole::Owner).await;
        app.sign_in(OWNER, PASSWORD).await.expect(303);
        let (_, codes) = set_up(&app).await;
        for (used, code) in codes.iter().enumerate() {
            // However it is typed.
            let typed = code.to_lowercase().replace('-', " ");
            let browser = after_the_password(&app, OWNER).await;
            give(&browser, &typed).await.expect(303);
            let told = browser.get("/staff").await.expect(200).text(".flash");
            match 9 - used {
                0 => assert!(told.contains("your last recovery code"), "{told}"),
                1 => assert!(told.contains("one recovery code left"), "{told}"),
                left => assert!(told.contains(&format!("{left} recovery codes left")), "{told}"),
            }
            give(&after_the_password(&app, OWNER).await, code).await.expect(422);
        }
        assert!(app.get("/staff/account").await.expect(200).body.contains("no recovery codes left"));

        let new = app.post_form(&format!("{PAGE}/recovery-codes"), &[]).await.expect(200);
        let new = recovery_codes(&new);
        assert!(new.len() == 10 && !new.contains(&codes[0]));
        give(&after_the_password(&app, OWNER).await, &new[3]).await.expect(303);
        app.post_form(&format!("{PAGE}/recovery-codes"), &[]).await.expect(200);
        give(&after_the_password(&app, OWNER).await, &new[4]).await.expect(422);
    }

    async fn after_five_wrong_codes_the_password_is_asked_for_again(app: TestApp) {
        app.add_staff(OWNER, StaffRole::Owner).await;
        app.sign_in(OWNER, PASSWORD).await.expect(303);
        let (phone, _) = set_up(&app).await;
        next_step(&app);
        let browser = after_the_password(&app, OWNER).await;
        for _ in 0..5 {
            give(&browser, &phone.wrong_code(&app)).await.expect(422);
        }
        let over = give(&browser, &phone.now(&app)).await.expect(303);
        assert_eq!(over.location(), "/staff/sign-in");
        browser.get("/staff").await.expect(303);
        assert!(app.get("/staff/audit").await.expect(200).text("tbody").contains("too many wrong codes"));
        // Nobody is locked out by it.
        give(&after_the_password(&app, OWNER).await, &phone.now(&app)).await.expect(303);
    }

    async fn guessing_goes_slowly_however_often_it_begins_anew_and_paper_still_lets_in(app: TestApp) {
        app.add_staff(OWNER, StaffRole::Owner).await;
        app.sign_in(OWNER, PASSWORD).await.expect(303);
        let (phone, codes) = set_up(&app).await;
        let real = app.with_real_limits();
        let mut tried = 0;
        'all: for _ in 0..3 {
            real.sign_in(OWNER, PASSWORD).await.expect(303);
            for _ in 0..5 {
                let answer = give(&real, &phone.wrong_code(&app)).await;
                if answer.status == 429 {
                    break 'all;
                }
                answer.expect(422);
                tried += 1;
            }
        }
        assert_eq!(tried, 10);
        give(&real, &codes[0]).await.expect(303);
        real.get("/staff").await.expect(200);
    }

    async fn a_half_done_sign_in_ends_soon_and_cannot_be_made_up(app: TestApp) {
        app.add_staff(OWNER, StaffRole::Owner).await;
        app.sign_in(OWNER, PASSWORD).await.expect(303);
        let (phone, _) = set_up(&app).await;
        let browser = after_the_password(&app, OWNER).await;
        app.app.clock.advance(Duration::from_secs(601));
        assert_eq!(browser.get("/staff/sign-in/code").await.expect(303).location(), "/staff/sign-in");
        assert_eq!(give(&browser, &phone.now(&app)).await.expect(303).location(), "/staff/sign-in");
        browser.get("/staff").await.expect(303);

        for cookie in ["pp_sign_in=1", "pp_sign_in=", "pp_sign_in=' OR 1=1 --"] {
            let request = app.other_browser().request(Method::GET, "/staff/sign-in/code").header("Cookie", cookie);
            assert_eq!(app.send(request).await.expect(303).location(), "/staff/sign-in");
        }
        // Its cookie is no session's, and a session's is none of it.
        let answer = app.other_browser().sign_in(OWNER, PASSWORD).await.expect(303);
        let half = answer.header("set-cookie").split(';').next().unwrap().to_owned();
        let as_session = half.replace("pp_sign_in", "pp_session");
        assert_ne!(half, as_session);
        let request = app.other_browser().request(Method::GET, "/staff").header("Cookie", as_session);
        app.send(request).await.expect(303);
    }

    async fn a_new_password_ends_what_was_half_done_with_the_old(app: TestApp) {
        app.add_staff(OWNER, StaffRole::Owner).await;
        app.sign_in(OWNER, PASSWORD).await.expect(303);
        let (phone, _) = set_up(&app).await;
        next_step(&app);
        let half = after_the_password(&app, OWNER).await;
        let form = [("current_password", PASSWORD), ("new_password", "tui and kereru at noon")];
        app.post_form("/staff/account/password", &form).await.expect(303);
        assert_eq!(give(&half, &phone.now(&app)).await.expect(303).location(), "/staff/sign-in");
        half.get("/staff").await.expect(303);
    }

    async fn taking_it_off_needs_password_and_code_and_is_told_by_mail(app: TestApp) {
        app.add_staff(OWNER, StaffRole::Owner).await;
        app.sign_in(OWNER, PASSWORD).await.expect(303);
        let (phone, _) = set_up(&app).await;
        next_step(&app);
        let elsewhere = after_the_password(&app, OWNER).await;
        give(&elsewhere, &phone.now(&app)).await.expect(303);
        next_step(&app);
        let (code, wrong) = (phone.now(&app), phone.wrong_code(&app));
        let remove = format!("{PAGE}/remove");
        let answer = app.post_form(&remove, &[("password", "not this one"), ("code", &code)]).await.expect(422);
        assert!(!answer.text("#password-error").is_empty());
        let answer = app.post_form(&remove, &[("password", PASSWORD), ("code", &wrong)]).await.expect(422);
        assert!(!answer.text("#code-error").is_empty());
        assert!(app.notices(OWNER).await.is_empty());
        app.post_form(&remove, &[("password", PASSWORD), ("code", &code)]).await.expect(303);
        assert_eq!(app.notice_kinds(OWNER).await, ["staff-second-factor-off"]);
        elsewhere.get("/staff").await.expect(303);
        assert_eq!(app.other_browser().sign_in(OWNER, PASSWORD).await.expect(303).location(), "/staff");
        assert_eq!(app.count("staff_recovery_code").await, 0);
    }

    async fn an_owner_takes_somebody_elses_off_who_has_lost_everything(app: TestApp) {
        let author = app.other_browser();
        let id = author.sign_in_as(StaffRole::Author).await;
        set_up(&author).await;
        app.sign_in_as(StaffRole::Owner).await;
        let members = app.get("/staff/members").await.expect(200);
        let reset = members.attribute("form[action$='/reset-second-factor']", "action");
        assert_eq!(reset, format!("/staff/members/{id}/reset-second-factor"));
        author.post_form(&reset, &[]).await.expect(403);
        app.post_form(&reset, &[]).await.expect(303);
        app.post_form(&reset, &[]).await.expect(409);
        author.get("/staff").await.expect(303);
        assert_eq!(app.notice_kinds("author@clinic.example").await, ["staff-second-factor-off"]);
        let answer = author.sign_in("author@clinic.example", PASSWORD).await.expect(303);
        assert_eq!(answer.location(), "/staff");
        let audit = app.get("/staff/audit").await.expect(200).text("tbody");
        assert!(audit.contains("Took the second factor of a member of staff off"), "{audit}");
    }

    async fn where_it_is_required_it_is_set_up_before_anything_else(app: TestApp) {
        let (publisher, author) = (app.other_browser(), app.other_browser());
        publisher.sign_in_as(StaffRole::Publisher).await;
        author.sign_in_as(StaffRole::Author).await;
        app.sign_in_as(StaffRole::Owner).await;
        author.post_form("/staff/members/second-factor", &[("required", "yes")]).await.expect(403);
        publisher.get("/staff/subscribers").await.expect(200);
        app.post_form("/staff/members/second-factor", &[("required", "yes")]).await.expect(303);

        for path in ["/staff", "/staff/subscribers", "/staff/account", "/staff/audit"] {
            assert_eq!(app.get(path).await.expect(303).location(), PAGE, "{path}");
        }
        assert_eq!(publisher.get("/staff/subscribers").await.expect(303).location(), PAGE);
        let refused = publisher.post_form("/staff/subscribers", &[("email", "x")]).await.expect(403);
        assert!(refused.text("h1").contains("second factor"));
        author.get("/staff").await.expect(200);
        assert!(publisher.get(PAGE).await.expect(200).text(".lede").contains("An owner has decided"));
        // Also when it is a while since the password was given.
        app.app.clock.advance(Duration::from_secs(31 * 60));
        assert!(publisher.get(PAGE).await.expect(303).location().starts_with("/staff/account/confirm?"));
        publisher.post_form("/staff/account/confirm", &[("password", PASSWORD)]).await.expect(303);
        set_up(&publisher).await;
        publisher.get("/staff/subscribers").await.expect(200);
        // Signing out is always possible.
        app.post_form("/staff/sign-out", &[]).await.expect(303);
    }

    async fn a_secret_in_another_persons_row_is_worth_nothing(app: TestApp) {
        let author = app.other_browser();
        author.sign_in_as(StaffRole::Author).await;
        let (authors_phone, _) = set_up(&author).await;
        app.sign_in_as(StaffRole::Owner).await;
        set_up(&app).await;
        next_step(&app);
        let stolen = "UPDATE staff_second_factor SET secret = (SELECT f.secret FROM staff_second_factor f \
                      JOIN staff_member m ON m.id = f.staff_id WHERE m.role = 'author') \
                      WHERE staff_id = (SELECT id FROM staff_member WHERE role = 'owner')";
        assert_eq!(execute(&app, stolen).await, 1);
        let browser = after_the_password(&app, OWNER).await;
        let refused = give(&browser, &authors_phone.now(&app)).await.expect(409);
        assert!(refused.text("main").contains("cannot be read"));
        browser.get("/staff").await.expect(303);
    }
}

/// A second implementation has the same codes, over many moments.
#[tokio::test]
async fn python_has_the_same_codes() {
    let app = TestApp::start(crate::both_databases::Database::Sqlite).await;
    app.sign_in_as(StaffRole::Owner).await;
    app.post_form(&format!("{PAGE}/begin"), &[])
        .await
        .expect(303);
    let phone = Authenticator::scan(&app.get(PAGE).await.expect(200));
    let moments: Vec<i64> = (0..200_i64).map(|n| 1_000_000_007 * n).collect();
    let input = serde_json::json!({ "uri": phone.uri.as_str(), "moments": moments });
    let script = include_str!("../judge/one_time_code.py");
    let Some(said) = python::run(script, input.to_string().as_bytes()) else {
        return;
    };
    let ours: Vec<String> = moments
        .iter()
        .map(|seconds| phone.code(Timestamp::from_millis(seconds * 1000)))
        .collect();
    assert_eq!(said.lines().collect::<Vec<_>>(), ours);
    // And the program itself takes one that Python made.
    let now = app.app.now().as_millis() / 1000;
    let input = serde_json::json!({ "uri": phone.uri.as_str(), "moments": [now] });
    let code = python::run(script, input.to_string().as_bytes()).unwrap();
    let confirm = format!("{PAGE}/confirm");
    app.post_form(&confirm, &[("code", code.trim())])
        .await
        .expect(200);
}
