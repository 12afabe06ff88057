//! The content of a message before it is compiled: a subject, an HTML part and a text part, with marked places for the
//! few pieces that differ between recipients.

use thiserror::Error;

const SLOT_START: char = '\u{E000}';
const SLOT_END: char = '\u{E001}';

/// What a message says, equal for all its recipients but for its [`Slot`]s.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Content {
    /// The subject line, plain text without slots.
    pub subject: String,
    /// The HTML part, a whole document.
    pub html: String,
    /// The text part, lines of at most 72 columns where words allow.
    pub text: String,
}

impl Content {
    /// The same content as a test message: the subject begins with "\[Test\]", so that nobody takes it for the real one.
    #[must_use]
    pub fn for_test_send(mut self) -> Self {
        self.subject.insert_str(0, "[Test] ");
        self
    }

    /// The content with its slots filled with the given values, for a preview on a page. A slot without a value
    /// shows as nothing.
    ///
    /// # Errors
    /// [`MarkerError`] when a part holds a marker that is not a slot.
    pub fn preview(&self, value: impl Fn(Slot) -> String) -> Result<Self, MarkerError> {
        let fill = |part: &str, escape: bool| -> Result<String, MarkerError> {
            Ok(pieces(part)?
                .into_iter()
                .map(|piece| match piece {
                    Piece::Text(text) => text.to_owned(),
                    Piece::Slot(slot) if escape => super::encoding::escape_html(&value(slot)),
                    Piece::Slot(slot) => value(slot),
                })
                .collect())
        };
        Ok(Self {
            subject: self.subject.clone(),
            html: fill(&self.html, true)?,
            text: fill(&self.text, false)?,
        })
    }
}

/// A place in a message for a piece that differs between recipients.
///
/// In the parts of a [`Content`] a slot stands as its [`marker`](Slot::marker): its name between two private-use
/// characters, which no text that was typed by people can hold (the domain's types refuse them).
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Slot {
    /// A space and the person's name, or nothing: "Kia ora" stands before it, a comma after it.
    GreetingName,
    /// The link that confirms a sign-up.
    ConfirmUrl,
    /// The short-lived link to the person's own settings.
    ManageUrl,
    /// The link that unsubscribes.
    UnsubscribeUrl,
}

impl Slot {
    /// Every slot.
    pub const ALL: [Self; 4] = [
        Self::GreetingName,
        Self::ConfirmUrl,
        Self::ManageUrl,
        Self::UnsubscribeUrl,
    ];

    /// The slot's name inside its marker.
    #[must_use]
    pub const fn name(self) -> &'static str {
        match self {
            Self::GreetingName => "greeting_name",
            Self::ConfirmUrl => "confirm_url",
            Self::ManageUrl => "manage_url",
            Self::UnsubscribeUrl => "unsubscribe_url",
        }
    }

    /// What stands in a part in the place of the slot's value.
    #[must_use]
    pub const fn marker(self) -> &'static str {
        match self {
            Self::GreetingName => "\u{E000}greeting_name\u{E001}",
            Self::ConfirmUrl => "\u{E000}confirm_url\u{E001}",
            Self::ManageUrl => "\u{E000}manage_url\u{E001}",
            Self::UnsubscribeUrl => "\u{E000}unsubscribe_url\u{E001}",
        }
    }

    /// The most bytes that a value may take, before escaping; longer ones are refused for the recipient.
    #[must_use]
    pub const fn longest(self) -> usize {
        match self {
            // 120 characters of up to four bytes, and the space before them.
            Self::GreetingName => 481,
            Self::ConfirmUrl | Self::ManageUrl | Self::UnsubscribeUrl => 300,
        }
    }

    fn by_name(name: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|slot| slot.name() == name)
    }
}

/// A stretch of a part.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Piece<'a> {
    /// Text that is the same for everybody.
    Text(&'a str),
    /// The place of a personal piece.
    Slot(Slot),
}

/// A private-use character in a part that does not belong to a slot.
#[derive(Clone, Debug, PartialEq, Eq, Error)]
pub enum MarkerError {
    /// A marker with a name that is no slot's.
    #[error("the message has a marked place named “{0}”, which is not one of the known ones")]
    UnknownSlot(String),
    /// A marker that begins and does not end, or ends without a beginning.
    #[error(
        "the message holds a private-use character (U+E000 or U+E001), which is reserved for marked places; remove it from the text"
    )]
    Stray,
}

/// Cuts a part into its texts and slots, in order. Empty texts are left out.
pub(super) fn pieces(part: &str) -> Result<Vec<Piece<'_>>, MarkerError> {
    let mut found = Vec::new();
    let mut rest = part;
    while let Some(start) = rest.find([SLOT_START, SLOT_END]) {
        let (text, marked) = rest.split_at(start);
        let marked = marked.strip_prefix(SLOT_START).ok_or(MarkerError::Stray)?;
        let (name, after) = marked.split_once(SLOT_END).ok_or(MarkerError::Stray)?;
        let slot = Slot::by_name(name)
            .ok_or_else(|| MarkerError::UnknownSlot(name.chars().take(40).collect()))?;
        if !text.is_empty() {
            found.push(Piece::Text(text));
        }
        found.push(Piece::Slot(slot));
        rest = after;
    }
    if !rest.is_empty() {
        found.push(Piece::Text(rest));
    }
    Ok(found)
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used, clippy::expect_used)]

    use super::*;

    #[test]
    fn every_marker_is_its_name_between_the_private_use_characters() {
        for slot in Slot::ALL {
            assert_eq!(
                slot.marker(),
                format!("{SLOT_START}{}{SLOT_END}", slot.name())
            );
        }
    }

    #[test]
    fn a_part_is_cut_at_its_slots() {
        let part = format!(
            "Kia ora{},\n{}",
            Slot::GreetingName.marker(),
            Slot::ConfirmUrl.marker()
        );
        assert_eq!(
            pieces(&part).unwrap(),
            [
                Piece::Text("Kia ora"),
                Piece::Slot(Slot::GreetingName),
                Piece::Text(",\n"),
                Piece::Slot(Slot::ConfirmUrl)
            ]
        );
    }

    #[test]
    fn unknown_and_broken_markers_are_refused() {
        assert_eq!(
            pieces("a\u{E000}password\u{E001}"),
            Err(MarkerError::UnknownSlot("password".into()))
        );
        assert_eq!(pieces("a\u{E000}manage_url"), Err(MarkerError::Stray));
        assert_eq!(pieces("a\u{E001}b"), Err(MarkerError::Stray));
    }

    #[test]
    fn a_preview_escapes_values_in_html_and_not_in_text() {
        let marker = Slot::GreetingName.marker();
        let content = Content {
            subject: "s".into(),
            html: format!("<p>{marker}</p>"),
            text: marker.into(),
        };
        let seen = content.preview(|_| "A & B".into()).unwrap();
        assert_eq!(
            (seen.html.as_str(), seen.text.as_str()),
            ("<p>A &amp; B</p>", "A & B")
        );
    }
}
