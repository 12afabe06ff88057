//! The built-in mailbox: a folder of messages in place of a mail server, for a first look and for tests.
//!
//! One file holds one message. Files lie in 256 sub-folders by a hash of the Message-ID, and their names begin with the
//! time, so that a repeated delivery finds its first file by looking at a few names, and a listing needs no file's
//! contents to be in order.
//!
//! All functions read and write files and wait for the disk: call them where blocking is allowed.

mod stored;

use std::cmp::Reverse;
use std::fmt;
use std::fs::{self, File};
use std::io::{self, Read, Write};
use std::path::{Path, PathBuf};
use std::str::FromStr;
use std::sync::Arc;
use std::sync::atomic::{AtomicU32, Ordering};

use sha2::{Digest, Sha256};
use thiserror::Error;

pub use self::stored::{AttachedFile, MailboxEntry, StoredMessage};
use super::message::OutgoingMessage;
use crate::clock::Timestamp;
use crate::domain::search_key::search_key;

/// How many messages are kept; older ones go.
pub const KEPT: usize = 10_000;

/// How many deliveries pass between two looks at the number of messages.
const TIDY_EVERY: u32 = 200;

/// The head of a message that is read for a listing. Ours have less than 2 KB.
const HEAD: u64 = 8 * 1024;

/// The mailbox. Clones share it.
#[derive(Clone, Debug)]
pub struct Mailbox {
    folder: PathBuf,
    kept: usize,
    deliveries: Arc<AtomicU32>,
}

/// Names a message in the mailbox; its text form is safe in links and as a file name.
///
/// Ids are ordered by time.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct MailboxId {
    at: Timestamp,
    hash: u128,
}

/// The text is no id of a message in the mailbox.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Error)]
#[error("this is not the name of a message in the mailbox")]
pub struct MailboxIdError;

impl fmt::Display for MailboxId {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{:015}-{:032x}", self.at.as_millis(), self.hash)
    }
}

impl FromStr for MailboxId {
    type Err = MailboxIdError;

    /// Takes exactly what `Display` writes: 15 digits, a hyphen, 32 hexadecimal digits. No other name reaches the disk.
    fn from_str(text: &str) -> Result<Self, MailboxIdError> {
        let (at, hash) = text.split_once('-').ok_or(MailboxIdError)?;
        let well_formed = at.len() == 15
            && hash.len() == 32
            && at.bytes().all(|b| b.is_ascii_digit())
            && hash
                .bytes()
                .all(|b| b.is_ascii_digit() || (b'a'..=b'f').contains(&b));
        if !well_formed {
            return Err(MailboxIdError);
        }
        Ok(Self {
            at: Timestamp::from_millis(at.parse().map_err(|_| MailboxIdError)?),
            hash: u128::from_str_radix(hash, 16).map_err(|_| MailboxIdError)?,
        })
    }
}

impl MailboxId {
    /// When the message was delivered.
    #[must_use]
    pub fn at(self) -> Timestamp {
        self.at
    }

    fn of(message: &OutgoingMessage) -> Self {
        let digest = Sha256::digest(message.message_id().as_bytes());
        let hash = digest
            .iter()
            .take(16)
            .fold(0, |hash, byte| hash << 8 | u128::from(*byte));
        // Fifteen digits of milliseconds reach beyond the year 30000.
        let millis = message.at().as_millis().clamp(0, 999_999_999_999_999);
        Self {
            at: Timestamp::from_millis(millis),
            hash,
        }
    }

    fn folder_name(self) -> String {
        format!("{:02x}", self.hash >> 120)
    }

    fn file_name(self) -> String {
        format!("{self}.eml")
    }

    fn of_file(path: &Path) -> Option<Self> {
        path.file_name()?
            .to_str()?
            .strip_suffix(".eml")?
            .parse()
            .ok()
    }
}

impl Mailbox {
    /// Opens the mailbox in this folder, making the folder if there is none.
    ///
    /// # Errors
    /// When the folder cannot be made or read.
    pub fn open(folder: impl Into<PathBuf>) -> io::Result<Self> {
        let mailbox = Self {
            folder: folder.into(),
            kept: KEPT,
            deliveries: Arc::default(),
        };
        fs::create_dir_all(&mailbox.folder)?;
        mailbox.tidy()?;
        Ok(mailbox)
    }

    /// Keeps a message. When this returns, the message is on the disk whole; a message with the same Message-ID replaces
    /// the earlier one in its place, so that repeating a delivery leaves one.
    ///
    /// # Errors
    /// When the message cannot be written; then nothing of it is left in the listing.
    pub fn deliver(&self, message: &OutgoingMessage) -> io::Result<()> {
        let mut id = MailboxId::of(message);
        let folder = self.folder.join(id.folder_name());
        fs::create_dir_all(&folder)?;
        if let Some(earlier) = ids_in(&folder)?
            .into_iter()
            .find(|earlier| earlier.hash == id.hash)
        {
            id = earlier;
        }
        let path = folder.join(id.file_name());
        // Two processes that deliver the same message write two temporary files, and the later rename wins.
        let unfinished = folder.join(format!("{id}.{}.tmp", std::process::id()));
        let written = File::create(&unfinished).and_then(|mut file| {
            file.write_all(message.bytes())?;
            file.sync_all()?;
            fs::rename(&unfinished, &path)?;
            // The new name is safe only when the folder is.
            File::open(&folder)?.sync_all()
        });
        if written.is_err() {
            let _ = fs::remove_file(&unfinished);
        }
        written?;
        if self.deliveries.fetch_add(1, Ordering::Relaxed) % TIDY_EVERY == TIDY_EVERY - 1 {
            self.tidy()?;
        }
        Ok(())
    }

    /// The newest messages, newest first, at most `limit`; with `before`, those older than it, for the next page. Only
    /// the heads of the listed messages are read.
    ///
    /// # Errors
    /// When the folder cannot be read. A message that disappears meanwhile is left out.
    pub fn list(&self, limit: usize, before: Option<MailboxId>) -> io::Result<Vec<MailboxEntry>> {
        self.find("", limit, before)
    }

    /// Like [`Self::list`], of those messages whose subject or recipient holds every word, without regard to case and
    /// macrons. Heads are read until there are enough.
    ///
    /// # Errors
    /// As for [`Self::list`].
    pub fn find(
        &self,
        words: &str,
        limit: usize,
        before: Option<MailboxId>,
    ) -> io::Result<Vec<MailboxEntry>> {
        let words = search_key(words);
        let mut ids = self.ids()?;
        ids.retain(|id| before.is_none_or(|before| *id < before));
        ids.sort_unstable_by_key(|id| Reverse(*id));
        let mut entries = Vec::new();
        for id in ids {
            if entries.len() >= limit {
                break;
            }
            let Some(file) = found(File::open(self.path(id)))? else {
                continue;
            };
            let size = file.metadata()?.len();
            let mut head = Vec::new();
            file.take(HEAD).read_to_end(&mut head)?;
            let entry = MailboxEntry::from_head(id, size, &head);
            let text = search_key(&format!("{} {}", entry.subject, entry.to));
            if words.split(' ').all(|word| text.contains(word)) {
                entries.push(entry);
            }
        }
        Ok(entries)
    }

    /// One message, whole, or `None` if it is not (or no longer) there.
    ///
    /// # Errors
    /// When the file cannot be read.
    pub fn read(&self, id: MailboxId) -> io::Result<Option<StoredMessage>> {
        Ok(found(fs::read(self.path(id)))?.map(StoredMessage::new))
    }

    /// Removes the messages to an address, given in its normal form. The head of every message is read.
    ///
    /// # Errors
    /// When a message cannot be read or removed.
    pub fn forget(&self, email_key: &str) -> io::Result<()> {
        for id in self.ids()? {
            let Some(file) = found(File::open(self.path(id)))? else {
                continue;
            };
            let mut head = Vec::new();
            file.take(HEAD).read_to_end(&mut head)?;
            if stored::is_to(&head, email_key) {
                found(fs::remove_file(self.path(id)))?;
            }
        }
        Ok(())
    }

    /// The number of messages.
    ///
    /// # Errors
    /// When the folder cannot be read.
    pub fn count(&self) -> io::Result<usize> {
        Ok(self.ids()?.len())
    }

    fn path(&self, id: MailboxId) -> PathBuf {
        self.folder.join(id.folder_name()).join(id.file_name())
    }

    fn ids(&self) -> io::Result<Vec<MailboxId>> {
        let mut ids = Vec::new();
        for entry in fs::read_dir(&self.folder)? {
            let entry = entry?;
            if entry.file_type()?.is_dir() {
                ids.extend(ids_in(&entry.path())?);
            }
        }
        Ok(ids)
    }

    /// Removes the oldest messages beyond the number that is kept.
    fn tidy(&self) -> io::Result<()> {
        let mut ids = self.ids()?;
        if ids.len() > self.kept {
            ids.sort_unstable_by_key(|id| Reverse(*id));
            for id in ids.split_off(self.kept) {
                found(fs::remove_file(self.path(id)))?;
            }
        }
        Ok(())
    }
}

fn ids_in(folder: &Path) -> io::Result<Vec<MailboxId>> {
    let mut ids = Vec::new();
    for entry in fs::read_dir(folder)? {
        ids.extend(MailboxId::of_file(&entry?.path()));
    }
    Ok(ids)
}

/// A file that is not there is an answer, not an error.
fn found<T>(result: io::Result<T>) -> io::Result<Option<T>> {
    match result {
        Ok(value) => Ok(Some(value)),
        Err(error) if error.kind() == io::ErrorKind::NotFound => Ok(None),
        Err(error) => Err(error),
    }
}

#[cfg(test)]
#[path = "mailbox/tests.rs"]
mod tests;
