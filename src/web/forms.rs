//! Forms: how their bodies are read, and how what is wrong with them is kept beside what was typed.

use std::borrow::Cow;
use std::time::Duration;

use actix_web::dev::Payload;
use actix_web::http::header::CONTENT_TYPE;
use actix_web::web::BytesMut;
use actix_web::{FromRequest, HttpRequest};
use futures_util::StreamExt;
use futures_util::future::LocalBoxFuture;
use percent_encoding::percent_decode;
use serde::de::DeserializeOwned;
use validator::ValidationErrors;

use super::problem::Problem;

/// The largest body of a usual form, in bytes.
pub const FORM_BYTES: usize = 64 << 10;

/// The largest body of a form with an article or a bulletin in it, in bytes.
pub const TEXT_BYTES: usize = 512 << 10;

/// A body arrives within this time, or not at all.
const BODY_WITHIN: Duration = Duration::from_secs(30);

/// So much of a body that is too large is read and thrown away, so that the answer reaches a browser
/// that is still sending.
const DRAIN_BYTES: usize = 8 << 20;

/// A form in `application/x-www-form-urlencoded`, of at most `LIMIT` bytes. Fields may be repeated;
/// unknown ones are left out.
pub struct Form<T, const LIMIT: usize = FORM_BYTES>(pub T);

impl<T: DeserializeOwned + 'static, const LIMIT: usize> FromRequest for Form<T, LIMIT> {
    type Error = Problem;
    type Future = LocalBoxFuture<'static, Result<Self, Problem>>;

    fn from_request(request: &HttpRequest, payload: &mut Payload) -> Self::Future {
        const WANTED: &str = "application/x-www-form-urlencoded";
        let is_form = request
            .headers()
            .get(CONTENT_TYPE)
            .and_then(|value| value.to_str().ok())
            .and_then(|value| value.split(';').next())
            .is_some_and(|value| value.trim().eq_ignore_ascii_case(WANTED));
        let payload = payload.take();
        Box::pin(async move {
            if !is_form {
                return Err(Problem::not_a_form(WANTED));
            }
            let body = read_body(payload, LIMIT).await?;
            parse(&body).map(Self)
        })
    }
}

/// Reads a body of at most `limit` bytes.
pub(super) async fn read_body(mut payload: Payload, limit: usize) -> Result<BytesMut, Problem> {
    let read = async {
        let mut body = BytesMut::new();
        let mut seen = 0_usize;
        while let Some(piece) = payload.next().await {
            let piece = piece.map_err(|_| Problem::malformed())?;
            seen = seen.saturating_add(piece.len());
            if seen <= limit {
                body.extend_from_slice(&piece);
            } else if seen > limit.saturating_add(DRAIN_BYTES) {
                break;
            }
        }
        if seen > limit {
            Err(Problem::too_large(limit))
        } else {
            Ok(body)
        }
    };
    tokio::time::timeout(BODY_WITHIN, read)
        .await
        .unwrap_or_else(|_| Err(Problem::too_slow()))
}

fn parse<T: DeserializeOwned>(body: &[u8]) -> Result<T, Problem> {
    // The decoder replaces what is no UTF-8; a name must not be stored with replacement characters.
    if percent_decode(body).decode_utf8().is_err() {
        return Err(Problem::malformed());
    }
    serde_html_form::from_bytes(body).map_err(|_| Problem::malformed())
}

/// The beginning of whatever body came, of at most [`FORM_BYTES`]: never an error.
pub(super) async fn read_leniently(mut payload: Payload) -> BytesMut {
    let mut body = BytesMut::new();
    let read = async {
        let mut seen = 0_usize;
        while let Some(Ok(piece)) = payload.next().await {
            seen = seen.saturating_add(piece.len());
            if body.len() < FORM_BYTES {
                let room = FORM_BYTES - body.len();
                body.extend_from_slice(&piece[..piece.len().min(room)]);
            } else if seen > DRAIN_BYTES {
                break;
            }
        }
    };
    let _ = tokio::time::timeout(BODY_WITHIN, read).await;
    body
}

/// What is wrong with a form: for each field, at most one sentence.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Problems(Vec<(&'static str, String)>);

impl Problems {
    /// What the rules of the raw form found.
    pub fn of(checked: Result<(), ValidationErrors>) -> Self {
        let mut problems = Self::default();
        let errors = checked.err().unwrap_or_default();
        for (field, found) in errors.field_errors() {
            let Cow::Borrowed(field) = field else {
                continue;
            };
            let message = found.first().and_then(|error| error.message.as_deref());
            problems.add(field, message.unwrap_or("Please check this."));
        }
        problems
    }

    /// Adds a sentence, unless the field has one.
    pub fn add(&mut self, field: &'static str, sentence: impl ToString) {
        if self.first(field).is_empty() {
            self.0.push((field, sentence.to_string()));
        }
    }

    /// Adds what a use case said.
    pub fn extend(&mut self, found: Vec<(&'static str, String)>) {
        for (field, sentence) in found {
            self.add(field, sentence);
        }
    }

    /// The value, or its problem noted.
    pub fn take<T, E: ToString>(&mut self, field: &'static str, read: Result<T, E>) -> Option<T> {
        read.map_err(|error| self.add(field, error)).ok()
    }

    /// The sentence of a field; empty if there is none.
    pub fn first(&self, field: &str) -> &str {
        self.0
            .iter()
            .find(|(name, _)| *name == field)
            .map_or("", |(_, sentence)| sentence)
    }

    /// All, in the order of [`Problems::in_order`].
    pub fn all(&self) -> &[(&'static str, String)] {
        &self.0
    }

    /// Whether there is none.
    pub fn is_empty(&self) -> bool {
        self.0.is_empty()
    }

    /// Brings them into the order in which the form has its fields.
    pub fn in_order(mut self, fields: &[&str]) -> Self {
        self.0
            .sort_by_key(|(name, _)| fields.iter().position(|field| field == name));
        self
    }
}

/// What the templates ask of a form.
pub trait Checked {
    /// What is wrong with it.
    fn problems(&self) -> &Problems;

    /// The sentence of a field; empty if there is none.
    fn error(&self, field: &str) -> &str {
        self.problems().first(field)
    }

    /// All sentences with their fields.
    fn errors(&self) -> &[(&'static str, String)] {
        self.problems().all()
    }

    /// Whether there is any.
    fn has_errors(&self) -> bool {
        !self.problems().is_empty()
    }
}

/// Implements [`Checked`] for forms with a field `problems`, and `has_topic` for those with `topics`.
macro_rules! checked {
    ($form:ty) => {
        impl $crate::web::forms::Checked for $form {
            fn problems(&self) -> &$crate::web::forms::Problems {
                &self.problems
            }
        }
    };
    ($form:ty, topics) => {
        $crate::web::forms::checked!($form);

        impl $form {
            /// Whether a topic is ticked.
            pub(in $crate::web) fn has_topic(&self, slug: &str) -> bool {
                self.topics.iter().any(|topic| topic == slug)
            }
        }
    };
}
pub(super) use checked;

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used)]

    use serde::Deserialize;

    use super::*;

    #[derive(Deserialize, Debug, PartialEq)]
    struct Choice {
        #[serde(default)]
        name: String,
        #[serde(default)]
        topics: Vec<String>,
    }

    #[test]
    fn fields_may_be_repeated_missing_or_unknown() {
        let form: Choice =
            parse(b"topics=news&name=H%C4%93mi+Ng%C4%81ta&topics=symposium&x=1").unwrap();
        assert_eq!(form.name, "Hēmi Ngāta");
        assert_eq!(form.topics, ["news", "symposium"]);
        let empty: Choice = parse(b"").unwrap();
        assert_eq!(
            empty,
            Choice {
                name: String::new(),
                topics: Vec::new()
            }
        );
    }

    #[test]
    fn a_line_break_in_a_field_reaches_whoever_judges_it() {
        let form: Choice = parse(b"name=Aroha%0D%0ABcc:+x%0A").unwrap();
        assert_eq!(form.name, "Aroha\r\nBcc: x\n");
    }

    #[test]
    fn what_is_no_text_and_a_field_that_cannot_be_twice_are_refused() {
        assert!(parse::<Choice>(b"name=%FF%FE").is_err());
        assert!(parse::<Choice>(b"name=a&name=b").is_err());
    }

    #[test]
    fn a_field_has_one_sentence_and_they_stand_in_the_order_of_the_form() {
        let mut problems = Problems::default();
        problems.add("name", "second");
        problems.add("email", "first");
        problems.add("email", "too late");
        let problems = problems.in_order(&["email", "name"]);
        assert_eq!(
            problems.all(),
            [("email", "first".to_owned()), ("name", "second".to_owned())]
        );
        assert_eq!(problems.first("topics"), "");
    }
}
