//! The main job with real input, through the real program and a real mail server: 2,000 lines of
//! people, the shipped guidance, and every message read by a second implementation of e-mail.

use std::collections::{BTreeMap, BTreeSet};
use std::time::{Duration, Instant};

use reqwest::header::{CONTENT_TYPE, LOCATION};
use scraper::{Html, Selector};

use crate::both_databases::on_both_databases;
use crate::postfix::{DeliveredMessage, SmtpSink};
use crate::process::Installation as TestApp;
use crate::python;
use crate::sample_subscribers;

const FORM: &str = "application/x-www-form-urlencoded";

/// A person at a browser.
struct Person<'a> {
    client: reqwest::Client,
    installation: &'a TestApp,
}

impl<'a> Person<'a> {
    fn new(installation: &'a TestApp) -> Self {
        let client = reqwest::Client::builder()
            .cookie_store(true)
            .redirect(reqwest::redirect::Policy::none())
            .build()
            .unwrap();
        Self {
            client,
            installation,
        }
    }

    async fn open(&self, path: &str) -> String {
        let answer = self
            .client
            .get(self.installation.page(path))
            .send()
            .await
            .unwrap();
        assert_eq!(answer.status(), 200, "GET {path}");
        answer.text().await.unwrap()
    }

    /// Sends a form. Returns where it leads.
    async fn send(&self, path: &str, fields: &[(String, String)]) -> String {
        let answer = self
            .client
            .post(self.installation.page(path))
            .header("Sec-Fetch-Site", "same-origin")
            .header(CONTENT_TYPE, FORM)
            .body(serde_html_form::to_string(fields).unwrap())
            .send()
            .await
            .unwrap();
        let (status, location) = (answer.status(), answer.headers().get(LOCATION).cloned());
        let text = answer.text().await.unwrap();
        assert_eq!(status, 303, "POST {path}: {text}");
        location.unwrap().to_str().unwrap().to_owned()
    }

    /// Opens a page, fills in some fields of its form that is sent to `action`, and sends it.
    async fn fill_in(&self, page: &str, action: &str, changes: &[(&str, &str)]) -> String {
        let fields = form_fields(&self.open(page).await, action);
        let changed = |name: &str| changes.iter().any(|(field, _)| *field == name);
        let mut fields: Vec<(String, String)> = fields
            .into_iter()
            .filter(|(name, _)| !changed(name))
            .collect();
        fields.extend(
            changes
                .iter()
                .map(|(name, value)| ((*name).into(), (*value).into())),
        );
        self.send(action, &fields).await
    }
}

/// What a browser would send of a form that nobody touched.
fn form_fields(page: &str, action: &str) -> Vec<(String, String)> {
    let page = Html::parse_document(page);
    let select = |selector: &str| Selector::parse(selector).unwrap();
    let form = page
        .select(&select(&format!("form[action='{action}']")))
        .next()
        .unwrap_or_else(|| panic!("no form for {action}"));
    let mut fields = Vec::new();
    for field in form.select(&select("input, textarea, select")) {
        let Some(name) = field.attr("name") else {
            continue;
        };
        let value = match field.value().name() {
            "textarea" => field.text().collect(),
            "select" => field
                .select(&select("option[selected]"))
                .next()
                .or_else(|| field.select(&select("option")).next())
                .and_then(|option| option.attr("value"))
                .unwrap_or_default()
                .to_owned(),
            _ => match field.attr("type") {
                Some("checkbox" | "radio") if field.attr("checked").is_none() => continue,
                _ => field.attr("value").unwrap_or_default().to_owned(),
            },
        };
        fields.push((name.to_owned(), value));
    }
    fields
}

fn owned(fields: &[(&str, &str)]) -> Vec<(String, String)> {
    fields
        .iter()
        .map(|(name, value)| ((*name).to_owned(), (*value).to_owned()))
        .collect()
}

/// Addresses in an export, with their status.
fn statuses(export: &str) -> BTreeMap<String, String> {
    let mut reader = csv::Reader::from_reader(export.as_bytes());
    let titles = reader.headers().unwrap().clone();
    let place = |title| titles.iter().position(|t| t == title).unwrap();
    let (email, status) = (place("email"), place("status"));
    reader
        .records()
        .map(|record| {
            let record = record.unwrap();
            (
                record[email].trim_start_matches('\'').to_owned(),
                record[status].to_owned(),
            )
        })
        .collect()
}

/// What Python's `email` reads in a message.
#[derive(Debug, serde::Deserialize)]
struct Read {
    to: String,
    subject: String,
    message_id: String,
    list_unsubscribe: Vec<String>,
    list_unsubscribe_post: String,
    defects: Vec<String>,
    text: String,
    html: String,
}

fn read_all(messages: &[DeliveredMessage]) -> Option<Vec<Read>> {
    let mut input = Vec::new();
    for message in messages {
        input.extend(format!("{}\n", message.content.len()).bytes());
        input.extend(&message.content);
    }
    let output = python::run(include_str!("../judge/read_messages.py"), &input)?;
    Some(serde_json::from_str(&output).unwrap())
}

on_both_databases! {
    async fn two_thousand_lines_and_the_shipped_guidance_become_a_bulletin_that_everybody_gets_once(installation: TestApp) {
        let mut installation = installation;
        let Some(sink) = SmtpSink::start() else { return };
        installation.set("smtp_url", &sink.url());
        installation.set("mail_from", "GP Practice Points <points@clinic.example>");
        let service = installation.service(&[]).await;

        // The staff: an owner by the code from the console, and a second person.
        let owner = Person::new(&installation);
        let code = service.code().expect("a new installation prints a code");
        owner.send("/staff/first-owner", &owned(&[
            ("code", &code), ("name", "Hine Sample"), ("email", "owner@clinic.example"),
            ("password", "korimako sings at dawn"),
        ])).await;
        installation.add_staff("second@clinic.example", "publisher");
        let sign_in = |email| owned(&[("email", email), ("password", "korimako sings at dawn")]);
        owner.send("/staff/sign-in", &sign_in("owner@clinic.example")).await;
        let second = Person::new(&installation);
        second.send("/staff/sign-in", &sign_in("second@clinic.example")).await;

        // The list, by the command line.
        let file = installation.write("subscribers.csv", sample_subscribers::file());
        let import = [
            "subscribers", "import", &file, "--source", "Sample list of the clinic",
            "--basis", "express", "--evidence", "Asked on paper at the symposium",
            "--topics", "calcium-score",
        ];
        installation.run(&import).succeeded();
        let people = statuses(&installation.run(&["subscribers", "export"]).succeeded());
        assert_eq!(people.len(), sample_subscribers::GOOD);

        // The shipped guidance, taken over by an author, approved by the second person, published.
        let list = Html::parse_document(&owner.open("/staff/articles").await);
        let links = Selector::parse("main a[href^='/staff/articles/']").unwrap();
        let article = list
            .select(&links)
            .find(|link| link.text().collect::<String>().contains("calcium"))
            .and_then(|link| link.attr("href"))
            .expect("the shipped guidance is among the drafts")
            .to_owned();
        let changes =
            [("authors", "Dr Māia Sample, cardiologist"), ("review_by", "2028-11-23"), ("action", "save")];
        owner.fill_in(&format!("{article}/edit"), &article, &changes).await;
        owner.fill_in(&article, &format!("{article}/submit"), &[]).await;
        second.fill_in(&article, &format!("{article}/approve"), &[]).await;
        second.fill_in(&article, &format!("{article}/publish"), &[]).await;

        // The bulletin.
        let number = article.rsplit('/').next().unwrap();
        let mut fields = owned(&[
            ("subject", "Practice Points: whom to refer in Tāmaki"),
            ("preheader", "Calcium score guidance"), ("introduction", "Kia ora koutou."),
            ("article", number), ("position", "1"), ("form", "whole"), ("version", "0"),
        ]);
        fields.extend(["news", "case-studies", "symposium", "calcium-score"].map(|topic| {
            ("topics".to_owned(), topic.to_owned())
        }));
        let bulletin = owner.send("/staff/bulletins", &fields).await;
        owner.fill_in(&bulletin, &format!("{bulletin}/submit"), &[]).await;
        second.fill_in(&bulletin, &format!("{bulletin}/approve"), &[]).await;
        second.fill_in(&bulletin, &format!("{bulletin}/send"), &[("confirm", "yes")]).await;
        let start = Instant::now();
        while second.open(&format!("{bulletin}/progress")).await.contains("data-refresh") {
            assert!(start.elapsed() < Duration::from_secs(60), "{}", service.said());
            tokio::time::sleep(Duration::from_millis(100)).await;
        }

        // Every accepted message is there exactly once.
        let messages = sink.messages();
        let recipients: Vec<&String> = messages.iter().flat_map(|message| &message.rcpt_to).collect();
        let unique: BTreeSet<&String> = recipients.iter().copied().collect();
        assert_eq!(recipients.len(), people.len(), "one message for each person");
        assert_eq!(unique, people.keys().collect(), "everybody, and nobody else");

        // A second implementation reads each of them.
        let Some(read) = read_all(&messages) else { return };
        let ids: BTreeSet<&String> = read.iter().map(|message| &message.message_id).collect();
        assert_eq!(ids.len(), people.len());
        let base = installation.page("/u/");
        for message in &read {
            assert_eq!(message.defects, Vec::<String>::new(), "{}", message.to);
            assert_eq!(message.subject, "Practice Points: whom to refer in Tāmaki");
            assert_eq!(message.list_unsubscribe_post, "List-Unsubscribe=One-Click");
            let link = &message.list_unsubscribe[0];
            assert!(link.starts_with(&base) && message.list_unsubscribe[1].starts_with("mailto:"));
            assert!(message.text.contains(link) && message.html.contains(link));
            assert!(message.text.contains("Māori") && message.html.contains("Māori"));
            assert!(message.text.contains("Dr Māia Sample, cardiologist"));
            assert!(message.html.len() < 102 * 1024);
        }

        // The link of one delivered message works against the running service, and for that one only.
        let leaver = &read[read.len() / 2];
        let answer = reqwest::Client::new()
            .post(&leaver.list_unsubscribe[0])
            .header(CONTENT_TYPE, FORM)
            .body("List-Unsubscribe=One-Click")
            .send()
            .await
            .unwrap();
        assert_eq!(answer.status(), 200);
        let now = statuses(&installation.run(&["subscribers", "export"]).succeeded());
        let left: Vec<&String> =
            now.iter().filter(|(_, status)| *status == "unsubscribed").map(|(email, _)| email).collect();
        assert_eq!(left, [&leaver.to]);
        drop(service);
    }
}
