//! Messages to one person that follow from what they or the staff did. Personal pieces are slots, so that a notice can be
//! compiled once for many.
//!
//! Nothing is ever sent to somebody who has left: there is no message of farewell.

use askama::Template;

use super::content::{Content, Slot};
use super::frame::Frame;
use super::markup::{self, Blocks, RenderError};
use super::plain_text;
use super::sender::Sender;

/// Asks to confirm a sign-up. Needs [`Slot::ConfirmUrl`].
#[derive(Clone, Copy, Debug)]
pub struct Confirmation<'a> {
    /// The clinic.
    pub sender: &'a Sender,
    /// The names of the topics they chose.
    pub topics: &'a [String],
    /// The title of the event for which they register with it.
    pub symposium: Option<&'a str>,
    /// How long the link works, in words: "7 days".
    pub valid: &'a str,
}

/// Greets a new subscriber. Needs [`Slot::UnsubscribeUrl`].
#[derive(Clone, Copy, Debug)]
pub struct Welcome<'a> {
    /// The clinic.
    pub sender: &'a Sender,
    /// The names of their topics.
    pub topics: &'a [String],
}

/// Tells a subscriber that their address was signed up again, and that nothing has changed. Needs [`Slot::ManageUrl`] and
/// [`Slot::UnsubscribeUrl`].
#[derive(Clone, Copy, Debug)]
pub struct AlreadySubscribed<'a> {
    /// The clinic.
    pub sender: &'a Sender,
    /// The names of their topics.
    pub topics: &'a [String],
    /// How long the link works, in words: "30 minutes".
    pub valid: &'a str,
}

/// Answers a sign-up with an address to which the staff have stopped writing: only they can change that.
#[derive(Clone, Copy, Debug)]
pub struct AskTheClinic<'a> {
    /// The clinic.
    pub sender: &'a Sender,
}

/// Brings the short-lived link to somebody's own settings. Needs [`Slot::ManageUrl`].
#[derive(Clone, Copy, Debug)]
pub struct ManageLink<'a> {
    /// The clinic.
    pub sender: &'a Sender,
    /// How long the link works, in words: "30 minutes".
    pub valid: &'a str,
}

/// Tells somebody whose details did not come from themselves that the clinic holds them (Privacy Act 2020, information
/// privacy principle 3A, in force from 1 May 2026). Needs [`Slot::UnsubscribeUrl`].
#[derive(Clone, Copy, Debug)]
pub struct ImportNotice<'a> {
    /// The clinic.
    pub sender: &'a Sender,
    /// What is held: "your name", "your e-mail address".
    pub held: &'a [String],
    /// Where it came from, as a sentence.
    pub source: &'a str,
    /// The names of the topics they get.
    pub topics: &'a [String],
}

/// Defines the two templates of a notice, with the same fields, and renders them.
///
/// Whoever uses it has to stand in this folder: a build from elsewhere (that of `fuzz`) looks for the templates from here.
macro_rules! notice_templates {
    ($html:ident from $html_path:tt, $text:ident from $text_path:tt, { $($field:ident: $type:ty),* }) => {
        #[derive(Template)]
        #[template(path = $html_path, escape = "html")]
        struct $html<'a> {
            frame: &'a Frame<'a>,
            greeting: &'static str,
            $($field: $type),*
        }

        #[derive(Template)]
        #[template(path = $text_path, escape = "none")]
        struct $text<'a> {
            frame: &'a Frame<'a>,
            greeting: &'static str,
            $($field: $type),*
        }

        impl<'a> $html<'a> {
            /// Both parts as a content with this subject.
            fn content(self, subject: String) -> Result<Content, RenderError> {
                let html = markup::to_html(&self.render()?, &Blocks::default())?;
                let text = $text { frame: self.frame, greeting: self.greeting, $($field: self.$field),* };
                Ok(Content { subject, html, text: plain_text::wrap(&text.render()?) })
            }
        }
    };
}

pub mod staff;
pub mod staff_mail;
pub mod symposium;

notice_templates!(
    ConfirmationHtml from "mail/confirmation.mjml", ConfirmationText from "mail/confirmation.txt",
    { topics: &'a [String], symposium: Option<&'a str>, valid: &'a str, confirm_url: &'static str }
);
notice_templates!(
    WelcomeHtml from "mail/welcome.mjml", WelcomeText from "mail/welcome.txt",
    { topics: &'a [String], unsubscribe_url: &'static str }
);
notice_templates!(
    AlreadySubscribedHtml from "mail/already_subscribed.mjml", AlreadySubscribedText from "mail/already_subscribed.txt",
    { topics: &'a [String], valid: &'a str, manage_url: &'static str, unsubscribe_url: &'static str }
);
notice_templates!(
    AskTheClinicHtml from "mail/ask_the_clinic.mjml", AskTheClinicText from "mail/ask_the_clinic.txt",
    { contact: &'a str }
);
notice_templates!(
    ManageLinkHtml from "mail/manage_link.mjml", ManageLinkText from "mail/manage_link.txt",
    { valid: &'a str, manage_url: &'static str }
);
notice_templates!(
    ImportNoticeHtml from "mail/import_notice.mjml", ImportNoticeText from "mail/import_notice.txt",
    { topics: &'a [String], held: &'a [String], source: &'a str, unsubscribe_url: &'static str }
);

const GREETING: &str = Slot::GreetingName.marker();
const CONFIRM_URL: &str = Slot::ConfirmUrl.marker();
const MANAGE_URL: &str = Slot::ManageUrl.marker();
const UNSUBSCRIBE_URL: &str = Slot::UnsubscribeUrl.marker();

impl Confirmation<'_> {
    /// The message.
    ///
    /// # Errors
    /// [`RenderError`], which would be a mistake in the templates.
    pub fn render(&self) -> Result<Content, RenderError> {
        let frame = Frame {
            sender: self.sender,
            title: "Please confirm your sign-up",
            preheader: &format!(
                "One click, and you are signed up. The link works for {}.",
                self.valid
            ),
        };
        ConfirmationHtml {
            frame: &frame,
            greeting: GREETING,
            topics: self.topics,
            symposium: self.symposium,
            valid: self.valid,
            confirm_url: CONFIRM_URL,
        }
        .content(format!(
            "Please confirm your sign-up for {}",
            self.sender.newsletter_name
        ))
    }
}

impl Welcome<'_> {
    /// The message.
    ///
    /// # Errors
    /// [`RenderError`], which would be a mistake in the templates.
    pub fn render(&self) -> Result<Content, RenderError> {
        let name = &self.sender.newsletter_name;
        let title = format!("Welcome to {name}");
        let frame = Frame {
            sender: self.sender,
            title: &title,
            preheader: "What to expect, and how to change or leave it.",
        };
        WelcomeHtml {
            frame: &frame,
            greeting: GREETING,
            topics: self.topics,
            unsubscribe_url: UNSUBSCRIBE_URL,
        }
        .content(title.clone())
    }
}

impl AlreadySubscribed<'_> {
    /// The message.
    ///
    /// # Errors
    /// [`RenderError`], which would be a mistake in the templates.
    pub fn render(&self) -> Result<Content, RenderError> {
        let frame = Frame {
            sender: self.sender,
            title: "You are subscribed already",
            preheader: "Nothing has changed. Here is how to change something.",
        };
        AlreadySubscribedHtml {
            frame: &frame,
            greeting: GREETING,
            topics: self.topics,
            valid: self.valid,
            manage_url: MANAGE_URL,
            unsubscribe_url: UNSUBSCRIBE_URL,
        }
        .content(format!(
            "You are subscribed to {} already",
            self.sender.newsletter_name
        ))
    }
}

impl AskTheClinic<'_> {
    /// The message.
    ///
    /// # Errors
    /// [`RenderError`], which would be a mistake in the templates.
    pub fn render(&self) -> Result<Content, RenderError> {
        let frame = Frame {
            sender: self.sender,
            title: "Please ask the clinic",
            preheader: "This address can only be signed up by the clinic's staff.",
        };
        AskTheClinicHtml {
            frame: &frame,
            greeting: GREETING,
            contact: self.sender.contact_address.as_str(),
        }
        .content(format!(
            "About your sign-up for {}",
            self.sender.newsletter_name
        ))
    }
}

impl ManageLink<'_> {
    /// The message.
    ///
    /// # Errors
    /// [`RenderError`], which would be a mistake in the templates.
    pub fn render(&self) -> Result<Content, RenderError> {
        let frame = Frame {
            sender: self.sender,
            title: "The link to your settings",
            preheader: &format!("It works for {}.", self.valid),
        };
        ManageLinkHtml {
            frame: &frame,
            greeting: GREETING,
            valid: self.valid,
            manage_url: MANAGE_URL,
        }
        .content(format!(
            "The link to your settings for {}",
            self.sender.newsletter_name
        ))
    }
}

impl ImportNotice<'_> {
    /// The message.
    ///
    /// # Errors
    /// [`RenderError`], which would be a mistake in the templates.
    pub fn render(&self) -> Result<Content, RenderError> {
        let clinic = &self.sender.clinic_name;
        let frame = Frame {
            sender: self.sender,
            title: "We hold some details about you",
            preheader: "What they are, where they came from, and how to say no.",
        };
        ImportNoticeHtml {
            frame: &frame,
            greeting: GREETING,
            topics: self.topics,
            held: self.held,
            source: self.source,
            unsubscribe_url: UNSUBSCRIBE_URL,
        }
        .content(format!("{clinic} holds some details about you"))
    }
}
