//! A mailbox on a real Dovecot, by IMAP and by POP3: what lies there is taken in, and goes when it is in the database.

use std::time::{Duration, Instant};

use practice_points::domain::subscriber::SubscriberStatus;
use practice_points::mail::inbound::mailbox::MailboxServer;
use practice_points::worker::Worker;

use super::PASSWORD;
use super::mailboxes::Mailboxes;
use crate::both_databases::{Database, on_both_databases};
use crate::inbound::Returning;

const GP: &str = "gp@practice.example";

/// Far more than it takes, on a machine that does other things besides.
const SOON: Duration = Duration::from_secs(40);

/// An application that looks into a mailbox, and the mailbox. Where there is no Dovecot, there is neither.
struct Looking {
    here: Returning,
    mailboxes: Mailboxes,
}

impl Looking {
    async fn start(
        database: Database,
        settings: &[&str],
        url: impl Fn(&Mailboxes) -> String,
    ) -> Option<Self> {
        let mailboxes = Mailboxes::start(settings)?;
        let url = url(&mailboxes);
        let more = [
            ("inbound.mailbox_url", url.as_str()),
            ("inbound.mailbox_seconds", "1"),
        ];
        let here = Returning::start_with(database, &more).await;
        here.app.subscribe(GP).await;
        Some(Self { here, mailboxes })
    }

    /// Waits until the inbox holds this many messages.
    async fn wait_for(&self, count: usize) {
        let start = Instant::now();
        while self.mailboxes.names("").len() != count {
            assert!(
                start.elapsed() < SOON,
                "{:?} {}",
                self.mailboxes.names(""),
                self.mailboxes.log()
            );
            // Another program's files: nothing tells when they change.
            tokio::time::sleep(Duration::from_millis(50)).await;
        }
    }

    /// A table that is not there is to the program as a database that cannot be used.
    async fn rename_table(&self, from: &str, to: &str) {
        use diesel::RunQueryDsl;
        let change = format!("ALTER TABLE {from} RENAME TO {to}");
        let done = self.here.app.app.store.write(move |db| {
            let done = diesel::sql_query(change).execute(db);
            done.map_err(practice_points::store::StoreError::from)
        });
        done.await.unwrap();
    }

    fn worker(&self) -> Worker {
        Worker::start(&self.here.app.app).unwrap()
    }
}

/// What waits in the mailbox, one of it larger than what is looked at.
async fn fill(here: &Looking) {
    let report = here.here.message("postfix-unknown-user", GP).await;
    here.mailboxes.put("1", &report);
    here.mailboxes.put("2", b"\0\xff\xfe\r\n.\r\n..\r\n");
    let mut long = b"From: a@b.example\r\nSubject: One long line\r\n\r\n".to_vec();
    long.resize(3 << 20, b'x');
    here.mailboxes.put("3", &long);
    let question = here.here.message("reply-question", GP).await;
    here.mailboxes.put("4", &question);
}

async fn everything_is_taken_in_and_what_is_too_long_to_keep_stays(here: Option<Looking>) {
    let Some(here) = here else {
        return;
    };
    fill(&here).await;
    let worker = here.worker();
    here.wait_for(1).await;
    let app = &here.here.app;
    assert_eq!(here.here.status(GP).await, SubscriberStatus::Suspended);
    assert_eq!(app.count("inbound_message").await, 3);
    // Its beginning is kept, all of it is counted, and the rest lies where it came to: for a person.
    assert_eq!(
        app.count("inbound_message WHERE byte_count > 3000000 AND length(content) <= 262144")
            .await,
        1
    );
    assert!(here.mailboxes.names("")[0].starts_with('3'));
    // And again, for what comes later; what stays is not taken in again.
    let later = here
        .here
        .message("reply-that-only-quotes-the-word", GP)
        .await;
    here.mailboxes.put("5", &later);
    here.wait_for(1).await;
    assert_eq!(app.count("inbound_message").await, 4);
    worker.stop().await;
}

/// What Postfix, Exim and OpenSMTPD wrote says the same in a mailbox as in the pipe, and twice counts once.
async fn reports_of_real_servers_say_what_they_say_in_the_pipe(here: Option<Looking>) {
    let Some(here) = here else {
        return;
    };
    let reports = here.here.real_reports().await;
    let worker = here.worker();
    for turn in ["first", "again"] {
        for (name, _, report) in &reports {
            here.mailboxes.put(&format!("{turn}-{name}"), report);
        }
        here.wait_for(0).await;
        assert_eq!(
            here.here.came_of(&reports).await,
            Returning::by_the_pipe().await
        );
    }
    worker.stop().await;
}

on_both_databases! {
    async fn by_imap_reports_of_real_servers_say_what_they_say_in_the_pipe(here: TestApp) {
        let here = Looking::start(here.0, &[], |it| it.imaps_url("")).await;
        reports_of_real_servers_say_what_they_say_in_the_pipe(here).await;
    }

    async fn by_pop3_reports_of_real_servers_say_what_they_say_in_the_pipe(here: TestApp) {
        let here = Looking::start(here.0, &[], Mailboxes::pop3s_url).await;
        reports_of_real_servers_say_what_they_say_in_the_pipe(here).await;
    }

    async fn by_imap_everything_is_taken_in_and_what_is_too_long_to_keep_stays(here: TestApp) {
        let here = Looking::start(here.0, &[], |it| it.imaps_url("")).await;
        everything_is_taken_in_and_what_is_too_long_to_keep_stays(here).await;
    }

    async fn by_pop3_everything_is_taken_in_and_what_is_too_long_to_keep_stays(here: TestApp) {
        let here = Looking::start(here.0, &[], Mailboxes::pop3s_url).await;
        everything_is_taken_in_and_what_is_too_long_to_keep_stays(here).await;
    }
}

/// For [`on_both_databases`], which starts what it is given.
struct TestApp(Database);

impl TestApp {
    async fn start(database: Database) -> Self {
        Self(database)
    }
}

#[tokio::test]
async fn by_imap_everything_is_moved_where_it_is_wanted() {
    let url = |it: &Mailboxes| it.imaps_url("&moved_to=Done");
    let Some(here) = Looking::start(Database::Sqlite, &[], url).await else {
        return;
    };
    fill(&here).await;
    let worker = here.worker();
    here.wait_for(0).await;
    assert_eq!(here.mailboxes.names("Done").len(), 4);
    assert_eq!(here.here.status(GP).await, SubscriberStatus::Suspended);
    worker.stop().await;
}

/// The server tells of what comes: with an interval of an hour nothing else would.
#[tokio::test]
async fn by_imap_what_comes_is_taken_in_at_once_where_the_server_tells() {
    let Some(mailboxes) = Mailboxes::start(&["mailbox_idle_check_interval = 1s"]) else {
        return;
    };
    let url = mailboxes.imaps_url("");
    let more = [
        ("inbound.mailbox_url", url.as_str()),
        ("inbound.mailbox_seconds", "3600"),
    ];
    let here = Returning::start_with(Database::Sqlite, &more).await;
    here.app.subscribe(GP).await;
    let here = Looking { here, mailboxes };
    let worker = here.worker();
    for (name, count) in [("first", 1), ("second", 2), ("third", 3)] {
        let message = format!("From: {name}@b.example\r\nSubject: {name}\r\n\r\nA question\r\n");
        here.mailboxes.put(name, message.as_bytes());
        here.wait_for(0).await;
        assert_eq!(here.here.app.count("inbound_message").await, count);
    }
    worker.stop().await;
}

/// And one that does not is asked: the setting says how often.
#[tokio::test]
async fn by_imap_a_server_that_does_not_tell_is_asked() {
    let without = "imap_capability = IMAP4rev1 LITERAL+ MOVE UIDPLUS";
    let Some(here) = Looking::start(Database::Sqlite, &[without], |it| it.imaps_url("")).await
    else {
        return;
    };
    let worker = here.worker();
    for name in ["first", "second"] {
        let message = format!("From: {name}@b.example\r\nSubject: {name}\r\n\r\nA question\r\n");
        here.mailboxes.put(name, message.as_bytes());
        here.wait_for(0).await;
    }
    assert_eq!(here.here.app.count("inbound_message").await, 2);
    worker.stop().await;
}

/// While the database is away nothing goes out of the mailbox, and nothing counts twice when it is back.
async fn nothing_is_lost_while_the_database_is_away(here: Option<Looking>) {
    let Some(here) = here else {
        return;
    };
    let full = here.here.message("postfix-mailbox-full", GP).await;
    here.rename_table("strike", "strike_away").await;
    here.mailboxes.put("1", &full);
    here.mailboxes.put(
        "2",
        b"From: a@b.example\r\nSubject: Hello\r\n\r\nA question\r\n",
    );
    let worker = here.worker();
    let start = Instant::now();
    while !here.mailboxes.log().contains("Logged out") {
        assert!(start.elapsed() < SOON, "{}", here.mailboxes.log());
        tokio::time::sleep(Duration::from_millis(50)).await;
    }
    worker.stop().await;
    assert!(
        here.mailboxes
            .names("")
            .iter()
            .any(|name| name.starts_with('1'))
    );
    here.rename_table("strike_away", "strike").await;
    let worker = here.worker();
    here.wait_for(0).await;
    worker.stop().await;
    let app = &here.here.app;
    assert_eq!(
        (
            app.count("strike").await,
            app.count("inbound_message").await
        ),
        (1, 1)
    );
}

#[tokio::test]
async fn by_imap_nothing_is_lost_while_the_database_is_away() {
    let here = Looking::start(Database::Sqlite, &[], |it| it.imaps_url("")).await;
    nothing_is_lost_while_the_database_is_away(here).await;
}

#[tokio::test]
async fn by_pop3_nothing_is_lost_while_the_database_is_away() {
    let here = Looking::start(Database::Sqlite, &[], Mailboxes::pop3s_url).await;
    nothing_is_lost_while_the_database_is_away(here).await;
}

/// More than go in one conversation by POP3.
#[tokio::test]
async fn by_pop3_a_full_mailbox_is_emptied_in_several_conversations() {
    let Some(here) = Looking::start(Database::Sqlite, &[], Mailboxes::pop3s_url).await else {
        return;
    };
    for number in 0..230 {
        let message = format!("From: {number}@b.example\r\nSubject: {number}\r\n\r\nHello\r\n");
        here.mailboxes
            .put(&format!("{number:03}"), message.as_bytes());
    }
    let worker = here.worker();
    here.wait_for(0).await;
    worker.stop().await;
    assert_eq!(here.here.app.count("inbound_message").await, 230);
}

#[tokio::test]
async fn a_server_that_cannot_prove_its_name_or_refuses_the_password_is_told_in_words() {
    let Some(mailboxes) = Mailboxes::start(&[]) else {
        return;
    };
    for url in [mailboxes.imaps_url(""), mailboxes.pop3s_url()] {
        let (without, _) = url.split_once('?').unwrap();
        for (url, words) in [
            (without.to_owned(), "invalid peer certificate"),
            (url.replace("@localhost", "@127.0.0.1"), "certificate"),
            (url.replace(PASSWORD, "wrong"), "uthentication failed"),
        ] {
            let server = MailboxServer::parse(&url).unwrap();
            let error = match server.open().await {
                Ok(_) => panic!("it opens: {url}"),
                Err(error) => error.to_string(),
            };
            assert!(error.contains(words), "{error}");
            assert!(
                !error.contains(PASSWORD) && !error.contains("wrong"),
                "{error}"
            );
        }
    }
}

#[tokio::test]
async fn the_doctor_looks_into_the_mailbox_and_says_what_to_do_about_each_fault() {
    let Some(mailboxes) = Mailboxes::start(&[]) else {
        return;
    };
    mailboxes.put("1", b"From: a@b.example\r\n\r\nA question\r\n");
    let (imaps, pop3s) = (mailboxes.imaps_url("&moved_to=Done"), mailboxes.pop3s_url());
    let (without_authority, _) = pop3s.split_once('?').unwrap();
    for (url, words) in [
        (
            imaps.clone(),
            "signed in; messages that wait: 1; the server tells",
        ),
        (
            pop3s.clone(),
            "signed in; messages that wait: 1; it is looked into every 60 s",
        ),
        (
            imaps.replace("Done", "Nowhere"),
            "Look at user, password and folders",
        ),
        (
            pop3s.replace(PASSWORD, "wrong"),
            "Look at user, password and folders",
        ),
        (without_authority.to_owned(), "add ca_file=/path"),
    ] {
        let mut here = crate::process::Installation::start(Database::Sqlite).await;
        here.set("inbound.mailbox_url", &url);
        let told = here.run(&["doctor"]);
        assert!(told.out.contains(words), "{words}: {told:?}");
        assert!(
            !told.out.contains(PASSWORD) && !told.out.contains("wrong"),
            "{told:?}"
        );
        assert_eq!(
            told.out.contains("FAULT"),
            !words.starts_with("signed in"),
            "{told:?}"
        );
    }
    assert_eq!(mailboxes.names("").len(), 1, "nothing was taken in");
}
