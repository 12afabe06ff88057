//! One's own page: topics, details, a pause, the data, leaving, being erased.

use actix_web::HttpResponse;
use actix_web::http::header::{ContentDisposition, DispositionParam, DispositionType};
use actix_web::web::{Data, Path};
use askama::Template;
use serde::Deserialize;

use crate::app::change_preferences::{self, Preferences};
use crate::app::links::{Link, REGISTER_FOR};
use crate::app::read_symposia::Personal;
use crate::app::{App, AppError};
use crate::domain::local_time::{self, CalendarDate};
use crate::domain::registration::gets_a_place;
use crate::domain::subscriber::{SubscriberId, SubscriberStatus};
use crate::domain::symposium::SymposiumState;
use crate::store::topics::Topic;
use crate::web::forms::{Checked as _, Form, Problems, checked};
use crate::web::page::{Answer, PageContext, show as show_page, show_again};
use crate::web::person::{self, PersonFields};
use crate::web::problem::Problem;
use crate::web::session::see_other_saying;

use super::links;
use super::symposium::event::places_in_words;

/// All forms of the page together, as they were typed.
#[derive(Default, Deserialize)]
#[serde(default)]
pub(in crate::web) struct ManageForm {
    name: String,
    practice: String,
    region: String,
    role: String,
    mcnz_number: String,
    topics: Vec<String>,
    until: String,
    confirm: String,
    #[serde(skip)]
    problems: Problems,
}

checked!(ManageForm, topics);

#[derive(Template)]
#[template(path = "web/manage.html")]
struct ManagePage {
    page: PageContext,
    token: String,
    email: String,
    status_label: &'static str,
    is_active: bool,
    /// Whether they left a moment ago, and can take it back.
    may_undo: bool,
    since: String,
    paused_until: Option<String>,
    earliest_pause: String,
    latest_pause: String,
    topics: Vec<Topic>,
    events: Vec<EventLine>,
    f: ManageForm,
}

/// An event to come, as it concerns this person.
struct EventLine {
    title: String,
    when: String,
    is_cancelled: bool,
    /// Whether they have a place or wait for one.
    is_theirs: bool,
    waiting: Option<i64>,
    /// What is to be known of its places.
    places: String,
    /// Whether who asks now has to wait.
    is_full: bool,
    /// Where they register, or see and cancel their registration.
    path: String,
}

impl EventLine {
    fn of(app: &App, subscriber: SubscriberId, personal: Personal) -> Self {
        let symposium = personal.symposium;
        let expires = app.now().plus(REGISTER_FOR);
        let standing = personal.registration.map(|(_, standing)| standing);
        Self {
            path: match &standing {
                Some(standing) => app.registration_path(standing.registration),
                None => app.register_path(&symposium.slug, subscriber, expires),
            },
            when: local_time::display_span(symposium.starts_at, symposium.ends_at),
            places: places_in_words(personal.places_left, personal.waiting),
            is_full: !gets_a_place(personal.places_left, personal.waiting),
            is_cancelled: symposium.state == SymposiumState::Cancelled,
            is_theirs: standing.is_some(),
            waiting: standing.and_then(|standing| standing.waiting),
            title: symposium.title,
        }
    }
}

impl ManagePage {
    fn of(app: &App, page: PageContext, token: String, preferences: Preferences) -> Self {
        let subscriber = preferences.subscriber;
        let now = app.now();
        let ticked = preferences.topics.iter().filter(|(_, chosen)| *chosen);
        let f = ManageForm {
            name: subscriber.name,
            practice: subscriber.practice.unwrap_or_default(),
            region: subscriber
                .region
                .map_or("", |region| region.as_str())
                .to_owned(),
            role: subscriber.role.map_or("", |role| role.as_str()).to_owned(),
            mcnz_number: subscriber.mcnz_number.unwrap_or_default(),
            topics: ticked.map(|(topic, _)| topic.slug.clone()).collect(),
            ..ManageForm::default()
        };
        let is_active = subscriber.status == SubscriberStatus::Active;
        let events = preferences.symposia.into_iter();
        let events = events
            .filter(|event| is_active || event.registration.is_some())
            .map(|event| EventLine::of(app, subscriber.id, event))
            .collect();
        let tomorrow = now.plus(std::time::Duration::from_secs(86_400));
        Self {
            page,
            token,
            email: subscriber.email,
            status_label: subscriber.status.label(),
            is_active,
            may_undo: preferences.may_undo,
            events,
            since: local_time::display_date(subscriber.created_at),
            paused_until: subscriber
                .paused_until
                .filter(|until| *until > now)
                .map(local_time::display_date),
            earliest_pause: CalendarDate::of(tomorrow).iso(),
            latest_pause: CalendarDate::of(now).plus_months(12).iso(),
            topics: preferences
                .topics
                .into_iter()
                .map(|(topic, _)| topic)
                .collect(),
            f,
        }
    }
}

/// `GET /manage/{token}`.
pub(in crate::web) async fn show(app: Data<App>, page: PageContext, token: Path<String>) -> Answer {
    match change_preferences::look(&app, &token).await? {
        Ok(preferences) => show_page(&ManagePage::of(&app, page, token.into_inner(), preferences)),
        Err(link) => links::bad(page, link, true),
    }
}

/// Shows the page again with what is to be mended, the typed form put in by `keep`.
async fn again(
    app: &App,
    page: PageContext,
    token: String,
    keep: impl FnOnce(&mut ManageForm),
) -> Answer {
    match change_preferences::look(app, &token).await? {
        Ok(preferences) => {
            let mut page = ManagePage::of(app, page, token, preferences);
            keep(&mut page.f);
            show_again(&page)
        }
        Err(link) => links::bad(page, link, true),
    }
}

fn done(app: &App, page: PageContext, token: &str, link: Link<()>, sentence: &str) -> Answer {
    match link {
        Ok(()) => Ok(see_other_saying(app, &format!("/manage/{token}"), sentence)),
        Err(link) => links::bad(page, link, true),
    }
}

/// `POST /manage/{token}/topics`. Without any topic there is nothing to send: whether to leave is asked.
pub(in crate::web) async fn topics(
    app: Data<App>,
    page: PageContext,
    token: Path<String>,
    Form(form): Form<ManageForm>,
) -> Answer {
    match change_preferences::set_topics(&app, &token, form.topics).await {
        Ok(link) => done(&app, page, &token, link, "Your topics are saved."),
        Err(AppError::Invalid(found)) => {
            again(&app, page, token.into_inner(), |shown| {
                shown.topics.clear();
                shown.problems.extend(found);
            })
            .await
        }
        Err(error) => Err(error.into()),
    }
}

/// `POST /manage/{token}/details`.
pub(in crate::web) async fn details(
    app: Data<App>,
    page: PageContext,
    token: Path<String>,
    Form(form): Form<ManageForm>,
) -> Answer {
    let mut problems = Problems::default();
    let fields = PersonFields {
        name: &form.name,
        practice: &form.practice,
        region: &form.region,
        role: &form.role,
        mcnz_number: &form.mcnz_number,
    };
    match person::check(&fields, &mut problems) {
        Some(details) if problems.is_empty() => {
            let link = change_preferences::set_details(&app, &token, details).await?;
            done(&app, page, &token, link, "Your details are saved.")
        }
        _ => {
            again(&app, page, token.into_inner(), |shown| {
                let topics = std::mem::take(&mut shown.topics);
                *shown = ManageForm {
                    topics,
                    problems,
                    ..form
                };
            })
            .await
        }
    }
}

/// `POST /manage/{token}/pause`: nothing is sent before the day that is given has begun.
pub(in crate::web) async fn pause(
    app: Data<App>,
    page: PageContext,
    token: Path<String>,
    Form(form): Form<ManageForm>,
) -> Answer {
    let mut problems = Problems::default();
    let day = local_time::parse_date(&form.until)
        .and_then(|day| local_time::parse_local(&format!("{}T00:00", day.iso())));
    if let Some(until) = problems.take("until", day) {
        match change_preferences::pause(&app, &token, Some(until)).await {
            Ok(link) => {
                let sentence = format!(
                    "Bulletins are paused until {}.",
                    local_time::display_date(until)
                );
                return done(&app, page, &token, link, &sentence);
            }
            Err(AppError::Invalid(found)) => {
                found
                    .into_iter()
                    .for_each(|(_, sentence)| problems.add("until", sentence));
            }
            Err(error) => return Err(error.into()),
        }
    }
    again(&app, page, token.into_inner(), |shown| {
        shown.until = form.until;
        shown.problems = problems;
    })
    .await
}

/// `POST /manage/{token}/resume`.
pub(in crate::web) async fn resume(
    app: Data<App>,
    page: PageContext,
    token: Path<String>,
) -> Answer {
    let link = change_preferences::pause(&app, &token, None).await?;
    done(&app, page, &token, link, "Bulletins come again.")
}

/// `POST /manage/{token}/leave`.
pub(in crate::web) async fn leave(
    app: Data<App>,
    page: PageContext,
    token: Path<String>,
) -> Answer {
    let link = change_preferences::leave_by_link(&app, &token).await?;
    done(
        &app,
        page,
        &token,
        link,
        "You are unsubscribed. Nothing more is sent to you.",
    )
}

/// `POST /manage/{token}/undo`: takes the leaving of a moment ago back.
pub(in crate::web) async fn undo(app: Data<App>, page: PageContext, token: Path<String>) -> Answer {
    match change_preferences::undo_leaving(&app, &token).await? {
        Ok(is_back) => {
            let sentence = if is_back {
                "All is as it was: bulletins come again."
            } else {
                "This can no longer be undone. To get bulletins, sign up again."
            };
            done(&app, page, &token, Ok(()), sentence)
        }
        Err(link) => links::bad(page, link, true),
    }
}

#[derive(Template)]
#[template(path = "web/erased.html")]
struct Erased {
    page: PageContext,
}

/// `POST /manage/{token}/erase`, with the box ticked.
pub(in crate::web) async fn erase(
    app: Data<App>,
    page: PageContext,
    token: Path<String>,
    Form(form): Form<ManageForm>,
) -> Answer {
    if form.confirm != "yes" {
        return again(&app, page, token.into_inner(), |shown| {
            shown.problems.add(
                "confirm",
                "Please tick the box if you want your details erased.",
            );
        })
        .await;
    }
    match change_preferences::erase_me(&app, &token).await? {
        Ok(()) => show_page(&Erased { page }),
        Err(link) => links::bad(page, link, true),
    }
}

/// `GET /manage/{token}/data.json` (Privacy Act 2020, IPP 6).
pub(in crate::web) async fn download(
    app: Data<App>,
    page: PageContext,
    token: Path<String>,
) -> Answer {
    match change_preferences::download(&app, &token).await? {
        Ok(data) => {
            let json = serde_json::to_string_pretty(&data).map_err(Problem::internal)?;
            Ok(HttpResponse::Ok()
                .content_type("application/json")
                .insert_header(attachment("practice-points-my-data.json"))
                .body(json))
        }
        Err(link) => links::bad(page, link, true),
    }
}

/// Tells the browser to keep an answer as a file.
pub(in crate::web) fn attachment(name: &str) -> ContentDisposition {
    ContentDisposition {
        disposition: DispositionType::Attachment,
        parameters: vec![DispositionParam::Filename(name.to_owned())],
    }
}
