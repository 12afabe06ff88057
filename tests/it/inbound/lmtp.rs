//! The listener for mail servers on this machine.

use std::time::Duration;

use practice_points::domain::subscriber::SubscriberStatus;
use practice_points::worker::Worker;
use tokio::io::{AsyncBufReadExt as _, AsyncWriteExt as _, BufReader};
use tokio::net::{TcpStream, UnixStream};

use crate::both_databases::{Database, on_both_databases};
use crate::leash::free_port;

use super::{Marks, Returning, corpus, filled_in};

const GP: &str = "gp@practice.example";

/// An application that listens on a port of its own.
struct TestApp {
    here: Returning,
    worker: Worker,
    port: u16,
}

impl TestApp {
    async fn start(database: Database) -> Self {
        let port = free_port();
        let address = format!("127.0.0.1:{port}");
        let settings = [
            ("inbound.lmtp", address.as_str()),
            ("inbound.keep_megabytes", "1"),
        ];
        let here = Returning::start_with(database, &settings).await;
        let worker = Worker::start(&here.app.app).unwrap();
        Self { here, worker, port }
    }

    async fn connect(&self) -> Client<TcpStream> {
        Client::greeted(TcpStream::connect(("127.0.0.1", self.port)).await.unwrap()).await
    }
}

/// A mail server's side.
struct Client<S>(BufReader<S>);

impl<S: tokio::io::AsyncRead + tokio::io::AsyncWrite + Unpin> Client<S> {
    async fn greeted(stream: S) -> Self {
        let mut client = Self(BufReader::new(stream));
        assert!(client.reply().await.starts_with("220 "));
        client.says("LHLO mail.clinic.example").await;
        client
    }

    async fn reply(&mut self) -> String {
        loop {
            let mut line = String::new();
            let read = self.0.read_line(&mut line);
            let read = tokio::time::timeout(Duration::from_secs(30), read).await;
            assert!(read.expect("it answers").unwrap() > 0, "it hung up");
            if line.as_bytes().get(3) == Some(&b' ') {
                return line.trim_end().to_owned();
            }
        }
    }

    async fn says(&mut self, line: &str) -> String {
        self.writes(format!("{line}\r\n").as_bytes()).await;
        self.reply().await
    }

    async fn writes(&mut self, bytes: &[u8]) {
        self.0.get_mut().write_all(bytes).await.unwrap();
    }

    /// Hands over a message, and returns the reply for each of its recipients.
    async fn hands_over(&mut self, to: &[&str], message: &[u8]) -> Vec<String> {
        self.says("MAIL FROM:<>").await;
        for to in to {
            let reply = self.says(&format!("RCPT TO:<{to}>")).await;
            assert!(reply.starts_with("250 "), "{reply}");
        }
        assert!(self.says("DATA").await.starts_with("354 "));
        let text = String::from_utf8_lossy(message).replace("\r\n", "\n");
        for line in text.lines() {
            let stuffing = if line.starts_with('.') { "." } else { "" };
            self.writes(format!("{stuffing}{line}\r\n").as_bytes())
                .await;
        }
        self.writes(b".\r\n").await;
        let mut replies = Vec::new();
        for _ in to {
            replies.push(self.reply().await);
        }
        replies
    }
}

on_both_databases! {
    async fn what_is_handed_over_is_taken_in_before_it_is_told_so(here: TestApp) {
        let app = &here.here.app;
        for email in [GP, "other@practice.example"] {
            app.subscribe(email).await;
        }
        let mut client = here.connect().await;
        let marks = here.here.marks(GP).await;
        // The envelope proves it: nothing in the message does.
        let mut bare = Marks { return_path: "x@clinic.example".into(), message_id: "x@x.example".into(), leave_token: String::new() };
        let report = filled_in(&corpus::message("postfix-unknown-user"), GP, &bare);
        let replies = client.hands_over(&[&marks.return_path], &report).await;
        assert_eq!(replies, ["250 2.0.0 Taken in"]);
        assert_eq!(here.here.status(GP).await, SubscriberStatus::Suspended);
        // Another over the same connection, to two addresses: a reply for each.
        bare.message_id = "y@x.example".into();
        let report = filled_in(&corpus::message("qmail-no-mailbox"), "other@practice.example", &bare);
        let theirs = here.here.marks("other@practice.example").await.return_path;
        let replies = client.hands_over(&["bounces@clinic.example", &theirs], &report).await;
        assert_eq!(replies.len(), 2);
        assert_eq!(here.here.status("other@practice.example").await, SubscriberStatus::Suspended);
        assert_eq!(client.says("QUIT").await, "221 2.0.0 Goodbye");
        here.worker.stop().await;
    }

    async fn reports_of_real_servers_say_what_they_say_in_the_pipe(here: TestApp) {
        let reports = here.here.real_reports().await;
        let mut client = here.connect().await;
        for _ in 0..2 {
            for (name, _, report) in &reports {
                let replies = client.hands_over(&["bounces@clinic.example"], report).await;
                assert_eq!(replies, ["250 2.0.0 Taken in"], "{name}");
            }
            assert_eq!(here.here.came_of(&reports).await, Returning::by_the_pipe().await);
        }
        here.worker.stop().await;
    }

    async fn nothing_is_lost_while_the_database_is_away_or_the_connection_breaks(here: TestApp) {
        here.here.app.subscribe(GP).await;
        let mut client = here.connect().await;
        client.says("MAIL FROM:<>").await;
        client.says("RCPT TO:<bounces@clinic.example>").await;
        client.says("DATA").await;
        client.writes(b"From: a@b.example\r\n\r\nhalf of it").await;
        drop(client);
        tokio::time::sleep(Duration::from_millis(200)).await;
        assert_eq!(here.here.app.count("inbound_message").await, 0, "the mail server still has it");
        here.worker.stop().await;
    }
}

/// A mail server keeps what there is no room for, and what is understood needs none.
#[tokio::test]
async fn when_there_is_no_room_the_mail_server_is_told_to_come_again() {
    let here = TestApp::start(Database::Sqlite).await;
    here.here.app.subscribe(GP).await;
    let mut client = here.connect().await;
    let mut replies = Vec::new();
    for number in 0..5 {
        let text = "Kia ora. ".repeat(7) + "\r\n";
        let head = format!("From: {number}@b.example\r\nSubject: {number}\r\n\r\n");
        let message = head + &text.repeat(4000);
        let to = ["bounces@clinic.example"];
        replies.extend(client.hands_over(&to, message.as_bytes()).await);
    }
    assert_eq!(replies[3], "250 2.0.0 Taken in");
    assert_eq!(replies[4], "452 4.3.1 No room for it now; try again later");
    let report = here.here.message("postfix-unknown-user", GP).await;
    let replies = client
        .hands_over(&["bounces@clinic.example"], &report)
        .await;
    assert_eq!(replies, ["250 2.0.0 Taken in"]);
    assert_eq!(here.here.status(GP).await, SubscriberStatus::Suspended);
    here.worker.stop().await;
}

#[tokio::test]
async fn other_commands_orders_and_sizes_are_answered_in_words() {
    let here = TestApp::start(Database::Sqlite).await;
    let mut client = here.connect().await;
    for (line, answer) in [
        ("EHLO x", "500 "),
        ("RCPT TO:<bounces@clinic.example>", "503 "),
        ("DATA", "503 "),
        ("MAIL FROM a", "501 "),
        ("MAIL FROM:<> SIZE=5 BODY=8BITMIME", "250 "),
        ("mail from:<a@b.example>", "503 "),
        ("RCPT TO:gp", "501 "),
        ("RCPT TO:<gp@practice.example>", "550 "),
        ("RCPT TO:<BOUNCES+b-1-00@clinic.example>", "250 "),
        ("RSET", "250 "),
        ("DATA", "503 "),
        ("NOOP", "250 "),
        ("VRFY x", "252 "),
        ("", "500 "),
        ("\u{e9}\u{0}", "500 "),
        (&"x".repeat(5_000), "500 "),
    ] {
        let reply = client.says(line).await;
        assert!(reply.starts_with(answer), "{line}: {reply}");
    }
    // Ten megabytes on one line, with what looks like an end to whoever takes a bare line feed for one.
    client.says("MAIL FROM:<>").await;
    client.says("RCPT TO:<bounces@clinic.example>").await;
    client.says("DATA").await;
    client
        .writes(b"Subject: Large\r\n\r\n\n.\nMAIL FROM:<smuggled@b.example>\n")
        .await;
    for _ in 0..10 {
        client.writes(&vec![b'x'; 1024 * 1024]).await;
    }
    client.writes(b"\r\n.\r\n").await;
    assert_eq!(client.reply().await, "250 2.0.0 Taken in");
    assert_eq!(
        here.here
            .app
            .count("inbound_message WHERE byte_count > 10000000")
            .await,
        1
    );
    assert_eq!(client.says("NOOP").await, "250 2.0.0 Ok");
    // A stop is told to whoever is connected.
    here.worker.stop().await;
    assert!(client.reply().await.starts_with("421 "));
}

#[tokio::test]
async fn a_unix_socket_serves_as_well_and_is_gone_with_the_program() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("lmtp");
    let address = format!("unix:{}", path.display());
    // What a program that was killed has left.
    drop(std::os::unix::net::UnixListener::bind(&path).unwrap());
    let here = Returning::start_with(Database::Sqlite, &[("inbound.lmtp", &address)]).await;
    here.app.subscribe(GP).await;
    let worker = Worker::start(&here.app.app).unwrap();
    assert!(
        Worker::start(&here.app.app).is_err(),
        "one that runs keeps it"
    );
    let mut client = Client::greeted(UnixStream::connect(&path).await.unwrap()).await;
    let report = here.message("postfix-unknown-user", GP).await;
    client
        .hands_over(&["bounces@clinic.example"], &report)
        .await;
    assert_eq!(here.status(GP).await, SubscriberStatus::Suspended);
    drop(client);
    worker.stop().await;
    assert!(!path.exists());
}

#[test]
fn only_this_machine_is_listened_to() {
    use practice_points::config::LmtpAddress;
    for wrong in ["0.0.0.0:24", "192.0.2.1:24", "24", "unix:lmtp", ""] {
        assert!(wrong.parse::<LmtpAddress>().is_err(), "{wrong}");
    }
    for right in ["127.0.0.1:24", "[::1]:24", "unix:/run/lmtp"] {
        assert!(right.parse::<LmtpAddress>().is_ok(), "{right}");
    }
}
