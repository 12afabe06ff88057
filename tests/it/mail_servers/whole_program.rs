//! The whole program through Postfix with STARTTLS and a password: from the sign-up on the page to the bulletin in a
//! hundred mailboxes.

use std::collections::BTreeMap;
use std::time::Duration;

use super::arrived::Maildir;
use super::opensmtpd::OpenSmtpd;
use super::postfix::{Port, Postfix};
use crate::both_databases::{Database, on_both_databases};
use crate::process::{Installation as TestApp, Service};
use crate::sample_bulletin::{address, import_people, prepare, send};

const PEOPLE: usize = 100;

/// Signs somebody up on the page, and confirms by the link in the message that arrives.
async fn sign_up(here: &TestApp, maildir: &Maildir, email: &str) {
    let browser = reqwest::Client::new();
    let post = |path: String, form: String| {
        let request = browser.post(here.page(&path)).body(form);
        let request = request.header("Content-Type", "application/x-www-form-urlencoded");
        request.header("Sec-Fetch-Site", "same-origin").send()
    };
    let form = format!("email={email}&name=Hine+Sample&topics=news&consent=yes");
    let answer = post("/subscribe".to_owned(), form).await.unwrap();
    assert!(answer.status().is_success(), "{answer:?}");
    let message = &maildir.wait_for(1).await[0];
    assert_eq!(
        (message.to.as_str(), message.with.as_str()),
        (email, "ESMTPSA")
    );
    // Quoted-printable breaks lines inside the link.
    let text = message.message.replace("=\r\n", "");
    let (_, token) = text
        .split_once("/confirm/")
        .expect("the message has a link");
    let token: String = token
        .chars()
        .take_while(|c| c.is_ascii_alphanumeric() || "-_.".contains(*c))
        .collect();
    let confirm = post(format!("/confirm/{token}"), String::new());
    let answer = confirm.await.unwrap();
    assert!(answer.status().is_success(), "{answer:?}");
}

/// How often a bulletin arrived at each address.
fn bulletins(maildir: &Maildir) -> BTreeMap<String, usize> {
    let mut bulletins = BTreeMap::new();
    for arrived in maildir.messages() {
        if arrived.message.contains("\r\nSubject: A sample\r\n") {
            *bulletins.entry(arrived.to).or_default() += 1;
        }
    }
    bulletins
}

async fn wait_for_bulletins(maildir: &Maildir, service: &Service) -> BTreeMap<String, usize> {
    for _ in 0..600 {
        let bulletins = bulletins(maildir);
        if bulletins.len() >= PEOPLE {
            return bulletins;
        }
        // Another process delivers: nothing tells when.
        tokio::time::sleep(Duration::from_millis(100)).await;
    }
    panic!(
        "{} bulletins arrived: {}",
        bulletins(maildir).len(),
        service.said()
    );
}

async fn assert_everybody_has_it_once(maildir: &Maildir, service: &Service) {
    let bulletins = wait_for_bulletins(maildir, service).await;
    let everybody: BTreeMap<String, usize> =
        (0..PEOPLE).map(|number| (address(number), 1)).collect();
    assert_eq!(bulletins, everybody);
}

on_both_databases! {
    async fn from_the_sign_up_to_the_bulletin_everything_arrives_once(here: TestApp) {
        let Some(postfix) = Postfix::start(&[]) else { return };
        let maildir = postfix.maildir();
        let mut here = here;
        prepare(&mut here, &postfix.url(Port::Submission));
        let service = here.service(&[]).await;
        sign_up(&here, &maildir, "gp0@practice.example").await;
        import_people(&here, 1..PEOPLE);
        let told = send(&here, &["--wait"]);
        assert!(told.contains("to 100 people"), "{told}");
        assert!(told.ends_with("  Accepted: 100\n"), "{told}");
        assert_everybody_has_it_once(&maildir, &service).await;
    }
}

/// A server that has had enough after some messages from one client in a while.
#[tokio::test]
async fn nobody_is_lost_to_a_limit_on_messages_in_a_while() {
    let Some(postfix) = Postfix::start(&[
        "smtpd_client_message_rate_limit = 40",
        "smtpd_client_event_limit_exceptions =",
        "anvil_rate_time_unit = 5s",
    ]) else {
        return;
    };
    let maildir = postfix.maildir();
    let mut here = TestApp::start(Database::Sqlite).await;
    prepare(&mut here, &postfix.url(Port::Submission));
    import_people(&here, 0..PEOPLE);
    let service = here.service(&[]).await;
    let told = send(&here, &["--wait"]);
    assert!(told.ends_with("  Accepted: 100\n"), "{told}");
    assert!(
        postfix
            .log()
            .contains("delivery request rate limit exceeded"),
        "the limit was met"
    );
    assert_everybody_has_it_once(&maildir, &service).await;
}

/// OpenSMTPD takes a hundred messages over one connection unless it is told otherwise.
#[tokio::test]
async fn nobody_is_lost_to_a_limit_on_messages_over_one_connection() {
    let Some(opensmtpd) = OpenSmtpd::start(&["smtp limit max-mails 20"]) else {
        return;
    };
    let maildir = opensmtpd.maildir();
    let mut here = TestApp::start(Database::Sqlite).await;
    prepare(&mut here, &opensmtpd.submission_url());
    // So few that each has more to carry than the server allows.
    here.set("delivery.connections", "2");
    import_people(&here, 0..PEOPLE);
    let service = here.service(&[]).await;
    let told = send(&here, &["--wait"]);
    assert!(told.ends_with("  Accepted: 100\n"), "{told}");
    assert!(
        opensmtpd.log().contains("Too many messages sent"),
        "the limit was met"
    );
    assert_everybody_has_it_once(&maildir, &service).await;
}
