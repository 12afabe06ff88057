//! A whole application for a test: its own data folder or database, a server on a free port, a clock
//! that stands still, and a browser without a screen.

use std::net::{SocketAddr, TcpListener};
use std::sync::Arc;

use actix_web::dev::ServerHandle;
use diesel::RunQueryDsl;
use diesel::sql_types::{BigInt, Text};
use practice_points::app::{App, keep_staff};
use practice_points::clock::{Clock, Timestamp};
use practice_points::config::{Settings, Sources};
use practice_points::domain::email_address::EmailAddress;
use practice_points::domain::person_name::PersonName;
use practice_points::domain::staff_member::{StaffId, StaffRole};
use practice_points::store::signup_requests;
use practice_points::store::subscribers::{self, Subscriber};
use practice_points::web::limits::Quotas;
use practice_points::web::server;
use reqwest::{Client, Method, RequestBuilder, redirect};
use secrecy::SecretString;

pub use crate::answer::Answer;
use crate::both_databases::Database;

/// 23 November 2026, 10 am in Auckland.
pub const NOW: Timestamp = Timestamp::from_millis(1_795_381_200_000);

/// A DNS server that is none: no test asks other people's, unless it says so.
pub const NO_DNS: &str = "127.0.0.1:1";

/// The password of every member of staff in the tests.
pub const PASSWORD: &str = "korimako sings at dawn";

/// A running application.
pub struct TestApp {
    /// The application behind the pages.
    pub app: App,
    /// Where its pages are.
    pub address: SocketAddr,
    client: Client,
    server: Arc<RunningServer>,
    folder: Arc<tempfile::TempDir>,
}

/// Stops the server with the last browser that uses it.
struct RunningServer(ServerHandle);

impl Drop for RunningServer {
    fn drop(&mut self) {
        // The command is sent by the call; nobody waits for its end.
        drop(self.0.stop(false));
    }
}

impl TestApp {
    /// An application on a database, with limits that no test meets by chance.
    pub async fn start(database: Database) -> Self {
        let listener = TcpListener::bind("127.0.0.1:0").unwrap();
        let base_url = format!("http://{}", listener.local_addr().unwrap());
        Self::start_at(database, listener, &base_url, &[]).await
    }

    /// The same under an address of its own, and with other settings.
    pub async fn start_with(database: Database, base_url: &str, settings: &[(&str, &str)]) -> Self {
        let listener = TcpListener::bind("127.0.0.1:0").unwrap();
        Self::start_at(database, listener, base_url, settings).await
    }

    async fn start_at(
        database: Database,
        listener: TcpListener,
        base_url: &str,
        settings: &[(&str, &str)],
    ) -> Self {
        let folder = Arc::new(tempfile::tempdir().unwrap());
        let mut sources = Sources::default();
        sources.add_flag("data_dir", folder.path().display().to_string());
        sources.add_flag("base_url", base_url.to_owned());
        // No test asks other people's sites, unless it says so.
        sources.add_flag("check_links", "false".to_owned());
        sources.add_flag("dns_server", NO_DNS.to_owned());
        if let Database::Postgres(server) = database {
            sources.add_flag("database_url", server.fresh_database(None));
        }
        for (key, value) in settings {
            sources.add_flag(key, (*value).to_owned());
        }
        let settings = Settings::from_sources(&sources).unwrap();
        let app = App::open(settings, Clock::fixed(NOW)).await.unwrap();
        Self::serve(app, listener, Quotas::loose(), folder)
    }

    fn serve(
        app: App,
        listener: TcpListener,
        quotas: Quotas,
        folder: Arc<tempfile::TempDir>,
    ) -> Self {
        let bound = server::listen(app.clone(), listener, quotas).unwrap();
        let (address, handle) = (bound.address(), bound.handle());
        tokio::spawn(bound.run());
        let server = Arc::new(RunningServer(handle));
        Self {
            app,
            address,
            client: browser(),
            server,
            folder,
        }
    }

    /// A second server on the same application, with the limits of real life.
    pub fn with_real_limits(&self) -> Self {
        let listener = TcpListener::bind("127.0.0.1:0").unwrap();
        Self::serve(
            self.app.clone(),
            listener,
            Quotas::default(),
            self.folder.clone(),
        )
    }

    /// Another browser, with no cookies yet.
    pub fn other_browser(&self) -> Self {
        Self {
            app: self.app.clone(),
            address: self.address,
            client: browser(),
            server: self.server.clone(),
            folder: self.folder.clone(),
        }
    }

    /// The folder with the data.
    pub fn data_dir(&self) -> &std::path::Path {
        self.folder.path()
    }

    /// A request that is not sent yet, as a program without cookies and origin makes it.
    pub fn request(&self, method: Method, path: &str) -> RequestBuilder {
        self.client
            .request(method, format!("http://{}{path}", self.address))
    }

    /// Sends a request.
    pub async fn send(&self, request: RequestBuilder) -> Answer {
        Answer::to(request).await
    }

    /// Opens a page.
    pub async fn get(&self, path: &str) -> Answer {
        self.send(self.request(Method::GET, path)).await
    }

    /// Sends a form of one of our own pages.
    pub async fn post_form(&self, path: &str, fields: &[(&str, &str)]) -> Answer {
        let request = self
            .request(Method::POST, path)
            .header("Sec-Fetch-Site", "same-origin")
            .header("Content-Type", "application/x-www-form-urlencoded")
            .body(urlencoded(fields));
        self.send(request).await
    }

    /// Adds a member of staff, and signs this browser in as them.
    pub async fn sign_in_as(&self, role: StaffRole) -> StaffId {
        let email = format!("{}@clinic.example", role.as_str());
        let id = self.add_staff(&email, role).await;
        self.sign_in(&email, PASSWORD).await.expect(303);
        id
    }

    /// Adds a member of staff.
    pub async fn add_staff(&self, email: &str, role: StaffRole) -> StaffId {
        let email = EmailAddress::parse(email).unwrap();
        let name = PersonName::parse(&format!("Sample {}", role.label())).unwrap();
        let password = SecretString::from(PASSWORD.to_owned());
        keep_staff::add(&self.app, None, email, name, role, password)
            .await
            .unwrap()
    }

    /// Signs in with the form.
    pub async fn sign_in(&self, email: &str, password: &str) -> Answer {
        self.post_form(
            "/staff/sign-in",
            &[("email", email), ("password", password)],
        )
        .await
    }

    /// Signs up with the form.
    pub async fn sign_up(&self, email: &str) -> Answer {
        self.post_form("/subscribe", &sign_up_form(email)).await
    }

    /// Signs up, and confirms by the link.
    pub async fn subscribe(&self, email: &str) -> Subscriber {
        self.sign_up(email).await.expect(303);
        let link = self.confirm_path(email).await;
        self.post_form(&link, &[]).await.expect(200);
        self.subscriber(email).await
    }

    /// The subscriber with an address.
    pub async fn subscriber(&self, email: &str) -> Subscriber {
        self.find_subscriber(email)
            .await
            .unwrap_or_else(|| panic!("{email} is not on the list"))
    }

    /// The subscriber with an address, if it is on the list.
    pub async fn find_subscriber(&self, email: &str) -> Option<Subscriber> {
        let email = EmailAddress::parse(email).unwrap();
        self.app
            .store
            .read(move |db| subscribers::by_email(db, &email))
            .await
            .unwrap()
    }

    /// The path of the newest link to confirm that was queued to an address.
    pub async fn confirm_path(&self, email: &str) -> String {
        let notices = self.notices(email).await;
        let newest = notices
            .iter()
            .rev()
            .find(|notice| notice.kind == "confirmation");
        let request = newest.and_then(|notice| notice.reference_id).unwrap();
        let expires = self
            .app
            .store
            .read(move |db| signup_requests::get(db, request))
            .await
            .unwrap()
            .expires_at;
        path_of(&self.app.confirm_url(request, expires))
    }

    /// The path of the link by which somebody leaves.
    pub async fn unsubscribe_path(&self, email: &str) -> String {
        let token = self.app.unsubscribe_token(self.subscriber(email).await.id);
        path_of(&self.app.unsubscribe_url(&token))
    }

    /// The path of a fresh link to somebody's own page.
    pub async fn manage_path(&self, email: &str) -> String {
        let id = self.subscriber(email).await.id;
        let expires = self.app.now().plus(practice_points::app::links::MANAGE_FOR);
        path_of(&self.app.manage_url(id, expires))
    }

    /// What was queued to an address, the oldest first.
    pub async fn notices(&self, email: &str) -> Vec<Notice> {
        let email = email.to_owned();
        self.app
            .store
            .read(move |db| {
                let query = "SELECT kind, reference_id FROM delivery WHERE recipient = ";
                let notices = diesel::sql_query(format!("{query}'{email}' ORDER BY id"));
                notices
                    .load::<Notice>(db)
                    .map_err(practice_points::store::StoreError::from)
            })
            .await
            .unwrap()
    }

    /// The kinds of what was queued to an address, the oldest first.
    pub async fn notice_kinds(&self, email: &str) -> Vec<String> {
        self.notices(email)
            .await
            .into_iter()
            .map(|notice| notice.kind)
            .collect()
    }

    /// How many rows a table has.
    pub async fn count(&self, table: &'static str) -> i64 {
        #[derive(diesel::QueryableByName)]
        struct Count {
            #[diesel(sql_type = BigInt)]
            number: i64,
        }
        let counted = self.app.store.read(move |db| {
            let query = format!("SELECT count(*) AS number FROM {table}");
            let count = diesel::sql_query(query).get_result::<Count>(db);
            count.map_err(practice_points::store::StoreError::from)
        });
        counted.await.unwrap().number
    }
}

/// A message that waits.
#[derive(Debug, diesel::QueryableByName)]
pub struct Notice {
    #[diesel(sql_type = Text)]
    pub kind: String,
    #[diesel(sql_type = diesel::sql_types::Nullable<BigInt>)]
    pub reference_id: Option<i64>,
}

fn browser() -> Client {
    Client::builder()
        .cookie_store(true)
        .redirect(redirect::Policy::none())
        .build()
        .unwrap()
}

/// The path of an address.
pub fn path_of(url: &str) -> String {
    url::Url::parse(url).unwrap().path().to_owned()
}

/// Fields as a browser sends them.
pub fn urlencoded(fields: &[(&str, &str)]) -> String {
    url::form_urlencoded::Serializer::new(String::new())
        .extend_pairs(fields)
        .finish()
}

/// A sign-up form as a person fills it in.
pub fn sign_up_form(email: &str) -> [(&'static str, &str); 5] {
    [
        ("email", email),
        ("name", "Āroha Sample"),
        ("topics", "news"),
        ("topics", "calcium-score"),
        ("consent", "yes"),
    ]
}
