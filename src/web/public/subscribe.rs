//! Signing up.

use actix_web::HttpRequest;
use actix_web::web::{Data, Query};
use askama::Template;
use serde::Deserialize;
use validator::Validate;

use crate::app::site_settings::Wording;
use crate::app::subscribe::{self, SignUp};
use crate::app::{App, AppError, keep_topics, links, read_symposia};
use crate::domain::email_address::EmailAddress;
use crate::domain::local_time;
use crate::domain::symposium::SymposiumId;
use crate::store::topics::Topic;
use crate::web::client_address::client_network;
use crate::web::even_time::evenly;
use crate::web::forms::{Checked as _, Form, Problems, checked};
use crate::web::limits::{Limits, MailWish};
use crate::web::page::{Answer, PageContext, show as show_page, show_again};
use crate::web::person::{self, PersonFields};
use crate::web::problem::Problem;
use crate::web::session::see_other;

use super::symposium::event::places_in_words;

/// The sign-up form, as it was typed.
#[derive(Debug, Default, Deserialize, Validate)]
#[serde(default)]
pub(in crate::web) struct SubscribeForm {
    pub(super) email: String,
    pub(super) name: String,
    pub(super) practice: String,
    pub(super) region: String,
    pub(super) role: String,
    pub(super) mcnz_number: String,
    #[validate(length(min = 1, message = "Please choose at least one topic."))]
    topics: Vec<String>,
    #[validate(custom(function = "is_yes"))]
    pub(super) consent: String,
    /// The version of the wording that stood beside it.
    pub(super) wording: String,
    /// The slug of the event to which they want to come.
    pub(super) symposium: String,
    /// A field that people do not see and programs fill in.
    website: String,
    #[serde(skip)]
    problems: Problems,
}

checked!(SubscribeForm, topics);

fn is_yes(consent: &str) -> Result<(), validator::ValidationError> {
    if consent == "yes" {
        return Ok(());
    }
    let message = "Please tick the box: without your consent we may not write to you.";
    Err(validator::ValidationError::new("consent").with_message(message.into()))
}

/// Its fields, in the order of the page.
const FIELDS: [&str; 9] = [
    "symposium",
    "email",
    "name",
    "practice",
    "region",
    "role",
    "mcnz_number",
    "topics",
    "consent",
];

impl SubscribeForm {
    /// What it says, if nothing is wrong with it.
    fn check(&mut self, known: &[Topic], wish: &Wish) -> Option<SignUp> {
        let mut problems = Problems::of(self.validate());
        let email = problems.take("email", EmailAddress::parse(&self.email));
        let details = person::check(
            &PersonFields {
                name: &self.name,
                practice: &self.practice,
                region: &self.region,
                role: &self.role,
                mcnz_number: &self.mcnz_number,
            },
            &mut problems,
        );
        let topics = person::check_topics(&self.topics, known, &mut problems);
        let symposium = problems.take("symposium", wish.symposium());
        self.problems = problems.in_order(&FIELDS);
        if !self.problems.is_empty() {
            return None;
        }
        Some(SignUp {
            email: email?,
            details: details?,
            topics,
            symposium: symposium?,
            wording: self.wording.clone(),
        })
    }
}

/// The event to which somebody who signs up wants to come, as its address was given.
#[derive(Default)]
pub(in crate::web) enum Wish {
    /// None.
    #[default]
    None,
    /// This one, for which places can be asked.
    Open(Box<EventWish>),
    /// One for which they cannot, and why.
    Closed(String),
}

/// An event, as the form names it.
pub(in crate::web) struct EventWish {
    id: SymposiumId,
    pub(in crate::web) slug: String,
    pub(in crate::web) title: String,
    pub(in crate::web) when: String,
    pub(in crate::web) places: String,
}

impl Wish {
    async fn find(app: &App, slug: &str) -> Result<Self, Problem> {
        if slug.is_empty() {
            return Ok(Self::None);
        }
        let shown = match read_symposia::show(app, slug.to_owned()).await {
            Ok(shown) => shown,
            Err(AppError::NotFound) => {
                return Ok(Self::Closed("There is no such event.".to_owned()));
            }
            Err(error) => return Err(error.into()),
        };
        let symposium = shown.symposium;
        Ok(match symposium.doors().open(app.now()) {
            Err(why) => Self::Closed(why.to_string()),
            Ok(()) => Self::Open(Box::new(EventWish {
                id: symposium.id,
                when: local_time::display_span(symposium.starts_at, symposium.ends_at),
                places: places_in_words(shown.places_left, shown.waiting),
                slug: symposium.slug,
                title: symposium.title,
            })),
        })
    }

    fn symposium(&self) -> Result<Option<SymposiumId>, String> {
        match self {
            Self::None => Ok(None),
            Self::Open(event) => Ok(Some(event.id)),
            Self::Closed(why) => Err(format!(
                "{why} You can sign up for the newsletter without it."
            )),
        }
    }

    /// For the form.
    pub(in crate::web) fn event(&self) -> Option<&EventWish> {
        match self {
            Self::Open(event) => Some(event),
            _ => None,
        }
    }
}

#[derive(Template)]
#[template(path = "web/subscribe.html")]
struct SubscribePage {
    page: PageContext,
    f: SubscribeForm,
    topics: Vec<Topic>,
    wish: Wish,
    wording: Wording,
}

/// What the form is opened with.
#[derive(Default, Deserialize)]
#[serde(default)]
pub(in crate::web) struct AskQuery {
    /// The slug of an event.
    symposium: String,
}

/// `GET /subscribe?symposium=`: the form on a page of its own.
pub(in crate::web) async fn ask(
    app: Data<App>,
    page: PageContext,
    query: Query<AskQuery>,
) -> Answer {
    let topics = keep_topics::offered(&app).await?;
    let wish = Wish::find(&app, &query.symposium).await?;
    // No topic is ticked beforehand: consent is to what a person chooses.
    let f = SubscribeForm {
        symposium: query.into_inner().symposium,
        ..SubscribeForm::default()
    };
    show_page(&SubscribePage {
        page,
        f,
        topics,
        wish,
        wording: app.site().wording.clone(),
    })
}

/// `POST /subscribe`. The answer is the same whether the address is known or not, whether it has been
/// asked for too often, and whether a program filled in the form.
pub(in crate::web) async fn take(
    app: Data<App>,
    limits: Data<Limits>,
    request: HttpRequest,
    page: PageContext,
    Form(mut form): Form<SubscribeForm>,
) -> Answer {
    let topics = keep_topics::offered(&app).await?;
    let wish = Wish::find(&app, &form.symposium).await?;
    let Some(sign_up) = form.check(&topics, &wish) else {
        return show_again(&SubscribePage {
            page,
            f: form,
            topics,
            wish,
            wording: app.site().wording.clone(),
        });
    };
    let sent = match wish.event() {
        Some(event) => format!("/subscribe/sent?symposium={}", event.slug),
        None => "/subscribe/sent".to_owned(),
    };
    let network = client_network(&request, &app.settings.trusted_proxies);
    let wish = limits.mail(network, &sign_up.email)?;
    if wish == MailWish::Granted && form.website.is_empty() {
        evenly(subscribe::subscribe(&app, sign_up)).await?;
    }
    Ok(see_other(&sent))
}

#[derive(Template)]
#[template(path = "web/check_inbox.html")]
struct CheckInbox {
    page: PageContext,
    valid_days: u64,
    event: Option<String>,
}

/// `GET /subscribe/sent?symposium=`: look in the inbox.
pub(in crate::web) async fn sent(
    app: Data<App>,
    page: PageContext,
    query: Query<AskQuery>,
) -> Answer {
    let wish = Wish::find(&app, &query.symposium).await?;
    show_page(&CheckInbox {
        page,
        event: wish.event().map(|event| event.title.clone()),
        valid_days: links::CONFIRM_FOR.as_secs() / 86_400,
    })
}
