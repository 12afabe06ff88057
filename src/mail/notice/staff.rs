//! Messages to members of staff about their account.

use askama::Template;

use super::GREETING;
use crate::mail::content::Content;
use crate::mail::frame::Frame;
use crate::mail::markup::{self, Blocks, RenderError};
use crate::mail::plain_text;
use crate::mail::sender::Sender;

/// A link to be followed.
#[derive(Clone, Debug)]
pub struct Button {
    /// What it does.
    pub label: &'static str,
    /// Where it leads.
    pub url: String,
}

/// Something about an account: a few sentences, and perhaps a link.
#[derive(Clone, Debug)]
pub struct StaffNotice<'a> {
    /// The clinic.
    pub sender: &'a Sender,
    /// The heading, and the subject.
    pub title: &'a str,
    /// What inboxes show behind the subject.
    pub preheader: &'a str,
    /// What is to be known.
    pub lines: Vec<String>,
    /// What is to be done.
    pub button: Option<Button>,
    /// What is to be known of the link, or of who did not expect this.
    pub quiet: &'a str,
}

#[derive(Template)]
#[template(path = "mail/staff.mjml", escape = "html")]
struct StaffHtml<'a> {
    frame: &'a Frame<'a>,
    greeting: &'static str,
    notice: &'a StaffNotice<'a>,
}

#[derive(Template)]
#[template(path = "mail/staff.txt", escape = "none")]
struct StaffText<'a> {
    frame: &'a Frame<'a>,
    greeting: &'static str,
    notice: &'a StaffNotice<'a>,
}

impl StaffNotice<'_> {
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
        let (greeting, notice) = (GREETING, self);
        let html = StaffHtml {
            frame,
            greeting,
            notice,
        };
        let text = StaffText {
            frame,
            greeting,
            notice,
        };
        Ok(Content {
            subject: self.title.to_owned(),
            html: markup::to_html(&html.render()?, &Blocks::default())?,
            text: plain_text::wrap(&text.render()?),
        })
    }
}
