//! An article's form, as it was typed.

use serde::Deserialize;

use crate::app::keep_working_copy::TypedArticle;
use crate::app::{App, AppError, keep_subscribers, write_article};
use crate::domain::article::ArticleKind;
use crate::domain::case_study;
use crate::domain::staff_member::StaffId;
use crate::domain::topic::TopicId;
use crate::store::articles::ArticleText;
use crate::store::topics::Topic;
use crate::web::forms::{Problems, checked};
use crate::web::staff::choice::Choice;

/// The fields in the order of the form.
const FIELDS: [&str; 12] = [
    "over",
    "title",
    "summary",
    "practice_points",
    "kind",
    "topic",
    "authors",
    "reviewer",
    "review_by",
    "body",
    "references",
    "conflicts",
];

/// What was typed.
#[derive(Default, Deserialize)]
#[serde(default)]
pub(in crate::web) struct ArticleForm {
    pub(super) title: String,
    pub(super) kind: String,
    pub(super) topic: String,
    pub(super) summary: String,
    pub(super) practice_points: String,
    pub(super) authors: String,
    pub(super) reviewer: String,
    pub(super) conflicts: String,
    pub(super) references: String,
    pub(super) review_by: String,
    pub(super) body: String,
    /// The version of the text that was opened.
    pub(super) version: i32,
    /// The newer version that its reader wants to replace, having been told of it.
    pub(super) over: String,
    /// The article, while its form keeps what is typed by itself; none when it is not begun yet.
    pub(super) article: String,
    /// What was kept of it by itself.
    pub(super) copy: String,
    /// Which button was pressed.
    pub(super) action: String,
    #[serde(skip)]
    pub(super) problems: Problems,
}

checked!(ArticleForm);

impl ArticleForm {
    /// For a new article of this kind; `usual_conflicts` is what the clinic says of itself under guidance on calcium scores.
    pub(super) fn new(kind: ArticleKind, usual_conflicts: &str) -> Self {
        let body = match kind {
            ArticleKind::CaseStudy => case_study::outline(),
            _ => String::new(),
        };
        let mut form = Self {
            kind: kind.as_str().to_owned(),
            body,
            ..Self::default()
        };
        form.fill_in_usual_conflicts(usual_conflicts);
        form
    }

    /// For a text that is stored.
    pub(super) fn of(text: ArticleText, version: i32, choices: &Choices) -> Self {
        let topic = choices
            .all_topics
            .iter()
            .find(|topic| topic.id == text.topic_id);
        Self {
            title: text.title,
            kind: text.kind,
            topic: topic.map(|topic| topic.slug.clone()).unwrap_or_default(),
            summary: text.summary,
            practice_points: text.practice_points,
            authors: text.authors,
            reviewer: text
                .reviewer_id
                .map(|id| id.to_string())
                .unwrap_or_default(),
            conflicts: text.conflicts,
            references: text.reference_list,
            review_by: text.review_by.unwrap_or_default(),
            body: text.body,
            version,
            ..Self::default()
        }
    }

    /// For what somebody typed and did not save.
    pub(super) fn of_typed(typed: TypedArticle, version: i32) -> Self {
        Self {
            title: typed.title,
            kind: typed.kind,
            topic: typed.topic,
            summary: typed.summary,
            practice_points: typed.practice_points,
            authors: typed.authors,
            reviewer: typed.reviewer,
            conflicts: typed.conflicts,
            references: typed.references,
            review_by: typed.review_by,
            body: typed.body,
            version,
            ..Self::default()
        }
    }

    /// What is kept of it by itself.
    pub(super) fn typed(&self) -> TypedArticle {
        TypedArticle {
            title: self.title.clone(),
            kind: self.kind.clone(),
            topic: self.topic.clone(),
            summary: self.summary.clone(),
            practice_points: self.practice_points.clone(),
            authors: self.authors.clone(),
            reviewer: self.reviewer.clone(),
            conflicts: self.conflicts.clone(),
            references: self.references.clone(),
            review_by: self.review_by.clone(),
            body: self.body.clone(),
        }
    }

    /// The version that saving replaces.
    pub(super) fn replaces(&self) -> i32 {
        self.over.parse().unwrap_or(self.version)
    }

    /// What is to be saved; or nothing, and what is wrong is noted. What a use case can judge is left
    /// to it.
    pub(super) fn text(&mut self, choices: &Choices) -> Option<ArticleText> {
        let topic_id = self.topic_id(choices);
        if topic_id.is_none() && !self.kind.is_empty() {
            self.problems
                .add("topic", "Please choose a topic from the list.");
        }
        let reviewer_id = self.reviewer_id(choices);
        if reviewer_id.is_none() && !self.reviewer.is_empty() {
            self.problems
                .add("reviewer", "Please choose somebody from the list.");
        }
        if !self.problems.is_empty() {
            return None;
        }
        let review_by = self.review_by.trim();
        Some(ArticleText {
            kind: self.kind.clone(),
            // Without a kind there is no topic, and the use case asks for the kind.
            topic_id: topic_id.unwrap_or(TopicId(0)),
            title: self.title.clone(),
            summary: self.summary.clone(),
            body: self.body.clone(),
            practice_points: self.practice_points.clone(),
            authors: self.authors.clone(),
            conflicts: self.conflicts.clone(),
            reference_list: self.references.clone(),
            reviewer_id,
            review_by: (!review_by.is_empty()).then(|| review_by.to_owned()),
        })
    }

    fn topic_id(&self, choices: &Choices) -> Option<TopicId> {
        let usual = self.kind.parse().map_or("", ArticleKind::usual_topic);
        let slug = if self.topic.is_empty() {
            usual
        } else {
            self.topic.as_str()
        };
        choices
            .all_topics
            .iter()
            .find(|topic| topic.slug == slug)
            .map(|topic| topic.id)
    }

    fn reviewer_id(&self, choices: &Choices) -> Option<StaffId> {
        let is_offered = choices
            .reviewers
            .iter()
            .any(|choice| choice.value == self.reviewer);
        self.reviewer
            .parse()
            .ok()
            .filter(|_| is_offered)
            .map(StaffId)
    }

    /// New guidance on calcium scores says what the clinic sells, unless its author says otherwise (DOMAIN, clinical content).
    /// Elsewhere that would be said of what has nothing to do with it: there the author is asked before the review.
    pub(super) fn fill_in_usual_conflicts(&mut self, usual: &str) {
        let Ok(kind) = self.kind.parse::<ArticleKind>() else {
            return;
        };
        let topic = match self.topic.as_str() {
            "" => kind.usual_topic(),
            chosen => chosen,
        };
        if kind.has_usual_conflicts(topic) && self.conflicts.trim().is_empty() {
            usual.clone_into(&mut self.conflicts);
        }
    }

    /// A case study without a text begins with the headings of the CARE guideline, also where its author chose the kind
    /// in the form.
    pub(super) fn fill_in_outline(&mut self) {
        if self.kind == ArticleKind::CaseStudy.as_str() && self.body.trim().is_empty() {
            self.body = case_study::outline();
        }
    }

    /// Puts the headings of the CARE guideline into the text that it lacks.
    pub(super) fn add_missing_headings(&mut self) {
        self.body = case_study::with_all_headings(&self.body);
    }

    /// Notes what a use case found.
    pub(super) fn refuse(&mut self, found: Vec<(&'static str, String)>) {
        self.problems.extend(found);
        self.problems = std::mem::take(&mut self.problems).in_order(&FIELDS);
    }
}

/// What the lists of the form offer.
pub(super) struct Choices {
    pub(super) kinds: Vec<Choice>,
    pub(super) topics: Vec<Choice>,
    pub(super) reviewers: Vec<Choice>,
    /// Authors of earlier articles with their roles, and members of staff.
    pub(super) authors: Vec<String>,
    all_topics: Vec<Topic>,
}

impl Choices {
    /// The name of a topic; empty if there is none.
    pub(super) fn topic_name(&self, id: TopicId) -> String {
        let topic = self.all_topics.iter().find(|topic| topic.id == id);
        topic.map(|topic| topic.name.clone()).unwrap_or_default()
    }

    /// Somebody as an author: with the role of an earlier article, or by the name alone.
    pub(super) fn as_author(&self, name: &str) -> String {
        let has_role = |line: &&String| {
            line.strip_prefix(name)
                .is_some_and(|rest| rest.starts_with(','))
        };
        let known = self.authors.iter().find(has_role);
        known.cloned().unwrap_or_else(|| name.to_owned())
    }

    /// The name of who is asked for a review.
    pub(super) fn reviewer_name(&self, id: Option<StaffId>) -> String {
        let Some(id) = id else {
            return "Anybody who may".to_owned();
        };
        let value = id.to_string();
        let reviewer = self.reviewers.iter().find(|choice| choice.value == value);
        reviewer.map_or_else(
            || "Somebody who may no longer".to_owned(),
            |choice| choice.label.clone(),
        )
    }

    /// What there is to choose now.
    pub(super) async fn load(app: &App) -> Result<Self, AppError> {
        let all_topics = keep_subscribers::topics(app).await?;
        let reviewers = write_article::reviewers(app).await?;
        Ok(Self {
            authors: write_article::known_authors(app).await?,
            kinds: ArticleKind::ALL
                .iter()
                .map(|one| Choice::new(one.as_str(), one))
                .collect(),
            topics: all_topics
                .iter()
                .map(|one| Choice::new(&one.slug, &one.name))
                .collect(),
            reviewers: reviewers
                .iter()
                .map(|one| Choice::new(one.id, &one.name))
                .collect(),
            all_topics,
        })
    }
}
