//! What the templates of all messages share.

use super::brand::Palette;
use super::plain_text;
use super::sender::Sender;

/// The surroundings of a message: who writes, and what stands at the top.
pub(super) struct Frame<'a> {
    /// The clinic.
    pub(super) sender: &'a Sender,
    /// The heading of the message, and the title of the HTML document.
    pub(super) title: &'a str,
    /// What inboxes show behind the subject.
    pub(super) preheader: &'a str,
}

impl Frame<'_> {
    /// The clinic's colours.
    pub(super) fn palette(&self) -> &Palette {
        &self.sender.brand.palette
    }

    /// The line under the title in the text part.
    pub(super) fn underline(&self) -> String {
        plain_text::underline(self.title, '=')
    }

    /// The newsletter's name as the text part's first line.
    pub(super) fn heading(&self) -> String {
        self.sender.newsletter_name.to_uppercase()
    }
}
