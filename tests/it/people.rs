//! Staff look through a long list, change many people at once, make one record of two, and take files over.

mod importing;
mod killed;
mod listing;
mod many;
mod merging;

use reqwest::Method;
use reqwest::multipart::{Form, Part};

use crate::app::{Answer, TestApp};

/// Brings a file, as “Try it first” or at once.
pub async fn bring(app: &TestApp, file: &[u8], mode: &str) -> Answer {
    let file = Part::bytes(file.to_vec())
        .file_name("people.csv")
        .mime_str("text/csv")
        .unwrap();
    let form = Form::new()
        .part("file", file)
        .text("source", "the autumn symposium")
        .text("topics", "news")
        .text("consent_basis", "inferred")
        .text("consent_note", "They came to the symposium")
        .text("mode", mode.to_owned());
    let request = app
        .request(Method::POST, "/staff/subscribers/import")
        .header("Sec-Fetch-Site", "same-origin")
        .multipart(form);
    app.send(request).await
}

/// A file of so many people, whose names come in another order than they do.
pub fn file_of(people: usize) -> String {
    let mut file = String::from("email,name,practice,region,role\n");
    for number in 0..people {
        let turned = (number * 7) % people;
        let region = ["northern", "central"][number % 2];
        file.push_str(&format!(
            "p{number:04}@practice.example,Person {turned:04} Sample,Practice {},{region},gp\n",
            number % 10
        ));
    }
    file
}

/// Has so many people on the list.
pub(crate) async fn list_of(app: &TestApp, people: usize) {
    let report = bring(app, file_of(people).as_bytes(), "commit")
        .await
        .expect(303);
    done(app, report.location()).await;
}

/// The page, when what goes on in the background is done. Nobody is told of that but who asks.
async fn done(app: &TestApp, path: &str) -> Answer {
    for _ in 0..500 {
        let page = app.get(path).await.expect(200);
        let running = scraper::Selector::parse("#progress[data-refresh]").unwrap();
        if page.page().select(&running).next().is_none() {
            return page;
        }
        tokio::time::sleep(std::time::Duration::from_millis(20)).await;
    }
    panic!("{path} is never done");
}

/// The texts of all elements that the selector finds.
fn texts(page: &Answer, selector: &str) -> Vec<String> {
    page.page()
        .select(&scraper::Selector::parse(selector).unwrap())
        .map(|element| {
            let text: Vec<&str> = element.text().collect();
            text.join(" ")
                .split_whitespace()
                .collect::<Vec<_>>()
                .join(" ")
        })
        .collect()
}
