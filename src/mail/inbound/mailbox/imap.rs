//! The mailbox by IMAP (RFC 3501), with what servers offer beside it: MOVE, UIDPLUS and IDLE (RFC 2177).

use std::io;
use std::time::Duration;

use async_imap::types::{Mailbox, UnsolicitedResponse};
use async_imap::{Client, Session};
use futures_util::TryStreamExt as _;
use secrecy::ExposeSecret as _;
use tokio::time::timeout;

use super::{Fetched, Listed, MailboxError, MailboxServer, Stream, secured, within};
use crate::mail::inbound::LONGEST;

pub(super) struct ImapMailbox {
    session: Session<Box<dyn Stream>>,
    moved_to: Option<String>,
    can_move: bool,
    can_expunge: bool,
    can_idle: bool,
}

impl ImapMailbox {
    pub(super) async fn open(server: &MailboxServer) -> Result<Self, MailboxError> {
        let mut client = Client::new(secured::connect(server).await?);
        within(client.read_response())
            .await??
            .ok_or_else(|| io::Error::from(io::ErrorKind::UnexpectedEof))?;
        let signing_in = client.login(&server.user, server.password.expose_secret());
        let mut session = within(signing_in).await?.map_err(|(error, _)| error)?;
        let capabilities = within(session.capabilities()).await??;
        let mut mailbox = Self {
            can_move: capabilities.has_str("MOVE"),
            can_expunge: capabilities.has_str("UIDPLUS"),
            can_idle: capabilities.has_str("IDLE"),
            moved_to: server.moved_to.clone(),
            session,
        };
        let _: Mailbox = within(mailbox.session.select(&server.folder)).await??;
        Ok(mailbox)
    }

    /// What is deleted or was left for people is passed over.
    pub(super) async fn messages(&mut self) -> Result<Vec<Listed>, MailboxError> {
        let found = within(self.session.uid_search("UNDELETED UNFLAGGED")).await??;
        let mut found: Vec<u32> = found.into_iter().collect();
        found.sort_unstable();
        let listed = |number: u32| Listed {
            number,
            key: Some(number.to_string()),
        };
        Ok(found.into_iter().map(listed).collect())
    }

    pub(super) async fn fetch(&mut self, message: u32) -> Result<Option<Fetched>, MailboxError> {
        let what = format!("(UID RFC822.SIZE BODY.PEEK[]<0.{LONGEST}>)");
        let found: Vec<_> = within(async {
            let stream = self.session.uid_fetch(message.to_string(), what).await?;
            stream.try_collect::<Vec<_>>().await
        })
        .await??;
        let found = found.iter().find(|found| found.uid == Some(message));
        Ok(found.and_then(|found| {
            let body = found.body()?;
            // A server that does not keep to what was asked makes no difference.
            let content = body[..body.len().min(LONGEST)].to_vec();
            let size = found.size.map_or(body.len() as u64, u64::from);
            Some(Fetched {
                byte_count: size,
                content,
            })
        }))
    }

    pub(super) async fn done(&mut self, message: u32) -> Result<(), MailboxError> {
        let uid = message.to_string();
        match &self.moved_to {
            Some(folder) if self.can_move => {
                return Ok(within(self.session.uid_mv(&uid, folder)).await??);
            }
            Some(folder) => within(self.session.uid_copy(&uid, folder)).await??,
            None => {}
        }
        self.flag(&uid, "\\Deleted").await?;
        // Without UIDPLUS what others have marked would go as well: then the mark has to do.
        if self.can_expunge {
            within(async {
                let stream = self.session.uid_expunge(&uid).await?;
                stream.try_collect::<Vec<_>>().await
            })
            .await??;
        }
        Ok(())
    }

    pub(super) async fn leave(&mut self, message: u32) -> Result<(), MailboxError> {
        self.flag(&message.to_string(), "\\Flagged").await
    }

    async fn flag(&mut self, uid: &str, flag: &str) -> Result<(), MailboxError> {
        within(async {
            let change = format!("+FLAGS ({flag})");
            let stream = self.session.uid_store(uid, change).await?;
            stream.try_collect::<Vec<_>>().await
        })
        .await??;
        Ok(())
    }

    pub(super) async fn check_folder(&mut self) -> Result<(), MailboxError> {
        if let Some(folder) = &self.moved_to {
            within(self.session.status(folder, "(UIDNEXT)")).await??;
        }
        Ok(())
    }

    /// Whether the server tells when something comes.
    pub(super) fn tells(&self) -> bool {
        self.can_idle
    }

    pub(super) async fn wait(mut self, longest: Duration) -> Result<Self, MailboxError> {
        // What came while the last commands ran was told with their answers, and is not told again.
        let mut has_come = false;
        while let Ok(told) = self.session.unsolicited_responses.try_recv() {
            has_come |= matches!(told, UnsolicitedResponse::Exists(_));
        }
        if has_come {
            return Ok(self);
        }
        let mut idle = self.session.idle();
        within(idle.init()).await??;
        // The server's signs of life are passed over there, and would put the end off for ever.
        let heard = {
            let (told, _interrupt) = idle.wait_with_timeout(longest);
            timeout(longest, told).await
        };
        if let Ok(told) = heard {
            told?;
        }
        self.session = within(idle.done()).await??;
        Ok(self)
    }

    pub(super) async fn close(mut self) {
        let _ = within(self.session.logout()).await;
    }
}
