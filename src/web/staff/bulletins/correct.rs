//! A bulletin that was wrong is corrected: the draft is begun, and both pages say what belongs to what.

use actix_web::web::{Data, Path};

use crate::app::App;
use crate::app::correct_bulletin::{self, Corrected, Place};
use crate::app::write_bulletin::Shown;
use crate::domain::bulletin::BulletinId;
use crate::domain::grouped::grouped;
use crate::domain::local_time;
use crate::web::page::Answer;
use crate::web::session::{Staff, see_other_saying};

use super::{address, people};

/// What a correction corrects, and who of those it concerns is out of reach.
pub(super) struct CorrectionView {
    pub(super) id: BulletinId,
    pub(super) subject: String,
    pub(super) sent: String,
    /// "14 people may have received it."; empty once the correction has begun.
    pub(super) received: String,
    /// "2 of them unsubscribed", one for each reason.
    pub(super) unreachable: Vec<String>,
}

impl CorrectionView {
    pub(super) fn of(shown: &Shown) -> Option<Self> {
        let corrected = shown.corrections.corrects.as_ref()?;
        Some(Self {
            id: corrected.id,
            subject: corrected.subject.clone(),
            sent: corrected
                .started_at
                .map(local_time::display_date)
                .unwrap_or_default(),
            received: match shown.bulletin.started_at {
                Some(_) => String::new(),
                None => format!("{} may have received it.", people(corrected.received)),
            },
            unreachable: unreachable(corrected),
        })
    }
}

fn unreachable(corrected: &Corrected) -> Vec<String> {
    let reasons = corrected.unreachable.iter();
    reasons
        .map(|(count, why)| {
            let verb = match (*why, *count) {
                (why, _) if why == "paused bulletins" || why == "unsubscribed" => "",
                (_, 1) => "is ",
                _ => "are ",
            };
            format!("{} {verb}{why}", grouped(*count))
        })
        .collect()
}

/// A correction, as the page of what it corrects names it.
pub(super) struct CorrectionItem {
    pub(super) id: BulletinId,
    pub(super) subject: String,
    pub(super) state: &'static str,
    pub(super) state_label: &'static str,
    pub(super) sent: Option<String>,
}

/// What corrects a bulletin.
pub(super) fn items(place: &Place) -> Vec<CorrectionItem> {
    let corrections = place.corrections.iter();
    corrections
        .map(|one| CorrectionItem {
            id: one.id,
            subject: one.subject.clone(),
            state: one.state.as_str(),
            state_label: one.state.label(),
            sent: one.started_at.map(local_time::display_date),
        })
        .collect()
}

/// `POST /staff/bulletins/{id}/correct`.
pub(in crate::web) async fn begin(app: Data<App>, Staff(actor): Staff, id: Path<i64>) -> Answer {
    let correction = correct_bulletin::begin(&app, actor.id, BulletinId(*id)).await?;
    let said = "This is the correction, as a draft. Write what was wrong and what is right. It goes to those who \
                received the bulletin, once a second person has approved it.";
    let edit = format!("{}/edit", address(correction));
    Ok(see_other_saying(&app, &edit, said))
}
