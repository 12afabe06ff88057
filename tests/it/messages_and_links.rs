//! The GP's way by the messages that are really delivered: every link is taken out of a mail.

use std::time::Duration;

use practice_points::app::{
    read_mailbox, review_article, review_bulletin, send_bulletin, write_article, write_bulletin,
};
use practice_points::domain::audience::Narrowing;
use practice_points::domain::bulletin::ArticleForm;
use practice_points::domain::staff_member::StaffRole;
use practice_points::domain::subscriber::SubscriberStatus;
use practice_points::mail::mailbox::StoredMessage;
use practice_points::store::articles::ArticleText;
use practice_points::store::bulletins::BulletinText;
use practice_points::store::topics;
use practice_points::worker::Worker;
use reqwest::Method;

use crate::app::{TestApp, path_of};
use crate::both_databases::on_both_databases;

const GP: &str = "aroha@practice.example";

/// Waits for a message in the built-in mailbox. The clock stands still, so no message is the newest.
async fn message(app: &TestApp, wanted: impl Fn(&StoredMessage) -> bool) -> StoredMessage {
    for _ in 0..1_000 {
        for entry in read_mailbox::list(&app.app, "", None, 100)
            .await
            .unwrap()
            .unwrap()
        {
            let message = read_mailbox::read(&app.app, entry.id)
                .await
                .unwrap()
                .unwrap();
            if wanted(&message) {
                return message;
            }
        }
        // The mailbox is a folder: nothing tells when it changes.
        tokio::time::sleep(Duration::from_millis(20)).await;
    }
    panic!("the message did not come within 20 s");
}

/// The message with a link to a page of ours.
pub async fn message_with(app: &TestApp, to: &str) -> StoredMessage {
    message(app, |message| {
        message
            .text
            .as_deref()
            .is_some_and(|text| text.contains(to))
    })
    .await
}

/// The path of the first link to a page of ours in the text of a message.
pub fn link(message: &StoredMessage, to: &str) -> String {
    let text = message.text.as_deref().unwrap();
    let words = text.split(|c: char| c.is_whitespace() || matches!(c, '<' | '>' | '(' | ')'));
    let found = words
        .filter(|word| word.starts_with("http"))
        .map(path_of)
        .find(|path| path.starts_with(to));
    found.unwrap_or_else(|| panic!("no {to} in:\n{text}"))
}

fn header<'a>(message: &'a StoredMessage, name: &str) -> &'a str {
    let found = message
        .headers
        .iter()
        .find(|(header, _)| header.eq_ignore_ascii_case(name));
    found.map_or("", |(_, value)| value)
}

/// Sends a bulletin with one article, as three people do it. Returns its subject.
async fn send_a_bulletin(app: &TestApp) -> &'static str {
    let author = app
        .add_staff("author@clinic.example", StaffRole::Author)
        .await;
    let publisher = app
        .add_staff("publisher@clinic.example", StaffRole::Publisher)
        .await;
    let all = app.app.store.read(topics::all).await.unwrap();
    let news = all.iter().find(|topic| topic.slug == "news").unwrap().id;
    let text = ArticleText {
        kind: "news".into(),
        topic_id: news,
        title: "Māori hearts".into(),
        summary: "What is new.".into(),
        body: "Words with **weight**.".into(),
        practice_points: "Ask first.".into(),
        authors: "Sample Author, cardiologist".into(),
        conflicts: String::new(),
        reference_list: String::new(),
        reviewer_id: None,
        review_by: None,
    };
    let article = write_article::create(&app.app, author, text).await.unwrap();
    review_article::submit(&app.app, author, article)
        .await
        .unwrap();
    review_article::approve(&app.app, publisher, article, 1)
        .await
        .unwrap();
    review_article::publish(&app.app, publisher, article)
        .await
        .unwrap();
    let text = BulletinText {
        symposium: None,
        narrowing: Narrowing::default(),
        subject: "Practice Points for Tāmaki".into(),
        preheader: "What is new this month".into(),
        introduction: "Kia ora koutou.".into(),
        articles: vec![(article, ArticleForm::Whole)],
        topics: vec![news],
    };
    let bulletin = write_bulletin::create(&app.app, author, text)
        .await
        .unwrap();
    review_bulletin::submit(&app.app, author, bulletin)
        .await
        .unwrap();
    review_bulletin::approve(&app.app, publisher, bulletin, 1)
        .await
        .unwrap();
    send_bulletin::send_now(&app.app, publisher, bulletin)
        .await
        .unwrap();
    "Practice Points for Tāmaki"
}

on_both_databases! {
    async fn a_gp_signs_up_reads_manages_and_leaves_by_the_links_in_the_messages(app: TestApp) {
        let _worker = Worker::start(&app.app).unwrap();
        app.sign_up(GP).await.expect(303);
        let confirmation = message_with(&app, "/confirm/").await;
        app.post_form(&link(&confirmation, "/confirm/"), &[]).await.expect(200);
        let welcome = message_with(&app, "/u/").await;
        assert!(welcome.to.contains(GP));
        assert_eq!(app.subscriber(GP).await.status, SubscriberStatus::Active);

        app.post_form("/manage", &[("email", GP)]).await.expect(200);
        let manage = link(&message_with(&app, "/manage/").await, "/manage/");
        app.get(&manage).await.expect(200);

        let subject = send_a_bulletin(&app).await;
        let bulletin = message(&app, |message| message.subject == subject).await;
        app.get(&link(&bulletin, "/articles/")).await.expect(200);
        let in_text = link(&bulletin, "/u/");
        let in_header = header(&bulletin, "List-Unsubscribe");
        let one_click = path_of(in_header.trim_start_matches('<').split('>').next().unwrap());
        assert_eq!(in_text, one_click);
        let request = app
            .request(Method::POST, &one_click)
            .header("Content-Type", "application/x-www-form-urlencoded")
            .body("List-Unsubscribe=One-Click");
        app.send(request).await.expect(200);
        assert_eq!(app.subscriber(GP).await.status, SubscriberStatus::Unsubscribed);
        app.get(&in_text.replace("/u/", "/manage/")).await.expect(404);
    }

    async fn a_bulletin_is_in_the_archive_as_it_was_sent_and_without_anything_personal(app: TestApp) {
        app.subscribe(GP).await;
        let subject = send_a_bulletin(&app).await;
        let list = app.get("/bulletins").await.expect(200);
        assert_eq!(list.text(".article-list h2"), subject);
        let address = list.attribute(".article-list a", "href");
        let page = app.get(&address).await.expect(200);
        assert_eq!(page.text("h1"), subject);
        assert!(page.text("pre").contains("Māori hearts"));
        let frame = page.attribute("iframe", "src");
        let mail = app.get(&frame).await.expect(200);
        let policy = mail.header("content-security-policy");
        assert!(policy.contains("default-src 'none'") && policy.contains("sandbox"), "{policy}");
        assert_eq!(mail.attribute("head base", "target"), "_top");
        assert!(mail.body.contains("weight"));
        let token = app.unsubscribe_path(GP).await;
        for body in [&page.body, &mail.body] {
            assert!(!body.contains("Āroha") && !body.contains(GP) && !body.contains(&token));
            assert!(!body.contains("/u/"));
            assert!(!body.chars().any(|c| ('\u{E000}'..='\u{F8FF}').contains(&c)), "a place is left open");
        }
        app.get("/bulletins/nothing-of-this-name").await.expect(404);
    }
}
