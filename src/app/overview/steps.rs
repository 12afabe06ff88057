//! What a new clinic does first. The list goes away by itself.

use crate::app::{App, AppError};
use crate::store::{Db, articles, bulletins, publications, site_settings, staff_members};

/// A first step.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Step {
    /// What is to be done.
    pub what: &'static str,
    /// Why, in a sentence.
    pub why: &'static str,
    /// Where.
    pub path: &'static str,
    /// Whether it is done.
    pub done: bool,
}

/// The first steps, while one of them is left to do and no bulletin has ever been sent.
pub(super) fn left(app: &App, db: &mut Db) -> Result<Option<Vec<Step>>, AppError> {
    if bulletins::any_started(db)? {
        return Ok(None);
    }
    let site = app.site();
    let settings = &app.settings;
    let is_active = |member: &&staff_members::StaffMember| member.active;
    let step = |what, why, path, done| Step {
        what,
        why,
        path,
        done,
    };
    let is_told = site_settings::value(db, "clinic")?.is_some();
    let has_server = !settings.smtp_servers.is_empty();
    let colleagues = staff_members::all(db)?.iter().filter(is_active).count();
    Ok(Some(vec![
        step(
            "Say who the clinic is",
            "Its name, addresses and colours stand on the pages, and the law asks for them in every message.",
            "/staff/settings/clinic",
            is_told,
        ),
        step(
            "Set the mail server",
            "Until then messages are kept in the built-in mailbox and reach nobody.",
            "/staff/settings/mail",
            has_server,
        ),
        step(
            "Sign messages with DKIM",
            "Make a key here and publish its record, so that Gmail and Outlook know that messages are yours.",
            "/staff/settings/mail#dkim",
            site.dkim.is_some(),
        ),
        step(
            "Add a colleague",
            "Whoever wrote a text does not approve it: a second person is needed for the first article.",
            "/staff/members",
            colleagues > 1,
        ),
        step(
            "Publish the first article",
            "A draft on calcium scoring is there already, to be made your own.",
            first_draft(db)?,
            publications::count(db, None)? > 0,
        ),
        step(
            "Send the first bulletin",
            "Choose articles and who gets them. It can be tried out on the staff first.",
            "/staff/bulletins/new",
            false,
        ),
    ]))
}

fn first_draft(db: &mut Db) -> Result<&'static str, AppError> {
    let has_articles = !articles::list(db, None, 1)?.is_empty();
    Ok(if has_articles {
        "/staff/articles"
    } else {
        "/staff/articles/new"
    })
}
