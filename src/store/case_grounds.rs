//! On what grounds case studies may be published: patients' consents, and what was ticked on the checklist for
//! de-identification.

use diesel::prelude::*;

use super::schema::{deidentification_tick, patient_consent, staff_member};
use super::{Db, StoreError, each};
use crate::clock::Timestamp;
use crate::domain::article::ArticleId;
use crate::domain::case_study::ChecklistItem;
use crate::domain::local_time::CalendarDate;
use crate::domain::staff_member::StaffId;

/// A patient's consent, as recorded.
#[derive(Debug, Clone, Queryable)]
pub struct PatientConsent {
    /// Key.
    pub id: i64,
    /// Who asked the patient.
    pub taken_by: String,
    /// When the patient signed.
    pub taken_on: CalendarDate,
    /// To what the patient agreed.
    pub scope: String,
    /// The name of who recorded it.
    pub recorded_by: String,
    /// When.
    pub recorded_at: Timestamp,
    /// When the patient took it back, or it was found to be none.
    pub withdrawn_at: Option<Timestamp>,
}

/// A consent that is to be recorded.
#[derive(Debug, Clone)]
pub struct NewConsent {
    /// Who asked the patient.
    pub taken_by: String,
    /// When the patient signed.
    pub taken_on: CalendarDate,
    /// To what the patient agreed.
    pub scope: String,
}

/// Records a consent.
pub fn insert_consent(
    db: &mut Db,
    article: ArticleId,
    consent: &NewConsent,
    by: StaffId,
    now: Timestamp,
) -> Result<(), StoreError> {
    diesel::insert_into(patient_consent::table)
        .values((
            patient_consent::article_id.eq(article.0),
            patient_consent::taken_by.eq(&consent.taken_by),
            patient_consent::taken_on.eq(consent.taken_on.iso()),
            patient_consent::scope.eq(&consent.scope),
            patient_consent::recorded_by.eq(by.0),
            patient_consent::recorded_at.eq(now.as_millis()),
        ))
        .execute(db)?;
    Ok(())
}

/// Marks a consent as taken back. Returns whether there was one to mark.
pub fn withdraw_consent(
    db: &mut Db,
    article: ArticleId,
    id: i64,
    by: StaffId,
    now: Timestamp,
) -> Result<bool, StoreError> {
    let consent = patient_consent::table
        .find(id)
        .filter(patient_consent::article_id.eq(article.0))
        .filter(patient_consent::withdrawn_at.is_null());
    let marked = diesel::update(consent)
        .set((
            patient_consent::withdrawn_by.eq(by.0),
            patient_consent::withdrawn_at.eq(now.as_millis()),
        ))
        .execute(db)?;
    Ok(marked == 1)
}

/// The consents of an article, the newest first.
pub fn consents(db: &mut Db, article: ArticleId) -> Result<Vec<PatientConsent>, StoreError> {
    Ok(patient_consent::table
        .inner_join(staff_member::table)
        .filter(patient_consent::article_id.eq(article.0))
        .order(patient_consent::id.desc())
        .select((
            patient_consent::id,
            patient_consent::taken_by,
            patient_consent::taken_on,
            patient_consent::scope,
            staff_member::name,
            patient_consent::recorded_at,
            patient_consent::withdrawn_at,
        ))
        .load(db)?)
}

/// An item of the checklist that somebody ticked.
#[derive(Debug, Clone, Queryable)]
pub struct Tick {
    /// Which.
    pub item: ChecklistItem,
    /// The name of who ticked it.
    pub ticked_by: String,
    /// When.
    pub ticked_at: Timestamp,
}

/// What is ticked for a saved text.
pub fn ticks(db: &mut Db, article: ArticleId, version: i32) -> Result<Vec<Tick>, StoreError> {
    Ok(deidentification_tick::table
        .inner_join(staff_member::table)
        .filter(deidentification_tick::article_id.eq(article.0))
        .filter(deidentification_tick::version.eq(version))
        .order(deidentification_tick::id.asc())
        .select((
            deidentification_tick::item,
            staff_member::name,
            deidentification_tick::ticked_at,
        ))
        .load(db)?)
}

/// Makes `items` what is ticked for a saved text: what was ticked before keeps its name and time.
pub fn set_ticks(
    db: &mut Db,
    article: ArticleId,
    version: i32,
    items: &[ChecklistItem],
    by: StaffId,
    now: Timestamp,
) -> Result<(), StoreError> {
    let names: Vec<&str> = items.iter().map(|item| item.as_str()).collect();
    let no_longer = deidentification_tick::table
        .filter(deidentification_tick::article_id.eq(article.0))
        .filter(deidentification_tick::version.eq(version))
        .filter(deidentification_tick::item.ne_all(names.clone()));
    diesel::delete(no_longer).execute(db)?;
    for name in names {
        each!(db, c => diesel::insert_into(deidentification_tick::table)
            .values((
                deidentification_tick::article_id.eq(article.0),
                deidentification_tick::version.eq(version),
                deidentification_tick::item.eq(name),
                deidentification_tick::ticked_by.eq(by.0),
                deidentification_tick::ticked_at.eq(now.as_millis()),
            ))
            .on_conflict_do_nothing()
            .execute(c))?;
    }
    Ok(())
}
