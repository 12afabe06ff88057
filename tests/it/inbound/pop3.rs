//! A mailbox that is looked into by POP3, on a server of our own that can be told to fail. Real ones are in `mail_servers`.

use std::sync::{Arc, Mutex};
use std::time::Duration;

use practice_points::domain::subscriber::SubscriberStatus;
use practice_points::mail::inbound::mailbox::MailboxServer;
use practice_points::worker::Worker;
use tokio::io::{AsyncBufReadExt as _, AsyncWriteExt as _, BufReader};
use tokio::net::{TcpListener, TcpStream};

use crate::both_databases::Database;

use super::Returning;

const GP: &str = "gp@practice.example";

/// What the mailbox holds, and how the server is.
#[derive(Default)]
struct State {
    messages: Vec<(String, Vec<u8>)>,
    /// What begins like this is answered with -ERR.
    refuses: Option<&'static str>,
    /// At what begins like this it hangs up.
    breaks_at: Option<&'static str>,
    /// What it says first, in place of its greeting.
    says: Option<Vec<u8>>,
}

#[derive(Clone, Default)]
struct FakePop3(Arc<Mutex<State>>);

impl FakePop3 {
    async fn start(&self) -> String {
        let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
        let port = listener.local_addr().unwrap().port();
        let pop3 = self.clone();
        tokio::spawn(async move {
            while let Ok((stream, _)) = listener.accept().await {
                let pop3 = pop3.clone();
                tokio::spawn(async move { pop3.serve(stream).await });
            }
        });
        format!("pop3://points:a%20password@127.0.0.1:{port}")
    }

    fn put(&self, id: &str, message: Vec<u8>) {
        self.0
            .lock()
            .unwrap()
            .messages
            .push((id.to_owned(), message));
    }

    fn left(&self) -> Vec<String> {
        let state = self.0.lock().unwrap();
        state.messages.iter().map(|(id, _)| id.clone()).collect()
    }

    async fn serve(&self, stream: TcpStream) {
        let mut stream = BufReader::new(stream);
        let says = self.0.lock().unwrap().says.clone();
        let greeting = says.unwrap_or_else(|| b"+OK ready\r\n".to_vec());
        let _ = stream.get_mut().write_all(&greeting).await;
        // Numbers are those of the beginning; what is deleted goes with QUIT.
        let there = self.0.lock().unwrap().messages.clone();
        let mut deleted = Vec::new();
        loop {
            let mut line = String::new();
            if stream.read_line(&mut line).await.unwrap_or(0) == 0 {
                return;
            }
            let line = line.trim_end();
            let begins = |start: Option<&str>| start.is_some_and(|start| line.starts_with(start));
            let (refuses, breaks_at) = {
                let state = self.0.lock().unwrap();
                (state.refuses, state.breaks_at)
            };
            if begins(breaks_at) {
                return;
            }
            let words: Vec<&str> = line.split(' ').collect();
            let number = words.get(1).and_then(|n| n.parse::<usize>().ok());
            let message = number.and_then(|number| there.get(number.wrapping_sub(1)));
            let answer = match (&words[..], message) {
                _ if begins(refuses) => b"-ERR not this one\r\n".to_vec(),
                (["USER", "points"] | ["PASS", "a", "password"], _) => b"+OK\r\n".to_vec(),
                (["UIDL"], _) => {
                    let ids = there
                        .iter()
                        .zip(1..)
                        .map(|((id, _), n)| format!("{n} {id}\r\n"));
                    format!("+OK\r\n{}.\r\n", ids.collect::<String>()).into_bytes()
                }
                (["LIST"], _) => {
                    let sizes = there.iter().zip(1..);
                    let sizes = sizes.map(|((_, text), n)| format!("{n} {}\r\n", text.len()));
                    format!("+OK\r\n{}.\r\n", sizes.collect::<String>()).into_bytes()
                }
                (["LIST", n], Some((_, text))) => format!("+OK {n} {}\r\n", text.len()).into(),
                (["RETR", _], Some((_, text))) => {
                    let text = String::from_utf8_lossy(text).replace("\r\n", "\n");
                    let lines = text.lines().map(|line| {
                        let dot = if line.starts_with('.') { "." } else { "" };
                        format!("{dot}{line}\r\n")
                    });
                    format!("+OK\r\n{}.\r\n", lines.collect::<String>()).into_bytes()
                }
                (["DELE", _], Some((id, _))) => {
                    deleted.push(id.clone());
                    b"+OK\r\n".to_vec()
                }
                (["QUIT"], _) => {
                    let mut state = self.0.lock().unwrap();
                    state.messages.retain(|(id, _)| !deleted.contains(id));
                    b"+OK bye\r\n".to_vec()
                }
                _ => b"-ERR what?\r\n".to_vec(),
            };
            if stream.get_mut().write_all(&answer).await.is_err() {
                return;
            }
        }
    }
}

async fn looking_into(pop3: &FakePop3) -> Returning {
    let url = pop3.start().await;
    let settings = [
        ("inbound.mailbox_url", url.as_str()),
        ("inbound.mailbox_seconds", "1"),
    ];
    let here = Returning::start_with(Database::Sqlite, &settings).await;
    here.app.subscribe(GP).await;
    here
}

async fn wait_until_left(pop3: &FakePop3, expected: &[&str]) {
    for _ in 0..400 {
        if pop3.left() == expected {
            return;
        }
        // The worker looks by itself: nothing tells when.
        tokio::time::sleep(Duration::from_millis(50)).await;
    }
    panic!("{:?}", pop3.left());
}

#[tokio::test]
async fn a_message_that_the_server_refuses_does_not_stop_the_next() {
    for refused in ["LIST 1", "RETR 1", "DELE 1"] {
        let pop3 = FakePop3::default();
        let here = looking_into(&pop3).await;
        pop3.put("a", here.message("reply-question", GP).await);
        pop3.put("b", here.message("postfix-unknown-user", GP).await);
        pop3.0.lock().unwrap().refuses = Some(refused);
        let worker = Worker::start(&here.app.app).unwrap();
        wait_until_left(&pop3, &["a"]).await;
        worker.stop().await;
        assert_eq!(
            here.status(GP).await,
            SubscriberStatus::Suspended,
            "{refused}"
        );
    }
}

/// Deleted messages are there again when the conversation breaks before its end, and count once.
#[tokio::test]
async fn what_comes_again_because_the_end_was_missing_counts_once() {
    let pop3 = FakePop3::default();
    let here = looking_into(&pop3).await;
    pop3.put("a", here.message("postfix-mailbox-full", GP).await);
    pop3.0.lock().unwrap().breaks_at = Some("QUIT");
    let worker = Worker::start(&here.app.app).unwrap();
    for _ in 0..400 {
        if here.app.count("strike").await == 1 {
            break;
        }
        tokio::time::sleep(Duration::from_millis(50)).await;
    }
    worker.stop().await;
    assert_eq!(pop3.left(), ["a"]);
    pop3.0.lock().unwrap().breaks_at = None;
    let worker = Worker::start(&here.app.app).unwrap();
    wait_until_left(&pop3, &[]).await;
    worker.stop().await;
    let counted = (
        here.app.count("strike").await,
        here.app.count("inbound_event").await,
    );
    assert_eq!(counted, (1, 1));
}

#[tokio::test]
async fn a_server_without_unique_ids_will_do() {
    let pop3 = FakePop3::default();
    let here = looking_into(&pop3).await;
    for number in 0..130 {
        let text = format!("From: {number}@b.example\n\n.\n..dots\nHello {number}\n");
        pop3.put(&number.to_string(), text.into_bytes());
    }
    pop3.0.lock().unwrap().refuses = Some("UIDL");
    let worker = Worker::start(&here.app.app).unwrap();
    wait_until_left(&pop3, &[]).await;
    worker.stop().await;
    assert_eq!(here.app.count("inbound_message").await, 130);
    // A line of a dot alone, and one that begins with two, came as they were sent.
    let whole = "inbound_message WHERE CAST(content AS TEXT) LIKE '%\r\n.\r\n..dots\r\n%'";
    assert_eq!(here.app.count(whole).await, 130);
}

#[tokio::test]
async fn what_does_not_speak_pop3_is_told_so_and_takes_no_memory() {
    for says in [
        b"HTTP/1.1 400 Bad Request\r\n".to_vec(),
        vec![b'x'; 8 << 20],
        b"+OKAY\r\n".to_vec(),
        b"\r\n".to_vec(),
        b"-ERR go away\r\n".to_vec(),
    ] {
        let pop3 = FakePop3::default();
        let mut says = says;
        says.extend_from_slice(b"\r\n");
        pop3.0.lock().unwrap().says = Some(says);
        let server = MailboxServer::parse(&pop3.start().await).unwrap();
        let error = match server.open().await {
            Ok(_) => panic!("it opens"),
            Err(error) => error.to_string(),
        };
        assert!(
            error.contains("does not speak POP3") || error.contains("go away"),
            "{error}"
        );
    }
}
