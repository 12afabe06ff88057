//! `practice-points demo`, through the real program.

use std::time::Duration;

use crate::both_databases::on_both_databases;
use crate::process::Installation as TestApp;

/// What stands behind a word on a line of its own.
fn after<'a>(said: &'a str, word: &str) -> &'a str {
    let line = said.lines().find_map(|line| line.trim().strip_prefix(word));
    line.expect(word).trim()
}

async fn page(here: &TestApp, path: &str) -> String {
    let answer = reqwest::get(here.page(path)).await.unwrap();
    assert!(answer.status().is_success(), "{path}: {}", answer.status());
    answer.text().await.unwrap()
}

/// The first page that somebody sees who signs in.
async fn signed_in(here: &TestApp, email: &str, password: &str) -> String {
    let client = reqwest::Client::builder().cookie_store(true);
    let client = client.build().unwrap();
    let form = [("email", email), ("password", password)];
    let mut body = url::form_urlencoded::Serializer::new(String::new());
    let sign_in = client
        .post(here.page("/staff/sign-in"))
        .header("Origin", here.page(""))
        .header("Content-Type", "application/x-www-form-urlencoded")
        .body(body.extend_pairs(form).finish());
    sign_in.send().await.unwrap().text().await.unwrap()
}

on_both_databases! {
    async fn a_demo_has_something_on_every_page_and_can_be_signed_in_to(here: TestApp) {
        let mut service = here.service(&["demo"]).await;
        let said = service.said();
        let (email, password) = (after(&said, "as"), after(&said, "password"));
        for (path, shows) in [
            ("/articles", "Sample case: a smart watch says"),
            ("/practice-points", "Sample point: ask for the recording itself"),
            ("/bulletins", "Sample Practice Points: whom to refer"),
            ("/articles/sample-case-a-smart-watch-says-irregular", "Details have been changed or left out"),
            ("/articles/sample-case-a-smart-watch-says-irregular", "<img src=\"/images/"),
            ("/articles/sample-news-echocardiography-on-thursday-evenings", "A newer article has taken the place"),
            ("/symposium", "Sample update: the programme"),
            ("/symposium", "Hearts in practice: a sample evening symposium"),
            ("/", "3 people are waiting"),
        ] {
            let shown = page(&here, path).await;
            assert!(shown.contains(shows), "{path} shows {shows}: {shown}");
        }
        let second = after(&said, "Approve as").split(',').next().unwrap();
        for email in [email, second] {
            let shown = signed_in(&here, email, password).await;
            assert!(shown.contains("36"), "the subscribers are counted: {shown}");
            assert!(shown.contains("Te Manawa Taki"), "and where they are: {shown}");
        }
        service.send(rustix::process::Signal::TERM);
        assert!(service.end(Duration::from_secs(10)).await.is_some_and(|status| status.success()));

        // Started again, it is the same demo with a password of its own.
        let again = here.service(&["demo"]).await;
        assert_ne!(after(&again.said(), "password"), password);
        assert_eq!(page(&here, "/articles").await.matches("Sample case").count(), 1);
    }

    async fn a_demo_is_not_mixed_into_an_installation(here: TestApp) {
        here.add_staff("owner@clinic.example", "owner");
        // Its own folder is another one, unless it is told not to.
        let told = here.run(&["demo", "--set", "data_dir=data"]).failed(1);
        assert!(told.contains("There is an installation here already"), "{told}");
    }

    async fn a_demo_sends_nothing(mut here: TestApp) {
        here.set("smtp_url", "smtp://127.0.0.1:2525");
        here.set("mail_from", "points@clinic.example");
        let told = here.run(&["demo"]).failed(1);
        assert!(told.contains("a demo sends nothing"), "{told}");
    }
}
