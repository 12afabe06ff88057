//! One thing done to many people: asked for, shown with its number, done with progress, perhaps taken back.

use actix_web::HttpResponse;
use actix_web::web::{Data, Path};
use askama::Template;
use serde::Deserialize;

use crate::app::change_many::{self, View};
use crate::app::{App, AppError, export_subscribers, keep_subscribers};
use crate::domain::bulk_change::{BulkAction, BulkOutcome, UndoOutcome};
use crate::domain::grouped::grouped;
use crate::domain::short_text::ShortText;
use crate::domain::subscriber::SubscriberId;
use crate::domain::{email_address, local_time};
use crate::store::bulk_changes::Members;
use crate::store::topics::Topic;
use crate::web::forms::{Checked as _, Form, Problems, checked};
use crate::web::page::{Answer, PageContext, show as show_page, show_again};
use crate::web::person;
use crate::web::problem::Problem;
use crate::web::public::manage::attachment;
use crate::web::session::{Staff, see_other, see_other_saying};

use super::list::{ListForms, ListPage};
use super::saved;

/// The longest reason, in characters.
const MAX_REASON: usize = 200;

/// What is to be done, and to whom.
#[derive(Default, Deserialize)]
#[serde(default)]
pub(in crate::web) struct AskForm {
    action: String,
    /// “ticked” or “all”.
    scope: String,
    /// The keys of those who are ticked.
    person: Vec<String>,
    /// What stands in the address of the list.
    query: String,
}

/// `POST /staff/subscribers/bulk`: settles who they are, and leads to the question. An export is given at once.
pub(in crate::web) async fn ask(
    app: Data<App>,
    page: PageContext,
    staff: Staff,
    Form(form): Form<AskForm>,
) -> Answer {
    let filter = saved::read(&form.query);
    let members = if form.scope == "all" {
        let topics = keep_subscribers::topics(&app).await?;
        Members::Found(filter.filter(&topics))
    } else {
        let ids = form.person.iter().filter_map(|id| id.parse().ok());
        Members::These(ids.map(SubscriberId).collect())
    };
    let mut problems = Problems::default();
    if matches!(&members, Members::These(ids) if ids.is_empty()) {
        problems.add("bulk", "Please tick somebody, or choose all.");
    } else if form.action == "export" {
        return export(&app, staff, members).await;
    } else if let Ok(action) = form.action.parse::<BulkAction>() {
        match change_many::ask(&app, staff.0.id, action, members).await {
            Ok(id) => return Ok(see_other(&format!("/staff/subscribers/bulk/{id}"))),
            Err(AppError::Invalid(found)) => problems.extend(found),
            Err(error) => return Err(error.into()),
        }
    } else {
        problems.add("bulk", "Please choose what to do.");
    }
    let forms = ListForms {
        action: form.action,
        problems,
        ..ListForms::default()
    };
    show_again(&ListPage::of(&app, page, filter, forms).await?)
}

struct RecentRow {
    id: i64,
    at: String,
    who: String,
    what: String,
    state: &'static str,
}

#[derive(Template)]
#[template(path = "web/staff/subscribers/bulk_list.html")]
struct RecentPage {
    page: PageContext,
    rows: Vec<RecentRow>,
}

/// `GET /staff/subscribers/bulk`: what was done to many lately, to look at and perhaps to take back.
pub(in crate::web) async fn list(app: Data<App>, page: PageContext) -> Answer {
    let recent = change_many::recent(&app).await?;
    let rows = recent.into_iter().map(|change| RecentRow {
        id: change.id,
        at: local_time::display(change.started_at.unwrap_or(change.asked_at)),
        what: format!("{}, {}", change.action.label(), people(change.member_count)),
        state: match (
            change.finished_at,
            change.undone_at,
            change.undo_finished_at,
        ) {
            (None, ..) => "Going on",
            (Some(_), None, _) => "Done",
            (Some(_), Some(_), None) => "Being taken back",
            (Some(_), Some(_), Some(_)) => "Taken back",
        },
        who: change.asked_by_name,
    });
    show_page(&RecentPage {
        page,
        rows: rows.collect(),
    })
}

async fn export(app: &App, staff: Staff, members: Members) -> Answer {
    let mut file = Vec::new();
    export_subscribers::export(app, Some(staff.0.id), members, &mut file, |_| ()).await?;
    Ok(HttpResponse::Ok()
        .content_type("text/csv; charset=utf-8")
        .insert_header(attachment("subscribers.csv"))
        .body(file))
}

/// What the question has to be told before it is answered with yes.
#[derive(Default, Deserialize)]
#[serde(default)]
pub(in crate::web) struct StartForm {
    topic: String,
    reason: String,
    consent_basis: String,
    consent_note: String,
    #[serde(skip)]
    problems: Problems,
}

checked!(StartForm);

const FIELDS: [&str; 4] = ["topic", "reason", "consent_basis", "consent_note"];

/// One of the people.
struct Person {
    id: i64,
    name: String,
    email: String,
}

/// A number with its words.
struct Count {
    label: &'static str,
    number: String,
}

#[derive(Template)]
#[template(path = "web/staff/subscribers/bulk.html")]
struct BulkPage {
    page: PageContext,
    id: i64,
    action: BulkAction,
    /// “Unsubscribe 1,234 people”.
    what: String,
    is_begun: bool,
    is_running: bool,
    sentence: String,
    total: i64,
    done: i64,
    reason: String,
    by: String,
    some: Vec<Person>,
    others: String,
    topics: Vec<Topic>,
    counts: Vec<Count>,
    undone: Vec<Count>,
    may_undo: bool,
    f: StartForm,
}

impl BulkPage {
    async fn of(app: &App, page: PageContext, id: i64, f: StartForm) -> Result<Self, Problem> {
        let view = change_many::show(app, id).await?;
        let change = &view.change;
        let total = change.member_count;
        let waiting: i64 = view
            .outcomes
            .iter()
            .filter(|(outcome, _)| outcome.is_none())
            .map(|(_, count)| count)
            .sum();
        let (undo_total, undo_waiting) = view.undone.iter().fold((0, 0), |(all, left), (o, n)| {
            (all + n, left + if o.is_none() { *n } else { 0 })
        });
        let undoes = change.undone_at.is_some();
        let is_running = change.started_at.is_some()
            && (change.finished_at.is_none() || undoes && change.undo_finished_at.is_none());
        let (of_all, left) = if undoes {
            (undo_total, undo_waiting)
        } else {
            (total, waiting)
        };
        let shown = i64::try_from(view.some.len()).unwrap_or(i64::MAX);
        Ok(Self {
            page,
            id,
            action: change.action,
            what: what(&view),
            is_begun: change.started_at.is_some(),
            is_running,
            sentence: match is_running || undoes {
                true => sentence(is_running, undoes, of_all - left, of_all),
                false => done_sentence(&view.outcomes, total),
            },
            total: of_all,
            done: of_all - left,
            reason: change.reason.clone(),
            by: change.asked_by_name.clone(),
            others: if total > shown {
                grouped(total - shown)
            } else {
                String::new()
            },
            counts: BulkOutcome::ALL
                .iter()
                .filter_map(|known| {
                    let (_, number) = view.outcomes.iter().find(|(o, _)| o == &Some(*known))?;
                    Some(Count {
                        label: known.label(),
                        number: grouped(*number),
                    })
                })
                .collect(),
            undone: UndoOutcome::ALL
                .iter()
                .filter_map(|known| {
                    let (_, number) = view.undone.iter().find(|(o, _)| o == &Some(*known))?;
                    Some(Count {
                        label: known.label(),
                        number: grouped(*number),
                    })
                })
                .collect(),
            may_undo: view.may_undo,
            some: view
                .some
                .into_iter()
                .map(|(id, name, email)| Person {
                    id: id.0,
                    name,
                    email: email_address::for_people(&email),
                })
                .collect(),
            topics: view.topics,
            f,
        })
    }
}

fn people(number: i64) -> String {
    match number {
        1 => "1 person".to_owned(),
        _ => format!("{} people", grouped(number)),
    }
}

fn what(view: &View) -> String {
    let people = people(view.change.member_count);
    let topic = view.topic.as_ref().map(|topic| topic.name.as_str());
    match (view.change.action, topic) {
        (BulkAction::AddTopic, Some(topic)) => format!("Add “{topic}” to {people}"),
        (BulkAction::AddTopic, None) => format!("Add a topic to {people}"),
        (BulkAction::RemoveTopic, Some(topic)) => format!("Take “{topic}” away from {people}"),
        (BulkAction::RemoveTopic, None) => format!("Take a topic away from {people}"),
        (action, _) => format!("{} {people}", action.label()),
    }
}

fn sentence(is_running: bool, undoes: bool, done: i64, total: i64) -> String {
    let (done, total) = (grouped(done), grouped(total));
    match (is_running, undoes) {
        (true, false) => format!("{done} of {total} looked at."),
        (true, true) => format!("{done} of {total} looked at to take it back."),
        (false, _) => "It is taken back.".to_owned(),
    }
}

/// For how many it was done, and why not for the others.
fn done_sentence(outcomes: &[(Option<BulkOutcome>, i64)], total: i64) -> String {
    let number = |wanted: BulkOutcome| {
        let of_it = outcomes.iter().filter(|(o, _)| o == &Some(wanted));
        of_it.map(|(_, count)| count).sum::<i64>()
    };
    let done = number(BulkOutcome::Done);
    if done == total {
        return format!("Done: all {}.", grouped(total));
    }
    let mut said = format!("Done for {} of {}.", grouped(done), grouped(total));
    for (outcome, of_one, of_more) in [
        (BulkOutcome::Suspended, "is suspended", "are suspended"),
        (
            BulkOutcome::Unsubscribed,
            "has unsubscribed",
            "have unsubscribed",
        ),
        (
            BulkOutcome::Pending,
            "has not confirmed the address yet",
            "have not confirmed their address yet",
        ),
    ] {
        match number(outcome) {
            0 => {}
            1 => said.push_str(&format!(" 1 {of_one}, so nothing was changed for them.")),
            more => said.push_str(&format!(
                " {} {of_more}, so nothing was changed for them.",
                grouped(more)
            )),
        }
    }
    said
}

/// `GET /staff/subscribers/bulk/{id}`: the question; once it is answered, the progress and what came of it.
pub(in crate::web) async fn show(app: Data<App>, page: PageContext, id: Path<i64>) -> Answer {
    show_page(&BulkPage::of(&app, page, *id, StartForm::default()).await?)
}

/// `POST /staff/subscribers/bulk/{id}`: yes.
pub(in crate::web) async fn start(
    app: Data<App>,
    page: PageContext,
    staff: Staff,
    id: Path<i64>,
    Form(mut form): Form<StartForm>,
) -> Answer {
    let view = change_many::show(&app, *id).await?;
    let action = view.change.action;
    let mut problems = Problems::default();
    let mut topic = None;
    if matches!(action, BulkAction::AddTopic | BulkAction::RemoveTopic) {
        let chosen = view.topics.iter().find(|topic| topic.slug == form.topic);
        let problem = match form.topic.as_str() {
            "" => "Please choose a topic.",
            _ => "Please choose a topic of the list: one that is retired cannot be added.",
        };
        topic = problems.take("topic", chosen.ok_or(problem));
    }
    let reason = match action {
        BulkAction::AddTopic => {
            let (basis, note) = (&form.consent_basis, &form.consent_note);
            let ground = person::check_ground(basis, note, &mut problems);
            ground.map(|ground| ground.in_words())
        }
        BulkAction::Suspend => {
            let reason = ShortText::parse(&form.reason, MAX_REASON);
            let reason = reason.map_err(|error| error.about("a reason"));
            problems.take("reason", reason).map(String::from)
        }
        BulkAction::RemoveTopic | BulkAction::Reinstate | BulkAction::Unsubscribe => {
            Some(String::new())
        }
    };
    if let (Some(reason), true) = (reason, problems.is_empty()) {
        let topic = topic.map(|topic| topic.id);
        change_many::start(&app, staff.0.id, *id, topic, reason).await?;
        return Ok(see_other(&format!("/staff/subscribers/bulk/{id}")));
    }
    form.problems = problems.in_order(&FIELDS);
    show_again(&BulkPage::of(&app, page, *id, form).await?)
}

/// `POST /staff/subscribers/bulk/{id}/undo`.
pub(in crate::web) async fn undo(app: Data<App>, staff: Staff, id: Path<i64>) -> Answer {
    change_many::undo(&app, staff.0.id, *id).await?;
    Ok(see_other_saying(
        &app,
        &format!("/staff/subscribers/bulk/{id}"),
        "It is being taken back.",
    ))
}
