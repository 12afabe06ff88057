//! Messages that tell members of staff what waits for them, and what became of what they wrote or sent: titles, who, and
//! links to the staff's pages, which ask for the sign-in. Nothing of what stands in a text.

use askama::Template;

use super::GREETING;
use super::staff::Button;
use crate::mail::content::Content;
use crate::mail::frame::Frame;
use crate::mail::markup::{self, Blocks, RenderError};
use crate::mail::plain_text;
use crate::mail::sender::Sender;

/// One of several things that are told.
#[derive(Clone, Debug)]
pub struct Item {
    /// What it is called.
    pub title: String,
    /// Where it is.
    pub url: String,
    /// What there is to it, in a few words.
    pub note: String,
}

/// What a member of staff is told.
#[derive(Clone, Debug)]
pub struct StaffMail<'a> {
    /// The clinic.
    pub sender: &'a Sender,
    /// The heading, and the subject.
    pub title: &'a str,
    /// What inboxes show behind the subject.
    pub preheader: &'a str,
    /// What is to be known.
    pub lines: Vec<String>,
    /// Several things, where it is about several.
    pub items: Vec<Item>,
    /// What is to be done.
    pub button: Button,
    /// Why they are told: "you may approve what others wrote".
    pub why: &'a str,
    /// Where they choose what they are told.
    pub choose_url: &'a str,
}

#[derive(Template)]
#[template(path = "mail/staff_mail.mjml", escape = "html")]
struct StaffMailHtml<'a> {
    frame: &'a Frame<'a>,
    greeting: &'static str,
    mail: &'a StaffMail<'a>,
}

#[derive(Template)]
#[template(path = "mail/staff_mail.txt", escape = "none")]
struct StaffMailText<'a> {
    frame: &'a Frame<'a>,
    greeting: &'static str,
    mail: &'a StaffMail<'a>,
}

impl StaffMail<'_> {
    /// The message.
    ///
    /// # Errors
    /// [`RenderError`], which would be a mistake in the templates.
    pub fn render(&self) -> Result<Content, RenderError> {
        let frame = &Frame {
            sender: self.sender,
            title: self.title,
            preheader: self.preheader,
        };
        let (greeting, mail) = (GREETING, self);
        let html = StaffMailHtml {
            frame,
            greeting,
            mail,
        };
        let text = StaffMailText {
            frame,
            greeting,
            mail,
        };
        Ok(Content {
            subject: self.title.to_owned(),
            html: markup::to_html(&html.render()?, &Blocks::default())?,
            text: plain_text::wrap(&text.render()?),
        })
    }
}
