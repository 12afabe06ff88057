//! Who asked to be erased is: nothing that tells who it was is left, and no way leads back but their own
//! sign-up.

use practice_points::app::unsubscribe;
use practice_points::domain::consent::Channel;
use practice_points::domain::staff_member::StaffRole;
use practice_points::worker::Worker;
use reqwest::Method;
use reqwest::multipart::{Form, Part};

use crate::app::TestApp;
use crate::both_databases::on_both_databases;

const GP: &str = "aroha.unmistakable@practice.example";
const OTHER: &str = "hemi@practice.example";

async fn erase(app: &TestApp, email: &str) {
    let link = app.manage_path(email).await;
    let form = [("confirm", "yes")];
    app.post_form(&format!("{link}/erase"), &form)
        .await
        .expect(200);
}

/// Has a file checked that holds the address also where a topic should be.
async fn check_a_file_with(app: &TestApp, email: &str) {
    let file = format!("email,topics\n{email},news\nsomebody@practice.example,{email}\n");
    let file = Part::bytes(file.into_bytes())
        .file_name("gps.csv")
        .mime_str("text/csv")
        .unwrap();
    let form = Form::new()
        .part("file", file)
        .text("source", "a sample")
        .text("topics", "news")
        .text("consent_basis", "express")
        .text("consent_note", "on paper")
        .text("mode", "dry-run");
    let request = app
        .request(Method::POST, "/staff/subscribers/import")
        .header("Sec-Fetch-Site", "same-origin")
        .multipart(form);
    app.send(request).await.expect(303);
}

/// The files below a folder that hold these words, in whatever case.
fn files_with(folder: &std::path::Path, words: &str) -> Vec<String> {
    let mut found = Vec::new();
    for entry in std::fs::read_dir(folder).unwrap() {
        let path = entry.unwrap().path();
        if path.is_dir() {
            found.extend(files_with(&path, words));
        } else {
            let bytes = std::fs::read(&path).unwrap().to_ascii_lowercase();
            if bytes
                .windows(words.len())
                .any(|window| window == words.as_bytes())
            {
                found.push(path.display().to_string());
            }
        }
    }
    found
}

/// How many rows of PostgreSQL's tables hold these words; SQLite's are among the files.
async fn rows_with(app: &TestApp, words: &'static str) -> Vec<(&'static str, i64)> {
    let mut found = Vec::new();
    let is_file = app.data_dir().join("practice-points.sqlite").exists();
    for table in [
        "subscriber",
        "signup_request",
        "delivery",
        "delivery_attempt",
        "import_run",
        "audit_event",
        "consent_event",
    ] {
        if !is_file {
            let rows: &'static str =
                format!("{table} AS t WHERE lower(CAST(t AS TEXT)) LIKE '%{words}%'").leak();
            match app.count(rows).await {
                0 => {}
                number => found.push((table, number)),
            }
        }
    }
    found
}

on_both_databases! {
    async fn nothing_that_tells_who_it_was_is_left(app: TestApp) {
        app.sign_in_as(StaffRole::Publisher).await;
        app.subscribe(GP).await;
        app.subscribe(OTHER).await;
        check_a_file_with(&app, GP).await;
        let worker = Worker::start(&app.app).unwrap();
        let mailbox = app.data_dir().join("mailbox");
        for _ in 0..500 {
            if files_with(&mailbox, "aroha.unmistakable").len() == 1 && files_with(&mailbox, OTHER).len() == 1 {
                break;
            }
            tokio::time::sleep(std::time::Duration::from_millis(20)).await;
        }
        worker.stop().await;
        assert_eq!(files_with(&mailbox, "aroha.unmistakable").len(), 1, "the test looks in the right place");

        erase(&app, GP).await;
        assert_eq!(files_with(app.data_dir(), "aroha.unmistakable"), Vec::<String>::new());
        assert_eq!(rows_with(&app, "aroha.unmistakable").await, []);
        assert_eq!(files_with(&mailbox, OTHER).len(), 1, "others keep theirs");
    }

    async fn an_erased_address_is_not_put_on_the_list_by_a_correction(app: TestApp) {
        app.sign_in_as(StaffRole::Publisher).await;
        app.subscribe(GP).await;
        let other = app.subscribe(OTHER).await.id;
        erase(&app, GP).await;
        let path = format!("/staff/subscribers/{other}");
        let form = [("email", GP), ("name", "Hemi Sample"), ("topics", "news")];
        let page = app.post_form(&path, &form).await.expect(422);
        assert!(page.text("#email-error").contains("asked to be erased"), "{}", page.text("main"));
        assert_eq!(app.subscriber(OTHER).await.id, other);
        app.subscribe(GP).await;
    }

    /// A bulletin's link goes on saying nothing of who it was.
    async fn a_link_of_an_erased_person_is_answered_like_an_unknown_one(app: TestApp) {
        app.subscribe(GP).await;
        let link = app.unsubscribe_path(GP).await;
        erase(&app, GP).await;
        let unknown = app.post_form("/u/AQIFZ0jnyhD2azXgo3rDs3Aa8g", &[]).await.expect(200);
        let erased = app.post_form(&link, &[]).await.expect(200);
        assert_eq!(erased.text("main"), unknown.text("main"));
        let token = link.rsplit('/').next().unwrap();
        unsubscribe::unsubscribe(&app.app, token, Channel::OneClick).await.unwrap();
        assert!(app.find_subscriber(GP).await.is_none());
    }
}
