//! The pages of the running program, as a member of staff sees them.

use std::time::{Duration, Instant};

use reqwest::{Client, redirect};

use crate::app::{Answer, PASSWORD, urlencoded};
use crate::process::Installation;

/// A browser that is signed in.
pub struct Page {
    client: Client,
    base: String,
}

impl Page {
    /// Signs in.
    pub async fn open(here: &Installation, email: &str) -> Self {
        let client = Client::builder()
            .cookie_store(true)
            .redirect(redirect::Policy::none())
            .build()
            .unwrap();
        let page = Self {
            client,
            base: here.page(""),
        };
        let fields = [("email", email), ("password", PASSWORD)];
        page.post("/staff/sign-in", &fields).await.expect(303);
        page
    }

    /// Opens a page.
    pub async fn get(&self, path: &str) -> Answer {
        Answer::to(self.client.get(format!("{}{path}", self.base))).await
    }

    /// Sends a form of one of our own pages.
    pub async fn post(&self, path: &str, fields: &[(&str, &str)]) -> Answer {
        let request = self.client.post(format!("{}{path}", self.base));
        let request = request
            .header("Sec-Fetch-Site", "same-origin")
            .header("Content-Type", "application/x-www-form-urlencoded")
            .body(urlencoded(fields));
        Answer::to(request).await
    }

    /// What the page of the first bulletin says about its progress.
    pub async fn progress(&self) -> String {
        self.get("/staff/bulletins/1")
            .await
            .expect(200)
            .text("#progress")
    }

    /// Waits until the page of the first bulletin says this.
    pub async fn wait_for(&self, words: &str) -> String {
        self.wait_until(words, |progress| progress.contains(words))
            .await
    }

    /// Waits until the page of the first bulletin does not say this any more.
    pub async fn wait_until_without(&self, words: &str) {
        let what = format!("without {words}");
        self.wait_until(&what, |progress| !progress.contains(words))
            .await;
    }

    async fn wait_until(&self, what: &str, is_so: impl Fn(&str) -> bool) -> String {
        let start = Instant::now();
        loop {
            let progress = self.progress().await;
            if is_so(&progress) {
                return progress;
            }
            let waited = start.elapsed();
            assert!(waited < Duration::from_secs(30), "{what}: {progress}");
            // A page is asked: nothing tells when it changes.
            tokio::time::sleep(Duration::from_millis(50)).await;
        }
    }
}

/// Leaves by the link in a message, as a mail program does (RFC 8058): without cookies, and in one click.
pub async fn leave_by_one_click(here: &Installation, link: &str) -> Answer {
    let path = url::Url::parse(link).unwrap().path().to_owned();
    let request = Client::new()
        .post(here.page(&path))
        .header("Content-Type", "application/x-www-form-urlencoded")
        .body("List-Unsubscribe=One-Click");
    Answer::to(request).await.expect(200)
}
