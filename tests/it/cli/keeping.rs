//! Keeping an installation: staff, migrations, backups, the doctor.

use practice_points::clock::Timestamp;
use practice_points::store::{Store, second_factors, staff_members};
use rustix::process::Signal;

use crate::both_databases::{Database, on_both_databases};
use crate::leash::free_port;
use crate::postfix::SmtpSink;
use crate::process::{Installation as TestApp, mode};

const ADD: [&str; 8] = [
    "staff",
    "add",
    "hine.sample@clinic.example",
    "--name",
    "Hine Sample",
    "--role",
    "author",
    "--password-stdin",
];

on_both_databases! {
    async fn the_second_factor_of_who_has_lost_everything_is_taken_off(here: TestApp) {
        here.run_with_input(&ADD, b"korimako sings at dawn\n").succeeded();
        let reset = ["staff", "reset-second-factor", ADD[2]];
        assert!(here.run(&reset).failed(1).contains("has no second factor"));
        assert!(here.run(&["staff", "reset-second-factor", "nobody@clinic.example"]).failed(1).contains("nobody on the staff"));
        let store = Store::open(here.database_url()).unwrap();
        let take_into_use = store.write(|db| {
            let member = staff_members::all(db)?.remove(0).id;
            let now = Timestamp::from_millis(1);
            second_factors::begin(db, member, b"sealed", now)?;
            second_factors::confirm(db, member, now)
        });
        assert!(take_into_use.await.unwrap());
        assert!(here.run(&reset).succeeded().contains("password alone"));
        let left = store.read(second_factors::holders).await.unwrap();
        assert!(left.is_empty());
        assert!(here.run(&reset).failed(1).contains("has no second factor"));
    }

    async fn staff_are_added_and_listed(here: TestApp) {
        let added = here.run_with_input(&ADD, b"korimako sings at dawn\n");
        assert!(added.err.contains("There is no owner yet"), "{added:?}");
        assert_eq!(added.succeeded(), "Hine Sample is on the staff now, as author.\n");
        here.add_staff("owner.sample@clinic.example", "owner");
        let list = here.run(&["staff", "list"]).succeeded();
        assert_eq!(list.lines().count(), 2, "{list}");
        assert!(list.contains("hine.sample@clinic.example   author     Hine Sample"), "{list}");

        let again = here.run_with_input(&ADD, b"korimako sings at dawn\n").failed(1);
        assert!(again.contains("on the staff already"), "{again}");
    }

    async fn a_database_is_migrated_once(here: TestApp) {
        let first = here.run(&["migrate"]).succeeded();
        assert!(first.lines().all(|line| line.starts_with("Migrated: ")), "{first}");
        assert_eq!(here.run(&["migrate"]).succeeded(), "The database is up to date.\n");
    }

    async fn the_doctor_finds_a_fresh_installation_well(here: TestApp) {
        here.run(&["migrate"]).succeeded();
        let told = here.run(&["doctor"]).succeeded();
        assert!(told.contains("reachable and up to date"), "{told}");
        assert!(told.contains("None is set (smtp_url)"), "{told}");
        assert!(!told.contains("FAULT"), "{told}");
    }
}

#[tokio::test]
async fn a_password_that_is_weak_or_missing_or_no_text_is_refused() {
    let here = TestApp::start(Database::Sqlite).await;
    assert!(
        here.run_with_input(&ADD, b"short\n")
            .failed(1)
            .contains("at least 12 characters")
    );
    assert!(
        here.run_with_input(&ADD, b"")
            .failed(1)
            .contains("no password on standard input")
    );
    assert!(
        here.run_with_input(&ADD, b"\xff\xfe korimako sings\n")
            .failed(1)
            .contains("UTF-8")
    );
    let told = here.run(&ADD[..7]).failed(2);
    assert!(told.contains("--password-stdin"), "{told}");
    assert_eq!(here.run(&["staff", "list"]).succeeded(), "");
}

#[tokio::test]
async fn the_doctor_changes_nothing() {
    let here = TestApp::start(Database::Sqlite).await;
    here.run(&["doctor"]).succeeded();
    assert!(!here.path("data").exists());
}

#[tokio::test]
async fn the_doctor_looks_at_the_mail_server_and_names_the_records_to_publish() {
    let Some(sink) = SmtpSink::start() else {
        return;
    };
    let mut here = TestApp::start(Database::Sqlite).await;
    here.set("smtp_url", &sink.url());
    here.set("mail_from", "GP Practice Points <points@clinic.example>");
    here.set("base_url", "https://points.clinic.example");
    let told = here.run(&["doctor"]).succeeded();
    assert!(
        told.contains(&format!(
            "ok     Mail server: 127.0.0.1:{}: answers.",
            sink.port()
        )),
        "{told}"
    );
    assert!(
        told.contains("_dmarc.clinic.example  \"v=DMARC1;"),
        "{told}"
    );
    assert!(sink.messages().is_empty(), "nothing is sent");

    here.set(
        "smtp_url",
        &format!("smtp://me:s3cret@127.0.0.1:{}", free_port()),
    );
    let away = here.run(&["doctor"]);
    assert_eq!(away.code, Some(1), "{away:?}");
    assert!(
        away.out.contains("FAULT  Mail server: ") && away.out.contains("cannot connect"),
        "{away:?}"
    );
    assert!(
        !away.out.contains("s3cret") && !away.err.contains("s3cret"),
        "{away:?}"
    );
}

#[tokio::test]
async fn a_backup_made_while_the_service_runs_is_restored_and_served() {
    let here = TestApp::start(Database::Sqlite).await;
    let service = here.service(&[]).await;
    here.add_staff("owner.sample@clinic.example", "owner");
    let copy = here.path("copy.sqlite");
    let copy = copy.to_str().unwrap();
    let told = here.run(&["backup", copy]).succeeded();
    assert!(told.contains("and whole"), "{told}");
    assert_eq!(mode(&here.path("copy.sqlite")), 0o600);
    let told = here.run(&["backup", copy]).failed(1);
    assert!(told.contains("is there already"), "{told}");
    // What comes after the backup is not in it.
    here.add_staff("later.sample@clinic.example", "author");
    drop(service);

    let restored = TestApp::start(Database::Sqlite).await;
    std::fs::create_dir(restored.path("data")).unwrap();
    std::fs::copy(copy, restored.path("data/practice-points.sqlite")).unwrap();
    let mut service = restored.service(&[]).await;
    assert_eq!(service.code(), None, "the owner came back with it");
    let answer = reqwest::get(restored.page("/healthz")).await.unwrap();
    assert_eq!(answer.status().as_u16(), 200);
    let staff = restored.run(&["staff", "list"]).succeeded();
    assert!(
        staff.contains("owner.sample") && !staff.contains("later.sample"),
        "{staff}"
    );
    service.send(Signal::TERM);
    assert!(
        service
            .end(std::time::Duration::from_secs(5))
            .await
            .is_some_and(|status| status.success())
    );
}

#[tokio::test]
async fn a_backup_of_a_server_is_left_to_its_own_tool() {
    let mut here = TestApp::start(Database::Sqlite).await;
    here.set("database_url", "postgres://points:s3cret@db.example/points");
    let told = here.run(&["backup", "points.dump"]).failed(1);
    assert!(
        told.contains("pg_dump") && told.contains("points.dump") && !told.contains("s3cret"),
        "{told}"
    );
}
