//! What a server answered, and how to look into it.

use reqwest::StatusCode;
use reqwest::header::{HeaderMap, LOCATION};

/// An answer, read to its end.
#[derive(Debug)]
pub struct Answer {
    pub status: StatusCode,
    pub headers: HeaderMap,
    pub body: String,
}

impl Answer {
    /// Sends a request, and reads the answer to its end.
    pub async fn to(request: reqwest::RequestBuilder) -> Self {
        let response = request.send().await.unwrap();
        let (status, headers) = (response.status(), response.headers().clone());
        Self {
            status,
            headers,
            body: response.text().await.unwrap(),
        }
    }

    /// A header's value; empty if it is not there.
    pub fn header(&self, name: &str) -> &str {
        self.headers
            .get(name)
            .map_or("", |value| value.to_str().unwrap())
    }

    /// Where a redirect leads.
    pub fn location(&self) -> &str {
        self.header(LOCATION.as_str())
    }

    /// The page, to look into.
    pub fn page(&self) -> scraper::Html {
        scraper::Html::parse_document(&self.body)
    }

    /// The text of the first element that a selector finds, in words with one space between them.
    pub fn text(&self, selector: &str) -> String {
        let selector = scraper::Selector::parse(selector).unwrap();
        let page = self.page();
        let found = page.select(&selector).next();
        let text: Vec<&str> = found
            .map(|element| element.text().collect())
            .unwrap_or_default();
        text.join(" ")
            .split_whitespace()
            .collect::<Vec<_>>()
            .join(" ")
    }

    /// The texts of all elements that a selector finds, each in words with one space between them.
    pub fn texts(&self, selector: &str) -> Vec<String> {
        let selector = scraper::Selector::parse(selector).unwrap();
        let page = self.page();
        let texts = page.select(&selector).map(|element| {
            let text: Vec<&str> = element.text().collect();
            let text = text.join(" ");
            text.split_whitespace().collect::<Vec<_>>().join(" ")
        });
        texts.collect()
    }

    /// What a reader sees of the first element that a selector finds: a line for each piece of text.
    pub fn lines(&self, selector: &str) -> String {
        let selector = scraper::Selector::parse(selector).unwrap();
        let page = self.page();
        let found = page.select(&selector).next().into_iter();
        let pieces = found.flat_map(|element| element.text());
        let lines = pieces.map(|piece| piece.split_whitespace().collect::<Vec<_>>().join(" "));
        lines
            .filter(|line| !line.is_empty())
            .collect::<Vec<_>>()
            .join("\n")
    }

    /// The value of an attribute of the first element that a selector finds.
    pub fn attribute(&self, selector: &str, name: &str) -> String {
        let selector = scraper::Selector::parse(selector).unwrap();
        let page = self.page();
        let found = page
            .select(&selector)
            .next()
            .and_then(|element| element.attr(name));
        found.unwrap_or_default().to_owned()
    }

    /// Asserts the status, with the page's words if it is another.
    #[track_caller]
    pub fn expect(self, status: u16) -> Self {
        assert_eq!(self.status.as_u16(), status, "{}", self.text("main"));
        self
    }
}
