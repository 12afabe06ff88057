//! Messages about a symposium: the link with which to register, and what becomes of a registration.

use askama::Template;

use super::GREETING;
use crate::mail::content::Content;
use crate::mail::frame::Frame;
use crate::mail::markup::{self, Blocks, RenderError};
use crate::mail::plain_text;
use crate::mail::sender::Sender;

/// An event, as messages tell of it.
#[derive(Clone, Debug)]
pub struct Event {
    /// Title.
    pub title: String,
    /// From when to when, with the zone.
    pub when: String,
    /// Where; empty if it is not known.
    pub place: String,
    /// Its page.
    pub url: String,
}

/// Brings the short-lived link with which to register.
#[derive(Clone, Copy, Debug)]
pub struct RegisterLink<'a> {
    /// The clinic.
    pub sender: &'a Sender,
    /// For what.
    pub event: &'a Event,
    /// The link.
    pub register_url: &'a str,
    /// How long it works, in words: "2 hours".
    pub valid: &'a str,
}

/// What happened to a registration.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum News {
    /// They have a place.
    Registered,
    /// They are on the waiting list, as number so and so.
    Waiting(i64),
    /// They waited, and have a place now.
    MovedUp,
    /// The event has another time or place.
    Changed {
        /// Whether they wait for a place.
        waiting: bool,
    },
    /// The event does not take place.
    Cancelled,
    /// The event is near.
    Reminder,
    /// They cancelled.
    GivenUp {
        /// Whether they had a place; otherwise they waited for one.
        had_a_place: bool,
    },
    /// Staff cancelled for them.
    CancelledByTheClinic {
        /// Whether they had a place; otherwise they waited for one.
        had_a_place: bool,
    },
}

impl News {
    /// Whether they come to nothing any more: the message takes the event out of a calendar, and leads to no registration.
    fn is_the_end(self) -> bool {
        matches!(
            self,
            Self::Cancelled | Self::GivenUp { .. } | Self::CancelledByTheClinic { .. }
        )
    }
}

/// Tells somebody what happened to their registration.
#[derive(Clone, Copy, Debug)]
pub struct RegistrationNews<'a> {
    /// The clinic.
    pub sender: &'a Sender,
    /// For what they are registered.
    pub event: &'a Event,
    /// What happened.
    pub news: News,
    /// The page of their registration.
    pub registration_url: &'a str,
    /// Whether that page asks what they need.
    pub asks_needs: bool,
    /// Whether a calendar file comes with the message.
    pub has_calendar: bool,
}

notice_templates!(
    RegisterLinkHtml from "mail/symposium_link.mjml", RegisterLinkText from "mail/symposium_link.txt",
    { event: &'a Event, register_url: &'a str, valid: &'a str }
);
notice_templates!(
    NewsHtml from "mail/symposium.mjml", NewsText from "mail/symposium.txt",
    { event: &'a Event, lead: &'a str, after: &'a [String], registration_url: Option<&'a str>, button: &'a str }
);

impl RegisterLink<'_> {
    /// The message.
    ///
    /// # Errors
    /// [`RenderError`], which would be a mistake in the templates.
    pub fn render(&self) -> Result<Content, RenderError> {
        let frame = Frame {
            sender: self.sender,
            title: "The link to register",
            preheader: &format!("For {}. It works for {}.", self.event.title, self.valid),
        };
        RegisterLinkHtml {
            frame: &frame,
            greeting: GREETING,
            event: self.event,
            register_url: self.register_url,
            valid: self.valid,
        }
        .content(format!("Register for {}", self.event.title))
    }
}

const CANCELLED: &str = "Your registration is cancelled";

/// What a message says around the facts of the event.
struct Words {
    title: &'static str,
    subject: &'static str,
    lead: String,
    after: Vec<String>,
}

impl RegistrationNews<'_> {
    /// The message.
    ///
    /// # Errors
    /// [`RenderError`], which would be a mistake in the templates.
    pub fn render(&self) -> Result<Content, RenderError> {
        let words = self.words();
        let frame = Frame {
            sender: self.sender,
            title: words.title,
            preheader: &format!("{}, {}", self.event.title, self.event.when),
        };
        NewsHtml {
            frame: &frame,
            greeting: GREETING,
            event: self.event,
            lead: &words.lead,
            after: &words.after,
            registration_url: (!self.news.is_the_end()).then_some(self.registration_url),
            button: "See, change or cancel my registration",
        }
        .content(format!("{}: {}", words.subject, self.event.title))
    }

    fn words(&self) -> Words {
        let title = &self.event.title;
        let calendar =
            "The event is attached as a calendar file. When something changes, we send a new one.";
        let needs = "On that page you can also tell us what you do not eat, and what helps you to take part.";
        let cannot_come =
            "If you cannot come after all, please cancel: your place then goes to the next person.";
        let mut after = Vec::new();
        let has_a_place = !self.news.is_the_end()
            && !matches!(
                self.news,
                News::Waiting(_) | News::Changed { waiting: true }
            );
        // Right below the link to the page that asks.
        if self.asks_needs && has_a_place {
            after.push(needs);
        }
        let (heading, subject, lead) = match self.news {
            News::Registered => {
                after.push(cannot_come);
                (
                    "You have a place",
                    "You have a place",
                    format!("Thank you for registering. You have a place at “{title}”."),
                )
            }
            News::Waiting(number) => {
                after.push("When a place becomes free, it goes to the first on the list by itself, and we write at once. You need not do anything; and if you do not want to wait, please cancel.");
                (
                    "You are on the waiting list",
                    "On the waiting list",
                    format!(
                        "Thank you for your interest. All places at “{title}” are taken; you are number {number} on the waiting list."
                    ),
                )
            }
            News::MovedUp => {
                after.push(cannot_come);
                (
                    "A place is yours now",
                    "A place is yours now",
                    format!(
                        "Good news: a place at “{title}” has become free, and it is yours. You are off the waiting list."
                    ),
                )
            }
            News::Changed { waiting } => {
                after.push(if waiting {
                    "Your place on the waiting list stays as it is. If the new time or place does not suit you, please cancel."
                } else {
                    "You keep your place. If the new time or place does not suit you, please cancel: your place then goes to the next person."
                });
                (
                    "The time or place has changed",
                    "Changed",
                    format!("“{title}” has another time or place. From now on this holds:"),
                )
            }
            News::Cancelled => {
                after.push("Your registration has ended with it, and you need not do anything. We are sorry, and hope to see you another time.");
                (
                    "The event is cancelled",
                    "Cancelled",
                    format!("We are sorry to tell you that “{title}” does not take place."),
                )
            }
            News::Reminder => {
                after.push(cannot_come);
                (
                    "See you soon",
                    "Reminder",
                    format!("A reminder that you have a place at “{title}”."),
                )
            }
            News::GivenUp { had_a_place } => {
                after.push("If you would like to come after all, register again on the page of the event. When all places are taken, that means the end of the waiting list.");
                let what = if had_a_place {
                    "Your place is given up"
                } else {
                    "You are off the waiting list"
                };
                (
                    CANCELLED,
                    CANCELLED,
                    format!("Your registration for “{title}” is cancelled, as you asked. {what}."),
                )
            }
            News::CancelledByTheClinic { had_a_place } => {
                after.push("If you did not ask for this, or would like to come after all, please get in touch with us: you need only reply to this message.");
                let what = if had_a_place {
                    "You no longer have a place"
                } else {
                    "You are off the waiting list"
                };
                (
                    CANCELLED,
                    CANCELLED,
                    format!("The clinic has cancelled your registration for “{title}”. {what}."),
                )
            }
        };
        if self.has_calendar {
            after.push(if self.news.is_the_end() {
                "The attached calendar file takes the event out of your calendar."
            } else {
                calendar
            });
        }
        Words {
            title: heading,
            subject,
            lead,
            after: after.into_iter().map(str::to_owned).collect(),
        }
    }
}
