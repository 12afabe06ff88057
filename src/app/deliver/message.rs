//! Makes the message for a row: bulletins from what was frozen at their approval, compiled once;
//! notices from what the database says of their person now.

use std::collections::HashMap;
use std::sync::{Arc, Mutex, PoisonError};

use thiserror::Error;

use crate::clock::Timestamp;
use crate::domain::bulletin::BulletinId;
use crate::domain::delivery::DeliveryKind;
use crate::domain::email_address::{EmailAddress, EmailAddressError};
use crate::domain::person_name::PersonName;
use crate::domain::return_path;
use crate::domain::subscriber::SubscriberId;
use crate::mail::content::Content;
use crate::mail::dkim::SignError;
use crate::mail::inbound::provider::Provider;
use crate::mail::message::{
    CompileError, CompiledMessage, Kind, OutgoingMessage, Recipient, SpliceError, Unsubscribe,
};
use crate::mail::notice;
use crate::mail::sender::Sender;
use crate::store::bulletins;
use crate::store::deliveries::Claimed;
use crate::store::signup_requests::{self, SignupRequest};
use crate::store::subscribers::{self, Subscriber};
use crate::store::symposia;
use crate::store::topics::{self, Topic};

use super::{Job, staff, symposium};
use crate::app::links::{CONFIRM_IN_WORDS, MANAGE_FOR, MANAGE_IN_WORDS};
use crate::app::{App, AppError, compose_bulletin};

/// Why a message cannot be made. Each is a fault of the program or of what was frozen.
#[derive(Debug, Error)]
pub enum ComposeError {
    /// The database.
    #[error(transparent)]
    App(#[from] AppError),
    /// The content cannot be compiled.
    #[error("{0}")]
    Compile(#[from] CompileError),
    /// A personal piece is missing.
    #[error("{0}")]
    Splice(#[from] SpliceError),
    /// A key cannot sign.
    #[error("{0}")]
    Sign(#[from] SignError),
    /// The notice cannot be rendered.
    #[error("{0}")]
    Render(#[from] crate::mail::RenderError),
    /// The address in the row is none.
    #[error("{0}")]
    Address(#[from] EmailAddressError),
}

/// Makes messages; keeps the bulletins that are being sent compiled.
pub struct Composer {
    app: App,
    sender: Sender,
    compiled: Mutex<HashMap<BulletinId, Arc<CompiledMessage>>>,
}

/// So many compiled bulletins are kept: those of one day.
const KEPT: usize = 8;

impl Composer {
    /// A composer for this installation.
    pub fn new(app: &App) -> Self {
        Self {
            app: app.clone(),
            sender: app.sender(),
            compiled: Mutex::default(),
        }
    }

    /// The message for a row.
    ///
    /// # Errors
    /// [`ComposeError`].
    pub async fn message(&self, job: &Job) -> Result<OutgoingMessage, ComposeError> {
        let row = &job.row;
        let now = self.app.now();
        let mut recipient = self.recipient(row, now)?;
        let compiled = match (row.kind, row.bulletin_id, row.reference_id) {
            (DeliveryKind::Bulletin, Some(bulletin), _) => self.bulletin(bulletin).await?,
            (DeliveryKind::Test, _, Some(bulletin)) => {
                // Links of a test lead to the pages for everybody: it is no subscriber's message.
                recipient.unsubscribe = Some(Unsubscribe {
                    url: self.app.unsubscribe_url("test"),
                    token: "test".to_owned(),
                });
                recipient.manage_url = Some(self.app.manage_page());
                self.test(BulletinId(bulletin)).await?
            }
            (kind, _, Some(reference))
                if kind == DeliveryKind::SymposiumLink || kind.is_about_a_registration() =>
            {
                // Whoever comes to an event leaves that, and not the newsletter, by the links in these.
                recipient.unsubscribe = None;
                let notice =
                    symposium::notice(&self.app, &self.sender, row, reference, now).await?;
                Arc::new(CompiledMessage::with_attachment(
                    &notice.content,
                    &self.sender,
                    Kind::Notice,
                    notice.calendar.as_ref(),
                )?)
            }
            (kind, _, Some(reference)) if kind.is_to_staff() => {
                let (content, name) =
                    staff::notice(&self.app, &self.sender, kind, reference).await?;
                recipient.name = PersonName::parse(&name).ok();
                Arc::new(CompiledMessage::new(&content, &self.sender, Kind::Notice)?)
            }
            _ => {
                let content = self.notice(row, &mut recipient, now).await?;
                Arc::new(CompiledMessage::new(&content, &self.sender, Kind::Notice)?)
            }
        };
        let mut message = compiled.for_recipient(&recipient)?;
        if let Some(dkim) = &self.app.settings.dkim {
            message.sign(&dkim.signer)?;
        }
        Ok(message)
    }

    /// From whom and to whom the message for a row goes.
    ///
    /// # Errors
    /// [`EmailAddressError`] when the address in the row is none.
    pub fn addresses(
        &self,
        row: &Claimed,
    ) -> Result<(EmailAddress, EmailAddress), EmailAddressError> {
        Ok((
            self.app
                .return_path(row.id)
                .unwrap_or_else(|| self.sender.from_address.clone()),
            EmailAddress::parse(&row.recipient)?,
        ))
    }

    fn recipient(&self, row: &Claimed, now: Timestamp) -> Result<Recipient, ComposeError> {
        let address = EmailAddress::parse(&row.recipient)?;
        let mut recipient = Recipient::new(address, self.app.message_id(row.id), now);
        recipient.return_path = self.app.return_path(row.id);
        let providers = &self.app.settings.inbound.providers;
        if providers
            .iter()
            .any(|provider| matches!(provider, Provider::Postmark(_)))
        {
            recipient.metadata = Some(return_path::mark(&self.app.instance.link_keys, row.id));
        }
        recipient.name = row
            .name
            .as_deref()
            .and_then(|name| PersonName::parse(name).ok());
        if let Some(subscriber) = row.subscriber_id {
            let token = self.app.unsubscribe_token(subscriber);
            let url = self.app.unsubscribe_url(&token);
            recipient.unsubscribe = Some(Unsubscribe { url, token });
            recipient.manage_url = Some(self.app.manage_page());
        }
        Ok(recipient)
    }

    async fn bulletin(&self, id: BulletinId) -> Result<Arc<CompiledMessage>, ComposeError> {
        let cached = |composer: &Self| {
            let compiled = composer
                .compiled
                .lock()
                .unwrap_or_else(PoisonError::into_inner);
            compiled.get(&id).cloned()
        };
        if let Some(compiled) = cached(self) {
            return Ok(compiled);
        }
        let (bulletin, frozen) = self
            .app
            .store
            .read(move |db| {
                let bulletin = bulletins::get(db, id)?;
                let frozen = bulletins::frozen(db, id)?.ok_or(AppError::NotFound)?;
                Ok::<_, AppError>((bulletin, frozen))
            })
            .await?;
        let content = Content {
            subject: bulletin.subject,
            html: frozen.html,
            text: frozen.text,
        };
        let compiled = Arc::new(CompiledMessage::new(
            &content,
            &self.sender,
            Kind::Bulletin,
        )?);
        let mut kept = self.compiled.lock().unwrap_or_else(PoisonError::into_inner);
        if kept.len() >= KEPT {
            kept.clear();
        }
        kept.insert(id, compiled.clone());
        Ok(compiled)
    }

    async fn test(&self, id: BulletinId) -> Result<Arc<CompiledMessage>, ComposeError> {
        let app = self.app.clone();
        let content = self
            .app
            .store
            .read(move |db| {
                let bulletin = bulletins::get(db, id)?;
                compose_bulletin::as_approved_or_now(&app, db, &bulletin)
            })
            .await?;
        let content = content.for_test_send();
        Ok(Arc::new(CompiledMessage::new(
            &content,
            &self.sender,
            Kind::Bulletin,
        )?))
    }

    /// What a notice says; its own links are put to the recipient.
    async fn notice(
        &self,
        row: &Claimed,
        recipient: &mut Recipient,
        now: Timestamp,
    ) -> Result<Content, ComposeError> {
        let sender = &self.sender;
        let id = row.subscriber_id.ok_or(AppError::NotFound)?;
        let facts = self.facts(id, row.reference_id).await?;
        let topics = facts.topics.as_slice();
        let short_lived = || self.app.manage_url(id, now.plus(MANAGE_FOR));
        Ok(match row.kind {
            DeliveryKind::Confirmation => {
                let request = facts.request.ok_or(AppError::NotFound)?;
                recipient.name = PersonName::parse(&request.name).ok();
                recipient.confirm_url = Some(self.app.confirm_url(request.id, request.expires_at));
                notice::Confirmation {
                    sender,
                    topics,
                    symposium: facts.symposium.as_deref(),
                    valid: CONFIRM_IN_WORDS,
                }
                .render()?
            }
            DeliveryKind::Welcome => notice::Welcome { sender, topics }.render()?,
            DeliveryKind::AlreadySubscribed => {
                recipient.manage_url = Some(short_lived());
                notice::AlreadySubscribed {
                    sender,
                    topics,
                    valid: MANAGE_IN_WORDS,
                }
                .render()?
            }
            DeliveryKind::AskTheClinic => notice::AskTheClinic { sender }.render()?,
            DeliveryKind::ManageLink => {
                recipient.manage_url = Some(short_lived());
                notice::ManageLink {
                    sender,
                    valid: MANAGE_IN_WORDS,
                }
                .render()?
            }
            DeliveryKind::ImportNotice => {
                let held = held_details(&facts.subscriber);
                let source = &facts.subscriber.source;
                notice::ImportNotice {
                    sender,
                    held: &held,
                    source,
                    topics,
                }
                .render()?
            }
            // The others are made elsewhere, of what such a row refers to. One that refers to nothing is about nothing.
            _ => return Err(AppError::NotFound.into()),
        })
    }

    /// What the database says of the person now, and of the sign-up that the notice is about.
    async fn facts(&self, id: SubscriberId, request: Option<i64>) -> Result<Facts, AppError> {
        self.app
            .store
            .read(move |db| {
                let request = request.map(|id| signup_requests::get(db, id)).transpose()?;
                let chosen: Vec<Topic> = match &request {
                    Some(request) => topics::all(db)?
                        .into_iter()
                        .filter(|topic| request.topic_slugs().any(|slug| slug == topic.slug))
                        .collect(),
                    None => topics::chosen_by(db, id)?,
                };
                let symposium = request.as_ref().and_then(|request| request.symposium_id);
                let symposium = symposium.map(|id| symposia::get(db, id)).transpose()?;
                Ok(Facts {
                    symposium: symposium.map(|symposium| symposium.title),
                    subscriber: subscribers::get(db, id)?,
                    topics: chosen.into_iter().map(|topic| topic.name).collect(),
                    request,
                })
            })
            .await
    }
}

/// What a notice may need to know.
struct Facts {
    subscriber: Subscriber,
    topics: Vec<String>,
    request: Option<SignupRequest>,
    symposium: Option<String>,
}

/// What is held of a person, in words for them.
fn held_details(subscriber: &Subscriber) -> Vec<String> {
    [
        ("your e-mail address", true),
        ("your name", !subscriber.name.is_empty()),
        ("your practice", subscriber.practice.is_some()),
        ("your region", subscriber.region.is_some()),
        ("your role", subscriber.role.is_some()),
        (
            "your Medical Council number",
            subscriber.mcnz_number.is_some(),
        ),
    ]
    .into_iter()
    .filter(|(_, is_held)| *is_held)
    .map(|(what, _)| what.to_owned())
    .collect()
}
