//! Staff read what the built-in mailbox holds, where there is no mail server.

use crate::mail::mailbox::{Mailbox, MailboxEntry, MailboxId, StoredMessage};

use super::{App, AppError};

/// The newest messages, or those older than `before`, at most `limit`, whose subject or recipient holds the words (which
/// may be empty); `None` where messages go to a mail server.
///
/// # Errors
/// [`AppError::Internal`] when the folder cannot be read.
pub async fn list(
    app: &App,
    words: &str,
    before: Option<MailboxId>,
    limit: usize,
) -> Result<Option<Vec<MailboxEntry>>, AppError> {
    let words = words.to_owned();
    in_mailbox(app, move |mailbox| mailbox.find(&words, limit, before)).await
}

/// A message; `None` where messages go to a mail server.
///
/// # Errors
/// [`AppError::NotFound`]; [`AppError::Internal`] when it cannot be read.
pub async fn read(app: &App, id: MailboxId) -> Result<Option<StoredMessage>, AppError> {
    match in_mailbox(app, move |mailbox| mailbox.read(id)).await? {
        Some(found) => found.map(Some).ok_or(AppError::NotFound),
        None => Ok(None),
    }
}

/// Takes out the messages to an address, by its normal form, whether or not messages go there now.
///
/// # Errors
/// [`AppError::Internal`] when the folder cannot be read or changed.
pub(super) async fn forget(app: &App, email_key: String) -> Result<(), AppError> {
    let folder = app.settings.data_dir.join("mailbox");
    tokio::task::spawn_blocking(move || {
        if !folder.exists() {
            return Ok(());
        }
        Mailbox::open(folder)?.forget(&email_key)
    })
    .await
    .map_err(AppError::internal)?
    .map_err(AppError::internal)
}

async fn in_mailbox<T, F>(app: &App, read: F) -> Result<Option<T>, AppError>
where
    T: Send + 'static,
    F: FnOnce(Mailbox) -> std::io::Result<T> + Send + 'static,
{
    if !app.settings.smtp_servers.is_empty() {
        return Ok(None);
    }
    let folder = app.settings.data_dir.join("mailbox");
    tokio::task::spawn_blocking(move || Mailbox::open(folder).and_then(read))
        .await
        .map_err(AppError::internal)?
        .map(Some)
        .map_err(AppError::internal)
}
