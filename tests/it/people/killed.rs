//! The real program is ended by `kill -9` in the middle of an import and of a change to many, and started again: nobody is
//! missed, and nobody has it done twice.

use std::time::Duration;

use reqwest::multipart::{Form, Part};
use reqwest::{Client, Method, RequestBuilder};
use rustix::process::Signal;

use crate::answer::Answer;
use crate::app::urlencoded;
use crate::both_databases::on_both_databases;
use crate::ledger::Ledger;
use crate::process::{Installation as TestApp, Service};

use super::file_of;

/// A publisher at their desk, whose session outlives the program.
struct Publisher<'a> {
    here: &'a TestApp,
    client: Client,
}

impl<'a> Publisher<'a> {
    async fn sign_in(here: &'a TestApp) -> Self {
        let client = Client::builder().cookie_store(true);
        let client = client.redirect(reqwest::redirect::Policy::none());
        let publisher = Self {
            here,
            client: client.build().unwrap(),
        };
        let form = [
            ("email", "publisher@clinic.example"),
            ("password", "korimako sings at dawn"),
        ];
        publisher.post("/staff/sign-in", &form).await.expect(303);
        publisher
    }

    fn request(&self, method: Method, path: &str) -> RequestBuilder {
        self.client
            .request(method, self.here.page(path))
            .header("Sec-Fetch-Site", "same-origin")
    }

    async fn get(&self, path: &str) -> Answer {
        Answer::to(self.request(Method::GET, path))
            .await
            .expect(200)
    }

    async fn post(&self, path: &str, fields: &[(&str, &str)]) -> Answer {
        let request = self
            .request(Method::POST, path)
            .header("Content-Type", "application/x-www-form-urlencoded");
        Answer::to(request.body(urlencoded(fields))).await
    }

    /// Takes a file over. Returns the page that shows how far it is.
    async fn import(&self, file: String) -> String {
        let file = Part::bytes(file.into_bytes()).file_name("people.csv");
        let form = Form::new()
            .part("file", file.mime_str("text/csv").unwrap())
            .text("source", "the autumn symposium")
            .text("topics", "news")
            .text("consent_basis", "inferred")
            .text("consent_note", "They came to the symposium")
            .text("mode", "commit");
        let request = self.request(Method::POST, "/staff/subscribers/import");
        let answer = Answer::to(request.multipart(form)).await.expect(303);
        answer.location().to_owned()
    }

    /// So many addresses are on the list in this state; none is there twice.
    async fn number(&self, status: &str) -> usize {
        let path = format!("/staff/subscribers/export.csv?status={status}");
        let export = self.get(&path).await.body;
        let mut addresses: Vec<&str> = export.lines().skip(1).collect();
        addresses.sort_unstable();
        let all = addresses.len();
        addresses.dedup();
        assert_eq!(addresses.len(), all, "nobody is there twice");
        all
    }

    /// Waits until the page says that it is done for more than so many; or for all, and then `false`.
    async fn is_beyond(&self, page: &str, done: usize) -> bool {
        for _ in 0..3_000 {
            let page = self.get(page).await;
            if page.attribute("#progress[data-refresh]", "id").is_empty() {
                return false;
            }
            let so_far = page.attribute("#progress progress", "value");
            if so_far.parse().is_ok_and(|so_far: usize| so_far > done) {
                return true;
            }
            tokio::time::sleep(Duration::from_millis(5)).await;
        }
        panic!("{page} does not go on");
    }

    /// Ends the program so many times, at equal distances, while the page moves; then waits until all is done.
    async fn kill(
        &self,
        mut service: Service,
        page: &str,
        (all, kills): (usize, usize),
    ) -> Service {
        let mut came_in_the_middle = 0;
        for kill in 0..kills {
            if !self.is_beyond(page, all * kill / (kills + 1)).await {
                break;
            }
            service.send(Signal::KILL);
            let ended = service.end(Duration::from_secs(5)).await;
            ended.expect("it is gone");
            came_in_the_middle += 1;
            service = self.here.service(&[]).await;
        }
        assert!(
            came_in_the_middle > 0,
            "{page} was done before the first kill"
        );
        assert!(!self.is_beyond(page, usize::MAX).await);
        service
    }
}

on_both_databases! {
    async fn after_kill_9_an_import_and_a_change_to_many_miss_nobody_and_do_nothing_twice(here: TestApp) {
        let (people, kills) = (3_000, 2);
        here.add_staff("publisher@clinic.example", "publisher");
        let service = here.service(&[]).await;
        let publisher = Publisher::sign_in(&here).await;

        let page = publisher.import(file_of(people)).await;
        let service = publisher.kill(service, &page, (people, kills)).await;
        assert_eq!(publisher.number("active").await, people);
        let counts = publisher.get(&page).await.text(".counts").replace(',', "");
        assert!(counts.contains(&format!("Added {people}")) && counts.contains("Refused 0"), "{counts}");

        let bulk = [("action", "unsubscribe"), ("scope", "all")];
        let asked = publisher.post("/staff/subscribers/bulk", &bulk).await.expect(303);
        let page = asked.location();
        publisher.post(page, &[]).await.expect(303);
        let service = publisher.kill(service, page, (people, kills)).await;
        assert_eq!(publisher.number("unsubscribed").await, people);

        publisher.post(&format!("{page}/undo"), &[]).await.expect(303);
        let _service = publisher.kill(service, page, (people, kills)).await;
        assert_eq!(publisher.number("active").await, people);
        // Each of the three is in everybody's record of consent once.
        let ledger = Ledger::open(&here);
        for kind in ["imported", "unsubscribed", "resubscribed"] {
            assert_eq!(ledger.consents(kind).await, (people, people), "{kind}");
        }
    }
}
