//! A bulletin's page: what it is, how far it is, and what comes next.

use std::time::Duration;

use actix_web::http::StatusCode;
use actix_web::web::{Data, Path};
use askama::Template;
use serde::Deserialize;

use crate::app::write_bulletin::{self, Shown};
use crate::app::{
    Actor, App, check_bulletin, follow_bulletin, keep_staff, read_inbound, send_in_waves,
};
use crate::domain::article::{ArticleId, ArticleKind};
use crate::domain::bounce::Category;
use crate::domain::bulletin::{ArticleForm, BulletinId};
use crate::domain::grouped::grouped;
use crate::domain::local_time;
use crate::store::publications::Publication;
use crate::web::forms::{Checked as _, Problems, checked};
use crate::web::page::{Answer, PageContext, show_as};
use crate::web::problem::Problem;
use crate::web::session::Staff;
use crate::web::staff::working_copy::BegunView;

use super::correct::{self, CorrectionItem, CorrectionView};
use super::list::when;
use super::people;
use super::progress::ProgressView;
use super::readiness::{PassForm, ReadinessView};
use super::steps::Steps;
use super::waves::{self, WaveForm};
use super::working_copy::changed_in;

/// What was typed into the forms of the page.
#[derive(Default, Deserialize)]
#[serde(default)]
pub(in crate::web) struct SendForm {
    /// The local time at which it is to go out.
    pub(super) at: String,
    /// Keys of the members of staff who get the test.
    pub(super) to: Vec<String>,
    /// "yes" where something cannot be taken back.
    pub(super) confirm: String,
    /// How it is to go out, as in a [`WaveForm`]; empty where the form does not say.
    waves: String,
    first: String,
    wait: String,
    unit: String,
    was: String,
    /// What was typed into the forms of other steps.
    #[serde(skip)]
    pub(super) words: String,
    #[serde(skip)]
    pub(super) pass: PassForm,
    #[serde(skip)]
    pub(super) problems: Problems,
}

checked!(SendForm);

impl SendForm {
    /// As the page has it at first.
    pub(super) fn untouched(actor: &Actor) -> Self {
        Self {
            to: vec![actor.id.to_string()],
            ..Self::default()
        }
    }

    /// How it is to go out, as it was typed; nothing where the form does not say.
    pub(super) fn wave(&self) -> Option<WaveForm> {
        (!self.waves.is_empty()).then(|| WaveForm {
            waves: self.waves.clone(),
            first: self.first.clone(),
            wait: self.wait.clone(),
            unit: self.unit.clone(),
            was: self.was.clone(),
        })
    }

    /// Keeps how it is to go out, as it was typed.
    pub(super) fn choose(&mut self, form: WaveForm) {
        self.waves = form.waves;
        self.first = form.first;
        self.wait = form.wait;
        self.unit = form.unit;
        self.was = form.was;
    }
}

/// A bulletin, as its page shows it.
struct BulletinView {
    id: BulletinId,
    version: i32,
    subject: String,
    preheader: String,
    state: &'static str,
    state_label: &'static str,
    written_by: String,
    approved: Option<String>,
    when: String,
    topics: Vec<String>,
    symposium: Option<String>,
    /// What leaves people of its audience out, in words.
    narrowing: String,
    audience: String,
    public_url: Option<String>,
}

impl BulletinView {
    fn of(shown: &Shown) -> Self {
        let bulletin = &shown.bulletin;
        let started = bulletin.started_at.is_some();
        let approval = shown.approved_by.as_ref().zip(bulletin.approved_at);
        Self {
            id: bulletin.id,
            version: bulletin.version,
            subject: bulletin.subject.clone(),
            preheader: bulletin.preheader.clone(),
            state: bulletin.state.as_str(),
            state_label: bulletin.state.label(),
            written_by: shown.written_by.join(", "),
            approved: approval
                .map(|(by, at)| format!("by {by} on {}", local_time::display_date(at))),
            when: when(bulletin),
            topics: shown
                .topics
                .iter()
                .map(|topic| topic.name.clone())
                .collect(),
            narrowing: shown.narrowing.join(", and "),
            audience: people(shown.audience),
            symposium: shown
                .symposium
                .as_ref()
                .map(|symposium| symposium.title.clone()),
            public_url: (started && bulletin.symposium_id.is_none())
                .then(|| format!("/bulletins/{}", bulletin.slug)),
        }
    }
}

struct ArticleItem {
    id: i64,
    title: String,
    kind_label: &'static str,
    form_label: &'static str,
}

impl ArticleItem {
    fn of(shown: &Shown, id: ArticleId, form: ArticleForm, on_site: Option<&Publication>) -> Self {
        let title = on_site
            .map(|on_site| &on_site.title)
            .or(shown.off_site_titles.get(&id));
        Self {
            id: id.0,
            title: title.cloned().unwrap_or_default(),
            kind_label: on_site.map_or("not on the site", |on_site| {
                ArticleKind::label(on_site.kind)
            }),
            form_label: match form {
                ArticleForm::Whole => "whole",
                ArticleForm::Teaser => "teaser",
            },
        }
    }
}

/// How much of one kind came back.
struct Returned {
    label: &'static str,
    count: String,
}

impl Returned {
    fn of((category, count): (Category, i64)) -> Self {
        Self {
            label: category.label(),
            count: grouped(count),
        }
    }
}

/// Somebody to whom a test can be sent.
struct Tester {
    id: i64,
    name: String,
    ticked: bool,
}

#[derive(Template)]
#[template(path = "web/staff/bulletins/show.html")]
struct Show {
    page: PageContext,
    b: BulletinView,
    readiness: Option<ReadinessView>,
    /// What this person changed since, and has not saved.
    unsaved: Option<BegunView>,
    held: Option<String>,
    waves: String,
    w: WaveForm,
    may_release: bool,
    steps: Steps,
    zone_note: String,
    earliest: String,
    testers: Vec<Tester>,
    progress: Option<ProgressView>,
    returned: Vec<Returned>,
    articles: Vec<ArticleItem>,
    correction: Option<CorrectionView>,
    corrections: Vec<CorrectionItem>,
    may_correct: bool,
    may_discard: bool,
    f: SendForm,
}

/// `GET /staff/bulletins/{id}`.
pub(in crate::web) async fn show(
    app: Data<App>,
    Staff(actor): Staff,
    page: PageContext,
    id: Path<i64>,
) -> Answer {
    let form = SendForm::untouched(&actor);
    answer(&app, &actor, page, BulletinId(*id), form, StatusCode::OK).await
}

/// The page again, with what was typed into its forms and what is wrong with it.
pub(super) async fn refused(
    app: &App,
    actor: &Actor,
    page: PageContext,
    id: BulletinId,
    form: SendForm,
) -> Answer {
    answer(app, actor, page, id, form, StatusCode::UNPROCESSABLE_ENTITY).await
}

/// The page, with what was typed into its forms.
async fn answer(
    app: &App,
    actor: &Actor,
    page: PageContext,
    id: BulletinId,
    form: SendForm,
    status: StatusCode,
) -> Answer {
    let mut shown = write_bulletin::show(app, id).await?;
    let started = shown.bulletin.started_at.is_some();
    let progress = match started {
        true => Some(follow_bulletin::progress(app, id).await?),
        false => None,
    };
    if let Some(progress) = &progress
        && progress.bulletin.state != shown.bulletin.state
    {
        // It went on between the two looks: what the page offers and how far it is agree.
        shown = write_bulletin::show(app, id).await?;
    }
    let progress = progress.as_ref().map(ProgressView::of);
    let steps = Steps::of(&shown, actor);
    let unsaved = changed_in(app, actor, &shown).await?;
    let now = app.now();
    let returned = match started {
        true => read_inbound::of_bulletin(app, id).await?,
        false => Vec::new(),
    };
    let readiness = match steps.may_test {
        true => Some(ReadinessView::of(
            &check_bulletin::show(app, id).await?,
            (id, shown.bulletin.version),
            &steps,
            app.settings.check_links,
            (&form.pass, &form.problems),
        )),
        false => None,
    };
    let wave = send_in_waves::show(app, id).await?;
    let released = send_in_waves::released(app, id).await?;
    let typed = form.wave();
    let mut w = typed.unwrap_or_else(|| WaveForm::of(wave.as_ref(), shown.audience));
    if w.was.is_empty() {
        w.was = waves::saved(wave.as_ref());
    }
    let may_release = steps.may_cancel
        && started
        && wave
            .as_ref()
            .is_some_and(|wave| wave.waits_until().is_some());
    let testers = testers(app, &steps, &form).await?;
    let articles = shown.articles.iter();
    show_as(
        status,
        &Show {
            page,
            b: BulletinView::of(&shown),
            readiness,
            unsaved,
            // While it is being sent the progress says what it waits for.
            held: shown.bulletin.waiting_for.clone().filter(|_| !started),
            waves: waves::in_words(wave.as_ref(), released.as_ref()),
            w,
            may_release,
            steps,
            zone_note: format!("Auckland time, {} at present.", local_time::offset(now)),
            earliest: local_time::input_value(now.plus(Duration::from_secs(60))),
            testers,
            progress,
            returned: returned.into_iter().map(Returned::of).collect(),
            articles: articles
                .map(|(id, form, on_site)| ArticleItem::of(&shown, *id, *form, on_site.as_ref()))
                .collect(),
            correction: CorrectionView::of(&shown),
            corrections: correct::items(&shown.corrections),
            may_correct: started,
            may_discard: shown.may_discard,
            f: form,
        },
    )
}

async fn testers(app: &App, steps: &Steps, form: &SendForm) -> Result<Vec<Tester>, Problem> {
    if !steps.may_test {
        return Ok(Vec::new());
    }
    let members = keep_staff::all(app)
        .await?
        .into_iter()
        .filter(|member| member.active);
    Ok(members
        .map(|member| Tester {
            id: member.id.0,
            ticked: form.to.contains(&member.id.to_string()),
            name: member.name,
        })
        .collect())
}
