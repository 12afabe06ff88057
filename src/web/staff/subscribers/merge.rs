//! Makes one record of two: the other one is looked for, both are shown side by side, and it is asked.

use actix_web::web::{Data, Path, Query};
use askama::Template;
use serde::Deserialize;

use crate::app::App;
use crate::app::merge_subscribers::{self, Pair};
use crate::domain::subscriber::SubscriberId;
use crate::domain::{email_address, local_time};
use crate::store::subscribers::Subscriber;
use crate::store::topics::Topic;
use crate::web::forms::{Checked as _, Form, Problems, checked};
use crate::web::page::{Answer, PageContext, show as show_page, show_again};
use crate::web::problem::Problem;
use crate::web::session::{Staff, see_other_saying};

/// Which other record, or how it is looked for.
#[derive(Default, Deserialize)]
#[serde(default)]
pub(in crate::web) struct OtherQuery {
    q: String,
    with: String,
}

/// What is to stay.
#[derive(Default, Deserialize)]
#[serde(default)]
pub(in crate::web) struct MergeForm {
    with: String,
    /// The key of the record that stays.
    keep: String,
    /// The key of the record whose address is kept.
    address: String,
    confirm: String,
    #[serde(skip)]
    problems: Problems,
}

checked!(MergeForm);

/// A record, as it stands on the page.
struct Side {
    id: i64,
    name: String,
    email: String,
    practice: String,
    status: &'static str,
    status_label: &'static str,
    since: String,
    topics: String,
    /// The status of the one record if the address of this one is kept.
    result: &'static str,
}

impl Side {
    fn of(subscriber: Subscriber, topics: &[Topic], result: &'static str) -> Self {
        let names: Vec<&str> = topics.iter().map(|topic| topic.name.as_str()).collect();
        Self {
            id: subscriber.id.0,
            name: subscriber.name,
            email: email_address::for_people(&subscriber.email),
            practice: subscriber.practice.unwrap_or_default(),
            status: subscriber.status.as_str(),
            status_label: subscriber.status.label(),
            since: local_time::display_date(subscriber.created_at),
            topics: names.join(", "),
            result,
        }
    }
}

#[derive(Template)]
#[template(path = "web/staff/subscribers/merge_search.html")]
struct SearchPage {
    page: PageContext,
    person: Side,
    q: String,
    others: Vec<Side>,
}

#[derive(Template)]
#[template(path = "web/staff/subscribers/merge.html")]
struct MergePage {
    page: PageContext,
    id: i64,
    with: i64,
    sides: Vec<Side>,
    f: MergeForm,
}

impl MergePage {
    fn of(page: PageContext, pair: Pair, f: MergeForm) -> Self {
        let [(one, of_one), (other, of_other)] = pair.records;
        let [first, second] = pair.status_by_address.map(|status| status.label());
        Self {
            page,
            id: one.id.0,
            with: other.id.0,
            sides: vec![
                Side::of(one, &of_one, first),
                Side::of(other, &of_other, second),
            ],
            f,
        }
    }
}

fn key(text: &str) -> Option<SubscriberId> {
    text.parse().ok().map(SubscriberId)
}

/// `GET /staff/subscribers/{id}/merge?q=&with=`.
pub(in crate::web) async fn ask(
    app: Data<App>,
    page: PageContext,
    id: Path<i64>,
    query: Query<OtherQuery>,
) -> Answer {
    let (id, query) = (SubscriberId(*id), query.into_inner());
    if let Some(with) = key(&query.with) {
        let pair = merge_subscribers::compare(&app, [id, with]).await?;
        return show_page(&MergePage::of(page, pair, MergeForm::default()));
    }
    let q: String = query.q.chars().take(200).collect();
    let (person, others) = merge_subscribers::candidates(&app, id, q.clone()).await?;
    show_page(&SearchPage {
        page,
        person: Side::of(person, &[], ""),
        q,
        others: others
            .into_iter()
            .map(|other| Side::of(other, &[], ""))
            .collect(),
    })
}

/// `POST /staff/subscribers/{id}/merge`, with the box ticked.
pub(in crate::web) async fn merge(
    app: Data<App>,
    page: PageContext,
    staff: Staff,
    id: Path<i64>,
    Form(mut form): Form<MergeForm>,
) -> Answer {
    let id = SubscriberId(*id);
    let with = key(&form.with).ok_or_else(Problem::malformed)?;
    let pair = merge_subscribers::compare(&app, [id, with]).await?;
    let one_of_two = |text: &str| key(text).filter(|key| *key == id || *key == with);
    let keep = one_of_two(&form.keep);
    let address = one_of_two(&form.address);
    let mut problems = Problems::default();
    if keep.is_none() {
        problems.add("keep", "Please choose the record that stays.");
    }
    if address.is_none() {
        problems.add("address", "Please choose the address that is kept.");
    }
    if form.confirm != "yes" {
        problems.add("confirm", "Please tick the box: it cannot be undone.");
    }
    if let (Some(stays), Some(address), true) = (keep, address, problems.is_empty()) {
        let goes = if stays == id { with } else { id };
        merge_subscribers::merge(&app, staff.0.id, stays, goes, address).await?;
        let page = format!("/staff/subscribers/{stays}");
        return Ok(see_other_saying(
            &app,
            &page,
            "The two records are one now.",
        ));
    }
    form.problems = problems;
    show_again(&MergePage::of(page, pair, form))
}
