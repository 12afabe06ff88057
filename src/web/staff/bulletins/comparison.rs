//! Two texts of a bulletin beside one another.

use crate::app::AppError;
use crate::domain::audience::Attendance;
use crate::domain::bulletin::ArticleForm;
use crate::domain::local_time;
use crate::domain::subscriber::{Region, Role};
use crate::web::staff::comparison::{self, FieldView};

use super::form::{BulletinForm, Choices};

/// The fields in which two texts differ, in the order of the form; of a correction, whose audience is not chosen, without it.
pub(super) async fn differences(
    old: &BulletinForm,
    new: &BulletinForm,
    choices: &Choices,
    has_audience: bool,
) -> Result<Vec<FieldView>, AppError> {
    let both = |of: &dyn Fn(&BulletinForm) -> String| (of(old), of(new));
    let mut fields = vec![
        ("Subject", both(&|form| form.subject.clone())),
        ("Preheader", both(&|form| form.preheader.clone())),
        ("Introduction", both(&|form| form.introduction.clone())),
    ];
    if has_audience {
        fields.push(("Who gets it", both(&|form| audience(form, choices))));
    }
    fields.push(("Articles", both(&|form| articles(form, choices))));
    comparison::compare(fields).await
}

/// Who gets it, a line for each thing that was chosen.
fn audience(form: &BulletinForm, choices: &Choices) -> String {
    let mut lines = Vec::new();
    let mut add = |label: &str, words: String| {
        if !words.is_empty() {
            lines.push(format!("{label}: {words}"));
        }
    };
    let topics = choices.topics.iter();
    let topics = topics.filter(|topic| form.topics.contains(&topic.slug));
    add(
        "Topics",
        listed(topics.map(|topic| topic.name.as_str()).collect()),
    );
    add("Only the people of", event(&form.symposium, choices));
    let named = |names: &[String], label: &dyn Fn(&str) -> Option<&'static str>| {
        listed(names.iter().filter_map(|name| label(name)).collect())
    };
    add(
        "Regions",
        named(&form.regions, &|name| name.parse().ok().map(Region::label)),
    );
    add(
        "Roles",
        named(&form.roles, &|name| name.parse().ok().map(Role::label)),
    );
    add("Joined on or after", form.joined_from.trim().to_owned());
    add("Joined before", form.joined_before.trim().to_owned());
    let how = form.attendance.parse().unwrap_or(Attendance::Registered);
    add(how.label(), event(&form.event, choices));
    add("Received", bulletin(&form.received, choices));
    add("Has not received", bulletin(&form.not_received, choices));
    lines.join("\n")
}

fn listed(mut words: Vec<&str>) -> String {
    words.sort_unstable();
    words.join(", ")
}

fn event(key: &str, choices: &Choices) -> String {
    let mut known = choices.symposia.iter();
    match known.find(|one| one.id.to_string() == key) {
        Some(one) => one.title.clone(),
        None if key.is_empty() => String::new(),
        None => "an event that is not there any more".to_owned(),
    }
}

fn bulletin(key: &str, choices: &Choices) -> String {
    let mut known = choices.started.iter();
    match known.find(|(id, _, _)| id.to_string() == key) {
        Some((_, subject, at)) => format!("{subject}, {}", local_time::display_date(*at)),
        None if key.is_empty() => String::new(),
        None => "a bulletin that is not there any more".to_owned(),
    }
}

/// The articles in their order, one a line.
fn articles(form: &BulletinForm, choices: &Choices) -> String {
    let typed = form.typed();
    let lines = typed.in_order().into_iter().map(|line| {
        let title = choices.title(line.article);
        let title = title.unwrap_or("An article that is not there any more");
        let is_whole = line.form == ArticleForm::Whole.as_str();
        format!("{title} ({})", if is_whole { "whole" } else { "teaser" })
    });
    lines.collect::<Vec<_>>().join("\n")
}
