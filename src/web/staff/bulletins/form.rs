//! A bulletin's form, as it was typed.

use serde::Deserialize;

use crate::app::choose_audience::{self, Saved, Started};
use crate::app::write_bulletin::{self, Shown};
use crate::app::{App, AppError, keep_subscribers};
use crate::domain::article::ArticleId;
use crate::domain::bulletin::ArticleForm;
use crate::domain::symposium::SymposiumId;
use crate::domain::topic::TopicId;
use crate::store::bulletins::BulletinText;
use crate::store::publications::Publication;
use crate::store::symposia::Symposium;
use crate::store::topics::Topic;
use crate::web::forms::{Problems, checked};

/// The fields in the order of the form.
const FIELDS: [&str; 16] = [
    "over",
    "subject",
    "preheader",
    "introduction",
    "saved",
    "topics",
    "symposium",
    "regions",
    "roles",
    "joined_from",
    "joined_before",
    "event",
    "received",
    "not_received",
    "audience_name",
    "articles",
];

/// What was typed. For each article that is offered there is one `article`, one `position` and one
/// `form`, in the same order.
#[derive(Default, Deserialize)]
#[serde(default)]
pub(in crate::web) struct BulletinForm {
    pub(super) subject: String,
    pub(super) preheader: String,
    pub(super) introduction: String,
    pub(super) topics: Vec<String>,
    /// The key of the symposium whose people alone get it; empty: none.
    pub(super) symposium: String,
    /// The key of the saved audience that is to be taken over.
    pub(super) saved: String,
    /// Names of regions.
    pub(super) regions: Vec<String>,
    /// Names of roles.
    pub(super) roles: Vec<String>,
    /// A day.
    pub(super) joined_from: String,
    /// A day.
    pub(super) joined_before: String,
    /// The key of an event.
    pub(super) event: String,
    /// What they have to do with it.
    pub(super) attendance: String,
    /// The key of a bulletin.
    pub(super) received: String,
    /// The key of another.
    pub(super) not_received: String,
    /// The name under which the audience is to be saved.
    pub(super) audience_name: String,
    pub(super) article: Vec<i64>,
    pub(super) position: Vec<String>,
    pub(super) form: Vec<String>,
    /// The version of the text that was opened.
    pub(super) version: i32,
    /// The newer version that its editor wants to replace, having been told of it.
    pub(super) over: String,
    /// The bulletin, while its form keeps what is typed by itself; none when it is not begun yet.
    pub(super) bulletin: String,
    /// What was kept of it by itself.
    pub(super) copy: String,
    /// Which button was pressed.
    pub(super) action: String,
    #[serde(skip)]
    pub(super) problems: Problems,
}

checked!(BulletinForm, topics);

/// An article as a line of the form.
pub(super) struct ArticleLine {
    pub(super) id: i64,
    pub(super) title: String,
    pub(super) kind_label: &'static str,
    pub(super) state: &'static str,
    pub(super) state_label: &'static str,
    /// Its place in the bulletin, as it was typed; empty if it is not in it.
    pub(super) position: String,
    pub(super) whole: bool,
}

impl BulletinForm {
    /// For a new bulletin to the people of this symposium, or with an empty key to everybody.
    pub(super) fn for_symposium(symposium: String) -> Self {
        Self {
            symposium,
            ..Self::default()
        }
    }

    /// For a bulletin that is stored.
    pub(super) fn of(shown: &Shown) -> Self {
        let bulletin = &shown.bulletin;
        let articles = &shown.articles;
        Self {
            subject: bulletin.subject.clone(),
            preheader: bulletin.preheader.clone(),
            introduction: bulletin.introduction.clone(),
            topics: shown
                .topics
                .iter()
                .map(|topic| topic.slug.clone())
                .collect(),
            symposium: shown
                .symposium
                .as_ref()
                .map(|symposium| symposium.id.to_string())
                .unwrap_or_default(),
            article: articles.iter().map(|(id, _, _)| id.0).collect(),
            position: (1..=articles.len())
                .map(|place| place.to_string())
                .collect(),
            form: articles
                .iter()
                .map(|(_, form, _)| form.as_str().to_owned())
                .collect(),
            version: bulletin.version,
            ..Self::default()
        }
        .with_narrowing(&bulletin.narrowing)
    }

    /// The version that saving replaces.
    pub(super) fn replaces(&self) -> i32 {
        self.over.parse().unwrap_or(self.version)
    }

    /// The articles of the form as they were typed: id, place, form.
    pub(super) fn lines(&self) -> impl Iterator<Item = (i64, &str, &str)> {
        self.article.iter().enumerate().map(|(line, id)| {
            let at = |list: &'_ [String]| -> usize { line.min(list.len()) };
            let position = self
                .position
                .get(at(&self.position))
                .map_or("", String::as_str);
            let form = self.form.get(at(&self.form)).map_or("", String::as_str);
            (*id, position.trim(), form)
        })
    }

    /// What is to be saved; or nothing, and what is wrong is noted. What a use case can judge is left
    /// to it.
    pub(super) fn text(&mut self, choices: &Choices) -> Option<BulletinText> {
        let articles = self.chosen_articles(choices);
        let mut problems = std::mem::take(&mut self.problems);
        let articles = problems.take("articles", articles);
        let topics = problems.take("topics", self.topic_ids(choices));
        let symposium = problems.take("symposium", self.symposium_id(choices));
        let narrowing = self.narrowing(choices, &mut problems);
        self.problems = problems.in_order(&FIELDS);
        Some(BulletinText {
            subject: self.subject.clone(),
            preheader: self.preheader.clone(),
            introduction: self.introduction.clone(),
            articles: articles?,
            topics: topics?,
            symposium: symposium?,
            narrowing: narrowing?,
        })
    }

    /// The topics that are ticked.
    pub(super) fn topic_ids(&self, choices: &Choices) -> Result<Vec<TopicId>, &'static str> {
        topic_ids(&choices.topics, &self.topics).ok_or("Please choose topics from the list.")
    }

    /// The symposium whose people alone get it.
    pub(super) fn symposium_id(
        &self,
        choices: &Choices,
    ) -> Result<Option<SymposiumId>, &'static str> {
        if self.symposium.is_empty() {
            return Ok(None);
        }
        let mut offered = choices.symposia.iter();
        let chosen = offered.find(|one| one.id.to_string() == self.symposium);
        chosen
            .map(|one| Some(one.id))
            .ok_or("Please choose an event from the list.")
    }

    fn chosen_articles(&self, choices: &Choices) -> Result<Vec<(ArticleId, ArticleForm)>, String> {
        let mut chosen: Vec<(u32, ArticleId, ArticleForm)> = Vec::new();
        for (id, position, form) in self.lines().filter(|(_, position, _)| !position.is_empty()) {
            let Some(title) = choices.title(id) else {
                return Err("An article that was chosen is not there any more.".to_owned());
            };
            let place = position.parse().map_err(|_| {
                format!("The order of “{title}” is no number. Please use 1, 2, 3 and so on.")
            })?;
            chosen.push((
                place,
                ArticleId(id),
                form.parse().unwrap_or(ArticleForm::Teaser),
            ));
        }
        // Equal numbers keep the order of the form.
        chosen.sort_by_key(|(place, _, _)| *place);
        Ok(chosen.into_iter().map(|(_, id, form)| (id, form)).collect())
    }

    /// All articles that can be chosen, those in the bulletin first.
    pub(super) fn article_lines(&self, choices: &Choices) -> Vec<ArticleLine> {
        let typed = |id: i64| self.lines().find(|(typed, _, _)| *typed == id);
        let mut lines: Vec<ArticleLine> = Vec::new();
        for publication in &choices.on_site {
            let id = publication.article_id.0;
            let (_, position, form) = typed(id).unwrap_or((id, "", ""));
            lines.push(ArticleLine {
                id,
                title: publication.title.clone(),
                kind_label: publication.kind.label(),
                state: "published",
                state_label: "On the site",
                position: position.to_owned(),
                whole: form == ArticleForm::Whole.as_str(),
            });
        }
        for (id, title) in &choices.off_site {
            let (_, position, form) = typed(*id).unwrap_or((*id, "", ""));
            lines.push(ArticleLine {
                id: *id,
                title: title.clone(),
                kind_label: "",
                state: "warning",
                state_label: "Not on the site",
                position: position.to_owned(),
                whole: form == ArticleForm::Whole.as_str(),
            });
        }
        // Those without a number last; what is no number stands where it is seen first.
        lines.sort_by_key(|line| match line.position.as_str() {
            "" => (1, 0),
            number => (0, number.parse::<u32>().unwrap_or(0)),
        });
        lines
    }

    /// Notes what a use case found.
    pub(super) fn refuse(&mut self, found: Vec<(&'static str, String)>) {
        self.problems.extend(found);
        self.problems = std::mem::take(&mut self.problems).in_order(&FIELDS);
    }
}

/// The keys of topics by their names in forms; `None` when one is unknown.
pub(super) fn topic_ids(topics: &[Topic], slugs: &[String]) -> Option<Vec<TopicId>> {
    let id = |slug: &String| {
        topics
            .iter()
            .find(|topic| topic.slug == *slug)
            .map(|topic| topic.id)
    };
    let mut ids = slugs.iter().map(id).collect::<Option<Vec<TopicId>>>()?;
    ids.sort_unstable();
    ids.dedup();
    Some(ids)
}

/// What the form offers.
pub(super) struct Choices {
    pub(super) topics: Vec<Topic>,
    pub(super) symposia: Vec<Symposium>,
    pub(super) started: Vec<Started>,
    pub(super) saved: Vec<Saved>,
    on_site: Vec<Publication>,
    /// Articles of the bulletin that are not on the site: id and title.
    off_site: Vec<(i64, String)>,
}

impl Choices {
    /// What there is to choose now, for a new bulletin or one that is stored.
    pub(super) async fn load(app: &App, shown: Option<&Shown>) -> Result<Self, AppError> {
        let off_site = shown.map(|shown| {
            shown
                .off_site_titles
                .iter()
                .map(|(id, title)| (id.0, title.clone()))
                .collect()
        });
        Ok(Self {
            topics: keep_subscribers::topics(app).await?,
            symposia: write_bulletin::choosable_symposia(app).await?,
            started: choose_audience::started_bulletins(app).await?,
            saved: choose_audience::all_saved(app).await?,
            on_site: write_bulletin::choosable_articles(app).await?,
            off_site: off_site.unwrap_or_default(),
        })
    }

    /// As much as it takes to read who gets it.
    pub(super) async fn of_audience(app: &App) -> Result<Self, AppError> {
        Ok(Self {
            topics: keep_subscribers::topics(app).await?,
            symposia: write_bulletin::choosable_symposia(app).await?,
            started: choose_audience::started_bulletins(app).await?,
            saved: Vec::new(),
            on_site: Vec::new(),
            off_site: Vec::new(),
        })
    }

    pub(super) fn title(&self, id: i64) -> Option<&str> {
        let on_site = self
            .on_site
            .iter()
            .find(|publication| publication.article_id.0 == id);
        let off_site = self.off_site.iter().find(|(article, _)| *article == id);
        on_site
            .map(|found| found.title.as_str())
            .or(off_site.map(|(_, title)| title.as_str()))
    }
}
