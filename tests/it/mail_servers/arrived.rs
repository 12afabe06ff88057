//! What a server delivered into a Maildir, one file for each message and recipient.

use std::path::{Path, PathBuf};
use std::time::Duration;

use tokio::time::{sleep, timeout};

/// A message as a server delivered it.
#[derive(Clone, Debug)]
pub struct Arrived {
    /// The address that it was delivered to.
    pub to: String,
    /// The server's name for the kind of conversation by which it came, such as `ESMTPSA` (RFC 3848).
    pub with: String,
    /// Without the header fields that the server put in front, with line ends as CRLF.
    pub message: String,
}

/// A Maildir into which a server delivers.
#[derive(Clone, Debug)]
pub struct Maildir(pub PathBuf);

impl Maildir {
    /// What has arrived, in no particular order.
    pub fn messages(&self) -> Vec<Arrived> {
        let Ok(files) = std::fs::read_dir(self.0.join("new")) else {
            return Vec::new();
        };
        files
            .map(|file| Arrived::read(&file.unwrap().path()))
            .collect()
    }

    /// Waits until that many have arrived.
    pub async fn wait_for(&self, number: usize) -> Vec<Arrived> {
        let enough = async {
            loop {
                // Counted before they are read: there may be many.
                let files = std::fs::read_dir(self.0.join("new")).map_or(0, Iterator::count);
                if files >= number {
                    return self.messages();
                }
                // Another process delivers: nothing tells when.
                sleep(Duration::from_millis(20)).await;
            }
        };
        match timeout(Duration::from_secs(60), enough).await {
            Ok(messages) => messages,
            Err(_) => panic!("{} of {number} messages arrived", self.messages().len()),
        }
    }
}

impl Arrived {
    fn read(file: &Path) -> Self {
        let text = std::fs::read_to_string(file).expect("our messages are ASCII");
        let mut arrived = Self {
            to: String::new(),
            with: String::new(),
            message: String::new(),
        };
        let mut rest = text.as_str();
        // Trace fields stand above the message (RFC 5321, section 4.4), which begins with another field.
        while let Some(field) = first_field(rest) {
            let (name, value) = field.split_once(':').unwrap();
            match name {
                "Delivered-To" => arrived.to = value.trim().to_owned(),
                "Received" => {
                    let (_, with) = value.split_once(" with ").unwrap();
                    arrived.with = with.split_whitespace().next().unwrap().to_owned();
                }
                "Return-Path" | "X-Original-To" => {}
                _ => break,
            }
            rest = &rest[field.len()..];
        }
        arrived.message = rest.replace('\n', "\r\n");
        arrived
    }
}

/// A header field with its continuation lines.
fn first_field(text: &str) -> Option<&str> {
    let end = text
        .match_indices('\n')
        .map(|(end, _)| end + 1)
        .find(|&end| !text[end..].starts_with([' ', '\t']))?;
    Some(&text[..end]).filter(|field| field.contains(':'))
}
