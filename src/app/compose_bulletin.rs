//! Makes the mail of a bulletin from its text and the articles as they are on the site.

use crate::domain::bulletin::ArticleForm;
use crate::domain::case_study::with_ground;
use crate::domain::clinical_text::lines;
use crate::domain::local_time::CalendarDate;
use crate::domain::markdown;
use crate::domain::reference::reference;
use crate::mail::bulletin::{BulletinArticle, BulletinMail, Form, Reference};
use crate::mail::content::{Content, Slot};
use crate::store::Db;
use crate::store::bulletins::{self, Bulletin};
use crate::store::publications::{self, Publication};

use super::keep_images::{self, Sizes};
use super::write_bulletin::articles_of;
use super::{App, AppError};

/// The mail as the bulletin and its articles are now.
pub(super) fn compose(app: &App, db: &mut Db, bulletin: &Bulletin) -> Result<Content, AppError> {
    let base_url = app.settings.base_url.join("");
    let mut articles = Vec::new();
    for (_, form, publication) in articles_of(db, bulletin.id)? {
        if let Some(publication) = publication {
            let reviewer = publications::reviewer_name(db, publication.article_id)?;
            let sizes = keep_images::sizes(db, &publication.body)?;
            articles.push(article(&base_url, &publication, reviewer, form, &sizes));
        }
    }
    let sizes = keep_images::sizes(db, &bulletin.introduction)?;
    let mail = BulletinMail {
        sender: &app.sender(),
        subject: bulletin.subject.clone(),
        preheader: bulletin.preheader.clone(),
        introduction_html: html(&bulletin.introduction, &base_url, &sizes),
        introduction_text: markdown::to_text_for_mail(&bulletin.introduction, &base_url),
        // What goes to the people of one event is not in the archive.
        web_url: bulletin
            .symposium_id
            .is_none()
            .then(|| format!("{base_url}/bulletins/{}", bulletin.slug)),
        articles,
    };
    mail.render().map_err(AppError::internal)
}

/// The column of a mail, in pixels, less what lists and quotations are set in by.
const COLUMN: u32 = 520;

fn html(text: &str, base_url: &str, sizes: &Sizes) -> String {
    let html = markdown::to_html_for_mail(text, base_url);
    sizes.in_a_mail(&html, base_url, COLUMN)
}

fn article(
    base_url: &str,
    publication: &Publication,
    reviewer: String,
    form: ArticleForm,
    sizes: &Sizes,
) -> BulletinArticle {
    let list = |text: &str| lines(text).map(str::to_owned).collect::<Vec<String>>();
    let references = lines(&publication.reference_list).map(reference);
    let body = with_ground(&publication.body, publication.case_ground);
    let conflicts = publication.conflicts.trim();
    BulletinArticle {
        kind_label: publication.kind.label().to_owned(),
        title: publication.title.clone(),
        url: format!("{base_url}/articles/{}", publication.slug),
        form: match form {
            ArticleForm::Whole => Form::Whole {
                html: html(&body, base_url, sizes),
                text: markdown::to_text_for_mail(&body, base_url),
            },
            ArticleForm::Teaser => Form::Teaser {
                summary: publication.summary.clone(),
            },
        },
        practice_points: list(&publication.practice_points),
        authors: list(&publication.authors),
        reviewed: Some((reviewer, CalendarDate::of(publication.approved_at))),
        conflicts: (!conflicts.is_empty()).then(|| conflicts.to_owned()),
        references: references
            .map(|r| Reference {
                text: r.text,
                url: r.url,
            })
            .collect(),
        published: Some(CalendarDate::of(publication.first_published_at)),
        review_by: publication.review_by,
    }
}

/// The mail that was approved; before there is one, as it is now.
pub(super) fn as_approved_or_now(
    app: &App,
    db: &mut Db,
    bulletin: &Bulletin,
) -> Result<Content, AppError> {
    match bulletins::frozen(db, bulletin.id)? {
        Some(frozen) => Ok(Content {
            subject: bulletin.subject.clone(),
            html: frozen.html,
            text: frozen.text,
        }),
        None => compose(app, db, bulletin),
    }
}

/// The mail with its personal pieces filled with what is for everybody: a preview, or the archive.
pub(super) fn for_everybody(app: &App, content: &Content) -> Result<Content, AppError> {
    let manage = app.manage_page();
    content
        .preview(|slot| match slot {
            Slot::GreetingName => String::new(),
            Slot::ManageUrl | Slot::UnsubscribeUrl | Slot::ConfirmUrl => manage.clone(),
        })
        .map_err(AppError::internal)
}
