//! `practice-points bulletin`: a bulletin from a file, by the same rules as on the pages.

mod front_matter;
mod wait;

use std::fs::File;
use std::io::Read;
use std::path::{Path, PathBuf};
use std::time::Duration;

use clap::{Args, Subcommand};

use crate::app::check_bulletin::{self, Wish};
use crate::app::{App, AppError, keep_staff, keep_topics};
use crate::app::{review_bulletin, send_bulletin, write_bulletin};
use crate::domain::audience::Narrowing;
use crate::domain::bulletin::BulletinId;
use crate::domain::email_address::EmailAddress;
use crate::domain::grouped::grouped;
use crate::domain::readiness::CheckKind;
use crate::domain::staff_member::{StaffId, StaffRole};
use crate::domain::topic::TopicId;
use crate::store::bulletins::BulletinText;
use crate::store::staff_members::StaffMember;
use crate::worker::links;

use self::front_matter::BulletinFile;
use super::failure::Failure;
use super::output;
use super::runtime::with_app;
use super::settings::Configuration;

/// So long the links of a bulletin are looked at.
const LINKS_WITHIN: Duration = Duration::from_secs(20);

/// Far more than a bulletin may have.
const MAX_FILE_BYTES: u64 = 1024 * 1024;

#[derive(Debug, Subcommand)]
pub(super) enum BulletinCommand {
    /// Send the bulletin in a Markdown file to everybody who chose its topics
    ///
    /// The file begins with subject, preheader and topics as TOML between two lines of +++; the rest
    /// is its text. It is on its way when this command ends, and goes out while the service runs.
    Send(SendArguments),
}

#[derive(Debug, Args)]
pub(super) struct SendArguments {
    /// The file
    #[arg(value_name = "FILE.md")]
    file: PathBuf,
    /// The member of staff who wrote it
    #[arg(long, value_name = "EMAIL", value_parser = EmailAddress::parse)]
    written_by: EmailAddress,
    /// Another member of staff, who has read and approved it: a reviewer, publisher or owner
    #[arg(long, value_name = "EMAIL", value_parser = EmailAddress::parse)]
    approved_by: EmailAddress,
    /// Let something pass that is found before sending, with a reason; may be repeated. What can be let pass is said when
    /// it holds the bulletin up, such as links="the site is being moved"
    #[arg(long = "override", value_name = "CHECK=REASON", value_parser = overridden)]
    overrides: Vec<(CheckKind, String)>,
    /// Wait until everything is sent, and say what became of it
    #[arg(long)]
    wait: bool,
}

impl BulletinCommand {
    pub(super) fn run(self, configuration: &Configuration) -> Result<(), Failure> {
        match self {
            Self::Send(arguments) => arguments.run(configuration),
        }
    }
}

impl SendArguments {
    fn run(self, configuration: &Configuration) -> Result<(), Failure> {
        let bulletin = read(&self.file)?;
        with_app(configuration, async |app| {
            let people = People::find(&app, &self.written_by, &self.approved_by).await?;
            let topics = topics(&app, &bulletin.topics).await?;
            let text = BulletinText {
                symposium: None,
                narrowing: Narrowing::default(),
                subject: bulletin.subject,
                preheader: bulletin.preheader,
                introduction: bulletin.introduction,
                articles: Vec::new(),
                topics,
            };
            let id = write_bulletin::create(&app, people.writer, text).await?;
            let audience = match send(&app, id, &people, self.overrides).await {
                Ok(audience) => audience,
                Err(error) => return Err(give_up(&app, id, &people, error).await),
            };
            let people = match audience {
                1 => "1 person".to_owned(),
                more => format!("{} people", grouped(more)),
            };
            let page = app
                .settings
                .base_url
                .join(&format!("/staff/bulletins/{id}"));
            output::line(format_args!(
                "Bulletin {id} is on its way to {people}. How far it is: {page}"
            ));
            if self.wait {
                wait::until_sent(&app, id).await
            } else {
                Ok(())
            }
        })
    }
}

/// "links=the site is being moved".
fn overridden(text: &str) -> Result<(CheckKind, String), String> {
    let kinds = CheckKind::ALL
        .iter()
        .filter(|kind| kind.may_be_overridden());
    let known: Vec<&str> = kinds.map(|kind| kind.as_str()).collect();
    let wrong = || {
        format!(
            "give one of {} and a reason, like links=\"the site is being moved\"",
            known.join(", ")
        )
    };
    let (name, reason) = text.split_once('=').ok_or_else(wrong)?;
    match name.parse::<CheckKind>() {
        Ok(kind) if kind.may_be_overridden() => Ok((kind, reason.to_owned())),
        _ => Err(wrong()),
    }
}

/// Takes a new bulletin the whole way. Returns to how many people it goes.
async fn send(
    app: &App,
    id: BulletinId,
    people: &People,
    overrides: Vec<(CheckKind, String)>,
) -> Result<i64, AppError> {
    review_bulletin::submit(app, people.writer, id).await?;
    let version = write_bulletin::show(app, id).await?.bulletin.version;
    review_bulletin::approve(app, people.approver, id, version).await?;
    // The service may not be running, and nobody waits here for its worker.
    links::look_now(app, id, LINKS_WITHIN).await?;
    let found = check_bulletin::show(app, id).await?;
    for (kind, reason) in overrides {
        // What is not found need not be let pass.
        let Some(finding) = found.open().find(|finding| finding.kind == kind) else {
            continue;
        };
        let wish = Wish {
            kind,
            version,
            fingerprint: finding.fingerprint(),
            reason,
        };
        check_bulletin::let_pass(app, people.publisher, id, wish).await?;
    }
    send_bulletin::send_now(app, people.publisher, id).await
}

/// What was not sent does not stay behind as a draft: the file is corrected, and sent anew.
async fn give_up(app: &App, id: BulletinId, people: &People, error: AppError) -> Failure {
    let failure = Failure::from(error);
    match send_bulletin::cancel(app, people.publisher, id).await {
        Ok(()) => failure.or_hint("Nothing was sent. Please correct the file and send it again."),
        Err(_) => failure.or_hint(format!(
            "Nothing was sent; what was begun is bulletin {id}."
        )),
    }
}

/// Who does it. Nobody is asked for a password: whoever has the machine and the database answers for
/// these names, and the audit notes them.
struct People {
    writer: StaffId,
    approver: StaffId,
    /// One of the two, who may send.
    publisher: StaffId,
}

impl People {
    async fn find(
        app: &App,
        written_by: &EmailAddress,
        approved_by: &EmailAddress,
    ) -> Result<Self, Failure> {
        let everybody = keep_staff::all(app).await?;
        let writer = member(&everybody, written_by, "--written-by")?;
        let approver = member(&everybody, approved_by, "--approved-by")?;
        if writer.id == approver.id {
            return Err(Failure::new("a bulletin is approved by a second person")
                .hint("--approved-by has to be somebody else than --written-by."));
        }
        if !approver.role.includes(StaffRole::Reviewer) {
            return Err(Failure::new(
                "--approved-by: an author does not approve; a reviewer, publisher or owner does",
            ));
        }
        let publisher = [approver, writer]
            .into_iter()
            .find(|m| m.role.includes(StaffRole::Publisher));
        let Some(publisher) = publisher else {
            return Err(Failure::new(
                "one of the two has to be a publisher or an owner: only they send",
            ));
        };
        Ok(Self {
            writer: writer.id,
            approver: approver.id,
            publisher: publisher.id,
        })
    }
}

fn member<'a>(
    everybody: &'a [StaffMember],
    email: &EmailAddress,
    flag: &str,
) -> Result<&'a StaffMember, Failure> {
    let key = email.key();
    match everybody.iter().find(|member| member.email_key == key) {
        Some(member) if member.active => Ok(member),
        Some(_) => Err(Failure::new(format!(
            "{flag}: this member of staff may not sign in any more"
        ))),
        None => Err(
            Failure::new(format!("{flag}: nobody on the staff has this address"))
                .hint("“practice-points staff list” shows who is."),
        ),
    }
}

async fn topics(app: &App, wanted: &[String]) -> Result<Vec<TopicId>, Failure> {
    let known = keep_topics::offered(app).await?;
    let mut found = Vec::new();
    for slug in wanted {
        match known.iter().find(|topic| topic.slug == *slug) {
            Some(topic) => found.push(topic.id),
            None => {
                let slugs: Vec<&str> = known.iter().map(|topic| topic.slug.as_str()).collect();
                return Err(Failure::new(format!("there is no topic “{slug}”"))
                    .hint(format!("The topics are {}.", slugs.join(", "))));
            }
        }
    }
    Ok(found)
}

fn read(file: &Path) -> Result<BulletinFile, Failure> {
    let shown = file.display();
    let mut content = Vec::new();
    File::open(file)
        .and_then(|open| open.take(MAX_FILE_BYTES + 1).read_to_end(&mut content))
        .map_err(|error| Failure::caused(format_args!("{shown} cannot be read"), &error))?;
    if content.len() as u64 > MAX_FILE_BYTES {
        return Err(Failure::new(format!(
            "{shown} is larger than 1 MB, and is no bulletin"
        )));
    }
    let text = String::from_utf8(content)
        .map_err(|_| Failure::new(format!("{shown} is not text in UTF-8")))?;
    front_matter::parse(&text).map_err(|error| Failure::new(format!("{shown}, {error}")))
}
