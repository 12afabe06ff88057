//! The part of a bulletin's form that says who gets it; how many that are, and some of their names.

use actix_web::web::Data;
use actix_web::{HttpRequest, HttpResponse};
use askama::Template;

use crate::app::{App, choose_audience};
use crate::domain::audience::{Attendance, Criteria, Narrowing, Whom};
use crate::domain::bulletin::BulletinId;
use crate::domain::local_time::{CalendarDate, parse_date};
use crate::domain::named::UnknownName;
use crate::domain::symposium::SymposiumId;
use crate::web::forms::{Checked as _, Problems};
use crate::web::page::{Answer, show as show_page};
use crate::web::problem::Problem;

use super::form::{BulletinForm, Choices};
use super::people;

/// Everybody who meets what was chosen.
pub(super) struct Chosen {
    pub(super) whom: Whom,
    pub(super) narrowing: Narrowing,
}

impl BulletinForm {
    /// The same with this narrowing filled in.
    pub(super) fn with_narrowing(mut self, narrowing: &Narrowing) -> Self {
        let day = |day: Option<CalendarDate>| day.map(CalendarDate::iso).unwrap_or_default();
        let key = |id: Option<BulletinId>| id.map(|id| id.to_string()).unwrap_or_default();
        let regions = narrowing.regions.iter();
        self.regions = regions.map(|one| one.as_str().to_owned()).collect();
        let roles = narrowing.roles.iter();
        self.roles = roles.map(|one| one.as_str().to_owned()).collect();
        self.joined_from = day(narrowing.joined_from);
        self.joined_before = day(narrowing.joined_before);
        (self.event, self.attendance) = match narrowing.event {
            Some((symposium, how)) => (symposium.to_string(), how.as_str().to_owned()),
            None => Default::default(),
        };
        self.received = key(narrowing.received);
        self.not_received = key(narrowing.not_received);
        self
    }

    /// The same with a saved audience in place of what was chosen; nothing, and a problem, when it is not there.
    pub(super) fn take_over(mut self, choices: &Choices) -> Self {
        let mut saved = choices.saved.iter();
        let Some(saved) = saved.find(|one| one.audience.id.to_string() == self.saved) else {
            let problem = "Please choose one of the saved audiences.";
            self.problems.add("saved", problem);
            return self;
        };
        let criteria = &saved.audience.criteria;
        let topics = choices.topics.iter();
        self.topics = topics
            .filter(|topic| criteria.topics.contains(&topic.id))
            .map(|topic| topic.slug.clone())
            .collect();
        self.symposium.clear();
        self.with_narrowing(&criteria.narrowing)
    }

    /// What is to be saved under a name; or nothing, and what is wrong is noted.
    pub(super) fn criteria(&mut self, choices: &Choices) -> Option<Criteria> {
        let mut problems = std::mem::take(&mut self.problems);
        let topics = problems.take("topics", self.topic_ids(choices));
        let narrowing = self.narrowing(choices, &mut problems);
        if topics.as_ref().is_some_and(Vec::is_empty) {
            problems.add(
                "topics",
                "Please choose at least one topic: a saved audience is made of them.",
            );
        }
        self.problems = problems;
        let criteria = Criteria {
            topics: topics?,
            narrowing: narrowing?,
        };
        (!self.has_errors()).then_some(criteria)
    }

    /// Whom the form says now; nothing where it is wrong.
    pub(super) fn chosen(&self, choices: &Choices) -> Option<Chosen> {
        let topics = self.topic_ids(choices).ok()?;
        let symposium = self.symposium_id(choices).ok()?;
        Some(Chosen {
            whom: match symposium {
                Some(symposium) => Whom::Event(symposium),
                None => Whom::Topics(topics),
            },
            narrowing: self.narrowing(choices, &mut Problems::default())?,
        })
    }

    /// Whether anything narrows the audience, well or not.
    pub(super) fn is_narrowed(&self) -> bool {
        let lists = [&self.regions, &self.roles];
        let texts = [
            &self.joined_from,
            &self.joined_before,
            &self.event,
            &self.received,
            &self.not_received,
        ];
        lists.iter().any(|list| !list.is_empty()) || texts.iter().any(|text| !text.is_empty())
    }

    /// Whether a region is ticked.
    pub(super) fn has_region(&self, region: &str) -> bool {
        self.regions.iter().any(|one| one == region)
    }

    /// Whether a role is ticked.
    pub(super) fn has_role(&self, role: &str) -> bool {
        self.roles.iter().any(|one| one == role)
    }

    /// What leaves people out; or nothing, and what is wrong is noted.
    pub(super) fn narrowing(
        &self,
        choices: &Choices,
        problems: &mut Problems,
    ) -> Option<Narrowing> {
        let named = |_: UnknownName| "Please choose from the list.";
        let regions = self.regions.iter().map(|name| name.parse());
        let regions = regions.collect::<Result<_, _>>().map_err(named);
        let roles = self.roles.iter().map(|name| name.parse());
        let roles = roles.collect::<Result<_, _>>().map_err(named);
        let regions = problems.take("regions", regions);
        let roles = problems.take("roles", roles);
        let joined_from = problems.take("joined_from", day(&self.joined_from));
        let joined_before = problems.take("joined_before", day(&self.joined_before));
        let event = problems.take("event", self.event(choices));
        let received = problems.take("received", bulletin(&self.received, choices));
        let not_received = problems.take("not_received", bulletin(&self.not_received, choices));
        let narrowing = Narrowing {
            regions: regions?,
            roles: roles?,
            joined_from: joined_from?,
            joined_before: joined_before?,
            event: event?,
            received: received?,
            not_received: not_received?,
        };
        if let (Some(from), Some(before)) = (narrowing.joined_from, narrowing.joined_before)
            && from >= before
        {
            let problem =
                "Nobody joined after the one day and before the other. Please check both.";
            problems.add("joined_before", problem);
            return None;
        }
        if narrowing.received.is_some() && narrowing.received == narrowing.not_received {
            let problem =
                "Nobody has received a bulletin and not received it. Please choose another one.";
            problems.add("not_received", problem);
            return None;
        }
        Some(narrowing.tidy())
    }

    fn event(&self, choices: &Choices) -> Result<Option<(SymposiumId, Attendance)>, &'static str> {
        if self.event.is_empty() {
            return Ok(None);
        }
        let mut offered = choices.symposia.iter();
        let event = offered.find(|one| one.id.to_string() == self.event);
        let how = self.attendance.parse().unwrap_or(Attendance::Registered);
        event
            .map(|one| Some((one.id, how)))
            .ok_or("Please choose an event from the list.")
    }
}

fn day(typed: &str) -> Result<Option<CalendarDate>, String> {
    match typed.trim() {
        "" => Ok(None),
        typed => parse_date(typed)
            .map(Some)
            .map_err(|error| error.to_string()),
    }
}

fn bulletin(typed: &str, choices: &Choices) -> Result<Option<BulletinId>, &'static str> {
    if typed.is_empty() {
        return Ok(None);
    }
    let mut offered = choices.started.iter();
    let chosen = offered.find(|(id, _, _)| id.to_string() == typed);
    chosen
        .map(|(id, _, _)| Some(*id))
        .ok_or("Please choose a bulletin from the list.")
}

/// What a page's script asks about; the fields are those of the form.
async fn asked(app: &App, request: &HttpRequest) -> Result<Chosen, Problem> {
    let form: BulletinForm =
        serde_html_form::from_str(request.query_string()).map_err(|_| Problem::not_found())?;
    let choices = Choices::of_audience(app).await?;
    form.chosen(&choices).ok_or_else(Problem::not_found)
}

/// `GET /staff/bulletins/audience?topics=&topics=&symposium=…`: how many people would get it, in words.
pub(in crate::web) async fn count(app: Data<App>, request: HttpRequest) -> Answer {
    let chosen = asked(&app, &request).await?;
    let count = choose_audience::count(&app, chosen.whom, chosen.narrowing).await?;
    Ok(HttpResponse::Ok()
        .content_type("text/plain; charset=utf-8")
        .body(people(count)))
}

#[derive(Template)]
#[template(path = "web/staff/bulletins/sample.html")]
struct Sample {
    sample: Vec<Somebody>,
}

/// Somebody who would get it.
pub(super) struct Somebody {
    pub(super) id: i64,
    pub(super) name: String,
}

/// Some of the people who would get it.
pub(super) async fn somebodies(app: &App, chosen: Chosen) -> Result<Vec<Somebody>, Problem> {
    let sample = choose_audience::sample(app, chosen.whom, chosen.narrowing).await?;
    Ok(sample
        .into_iter()
        .map(|one| Somebody {
            id: one.id.0,
            name: match one.name.is_empty() {
                true => one.email,
                false => one.name,
            },
        })
        .collect())
}

/// `GET /staff/bulletins/audience/sample?…`: some of the people who would get it.
pub(in crate::web) async fn sample(app: Data<App>, request: HttpRequest) -> Answer {
    let chosen = asked(&app, &request).await?;
    show_page(&Sample {
        sample: somebodies(&app, chosen).await?,
    })
}
