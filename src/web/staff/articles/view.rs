//! A text that is being written, as the site would show it.

use crate::clock::Timestamp;
use crate::domain::article::ArticleKind;
use crate::domain::clinical_text::lines;
use crate::domain::local_time::{self, CalendarDate};
use crate::domain::reference::reference;
use crate::store::articles::ArticleText;
use crate::web::public::articles::ArticleView;

/// Who approved a text, and when.
pub(super) type Approval = (String, Timestamp);

/// The view of a text. `published` is when the article first came on the site.
pub(super) fn view(
    text: ArticleText,
    approval: Option<Approval>,
    published: Option<Timestamp>,
    now: Timestamp,
) -> ArticleView {
    let list = |text: &str| lines(text).map(str::to_owned).collect();
    let kind = text.kind.parse::<ArticleKind>();
    let review_by = text
        .review_by
        .and_then(|day| day.parse::<CalendarDate>().ok());
    let (reviewer, reviewed) = approval.unzip();
    ArticleView {
        kind_label: kind.map_or("", ArticleKind::label),
        title: text.title,
        summary: text.summary,
        practice_points: list(&text.practice_points),
        authors: list(&text.authors),
        reviewer,
        reviewed: reviewed.map(local_time::display_date),
        conflicts: text.conflicts,
        references: lines(&text.reference_list).map(reference).collect(),
        published: published.map(local_time::display_date),
        review_by: review_by.map(|day| day.to_string()),
        overdue: review_by.is_some_and(|day| day.is_before(now)),
    }
}
