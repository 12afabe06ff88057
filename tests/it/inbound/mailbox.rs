//! A mailbox that is looked into by IMAP. The server here is a small one of our own, which says what real ones say and
//! nothing more, and can be told to fail.

use std::sync::{Arc, Mutex};
use std::time::Duration;

use practice_points::domain::subscriber::SubscriberStatus;
use practice_points::worker::Worker;
use tokio::io::{AsyncBufReadExt as _, AsyncWriteExt as _, BufReader};
use tokio::net::{TcpListener, TcpStream};

use crate::both_databases::{Database, on_both_databases};

use super::Returning;

/// What the mailbox holds, and what was done with it.
#[derive(Default)]
struct State {
    messages: Vec<(u32, Vec<u8>)>,
    moved: Vec<u32>,
    /// Left for people, and not listed again.
    flagged: Vec<u32>,
    sign_ins: usize,
    breaks_at: Option<&'static str>,
    /// What begins like this is answered with NO.
    refuses: Option<&'static str>,
}

#[derive(Clone, Default)]
struct FakeImap(Arc<Mutex<State>>);

impl FakeImap {
    async fn start(&self) -> u16 {
        let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
        let port = listener.local_addr().unwrap().port();
        let imap = self.clone();
        tokio::spawn(async move {
            while let Ok((stream, _)) = listener.accept().await {
                let imap = imap.clone();
                tokio::spawn(async move { imap.serve(stream).await });
            }
        });
        port
    }

    fn put(&self, uid: u32, message: Vec<u8>) {
        self.0.lock().unwrap().messages.push((uid, message));
    }

    fn left(&self) -> Vec<u32> {
        let state = self.0.lock().unwrap();
        state.messages.iter().map(|(uid, _)| *uid).collect()
    }

    async fn serve(&self, stream: TcpStream) {
        let mut stream = BufReader::new(stream);
        let _ = stream
            .get_mut()
            .write_all(b"* OK IMAP4rev1 ready\r\n")
            .await;
        loop {
            let mut line = String::new();
            if stream.read_line(&mut line).await.unwrap_or(0) == 0 {
                return;
            }
            let (tag, command) = line.trim_end().split_once(' ').unwrap();
            if self
                .0
                .lock()
                .unwrap()
                .breaks_at
                .is_some_and(|verb| command.starts_with(verb))
            {
                return;
            }
            if self
                .0
                .lock()
                .unwrap()
                .refuses
                .is_some_and(|start| command.starts_with(start))
            {
                let no = format!("{tag} NO not this one\r\n");
                if stream.get_mut().write_all(no.as_bytes()).await.is_err() {
                    return;
                }
                continue;
            }
            let mut answer = self.answer(command);
            answer.extend_from_slice(format!("{tag} OK done\r\n").as_bytes());
            if stream.get_mut().write_all(&answer).await.is_err() {
                return;
            }
        }
    }

    fn answer(&self, command: &str) -> Vec<u8> {
        let mut state = self.0.lock().unwrap();
        let words: Vec<&str> = command.split(' ').collect();
        match words[..] {
            ["CAPABILITY"] => b"* CAPABILITY IMAP4rev1 MOVE UIDPLUS\r\n".to_vec(),
            ["LOGIN", "\"points\"", "\"a", "password\""] => {
                state.sign_ins += 1;
                Vec::new()
            }
            ["SELECT", _] => {
                let count = state.messages.len();
                format!(
                    "* {count} EXISTS\r\n* FLAGS (\\Seen \\Deleted)\r\n* OK [UIDVALIDITY 1] ok\r\n"
                )
                .into_bytes()
            }
            ["UID", "SEARCH", "UNDELETED", "UNFLAGGED"] => {
                let uids: Vec<String> = state
                    .messages
                    .iter()
                    .map(|(uid, _)| uid.to_string())
                    .collect();
                format!("* SEARCH {}\r\n", uids.join(" ")).into_bytes()
            }
            ["UID", "FETCH", uid, ..] => {
                assert!(command.contains("BODY.PEEK[]<0.1048576>"), "{command}");
                let uid: u32 = uid.parse().unwrap();
                let place = state
                    .messages
                    .iter()
                    .position(|(known, _)| *known == uid)
                    .unwrap();
                let message = &state.messages[place].1;
                let shown = &message[..message.len().min(1024 * 1024)];
                let head = format!(
                    "* {} FETCH (UID {uid} RFC822.SIZE {} BODY[]<0> {{{}}}\r\n",
                    place + 1,
                    message.len(),
                    shown.len()
                );
                [head.as_bytes(), shown, b")\r\n"].concat()
            }
            ["UID", "MOVE", uid, "\"Done\""] => {
                let uid: u32 = uid.parse().unwrap();
                state.moved.push(uid);
                state.messages.retain(|(known, _)| *known != uid);
                Vec::new()
            }
            ["UID", "STORE", uid, "+FLAGS", "(\\Flagged)"] => {
                let uid: u32 = uid.parse().unwrap();
                state.flagged.push(uid);
                state.messages.retain(|(known, _)| *known != uid);
                Vec::new()
            }
            ["UID", "STORE", ..] => Vec::new(),
            ["UID", "EXPUNGE", uid] => {
                let uid: u32 = uid.parse().unwrap();
                state.messages.retain(|(known, _)| *known != uid);
                b"* 1 EXPUNGE\r\n".to_vec()
            }
            ["LOGOUT"] => b"* BYE\r\n".to_vec(),
            _ => panic!("not expected: {command}"),
        }
    }
}

struct TestApp {
    here: Returning,
    imap: FakeImap,
}

impl TestApp {
    async fn start(database: Database) -> Self {
        Self::start_with(database, "").await
    }

    async fn start_with(database: Database, query: &str) -> Self {
        let imap = FakeImap::default();
        let port = imap.start().await;
        let url = format!("imap://points:a%20password@127.0.0.1:{port}/INBOX{query}");
        let settings = [
            ("inbound.mailbox_url", url.as_str()),
            ("inbound.mailbox_seconds", "1"),
        ];
        let here = Returning::start_with(database, &settings).await;
        Self { here, imap }
    }

    async fn wait_until_empty(&self) {
        for _ in 0..300 {
            if self.imap.left().is_empty() {
                return;
            }
            // The worker looks by itself: nothing tells when.
            tokio::time::sleep(Duration::from_millis(50)).await;
        }
        panic!("still there: {:?}", self.imap.left());
    }
}

const GP: &str = "gp@practice.example";

on_both_databases! {
    async fn what_lies_in_the_mailbox_is_taken_in_and_then_deleted(here: TestApp) {
        here.here.app.subscribe(GP).await;
        here.imap.put(7, b"\0\xff\xfe".to_vec());
        here.imap.put(8, here.here.message("postfix-unknown-user", GP).await);
        let mut large = b"From: a@b.example\r\nSubject: Large\r\n\r\n".to_vec();
        large.resize(3 * 1024 * 1024, b'x');
        here.imap.put(9, large);
        let worker = Worker::start(&here.here.app.app).unwrap();
        here.wait_until_empty().await;
        assert_eq!(here.here.status(GP).await, SubscriberStatus::Suspended);
        assert_eq!(here.here.app.count("inbound_message").await, 2);
        assert_eq!(here.here.app.count("inbound_message WHERE byte_count = 3145728").await, 1);
        assert_eq!(here.imap.0.lock().unwrap().flagged, [9], "the rest of it is nowhere else");
        // And again, for what comes later.
        here.imap.put(10, here.here.message("reply-question", GP).await);
        here.wait_until_empty().await;
        assert_eq!(here.here.app.count("inbound_message").await, 3);
        worker.stop().await;
    }
}

#[tokio::test]
async fn nothing_is_taken_away_before_it_is_in_the_database() {
    let here = TestApp::start_with(Database::Sqlite, "?moved_to=Done").await;
    here.here.app.subscribe(GP).await;
    here.imap
        .put(1, here.here.message("postfix-mailbox-full", GP).await);
    // The server goes away between the reading and the moving: it is there the next time, and counts once.
    here.imap.0.lock().unwrap().breaks_at = Some("UID MOVE");
    let worker = Worker::start(&here.here.app.app).unwrap();
    for _ in 0..300 {
        if here.here.app.count("strike").await == 1 {
            break;
        }
        tokio::time::sleep(Duration::from_millis(50)).await;
    }
    worker.stop().await;
    assert_eq!(here.imap.left(), [1]);
    here.imap.0.lock().unwrap().breaks_at = None;
    let worker = Worker::start(&here.here.app.app).unwrap();
    here.wait_until_empty().await;
    worker.stop().await;
    assert_eq!(here.imap.0.lock().unwrap().moved, [1]);
    assert_eq!(
        (
            here.here.app.count("strike").await,
            here.here.app.count("inbound_event").await
        ),
        (1, 1)
    );
}

/// One message that the server will not hand out, or not move, does not keep the others waiting.
#[tokio::test]
async fn a_message_that_the_server_refuses_does_not_stop_the_next() {
    for refused in ["UID FETCH 1 ", "UID MOVE 1 "] {
        let here = TestApp::start_with(Database::Sqlite, "?moved_to=Done").await;
        here.here.app.subscribe(GP).await;
        here.imap
            .put(1, here.here.message("reply-question", GP).await);
        here.imap
            .put(2, here.here.message("postfix-unknown-user", GP).await);
        here.imap.0.lock().unwrap().refuses = Some(refused);
        let worker = Worker::start(&here.here.app.app).unwrap();
        for _ in 0..300 {
            if here.imap.left() == [1] {
                break;
            }
            tokio::time::sleep(Duration::from_millis(50)).await;
        }
        worker.stop().await;
        assert_eq!(here.imap.left(), [1], "{refused}");
        assert_eq!(here.here.status(GP).await, SubscriberStatus::Suspended);
    }
}
