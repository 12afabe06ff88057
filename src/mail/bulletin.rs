//! A bulletin as a message: its introduction and its articles, whole or as teasers.

use askama::Template;

use super::content::{Content, Slot};
use super::frame::Frame;
use super::markup::{self, Blocks, RenderError};
use super::plain_text;
use super::sender::Sender;
use crate::domain::local_time::CalendarDate;

/// A bulletin with all that its message shows. Needs [`Slot::UnsubscribeUrl`] for every recipient.
#[derive(Clone, Debug)]
pub struct BulletinMail<'a> {
    /// The clinic.
    pub sender: &'a Sender,
    /// The subject, which is the heading too.
    pub subject: String,
    /// What inboxes show behind the subject.
    pub preheader: String,
    /// The introduction as sanitised HTML, with whole links.
    pub introduction_html: String,
    /// The introduction as text, wrapped.
    pub introduction_text: String,
    /// The articles in their order.
    pub articles: Vec<BulletinArticle>,
    /// The bulletin's own page.
    pub web_url: Option<String>,
}

/// An article in a bulletin.
#[derive(Clone, Debug)]
pub struct BulletinArticle {
    /// Its kind for readers: "Case study".
    pub kind_label: String,
    /// Its title.
    pub title: String,
    /// Its page.
    pub url: String,
    /// How much of it the bulletin holds.
    pub form: Form,
    /// Its take-home statements.
    pub practice_points: Vec<String>,
    /// Who wrote it, each with their role: "Dr A. Sample, cardiologist".
    pub authors: Vec<String>,
    /// Who reviewed it, with their role, and when.
    pub reviewed: Option<(String, CalendarDate)>,
    /// The authors' and the clinic's conflicts of interest.
    pub conflicts: Option<String>,
    /// What it rests on.
    pub references: Vec<Reference>,
    /// When it was published.
    pub published: Option<CalendarDate>,
    /// When it is to be looked at again.
    pub review_by: Option<CalendarDate>,
}

/// How much of an article a bulletin holds.
#[derive(Clone, Debug)]
pub enum Form {
    /// All of it, with who answers for it and its references.
    Whole {
        /// The body as sanitised HTML, with whole links.
        html: String,
        /// The body as text, wrapped.
        text: String,
    },
    /// A few sentences and the way to the rest; who answers for it stands there.
    Teaser {
        /// The sentences, plain text.
        summary: String,
    },
}

/// A source.
#[derive(Clone, Debug)]
pub struct Reference {
    /// The citation.
    pub text: String,
    /// Its address: a DOI, a PubMed page.
    pub url: Option<String>,
}

/// A line of who answers for an article.
struct Governance<'a> {
    label: &'static str,
    text: std::borrow::Cow<'a, str>,
}

/// An article as the templates see it; `body` is the marker of a kept piece.
struct ArticleView<'a> {
    kind_label: &'a str,
    title: &'a str,
    url: &'a str,
    body: Option<String>,
    summary: &'a str,
    practice_points: &'a [String],
    governance: Vec<Governance<'a>>,
    references: &'a [Reference],
}

impl ArticleView<'_> {
    fn has_governance(&self) -> bool {
        self.body.is_some()
    }

    fn underline(&self) -> String {
        plain_text::underline(self.title, '-')
    }
}

#[derive(Template)]
#[template(path = "mail/bulletin.mjml", escape = "html")]
struct BulletinHtml<'a> {
    frame: &'a Frame<'a>,
    greeting: &'static str,
    introduction: String,
    articles: Vec<ArticleView<'a>>,
    web_url: Option<&'a str>,
    unsubscribe_url: &'static str,
}

#[derive(Template)]
#[template(path = "mail/bulletin.txt", escape = "none")]
struct BulletinText<'a> {
    frame: &'a Frame<'a>,
    greeting: &'static str,
    introduction: String,
    articles: Vec<ArticleView<'a>>,
    web_url: Option<&'a str>,
    unsubscribe_url: &'static str,
}

impl BulletinMail<'_> {
    /// The message.
    ///
    /// # Errors
    /// [`RenderError`], which would be a mistake in the templates.
    pub fn render(&self) -> Result<Content, RenderError> {
        let frame = Frame {
            sender: self.sender,
            title: &self.subject,
            preheader: &self.preheader,
        };
        let dress = |html: &str| markup::dress(html, frame.palette());
        let mut blocks = Blocks::default();
        let html = BulletinHtml {
            frame: &frame,
            greeting: Slot::GreetingName.marker(),
            introduction: blocks.keep(dress(&self.introduction_html)),
            articles: self.views(|html, _| dress(html), &mut blocks),
            web_url: self.web_url.as_deref(),
            unsubscribe_url: Slot::UnsubscribeUrl.marker(),
        };
        let html = markup::to_html(&html.render()?, &blocks)?;

        // Bodies are wrapped already, and their tables and quotations would not outlive a second time.
        let mut blocks = Blocks::default();
        let text = BulletinText {
            frame: &frame,
            greeting: Slot::GreetingName.marker(),
            introduction: match self.introduction_text.trim() {
                // A kept piece of nothing would leave two empty lines.
                "" => String::new(),
                text => blocks.keep(text.to_owned()),
            },
            articles: self.views(|_, text| text.trim().to_owned(), &mut blocks),
            web_url: self.web_url.as_deref(),
            unsubscribe_url: Slot::UnsubscribeUrl.marker(),
        };
        let text = blocks.put_back(&plain_text::wrap(&text.render()?));
        Ok(Content {
            subject: self.subject.clone(),
            html,
            text,
        })
    }

    fn views(
        &self,
        body_of: impl Fn(&str, &str) -> String,
        blocks: &mut Blocks,
    ) -> Vec<ArticleView<'_>> {
        self.articles
            .iter()
            .map(|article| {
                let (body, summary) = match &article.form {
                    Form::Whole { html, text } => (Some(blocks.keep(body_of(html, text))), ""),
                    Form::Teaser { summary } => (None, summary.as_str()),
                };
                let whole = body.is_some();
                ArticleView {
                    kind_label: &article.kind_label,
                    title: &article.title,
                    url: &article.url,
                    body,
                    summary,
                    practice_points: &article.practice_points,
                    governance: if whole {
                        article.governance()
                    } else {
                        Vec::new()
                    },
                    references: if whole { &article.references } else { &[] },
                }
            })
            .collect()
    }
}

impl BulletinArticle {
    fn governance(&self) -> Vec<Governance<'_>> {
        let mut lines = Vec::new();
        if !self.authors.is_empty() {
            let label = if self.authors.len() == 1 {
                "Author"
            } else {
                "Authors"
            };
            lines.push(Governance {
                label,
                text: self.authors.join("; ").into(),
            });
        }
        if let Some((reviewer, on)) = &self.reviewed {
            lines.push(Governance {
                label: "Reviewed by",
                text: format!("{reviewer}, {on}").into(),
            });
        }
        if let Some(conflicts) = &self.conflicts {
            lines.push(Governance {
                label: "Conflicts of interest",
                text: conflicts.as_str().into(),
            });
        }
        if let Some(published) = self.published {
            lines.push(Governance {
                label: "Published",
                text: published.to_string().into(),
            });
        }
        if let Some(review_by) = self.review_by {
            lines.push(Governance {
                label: "Next review due",
                text: review_by.to_string().into(),
            });
        }
        lines
    }
}
