//! The symposia of the demo: two to come, of which one has places left, and one that is over.

use std::time::Duration;

use crate::clock::Timestamp;
use crate::domain::local_time::{self, CalendarDate};
use crate::domain::registration::{Needs, RegistrationState};
use crate::domain::staff_member::StaffId;
use crate::domain::subscriber_filter::{ListOrder, SubscriberFilter};
use crate::domain::symposium::SymposiumId;
use crate::store::registrations;
use crate::store::subscribers::{self, Position, Subscriber};
use crate::store::symposia::SymposiumText;
use crate::store::{Db, symposia};

use super::{App, AppError, index_site, places, publish_symposium, write_symposium};

const PROGRAMME: &str = "\
6:00 pm Kai and welcome
6:30 pm Chest pain in the ten-minute consultation | Dr Ana Sample, cardiologist
7:00 pm Calcium scores: whom to refer, and whom not | Dr Wiremu Sample, cardiologist
7:30 pm Break
7:45 pm Palpitations: three cases to discuss | Dr Mere Sample, general practitioner
8:20 pm Questions, and what we take home";

const MORNING_PROGRAMME: &str = "\
9:00 am Kai and welcome
9:30 am The heart at rest: reading an ECG together | Dr Ana Sample, cardiologist
10:30 am Calcium scores: five referrals to discuss | Dr Mere Sample, general practitioner
11:15 am Questions, and what we take home";

const SPEAKERS: &str = "\
Dr Ana Sample, cardiologist
Dr Wiremu Sample, cardiologist
Dr Mere Sample, general practitioner";

/// So many people ask for a place at the first to come, and so many places each has.
const ASKING: i64 = 15;
const PLACES: i32 = 12;

/// So many ask for one at the one with places left.
const FEW: i64 = 4;

/// When and how a sample is held.
struct Sample {
    title: &'static str,
    summary: &'static str,
    programme: &'static str,
    /// So many months from now.
    months: i32,
    /// Local time of its start and end.
    times: (&'static str, &'static str),
    cpd_minutes: i32,
    capacity: Option<i32>,
}

const EVENING: Sample = Sample {
    title: "Hearts in practice: a sample evening symposium",
    summary: "A sample evening for GPs and their teams: short talks, cases, and time for questions. Everybody in it is invented.",
    programme: PROGRAMME,
    months: 2,
    times: ("18:00", "20:30"),
    cpd_minutes: 120,
    capacity: Some(PLACES),
};

/// Puts them on the site.
pub(super) async fn fill(app: &App, by: StaffId) -> Result<(), AppError> {
    let coming = create(app, by, EVENING).await?;
    publish_symposium::publish(app, by, coming, 1).await?;
    let morning = Sample {
        title: "ECGs and calcium scores: a sample morning workshop",
        summary: "A sample morning in a small group: reading ECGs together, and referrals to discuss. Everybody in it is invented.",
        programme: MORNING_PROGRAMME,
        months: 4,
        times: ("09:00", "11:30"),
        ..EVENING
    };
    let workshop = create(app, by, morning).await?;
    publish_symposium::publish(app, by, workshop, 1).await?;
    let now = app.now();
    app.store
        .write(move |db| {
            come(db, coming, ASKING, now)?;
            come(db, workshop, FEW, now)
        })
        .await?;

    let earlier = Sample {
        title: "Heart failure at home: an earlier sample symposium",
        months: -5,
        capacity: None,
        ..EVENING
    };
    let past = create(app, by, earlier).await?;
    app.store.write(move |db| hold(db, past, now)).await
}

async fn create(app: &App, by: StaffId, sample: Sample) -> Result<SymposiumId, AppError> {
    let day = CalendarDate::of(app.now()).plus_months(sample.months).iso();
    let at =
        |time: &str| local_time::parse_local(&format!("{day}T{time}")).map_err(AppError::internal);
    let (starts_at, ends_at) = (at(sample.times.0)?, at(sample.times.1)?);
    let text = SymposiumText {
        title: sample.title.to_owned(),
        summary: sample.summary.to_owned(),
        programme: sample.programme.to_owned(),
        speakers: SPEAKERS.to_owned(),
        place: "Sample Lecture Room, 1 Sample Street, Remuera, Auckland".to_owned(),
        starts_at,
        ends_at,
        cpd_minutes: sample.cpd_minutes,
        capacity: sample.capacity,
        registration_closes_at: starts_at.minus(Duration::from_secs(24 * 60 * 60)),
        asks_dietary: true,
        asks_access: true,
    };
    write_symposium::create(app, by, text).await
}

/// Those who came on the list last.
fn newest(db: &mut Db, limit: i64) -> Result<Vec<Subscriber>, AppError> {
    let filter = SubscriberFilter::default();
    let order = ListOrder::default();
    Ok(subscribers::page(db, &filter, order, Position::First, limit)?.rows)
}

/// Has the first subscribers ask for a place, some with needs.
fn come(db: &mut Db, id: SymposiumId, people: i64, now: Timestamp) -> Result<(), AppError> {
    let mut subscribers = newest(db, people)?;
    subscribers.reverse();
    for (number, subscriber) in subscribers.iter().enumerate() {
        let needs = Needs {
            dietary: (number % 4 == 1).then(|| "vegetarian (a sample)".to_owned()),
            access: (number % 7 == 3).then(|| "a step-free way (a sample)".to_owned()),
        };
        places::ask_for_a_place(db, id, subscriber.id, &needs, now)?;
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
    let subscribers = newest(db, 9)?;
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
