//! The demo, running, as somebody without cookies and its signed-in owner see it.

use std::time::{Duration, Instant};

use reqwest::{Client, redirect};
use scraper::{Html, Selector};

use crate::answer::Answer;
use crate::app::urlencoded;
use crate::both_databases::Database;
use crate::process::{Installation, Service};

use super::list::{Ask, Page, Who};

/// Who signs up, and has not confirmed.
const NEWCOMER: &str = "mere.sample@practice.example";

/// Whose settings are looked at.
const GP: &str = "gp1.sample@practice.example";

/// Who asks for the event to come.
const ANOTHER_GP: &str = "gp5.sample@practice.example";

/// The event to come.
const EVENT: &str = "/symposium/hearts-in-practice-a-sample-evening-symposium";

/// The running demo.
pub struct Site {
    pub here: Installation,
    _service: Service,
    pub password: String,
    anybody: Client,
    owner: Client,
    /// What stands in the paths of the list, and where it leads.
    places: Vec<(&'static str, String)>,
}

/// The demo's owner.
pub const OWNER: &str = "hine.sample@clinic.example";

fn client() -> Client {
    Client::builder()
        .cookie_store(true)
        .redirect(redirect::Policy::none())
        .build()
        .unwrap()
}

impl Site {
    /// Starts the demo in a folder of its own, and waits until its bulletin has been sent and the links are in the mailbox.
    pub async fn start() -> Self {
        let here = Installation::start(Database::Sqlite).await;
        let service = here.service(&["demo"]).await;
        let said = service.said();
        let mut lines = said.lines();
        let password = lines.find_map(|line| line.trim().strip_prefix("password"));
        let password = password.expect("the demo says its password").trim();
        let mut site = Self {
            here,
            _service: service,
            password: password.to_owned(),
            anybody: client(),
            owner: client(),
            places: Vec::new(),
        };
        let sign_in = [("email", OWNER), ("password", password)];
        let signed_in = site.post(Who::Owner, "/staff/sign-in", &sign_in).await;
        signed_in.expect(303);
        site.wait_for("/staff/bulletins/1", "h1", "Sent").await;
        site.asks_for_links().await;
        site.begins_accounts().await;
        site
    }

    /// Somebody is invited, the owner begins to set up a second factor, and asks for links from another browser.
    async fn begins_accounts(&mut self) {
        let invited = [
            ("name", "Tane Sample"),
            ("email", "tane.sample@clinic.example"),
            ("role", "author"),
        ];
        let (nothing, address): (&[(&str, &str)], _) = (&[], &[("email", OWNER)][..]);
        for (who, path, form, status) in [
            (Who::Owner, "/staff/members/invitations", &invited[..], 303),
            (
                Who::Owner,
                "/staff/account/second-factor/begin",
                nothing,
                303,
            ),
            (Who::Anybody, "/staff/sign-in/link", address, 200),
            (Who::Anybody, "/staff/sign-in/password", address, 200),
        ] {
            self.post(who, path, form).await.expect(status);
        }
        for (place, subject, to) in [
            ("{join}", "Please join the staff", "/join/"),
            ("{sign-in}", "The link that signs you in", "/sign-in/"),
            (
                "{new-password}",
                "The link for a new password",
                "/new-password/",
            ),
        ] {
            let path = self.link(subject, to).await.1;
            self.places.push((place, path));
        }
    }

    async fn asks_for_links(&mut self) {
        let sign_up = [
            ("email", NEWCOMER),
            ("name", "Mere Sample"),
            ("topics", "news"),
            ("consent", "yes"),
        ];
        let anybody = Who::Anybody;
        self.post(anybody, "/subscribe", &sign_up).await.expect(303);
        self.post(anybody, "/manage", &[("email", GP)])
            .await
            .expect(200);
        let confirm = self.link("Please confirm", "/confirm/").await.1;
        let manage = self.link("The link to your settings", "/manage/").await.1;
        let (message, leave) = self.link("Sample Practice Points", "/u/").await;
        let deliveries = self.get(Who::Owner, "/staff/bulletins/1/deliveries").await;
        let delivery = deliveries.attribute("td.number a", "href");
        let case = self.row("/staff/articles", "Sample case: a smart watch");
        let image = self.row("/staff/images", "");
        let (case, image) = (case.await, image.await);
        let event = self.row("/staff/symposia", "Hearts in practice").await;
        let link = format!("{EVENT}/link");
        let asked = self.post(anybody, &link, &[("email", ANOTHER_GP)]);
        asked.await.expect(200);
        let registration = self.link("On the waiting list", "/registration/");
        let registration = registration.await.1;
        let register = self.link("Register for", "/register/").await.1;
        self.places = vec![
            ("{confirm}", confirm),
            ("{manage}", manage),
            ("{leave}", leave),
            ("{message}", message),
            ("{delivery}", delivery),
            ("{case}", case),
            ("{image}", image),
            ("{event}", event),
            ("{register}", register),
            ("{registration}", registration),
        ];
    }

    /// Waits until the owner sees the words in the element of a page.
    async fn wait_for(&self, path: &str, selector: &str, words: &str) {
        let start = Instant::now();
        while !self
            .get(Who::Owner, path)
            .await
            .text(selector)
            .contains(words)
        {
            assert!(
                start.elapsed() < Duration::from_secs(60),
                "{path} does not say {words}"
            );
            // Its page is all that tells.
            tokio::time::sleep(Duration::from_millis(50)).await;
        }
    }

    /// Where the first link below a list of the staff's leads whose words begin like this.
    async fn row(&self, list: &str, words: &str) -> String {
        let page = self.get(Who::Owner, list).await.page();
        let links = Selector::parse(&format!("main a[href^='{list}/']")).unwrap();
        page.select(&links)
            .find(|link| link.text().collect::<String>().trim().starts_with(words))
            .and_then(|link| link.attr("href"))
            .unwrap_or_else(|| panic!("{list} has no link to {words}"))
            .to_owned()
    }

    /// The page of the newest message whose subject begins like this, and the path of its first link to a page like that.
    async fn link(&self, subject: &str, to: &str) -> (String, String) {
        self.wait_for("/staff/mailbox", "tbody", subject).await;
        let mailbox = self.get(Who::Owner, "/staff/mailbox").await;
        let rows = Selector::parse("tbody a").unwrap();
        let page: Html = mailbox.page();
        let message = page
            .select(&rows)
            .find(|link| link.text().collect::<String>().starts_with(subject))
            .and_then(|link| link.attr("href"))
            .unwrap_or_else(|| panic!("no message about {subject}"));
        let shown = self.get(Who::Owner, message).await;
        let link = shown.attribute(&format!(".links a[href*='{to}']"), "href");
        (message.to_owned(), crate::app::path_of(&link))
    }

    /// The path of a page of the list, with everything in its place.
    pub fn path(&self, path: &str) -> String {
        self.places
            .iter()
            .fold(path.to_owned(), |path, (name, place)| {
                path.replace(name, place)
            })
    }

    fn client(&self, who: Who) -> &Client {
        match who {
            Who::Anybody => &self.anybody,
            Who::Owner => &self.owner,
        }
    }

    async fn get(&self, who: Who, path: &str) -> Answer {
        Answer::to(self.client(who).get(self.here.page(path))).await
    }

    async fn post(&self, who: Who, path: &str, fields: &[(&str, &str)]) -> Answer {
        let request = self
            .client(who)
            .post(self.here.page(path))
            .header("Sec-Fetch-Site", "same-origin")
            .header("Content-Type", "application/x-www-form-urlencoded")
            .body(urlencoded(fields));
        Answer::to(request).await
    }

    /// The status with which an address answers.
    pub async fn status(&self, who: Who, path: &str) -> u16 {
        self.get(who, path).await.status.as_u16()
    }

    /// Asks for a page of the list, and makes sure that it is the page that was meant.
    pub async fn ask(&self, page: &Page) -> Answer {
        let answer = match page.ask {
            Ask::Get(path) => self.get(page.who, &self.path(path)).await,
            Ask::Post(path, fields) => self.post(page.who, &self.path(path), fields).await,
        };
        let seen = answer.text("body");
        assert_eq!(answer.status, page.status, "{}: {seen}", page.name);
        assert!(seen.contains(page.shows), "{}: {seen}", page.name);
        answer
    }
}
