//! Postfix's own test server, `smtp-sink`: takes every message and keeps each as a file.

use std::io::{BufRead as _, BufReader};
use std::net::{Ipv4Addr, TcpStream};
use std::path::Path;
use std::process::Command;
use std::time::{Duration, Instant};

use crate::leash::{Leashed, User, folder, free_port};
use crate::programs::{find, left_out};

/// A running `smtp-sink`, ended when dropped.
#[derive(Debug)]
pub struct SmtpSink {
    server: Leashed,
    port: u16,
}

/// A message as it arrived.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct DeliveredMessage {
    /// The address of MAIL FROM, without the angle brackets; empty for a bounce's `<>`.
    pub mail_from: String,
    /// The addresses of RCPT TO, without the angle brackets.
    pub rcpt_to: Vec<String>,
    /// Header and body, dots unstuffed, with line ends as LF.
    pub content: Vec<u8>,
}

impl SmtpSink {
    /// Starts one on a free loopback port and waits until it answers; `None` where Postfix is not installed.
    pub fn start() -> Option<Self> {
        Self::start_with(&[])
    }

    /// The same with more options of smtp-sink(1): `&["-r", "RCPT"]` answers each RCPT with 450, `&["-f", "MAIL"]` each
    /// MAIL with 500, `&["-Q", "DATA"]` ends the connection with a 421.
    pub fn start_with(options: &[&str]) -> Option<Self> {
        let Some(program) = find("smtp-sink", &["/usr/sbin", "/usr/local/sbin"]) else {
            left_out("Postfix's smtp-sink", "install postfix");
            return None;
        };
        // Another process may take the free port before smtp-sink does: then it ends, and the next one is tried.
        (0..5)
            .find_map(|_| Self::start_once(&program, options))
            .or_else(|| panic!("smtp-sink does not start"))
    }

    fn start_once(program: &Path, options: &[&str]) -> Option<Self> {
        let user = User::unprivileged();
        let folder = folder(user);
        let port = free_port();
        let mut command = Command::new(program);
        // `-h` names the server, so that it does not look the machine's name up; %M begins each file's name.
        command
            .args(["-4", "-h", "sink.example", "-d"])
            .arg(folder.path().join("message-%M."))
            .args(options)
            .arg(format!("127.0.0.1:{port}"))
            .arg("256");
        let server = Leashed::start(command, folder, user, "TERM").expect("smtp-sink can be run");
        let mut sink = Self { server, port };
        let start = Instant::now();
        while start.elapsed() < Duration::from_secs(10) {
            if sink.answers() {
                return Some(sink);
            }
            if sink.server.ended().is_some() {
                return None;
            }
            std::thread::sleep(Duration::from_millis(20));
        }
        panic!("smtp-sink does not answer: {}", sink.server.log());
    }

    /// Whether a connection gets any reply; 421 and 5xx count, since options can ask for those.
    fn answers(&self) -> bool {
        let Ok(stream) = TcpStream::connect((Ipv4Addr::LOCALHOST, self.port)) else {
            return false;
        };
        let mut reply = String::new();
        let _ = stream.set_read_timeout(Some(Duration::from_secs(2)));
        BufReader::new(stream)
            .read_line(&mut reply)
            .is_ok_and(|bytes| bytes > 0)
    }

    /// Where it listens, as the setting `smtp_url` wants it.
    pub fn url(&self) -> String {
        format!("smtp://127.0.0.1:{}", self.port)
    }

    /// The loopback port it listens on.
    pub fn port(&self) -> u16 {
        self.port
    }

    /// Every message that it has answered 250 for, in no particular order. One that is still on its way may show as a
    /// broken piece: ask when the sender has its answers.
    pub fn messages(&self) -> Vec<DeliveredMessage> {
        std::fs::read_dir(self.server.folder())
            .expect("the folder of messages can be read")
            .map(|entry| entry.expect("the folder of messages can be read"))
            .filter(|entry| {
                entry
                    .file_name()
                    .as_encoded_bytes()
                    .starts_with(b"message-")
            })
            .map(|entry| {
                let dump = std::fs::read(entry.path()).expect("a message can be read");
                DeliveredMessage::from_dump(&dump).unwrap_or_else(|| {
                    panic!(
                        "not a dump of smtp-sink: {}",
                        String::from_utf8_lossy(&dump)
                    )
                })
            })
            .collect()
    }
}

impl DeliveredMessage {
    /// Takes apart what smtp-sink(1) writes under "DUMP FILE FORMAT": its own `X-` fields, a `Received` field of three
    /// lines, the message, an empty line.
    fn from_dump(dump: &[u8]) -> Option<Self> {
        let mut mail_from = None;
        let mut rcpt_to = Vec::new();
        let mut rest = dump;
        loop {
            let end = rest.iter().position(|&byte| byte == b'\n')?;
            let line = std::str::from_utf8(&rest[..end]).ok()?;
            rest = &rest[end + 1..];
            if let Some(arguments) = line.strip_prefix("X-Mail-Args: ") {
                mail_from = Some(path(arguments)?);
            } else if let Some(arguments) = line.strip_prefix("X-Rcpt-Args: ") {
                rcpt_to.push(path(arguments)?);
            } else if line.starts_with("Received: ") {
                break;
            }
        }
        while rest.starts_with(b"\t") || rest.starts_with(b" ") {
            let end = rest.iter().position(|&byte| byte == b'\n')?;
            rest = &rest[end + 1..];
        }
        Some(Self {
            mail_from: mail_from?,
            rcpt_to,
            content: rest.strip_suffix(b"\n")?.to_vec(),
        })
    }
}

/// The address in a MAIL or RCPT argument: between the angle brackets, before any parameters.
fn path(arguments: &str) -> Option<String> {
    let (_, rest) = arguments.split_once('<')?;
    Some(rest.split_once('>')?.0.to_owned())
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::python;

    /// Sends two messages with Python's client; prints `refused` and the code when the server says no.
    const SENDER: &str = r#"
import smtplib, sys
port = int(sys.stdin.read())
with smtplib.SMTP("127.0.0.1", port) as client:
    try:
        client.sendmail("news@clinic.example", ["gp@practice.example", "nurse@practice.example"],
                        b"Subject: One\r\n\r\n.a dot\r\n..two dots\r\n\r\n")
        client.sendmail("", ["gp@practice.example"], b"Subject: Two\r\n\r\nKia ora\r\n")
    except smtplib.SMTPException as refusal:
        print("refused", refusal)
"#;

    #[test]
    fn a_message_of_another_client_arrives_whole() {
        let Some(sink) = SmtpSink::start() else {
            return;
        };
        assert_eq!(sink.messages(), []);
        let port = sink.url().rsplit(':').next().unwrap().to_owned();
        let Some(output) = python::run(SENDER, port.as_bytes()) else {
            return;
        };
        assert_eq!(output, "");
        let mut messages = sink.messages();
        messages.sort_by(|a, b| a.content.cmp(&b.content));
        let expected = [
            DeliveredMessage {
                mail_from: "news@clinic.example".to_owned(),
                rcpt_to: vec![
                    "gp@practice.example".to_owned(),
                    "nurse@practice.example".to_owned(),
                ],
                content: b"Subject: One\n\n.a dot\n..two dots\n\n".to_vec(),
            },
            DeliveredMessage {
                mail_from: String::new(),
                rcpt_to: vec!["gp@practice.example".to_owned()],
                content: b"Subject: Two\n\nKia ora\n".to_vec(),
            },
        ];
        assert_eq!(messages, expected);
    }

    #[test]
    fn a_sink_told_to_refuse_recipients_refuses_them_and_keeps_nothing() {
        let Some(sink) = SmtpSink::start_with(&["-r", "RCPT"]) else {
            return;
        };
        let Some(output) = python::run(SENDER, sink.port().to_string().as_bytes()) else {
            return;
        };
        assert!(
            output.starts_with("refused") && output.contains("450"),
            "{output}"
        );
        assert_eq!(sink.messages(), []);
    }
}
