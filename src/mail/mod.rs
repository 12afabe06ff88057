//! Mail: what a message looks like, how it travels, and what the server's answer means.
//!
//! A message takes four steps, each in its own module:
//! - [`bulletin`] and [`notice`] render a [`content::Content`] (subject, HTML, text) from MJML and text templates,
//!   with [`content::Slot`]s where a personal piece goes;
//! - [`message`] compiles it once into MIME, and splices the pieces in for each recipient;
//! - [`smtp`] hands the result to a mail server, stage by stage, or [`mailbox`] keeps it in a folder in its place;
//! - [`outcome`] says what the reply means for the delivery and for the address.
//!
//! Nothing here knows the database or decides when to send: that is the worker's.

//bulletin
pub mod content;
mod encoding;
mod header;
pub mod mailbox;
//markup
pub mod message;
//notice
pub mod outcome;
//plain_text
pub mod sender;
pub mod smtp;
pub mod bulletin {
    use super::{content::Content, sender::Sender};
    use crate::{clock::Timestamp, domain::local_time::CalendarDate};
    pub enum Form {
        Whole,
        Teaser,
    }
    pub struct BulletinArticle {
        pub kind_label: String,
        pub title: String,
        pub url: String,
        pub summary: String,
        pub body_html: String,
        pub body_text: String,
        pub practice_points: Vec<String>,
        pub authors: Vec<String>,
        pub reviewer: Option<(String, Timestamp)>,
        pub conflicts: String,
        pub references: Vec<String>,
        pub published_at: Timestamp,
        pub review_by: Option<CalendarDate>,
        pub form: Form,
    }
    pub struct BulletinMail<'a> {
        pub sender: &'a Sender,
        pub subject: String,
        pub preheader: String,
        pub introduction_html: String,
        pub introduction_text: String,
        pub web_url: String,
        pub articles: Vec<BulletinArticle>,
    }
    impl BulletinMail<'_> {
        pub fn render(&self) -> Result<Content, super::markup::RenderError> {
            Ok(Content {
                subject: self.subject.clone(),
                html: String::new(),
                text: String::new(),
            })
        }
    }
}
pub mod markup {
    #[derive(Debug, thiserror::Error)]
    #[error("x")]
    pub struct RenderError;
}
pub mod notice {
    use super::{content::Content, markup::RenderError, sender::Sender};
    use crate::clock::Timestamp;
    macro_rules! n{($n:ident {$($f:ident:$t:ty),*})=>{pub struct $n<'a>{pub sender:&'a Sender,$(pub $f:$t),*} impl $n<'_>{pub fn render(&self)->Result<Content,RenderError>{Ok(Content{subject:"x".into(),html:String::new(),text:String::new()})}}}}
    n!(Confirmation{topics:Vec<String>,expires_at:Timestamp});
    n!(Welcome{topics:Vec<String>});
    n!(AlreadySubscribed {});
    n!(AskTheClinic {});
    n!(ManageLink {
        expires_at: Timestamp
    });
    n!(ImportNotice{source:String,topics:Vec<String>});
}
