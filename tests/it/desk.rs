//! Three members of staff, each at a browser of their own, and what they do on an ordinary day.

use practice_points::domain::staff_member::StaffRole;

use crate::app::{Answer, TestApp};

/// Who writes, who approves, and who publishes and sends.
pub struct Desk {
    pub author: TestApp,
    pub reviewer: TestApp,
    pub publisher: TestApp,
}

/// Fields of a form, as they are typed.
pub type Fields = Vec<(&'static str, String)>;

/// The same fields with one of them changed.
pub fn with(mut fields: Fields, name: &'static str, value: impl Into<String>) -> Fields {
    fields.retain(|(field, _)| *field != name);
    fields.push((name, value.into()));
    fields
}

/// An article on guidance that lacks nothing.
pub fn guidance(title: &str) -> Fields {
    [
        ("title", title),
        ("kind", "guidance"),
        (
            "summary",
            "When a calcium score helps, and when it does not.",
        ),
        (
            "conflicts",
            "We provide CT calcium scoring at Ascot Radiology.",
        ),
        (
            "practice_points",
            "First point.\r\nSecond point.\r\nThird point.",
        ),
        ("authors", "Sample Author, cardiologist"),
        ("references", "Sample study. doi:10.1016/j.hlc.2017.05.130"),
        ("review_by", "2028-11-23"),
        ("body", "## When\r\n\r\nAt **moderate** risk."),
    ]
    .map(|(name, value)| (name, value.to_owned()))
    .into()
}

/// Sends a form.
pub async fn post(who: &TestApp, path: &str, fields: &Fields) -> Answer {
    let fields: Vec<(&str, &str)> = fields
        .iter()
        .map(|(name, value)| (*name, value.as_str()))
        .collect();
    who.post_form(path, &fields).await
}

impl Desk {
    /// Signs the three in.
    pub async fn open(app: &TestApp) -> Self {
        let (author, reviewer, publisher) = (
            app.other_browser(),
            app.other_browser(),
            app.other_browser(),
        );
        author.sign_in_as(StaffRole::Author).await;
        reviewer.sign_in_as(StaffRole::Reviewer).await;
        publisher.sign_in_as(StaffRole::Publisher).await;
        Self {
            author,
            reviewer,
            publisher,
        }
    }

    /// The author writes an article that lacks nothing. Returns its page's path.
    pub async fn write(&self, title: &str) -> String {
        let saved = post(&self.author, "/staff/articles", &guidance(title))
            .await
            .expect(303);
        saved.location().to_owned()
    }

    /// The author submits what has this path, and the reviewer approves what they read.
    pub async fn approve(&self, path: &str) {
        self.author
            .post_form(&format!("{path}/submit"), &[])
            .await
            .expect(303);
        let page = self.reviewer.get(path).await.expect(200);
        let version = page.attribute("form[action$='/approve'] input[name=version]", "value");
        let approve = format!("{path}/approve");
        self.reviewer
            .post_form(&approve, &[("version", &version)])
            .await
            .expect(303);
    }

    /// An article of this title on the site. Returns its page's path.
    pub async fn publish(&self, title: &str) -> String {
        self.publish_as(&guidance(title)).await
    }

    /// An article with these fields on the site. Returns its page's path.
    pub async fn publish_as(&self, fields: &Fields) -> String {
        let saved = post(&self.author, "/staff/articles", fields).await;
        let path = saved.expect(303).location().to_owned();
        self.approve(&path).await;
        self.publisher
            .post_form(&format!("{path}/publish"), &[])
            .await
            .expect(303);
        path
    }

    /// A bulletin with one published article, for those who chose these topics. Returns its page's
    /// path.
    pub async fn assemble(&self, subject: &str, topics: &[&str]) -> String {
        let article = self.publish(&format!("Guidance for {subject}")).await;
        let form = bulletin(subject, &article, topics);
        let saved = post(&self.author, "/staff/bulletins", &form).await;
        saved.expect(303).location().to_owned()
    }

    /// The same, approved.
    pub async fn approved_bulletin(&self, subject: &str, topics: &[&str]) -> String {
        let path = self.assemble(subject, topics).await;
        self.approve(&path).await;
        path
    }
}

/// A bulletin's form with the article of this path in whole.
pub fn bulletin(subject: &str, article: &str, topics: &[&str]) -> Fields {
    let article = article.rsplit('/').next().unwrap();
    let mut fields: Fields = [
        ("subject", subject),
        ("preheader", "What is new this month"),
        ("introduction", "Kia ora, here is *our news*."),
        ("article", article),
        ("position", "1"),
        ("form", "whole"),
    ]
    .map(|(name, value)| (name, value.to_owned()))
    .into();
    fields.extend(topics.iter().map(|topic| ("topics", (*topic).to_owned())));
    fields
}
