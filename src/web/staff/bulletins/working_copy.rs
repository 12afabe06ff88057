//! What is typed into the form of a bulletin is kept by itself until it is saved.

use actix_web::web::Data;

use crate::app::keep_working_copy::{self, TypedBulletin, TypedLine, Unsaved};
use crate::app::write_bulletin::Shown;
use crate::app::{Actor, App, AppError, write_bulletin};
use crate::domain::bulletin::BulletinId;
use crate::domain::working_copy::{CopyOf, Written};
use crate::store::bulletins::Bulletin;
use crate::web::forms::{Form, TEXT_BYTES};
use crate::web::page::Answer;
use crate::web::session::Staff;
use crate::web::staff::articles::marks::{self, Mark};
use crate::web::staff::working_copy::{self, BegunView, kept_answer};

use super::address;
use super::form::BulletinForm;

impl BulletinForm {
    /// For what somebody typed and did not save.
    pub(super) fn of_typed(typed: TypedBulletin, version: i32) -> Self {
        let lines = typed.articles;
        Self {
            subject: typed.subject,
            preheader: typed.preheader,
            introduction: typed.introduction,
            topics: typed.topics,
            symposium: typed.symposium,
            regions: typed.regions,
            roles: typed.roles,
            joined_from: typed.joined_from,
            joined_before: typed.joined_before,
            event: typed.event,
            attendance: typed.attendance,
            received: typed.received,
            not_received: typed.not_received,
            article: lines.iter().map(|line| line.article).collect(),
            position: lines.iter().map(|line| line.position.clone()).collect(),
            form: lines.into_iter().map(|line| line.form).collect(),
            version,
            ..Self::default()
        }
    }

    /// What is kept of it by itself.
    pub(super) fn typed(&self) -> TypedBulletin {
        let lines = self.lines();
        TypedBulletin {
            subject: self.subject.clone(),
            preheader: self.preheader.clone(),
            introduction: self.introduction.clone(),
            topics: self.topics.clone(),
            symposium: self.symposium.clone(),
            regions: self.regions.clone(),
            roles: self.roles.clone(),
            joined_from: self.joined_from.clone(),
            joined_before: self.joined_before.clone(),
            event: self.event.clone(),
            attendance: self.attendance.clone(),
            received: self.received.clone(),
            not_received: self.not_received.clone(),
            articles: lines
                .filter(|(_, position, _)| !position.is_empty())
                .map(|(article, position, form)| TypedLine {
                    article,
                    position: position.to_owned(),
                    form: form.to_owned(),
                })
                .collect(),
        }
    }
}

/// The places in what somebody types that may tell who a patient is.
pub(super) fn places(typed: &TypedBulletin) -> Vec<Mark> {
    let fields = [
        ("subject", typed.subject.as_str()),
        ("preheader", &typed.preheader),
        ("introduction", &typed.introduction),
    ];
    marks::in_fields(&fields, None)
}

/// `POST /staff/bulletins/working-copies`: the whole form, with `bulletin` and `copy` where there are these. Answers JSON.
pub(in crate::web) async fn keep(
    app: Data<App>,
    Staff(actor): Staff,
    Form(form): Form<BulletinForm, TEXT_BYTES>,
) -> Answer {
    let bulletin = form.bulletin.parse().ok().map(BulletinId);
    let copy = form.copy.parse().ok();
    let version = form.replaces();
    let typed = form.typed();
    let of = CopyOf::Bulletin(bulletin);
    let kept = keep_working_copy::keep(&app, actor.id, of, copy, version, &typed).await?;
    let url = |_| bulletin.map(address).unwrap_or_default();
    Ok(kept_answer(kept, "bulletin", url, places(&typed)))
}

/// What somebody typed for bulletins that are not begun yet.
pub(in crate::web::staff) async fn begun(
    app: &App,
    actor: &Actor,
) -> Result<Vec<BegunView>, AppError> {
    let (new, kind) = ("/staff/bulletins/new", Written::Bulletin);
    let subject: fn(&TypedBulletin) -> &str = |typed| &typed.subject;
    working_copy::begun(app, actor, kind, new, (subject, "Without a subject")).await
}

/// What somebody changed in drafts that were saved before, and has not saved.
pub(in crate::web::staff) async fn changed(
    app: &App,
    actor: &Actor,
) -> Result<Vec<BegunView>, AppError> {
    let kind = Written::Bulletin;
    let copies = keep_working_copy::of_begun::<TypedBulletin>(app, actor.id, kind).await?;
    let mut changed = Vec::new();
    for (of, copy) in copies {
        let Some(id) = of.bulletin() else { continue };
        let shown = write_bulletin::show(app, id).await?;
        changed.extend(differing(&shown, &copy));
    }
    Ok(changed)
}

/// The same of one bulletin.
pub(super) async fn changed_in(
    app: &App,
    actor: &Actor,
    shown: &Shown,
) -> Result<Option<BegunView>, AppError> {
    let of = CopyOf::Bulletin(Some(shown.bulletin.id));
    let (copy, _) = keep_working_copy::of(app, actor.id, of).await?;
    Ok(copy.and_then(|copy| differing(shown, &copy)))
}

/// A copy that says something else than what is saved.
fn differing(shown: &Shown, copy: &Unsaved<TypedBulletin>) -> Option<BegunView> {
    let Bulletin {
        id, state, subject, ..
    } = &shown.bulletin;
    // What is no draft any more cannot be gone on with.
    if !state.is_open() {
        return None;
    }
    let saved = BulletinForm::of(shown).typed();
    let mut typed = copy.typed.clone();
    if shown.bulletin.corrects_id.is_some() {
        // The form of a correction has no audience to choose.
        typed = typed.with_audience_of(saved.clone());
    }
    let (list, page) = ("/staff/bulletins", address(*id));
    (!typed.is_same(&saved)).then(|| BegunView::of_saved(list, &page, subject.clone(), copy))
}
