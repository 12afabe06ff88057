//! A fresh installation filled with samples, so that every page can be seen with something in it: staff, subscribers,
//! articles of each kind that a second person has approved, symposia with people who come, and a bulletin that has been sent. Everybody in it is invented
//! and says so, and every address ends in `.example`, which nobody can have (RFC 2606).

use std::sync::Arc;
use std::time::Duration;

use secrecy::SecretString;

use crate::clock::Clock;
use crate::domain::article::{ArticleId, ArticleKind};
use crate::domain::audience::Narrowing;
use crate::domain::bulletin::ArticleForm;
use crate::domain::case_study::ChecklistItem;
use crate::domain::consent::ConsentBasis;
use crate::domain::email_address::EmailAddress;
use crate::domain::image;
use crate::domain::local_time::CalendarDate;
use crate::domain::person_name::PersonName;
use crate::domain::staff_mail::StaffMailKind;
use crate::domain::staff_member::{StaffId, StaffRole};
use crate::domain::subscriber::{Region, Role};
use crate::store::articles::ArticleText;
use crate::store::bulletins::BulletinText;
use crate::store::{instance as store_instance, staff_mails, staff_members, topics};

use super::import_subscribers::{self, Import};
use super::instance::{hex, random};
use super::keep_subscribers::Ground;
use super::{
    App, AppError, clear_case_study, keep_images, keep_staff, review_article, review_bulletin,
    send_bulletin, shipped_content, supersede_article, write_article, write_bulletin,
};

/// Who signs in to look around.
pub const OWNER: &str = "hine.sample@clinic.example";

/// The second person, with the same password: nobody approves what they wrote themselves.
pub const REVIEWER: &str = "wiremu.sample@clinic.example";

/// Under this name it is kept that the installation is a demo, and whether it is whole.
const MARK: &str = "demo";
const BEGUN: &str = "begun";
const FILLED: &str = "filled";

/// The first is superseded by the second.
const ARTICLES: [&str; 4] = [
    include_str!("../../templates/site/demo/echo-appointments-earlier.md"),
    include_str!("../../templates/site/demo/echo-appointments.md"),
    include_str!("../../templates/site/demo/symposium-programme.md"),
    include_str!("../../templates/site/demo/case-palpitations.md"),
];

/// A drawing of a heartbeat that nobody has, and what it shows. The case study names the place for its address.
const RECORDING: &[u8] = include_bytes!("../../templates/site/demo/recording.png");
const RECORDING_SHOWS: &str = "A drawing of a single-lead recording: five even beats, then one that comes early, and a pause after it";
const RECORDING_PLACE: &str = "SAMPLE_RECORDING";

const GIVEN_NAMES: [&str; 12] = [
    "Aroha", "Mere", "Tāne", "Ngaio", "Sione", "Priya", "Wei", "Emma", "Hēmi", "Lagi", "Oliver",
    "Māia",
];
const PRACTICES: [(&str, Region); 4] = [
    ("Kōwhai Family Practice", Region::Northern),
    ("Rātā Street Medical", Region::Northern),
    ("Harbour Sample Health", Region::TeManawaTaki),
    ("Maunga Medical Centre", Region::Central),
];

/// Fills a fresh installation, unless it is a filled demo already. Returns the password with which [`OWNER`] and [`REVIEWER`]
/// sign in, a new one each time.
///
/// # Errors
/// [`AppError::Refused`] when there is an installation in the database that is no demo, or a demo that was not finished.
pub async fn fill(app: &App) -> Result<String, AppError> {
    let password = hex(&random::<8>()?);
    let (mark, is_used) = app
        .store
        .read(|db| {
            let mark = store_instance::value(db, MARK)?;
            Ok::<_, AppError>((mark, staff_members::any(db)?))
        })
        .await?;
    match (mark.as_deref(), is_used) {
        (Some(FILLED), _) => renew_password(app, &password).await?,
        (Some(_), _) => {
            return Err(AppError::refused(
                "An earlier demo was not finished here. Delete its folder, or choose another with data_dir.",
            ));
        }
        (None, true) => {
            return Err(AppError::refused(
                "There is an installation here already, and a demo would mix samples into it. Choose another folder with \
                 data_dir.",
            ));
        }
        (None, false) => {
            set_mark(app, BEGUN).await?;
            fill_fresh(&without_other_sites(app), &password).await?;
            set_mark(app, FILLED).await?;
        }
    }
    Ok(password)
}

/// Samples lead to other people's sites too, which are not asked for their sake, and may not be reached from here.
fn without_other_sites(app: &App) -> App {
    let mut app = app.clone();
    Arc::make_mut(&mut app.settings).check_links = false;
    app
}

async fn set_mark(app: &App, mark: &'static str) -> Result<(), AppError> {
    app.store
        .write(move |db| Ok(store_instance::set_value(db, MARK, mark)?))
        .await
}

async fn renew_password(app: &App, password: &str) -> Result<(), AppError> {
    let staff = keep_staff::all(app).await?;
    let by_address = |email: &str| {
        let found = staff.iter().find(|member| member.email.as_str() == email);
        found.map(|member| member.id).ok_or(AppError::NotFound)
    };
    let owner = by_address(OWNER)?;
    for id in [owner, by_address(REVIEWER)?] {
        keep_staff::set_password(app, owner, id, password.to_owned().into()).await?;
    }
    Ok(())
}

async fn fill_fresh(app: &App, password: &str) -> Result<(), AppError> {
    let owner = add_staff(app, OWNER, "Hine Sample", StaffRole::Owner, password).await?;
    let role = StaffRole::Publisher;
    let reviewer = add_staff(app, REVIEWER, "Wiremu Sample", role, password).await?;
    have_told(app, [owner, reviewer], false).await?;
    add_subscribers(app).await?;

    let (recording, _) =
        keep_images::upload(app, owner, RECORDING.to_vec(), RECORDING_SHOWS).await?;
    let recording = image::address(&recording, image::ImageFormat::Png);

    let guidance = guidance(app, owner, reviewer).await?;
    let mut samples = Vec::new();
    for file in ARTICLES {
        let text = app
            .store
            .read(move |db| shipped_content::read(db, file))
            .await?
            .1;
        let text = ArticleText {
            body: text.body.replace(RECORDING_PLACE, &recording),
            ..reviewed_in_a_year(app, text)
        };
        let is_case = text.kind == ArticleKind::CaseStudy.as_str();
        let id = write_article::create(app, owner, text).await?;
        if is_case {
            let all = ChecklistItem::ALL.to_vec();
            clear_case_study::tick(app, owner, id, 1, all).await?;
        }
        publish(app, owner, reviewer, id, 1).await?;
        samples.push(id);
    }
    if let [earlier, later, ..] = samples[..] {
        supersede_article::supersede(app, reviewer, earlier, later).await?;
    }
    let mut articles = vec![(guidance, ArticleForm::Whole)];
    let current = samples.into_iter().skip(1);
    articles.extend(current.map(|id| (id, ArticleForm::Teaser)));

    super::demo_symposia::fill(app, owner).await?;

    let topics = app.store.read(topics::all).await?;
    let text = BulletinText {
        symposium: None,
        narrowing: Narrowing::default(),
        subject: "Sample Practice Points: whom to refer for a calcium score".to_owned(),
        preheader: "And a case, news of appointments, and the symposium's programme".to_owned(),
        introduction:
            "Tēnā koe,\n\nthis bulletin is a sample: it shows how ours look, to people who are invented."
                .to_owned(),
        articles,
        topics: topics.into_iter().map(|topic| topic.id).collect(),
    };
    let bulletin = write_bulletin::create(app, owner, text).await?;
    review_bulletin::submit(app, owner, bulletin).await?;
    review_bulletin::approve(app, reviewer, bulletin, 1).await?;
    have_told(app, [owner, reviewer], true).await?;
    send_bulletin::send_now(app, reviewer, bulletin).await?;
    Ok(())
}

/// Has members told by mail what waits for them, or not: the approvals of samples are no news to anybody.
async fn have_told(app: &App, members: [StaffId; 2], is_on: bool) -> Result<(), AppError> {
    app.store
        .write(move |db| {
            for member in members {
                for kind in StaffMailKind::ALL {
                    staff_mails::switch(db, member, *kind, is_on)?;
                }
            }
            Ok(())
        })
        .await
}

async fn add_staff(
    app: &App,
    email: &str,
    name: &str,
    role: StaffRole,
    password: &str,
) -> Result<StaffId, AppError> {
    let email = EmailAddress::parse(email).map_err(AppError::internal)?;
    let name = PersonName::parse(name).map_err(AppError::internal)?;
    let password = SecretString::from(password.to_owned());
    keep_staff::add(app, None, email, name, role, password).await
}

/// Twelve people at a time, some months apart, so that the list has grown.
async fn add_subscribers(app: &App) -> Result<(), AppError> {
    const DAY: Duration = Duration::from_secs(24 * 60 * 60);
    let now = app.now();
    for (time, days) in (0_usize..).zip([140_u32, 75, 20]) {
        let mut app = app.clone();
        app.clock = Clock::fixed(now.minus(DAY * days));
        let mut file = String::from("email,name,practice,region,role,topics\n");
        for (place, given) in GIVEN_NAMES.iter().enumerate() {
            let number = time * GIVEN_NAMES.len() + place;
            let (practice, region) = PRACTICES[number % PRACTICES.len()];
            let role = match number % 5 {
                3 => Role::NursePractitioner,
                4 => Role::GpRegistrar,
                _ => Role::Gp,
            };
            // Everybody has chosen the first topic, and fewer each of the others.
            let topics: Vec<&str> = (1_usize..)
                .zip(["news", "calcium-score", "case-studies", "symposium"])
                .filter(|(every, _)| number.is_multiple_of(*every))
                .map(|(_, topic)| topic)
                .collect();
            file.push_str(&format!(
                "gp{number}.sample@practice.example,Dr {given} Sample,{practice},{},{},{}\n",
                region.as_str(),
                role.as_str(),
                topics.join(";")
            ));
        }
        import(&app, file).await?;
    }
    Ok(())
}

async fn import(app: &App, file: String) -> Result<(), AppError> {
    let import = Import {
        file_name: "demo.csv".to_owned(),
        content: file.into_bytes(),
        source: "the samples of the demo".to_owned(),
        ground: Ground {
            basis: ConsentBasis::Express,
            evidence: "invented people, for the demo".to_owned(),
        },
        topics: Vec::new(),
        notify: false,
    };
    import_subscribers::import(app, import, |_| ()).await?;
    Ok(())
}

/// The guidance that every installation finds among its drafts, with an author and a second person.
async fn guidance(app: &App, owner: StaffId, reviewer: StaffId) -> Result<ArticleId, AppError> {
    let drafts = write_article::list(app, write_article::Filter::default()).await?;
    let id = drafts.first().ok_or(AppError::NotFound)?.id;
    let article = write_article::show(app, id).await?.article;
    let text = ArticleText {
        authors: "Dr Ana Sample, cardiologist".to_owned(),
        ..article.text()
    };
    let text = reviewed_in_a_year(app, text);
    write_article::save(app, owner, id, article.version, text).await?;
    let version = write_article::show(app, id).await?.article.version;
    publish(app, owner, reviewer, id, version).await?;
    Ok(id)
}

fn reviewed_in_a_year(app: &App, text: ArticleText) -> ArticleText {
    let date = CalendarDate::of(app.now()).plus_months(12);
    ArticleText {
        review_by: Some(date.iso()),
        ..text
    }
}

async fn publish(
    app: &App,
    author: StaffId,
    reviewer: StaffId,
    id: ArticleId,
    version: i32,
) -> Result<(), AppError> {
    review_article::submit(app, author, id).await?;
    review_article::approve(app, reviewer, id, version).await?;
    review_article::publish(app, reviewer, id).await
}
