//! An installation of the real program with sample people and bulletins, and the service running on it.

use std::process::{Child, Command, Stdio};
use std::time::{Duration, Instant};

use diesel::RunQueryDsl as _;
use diesel::connection::SimpleConnection as _;
use practice_points::app::{App, keep_staff, review_bulletin, write_bulletin};
use practice_points::clock::Clock;
use practice_points::config::{Settings, Sources};
use practice_points::domain::audience::Narrowing;
use practice_points::domain::bulletin::BulletinId;
use practice_points::domain::email_address::EmailAddress;
use practice_points::domain::person_name::PersonName;
use practice_points::domain::staff_mail::StaffMailKind;
use practice_points::domain::staff_member::{StaffId, StaffRole};
use practice_points::store::bulletins::BulletinText;
use practice_points::store::{Db, StoreError, staff_mails, topics};
use secrecy::SecretString;

use crate::{leash, postgres};

const PASSWORD: &str = "korimako sings at dawn";
const WRITER: &str = "writer.sample@clinic.example";
const PUBLISHER: &str = "publisher.sample@clinic.example";

/// Which database.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Database {
    /// SQLite, as installed.
    Sqlite,
    /// PostgreSQL, durable as it is installed.
    Postgres,
}

/// A folder with a database in it, and its settings.
pub struct Installation {
    folder: tempfile::TempDir,
    settings: Vec<(String, String)>,
    listen: u16,
    app: App,
    runtime: tokio::runtime::Runtime,
    writer: StaffId,
    publisher: StaffId,
}

/// The service, killed when dropped.
pub struct Service {
    process: Child,
    base: String,
    client: reqwest::Client,
}

impl Installation {
    /// One with so many people who chose `news`, named `gp1@…`, `gp2@…` and so on.
    pub fn new(database: Database, people: u64) -> Self {
        // On a real disk: what is synchronised there costs what it costs.
        let folder = tempfile::Builder::new()
            .prefix("practice-points-bench-")
            .tempdir_in(env!("CARGO_TARGET_TMPDIR"))
            .unwrap();
        let listen = leash::free_port();
        let mut settings = vec![
            ("data_dir".to_owned(), folder.path().display().to_string()),
            ("listen".to_owned(), format!("127.0.0.1:{listen}")),
            ("log".to_owned(), "warn".to_owned()),
            ("check_links".to_owned(), "false".to_owned()),
            (
                "mail_from".to_owned(),
                "GP Practice Points <points@clinic.example>".to_owned(),
            ),
        ];
        if database == Database::Postgres {
            let server = postgres::server().expect("PostgreSQL is installed");
            let url = server.fresh_database(None);
            settings.push(("database_url".to_owned(), url));
        }
        let runtime = tokio::runtime::Runtime::new().unwrap();
        let mut sources = Sources::default();
        for (key, value) in &settings {
            sources.add_flag(key, value.clone());
        }
        let checked = Settings::from_sources(&sources).unwrap();
        let app = runtime
            .block_on(App::open(checked, Clock::system()))
            .unwrap();
        let add = |email: &str, role| {
            let email = EmailAddress::parse(email).unwrap();
            let name = PersonName::parse("Hine Sample").unwrap();
            let password = SecretString::from(PASSWORD.to_owned());
            let id = runtime
                .block_on(keep_staff::add(&app, None, email, name, role, password))
                .unwrap();
            // What the mail server counts is what subscribers get.
            let switched_off = app.store.write(move |db| {
                let mut kinds = StaffMailKind::ALL.iter();
                kinds.try_for_each(|kind| staff_mails::switch(db, id, *kind, false))
            });
            runtime.block_on(switched_off).unwrap();
            id
        };
        let writer = add(WRITER, StaffRole::Author);
        // Who may publish, and open every page.
        let publisher = add(PUBLISHER, StaffRole::Owner);
        let here = Self {
            folder,
            settings,
            listen,
            app,
            runtime,
            writer,
            publisher,
        };
        if database == Database::Postgres {
            here.make_durable();
        }
        here.add_people(people);
        here
    }

    /// The tests' server is quick and forgetful; here it is to keep what it commits.
    fn make_durable(&self) {
        let statements = [
            "ALTER SYSTEM SET fsync = on",
            "ALTER SYSTEM SET full_page_writes = on",
            "ALTER SYSTEM SET synchronous_commit = on",
            "ALTER SYSTEM SET autovacuum = on",
            "SELECT pg_reload_conf()",
        ];
        let Some((_, url)) = self.settings.iter().find(|(key, _)| key == "database_url") else {
            return;
        };
        let mut connection = <diesel::PgConnection as diesel::Connection>::establish(url).unwrap();
        for statement in statements {
            diesel::sql_query(statement)
                .execute(&mut connection)
                .unwrap();
        }
    }

    fn add_people(&self, people: u64) {
        let columns = "INSERT INTO subscriber (email, email_key, name, status, strikes, source, search_key, created_at, \
                       updated_at)";
        let values = |number: &str| {
            format!(
                "'gp' || {number} || '@practice.example', 'gp' || {number} || '@practice.example', \
                 'Āroha Sample ' || {number}, 'active', 0, 'sample', 'aroha sample ' || {number}, 0, 0"
            )
        };
        let news = "INSERT INTO subscription (subscriber_id, topic_id) SELECT subscriber.id, topic.id FROM subscriber, \
                    topic WHERE topic.slug = 'news'";
        self.query(move |db| match db {
            Db::Sqlite(c) => c.batch_execute(&format!(
                "WITH RECURSIVE n (i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM n WHERE i < {people}) \
                 {columns} SELECT {} FROM n; {news};",
                values("i")
            )),
            Db::Pg(c) => c.batch_execute(&format!(
                "{columns} SELECT {} FROM generate_series(1, {people}) AS n (i); {news}; \
                 ANALYZE subscriber; ANALYZE subscription;",
                values("i")
            )),
        });
    }

    /// Runs something on the database, beside the service.
    pub fn query<T: Send + 'static>(
        &self,
        work: impl FnOnce(&mut Db) -> diesel::QueryResult<T> + Send + 'static,
    ) -> T {
        self.runtime
            .block_on(
                self.app
                    .store
                    .write(|db| work(db).map_err(StoreError::from)),
            )
            .unwrap()
    }

    /// Whether the bulletin is sent.
    pub fn is_sent(&self, id: BulletinId) -> bool {
        use practice_points::app::follow_bulletin::progress;
        use practice_points::domain::bulletin::BulletinState;
        let progress = self.runtime.block_on(progress(&self.app, id)).unwrap();
        assert_eq!(
            progress.total(),
            progress.bulletin.audience_count,
            "the states add up to the audience"
        );
        progress.bulletin.state == BulletinState::Sent
    }

    /// An approved bulletin to everybody, of so many paragraphs with 30 links in all.
    pub fn bulletin(&self, paragraphs: usize) -> BulletinId {
        let mut introduction = String::new();
        for paragraph in 0..paragraphs {
            introduction.push_str(
                "Coronary artery calcium scoring helps most where the risk is moderate or uncertain, and where a result \
                 would change what is done next. ",
            );
            let links = 30_usize.div_ceil(paragraphs);
            for link in (paragraph * links..(paragraph + 1) * links).take_while(|link| *link < 30) {
                introduction.push_str(&format!(
                    "[Practice point {link}](https://points.clinic.example/practice-points/{link}) "
                ));
            }
            introduction.push_str("Tēnā koe.\n\n");
        }
        self.runtime.block_on(async {
            let app = &self.app;
            let all = app.store.read(topics::all).await.unwrap();
            let news = all.iter().find(|topic| topic.slug == "news").unwrap().id;
            let text = BulletinText {
                symposium: None,
                narrowing: Narrowing::default(),
                subject: "Calcium scores: whom to refer in Tāmaki Makaurau".into(),
                preheader: "And whom not".into(),
                introduction,
                articles: Vec::new(),
                topics: vec![news],
            };
            let id = write_bulletin::create(app, self.writer, text)
                .await
                .unwrap();
            review_bulletin::submit(app, self.writer, id).await.unwrap();
            review_bulletin::approve(app, self.publisher, id, 1)
                .await
                .unwrap();
            id
        })
    }

    /// A file in its folder.
    pub fn write(&self, name: &str, content: &str) -> String {
        let path = self.folder.path().join(name);
        std::fs::write(&path, content).unwrap();
        path.display().to_string()
    }

    /// Starts the service with these settings besides, and signs in.
    pub fn service(&self, settings: &[(&str, String)]) -> Service {
        let mut command = Command::new(env!("CARGO_BIN_EXE_practice-points"));
        for (key, value) in &self.settings {
            command.args(["--set", &format!("{key}={value}")]);
        }
        for (key, value) in settings {
            command.args(["--set", &format!("{key}={value}")]);
        }
        let process = command
            .current_dir(self.folder.path())
            .stdin(Stdio::null())
            .stdout(Stdio::null())
            .spawn()
            .unwrap();
        let client = reqwest::Client::builder()
            .cookie_store(true)
            .redirect(reqwest::redirect::Policy::none())
            .build()
            .unwrap();
        let service = Service {
            process,
            base: format!("http://127.0.0.1:{}", self.listen),
            client,
        };
        self.runtime.block_on(async {
            let start = Instant::now();
            while service
                .client
                .get(format!("{}/healthz", service.base))
                .send()
                .await
                .is_err()
            {
                assert!(
                    start.elapsed() < Duration::from_secs(30),
                    "the service does not start"
                );
                tokio::time::sleep(Duration::from_millis(20)).await;
            }
            service
                .post(
                    "/staff/sign-in",
                    &format!("email={PUBLISHER}&password={PASSWORD}"),
                )
                .await;
        });
        service
    }

    /// Presses "send" on the bulletin's page. Returns how long the answer took.
    pub fn send(&self, service: &Service, id: BulletinId) -> Duration {
        let start = Instant::now();
        self.runtime
            .block_on(service.post(&format!("/staff/bulletins/{}/send", id.0), "confirm=yes"));
        start.elapsed()
    }

    /// Runs asynchronous work of the benchmark.
    pub fn block_on<F: Future>(&self, work: F) -> F::Output {
        self.runtime.block_on(work)
    }
}

impl Drop for Installation {
    fn drop(&mut self) {
        if let (Some((_, url)), Some(server)) = (
            self.settings.iter().find(|(key, _)| key == "database_url"),
            postgres::server(),
        ) {
            server.drop_database(url);
        }
    }
}

impl Service {
    async fn post(&self, path: &str, form: &str) {
        let answer = self
            .client
            .post(format!("{}{path}", self.base))
            .header("Sec-Fetch-Site", "same-origin")
            .header("Content-Type", "application/x-www-form-urlencoded")
            .body(form.to_owned())
            .send()
            .await
            .unwrap();
        let status = answer.status();
        assert!(
            status.as_u16() == 303,
            "POST {path}: {status} {}",
            answer.text().await.unwrap()
        );
    }

    /// The address of a page, and the browser that is signed in.
    pub fn page(&self, path: &str) -> (reqwest::Client, String) {
        (self.client.clone(), format!("{}{path}", self.base))
    }

    /// The most memory that it has used so far, in megabytes.
    pub fn peak_memory(&self) -> u64 {
        self.memory("VmHWM:")
    }

    /// The most of it that was its own, files that are mapped not counted, in megabytes.
    pub fn own_memory(&self) -> u64 {
        self.memory("RssAnon:")
    }

    fn memory(&self, name: &str) -> u64 {
        let status =
            std::fs::read_to_string(format!("/proc/{}/status", self.process.id())).unwrap();
        let line = status.lines().find(|line| line.starts_with(name)).unwrap();
        line.split_whitespace()
            .nth(1)
            .unwrap()
            .parse::<u64>()
            .unwrap()
            / 1024
    }
}

impl Drop for Service {
    fn drop(&mut self) {
        let _ = self.process.kill();
        let _ = self.process.wait();
    }
}
