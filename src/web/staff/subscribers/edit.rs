//! Adds a subscriber, and corrects one.

use actix_web::web::{Data, Path};
use askama::Template;
use serde::Deserialize;

use crate::app::{App, AppError, keep_subscribers, keep_topics};
use crate::domain::email_address::{self, EmailAddress};
use crate::domain::subscriber::{SubscriberId, SubscriberStatus};
use crate::store::subscribers::Details;
use crate::store::topics::Topic;
use crate::web::forms::{Checked as _, Form, Problems, checked};
use crate::web::page::{Answer, PageContext, show as show_page, show_again};
use crate::web::person::{self, PersonFields};
use crate::web::session::{Staff, see_other_saying};

/// The form, as it was typed.
#[derive(Default, Deserialize)]
#[serde(default)]
pub(in crate::web) struct EditForm {
    email: String,
    name: String,
    practice: String,
    region: String,
    role: String,
    mcnz_number: String,
    topics: Vec<String>,
    consent_basis: String,
    consent_note: String,
    #[serde(skip)]
    problems: Problems,
}

checked!(EditForm, topics);

const FIELDS: [&str; 9] = [
    "email",
    "name",
    "practice",
    "region",
    "role",
    "mcnz_number",
    "topics",
    "consent_basis",
    "consent_note",
];

#[derive(Template)]
#[template(path = "web/staff/subscribers/edit.html")]
struct EditPage {
    page: PageContext,
    id: Option<i64>,
    topics: Vec<Topic>,
    f: EditForm,
}

impl EditForm {
    fn person(
        &self,
        known: &[Topic],
        problems: &mut Problems,
    ) -> (Option<EmailAddress>, Option<Details>, Vec<String>) {
        let email = problems.take("email", EmailAddress::parse(&self.email));
        let fields = PersonFields {
            name: &self.name,
            practice: &self.practice,
            region: &self.region,
            role: &self.role,
            mcnz_number: &self.mcnz_number,
        };
        let details = person::check(&fields, problems);
        let topics = person::check_topics(&self.topics, known, problems);
        if topics.is_empty() {
            problems.add("topics", "Please choose at least one topic.");
        }
        (email, details, topics)
    }
}

/// `GET /staff/subscribers/new`.
pub(in crate::web) async fn new(app: Data<App>, page: PageContext) -> Answer {
    let topics = keep_topics::offered(&app).await?;
    show_page(&EditPage {
        page,
        id: None,
        topics,
        f: EditForm::default(),
    })
}

/// `POST /staff/subscribers`: adds a person whose consent the clinic has otherwise.
pub(in crate::web) async fn add(
    app: Data<App>,
    page: PageContext,
    staff: Staff,
    Form(mut form): Form<EditForm>,
) -> Answer {
    let known = keep_topics::offered(&app).await?;
    let mut problems = Problems::default();
    let (email, details, topics) = form.person(&known, &mut problems);
    let ground = person::check_ground(&form.consent_basis, &form.consent_note, &mut problems);
    if let (Some(email), Some(details), Some(ground), true) =
        (email, details, ground, problems.is_empty())
    {
        match keep_subscribers::add(&app, staff.0.id, email, details, topics, ground).await {
            Ok(id) => {
                let address = format!("/staff/subscribers/{id}");
                return Ok(see_other_saying(&app, &address, "Added to the list."));
            }
            Err(AppError::Invalid(found)) => problems.extend(found),
            Err(error) => return Err(error.into()),
        }
    }
    form.problems = problems.in_order(&FIELDS);
    show_again(&EditPage {
        page,
        id: None,
        topics: known,
        f: form,
    })
}

/// `GET /staff/subscribers/{id}/edit`.
pub(in crate::web) async fn edit(app: Data<App>, page: PageContext, id: Path<i64>) -> Answer {
    let record = keep_subscribers::show(&app, SubscriberId(*id)).await?;
    let subscriber = record.subscriber;
    if subscriber.status == SubscriberStatus::Erased {
        return Err(AppError::NotFound.into());
    }
    let topics = keep_topics::choosable(&app, &record.topics).await?;
    let f = EditForm {
        email: email_address::for_people(&subscriber.email),
        name: subscriber.name,
        practice: subscriber.practice.unwrap_or_default(),
        region: subscriber
            .region
            .map_or("", |region| region.as_str())
            .to_owned(),
        role: subscriber.role.map_or("", |role| role.as_str()).to_owned(),
        mcnz_number: subscriber.mcnz_number.unwrap_or_default(),
        topics: record.topics.into_iter().map(|topic| topic.slug).collect(),
        ..EditForm::default()
    };
    show_page(&EditPage {
        page,
        id: Some(*id),
        topics,
        f,
    })
}

/// `POST /staff/subscribers/{id}`.
pub(in crate::web) async fn save(
    app: Data<App>,
    page: PageContext,
    staff: Staff,
    id: Path<i64>,
    Form(mut form): Form<EditForm>,
) -> Answer {
    let subscriber = SubscriberId(*id);
    let record = keep_subscribers::show(&app, subscriber).await?;
    let known = keep_topics::choosable(&app, &record.topics).await?;
    let mut problems = Problems::default();
    let (email, details, topics) = form.person(&known, &mut problems);
    if let (Some(email), Some(details), true) = (email, details, problems.is_empty()) {
        let by = staff.0.id;
        match keep_subscribers::edit(&app, by, subscriber, email, details, topics).await {
            Ok(()) => {
                let address = format!("/staff/subscribers/{id}");
                return Ok(see_other_saying(&app, &address, "Saved."));
            }
            Err(AppError::Invalid(found)) => problems.extend(found),
            Err(error) => return Err(error.into()),
        }
    }
    form.problems = problems.in_order(&FIELDS);
    show_again(&EditPage {
        page,
        id: Some(*id),
        topics: known,
        f: form,
    })
}
