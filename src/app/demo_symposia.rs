//! The symposia of the demo: one to come, whose places are all taken, and one that is over.

use std::time::Duration;

use crate::clock::Timestamp;
use crate::domain::local_time::{self, CalendarDate};
use crate::domain::registration::{Needs, RegistrationState};
use crate::domain::staff_member::StaffId;
use crate::domain::symposium::SymposiumId;
use crate::store::registrations;
use crate::store::subscribers::{self, Filter};
use crate::store::symposia::SymposiumText;
use crate::store::{Db, symposia};

use super::{App, AppError, index_site, publish_symposium, register, write_symposium};

const PROGRAMME: &str = "\
6:00 pm Kai and welcome
6:30 pm Chest pain in the ten-minute consultation | Dr Ana Sample, cardiologist
7:00 pm Calcium scores: whom to refer, and whom not | Dr Wiremu Sample, cardiologist
7:30 pm Break
7:45 pm Palpitations: three cases to discuss | Dr Mere Sample, general practitioner
8:20 pm Questions, and what we take home";

const SPEAKERS: &str = "\
Dr Ana Sample, cardiologist
Dr Wiremu Sample, cardiologist
Dr Mere Sample, general practitioner";

/// So many people ask for a place at the one to come, and so many places there are.
const ASKING: i64 = 15;
const PLACES: i32 = 12;

/// Puts both on the site.
pub(super) async fn fill(app: &App, by: StaffId) -> Result<(), AppError> {
    let title = "Hearts in practice: a sample evening symposium";
    let coming = create(app, by, title, 2, Some(PLACES)).await?;
    publish_symposium::publish(app, by, coming, 1).await?;
    let now = app.now();
    app.store
        .write(move |db| come(db, coming, ASKING, now))
        .await?;

    let title = "Heart failure at home: an earlier sample symposium";
    let past = create(app, by, title, -5, None).await?;
    app.store.write(move |db| hold(db, past, now)).await
}

/// An evening so many months from now.
async fn create(
    app: &App,
    by: StaffId,
    title: &str,
    months: i32,
    capacity: Option<i32>,
) -> Result<SymposiumId, AppError> {
    let day = CalendarDate::of(app.now()).plus_months(months).iso();
    let at =
        |time: &str| local_time::parse_local(&format!("{day}T{time}")).map_err(AppError::internal);
    let (starts_at, ends_at) = (at("18:00")?, at("20:30")?);
    let text = SymposiumText {
        title: title.to_owned(),
        summary: "A sample evening for GPs and their teams: short talks, cases, and time for questions. Everybody in it is invented."
            .to_owned(),
        programme: PROGRAMME.to_owned(),
        speakers: SPEAKERS.to_owned(),
        place: "Sample Lecture Room, 1 Sample Street, Remuera, Auckland".to_owned(),
        starts_at,
        ends_at,
        cpd_minutes: 120,
        capacity,
        registration_closes_at: starts_at.minus(Duration::from_secs(24 * 60 * 60)),
        asks_dietary: true,
        asks_access: true,
    };
    write_symposium::create(app, by, text).await
}

/// Has the first subscribers ask for a place, some with needs.
fn come(db: &mut Db, id: SymposiumId, people: i64, now: Timestamp) -> Result<(), AppError> {
    let (mut subscribers, _) = subscribers::list(db, &Filter::default(), 0, people)?;
    subscribers.reverse();
    for (number, subscriber) in subscribers.iter().enumerate() {
        let needs = Needs {
            dietary: (number % 4 == 1).then(|| "vegetarian (a sample)".to_owned()),
            access: (number % 7 == 3).then(|| "a step-free way (a sample)".to_owned()),
        };
        register::ask_for_a_place(db, id, subscriber.id, &needs, now)?;
    }
    Ok(())
}

/// Has an evening in the past been held: most of those who registered came. Nobody is written to.
fn hold(db: &mut Db, id: SymposiumId, now: Timestamp) -> Result<(), AppError> {
    let symposium = symposia::get(db, id)?;
    let before = symposium
        .starts_at
        .minus(Duration::from_secs(40 * 24 * 60 * 60));
    symposia::publish(db, id, before)?;
    index_site::symposium(db, id)?;
    let (subscribers, _) = subscribers::list(db, &Filter::default(), 0, 9)?;
    let mut came = Vec::new();
    for (number, subscriber) in subscribers.iter().enumerate() {
        let state = RegistrationState::Registered;
        let needs = Needs::default();
        let asked = before.plus(Duration::from_secs(86_400)).min(now);
        let registered = registrations::insert(db, id, subscriber.id, state, &needs, asked)?;
        came.extend(registered.filter(|_| number % 4 != 3));
    }
    registrations::set_attended(db, id, &came)?;
    Ok(())
}
