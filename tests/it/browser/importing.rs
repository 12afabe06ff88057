//! A file of people is brought by its page: tried, put right, taken over, and what was refused taken home.

use std::path::Path;
use std::time::{Duration, Instant};

use fantoccini::Locator;
use practice_points::app::import_subscribers;
use practice_points::domain::staff_member::StaffRole;
use practice_points::store::import_runs;
use serde_json::json;

use crate::app::TestApp;
use crate::both_databases::Database;
use crate::pages::visitor::devtools;

use super::colleague::Colleague;

const FILE: &str = "Kontakt;Vorname;Surname;Clinic\n\
    hemi@practice.example;Hēmi;Sample;Tāmaki Practice\n\
    no address;Nobody;Sample;Nowhere\n\
    mere@practice.example;Mere;Sample;Tāmaki Practice\n";

/// Fills in the form for a file, and tries it.
async fn tries(publisher: &Colleague, file: &Path) {
    publisher.follows("Import").await;
    let field = publisher.browser().find(Locator::Id("file")).await.unwrap();
    field.send_keys(file.to_str().unwrap()).await.unwrap();
    publisher
        .types("Where do these people come from?", "the autumn symposium")
        .await;
    publisher.ticks("They said yes").await;
    publisher.types("Evidence", "On paper, as a sample").await;
    publisher.presses("Try it first").await;
    publisher.sees("What this import would do").await;
}

/// What the browser has saved into the folder, as soon as it is all there.
pub(super) async fn saved(folder: &Path) -> String {
    let start = Instant::now();
    loop {
        let files: Vec<_> = std::fs::read_dir(folder)
            .unwrap()
            .map(|entry| entry.unwrap().path())
            .collect();
        let is = |path: &Path, kind: &str| path.extension().is_some_and(|found| found == kind);
        let is_coming = files.iter().any(|path| is(path, "crdownload"));
        let file = files.iter().find(|path| is(path, "csv"));
        let text = file.map(|path| std::fs::read_to_string(path).unwrap());
        // Its name is taken before anything is in it.
        if let Some(text) = text.filter(|text| !is_coming && !text.is_empty()) {
            return text;
        }
        assert!(
            start.elapsed() < Duration::from_secs(20),
            "nothing is saved"
        );
        // A folder tells nobody when it changes.
        tokio::time::sleep(Duration::from_millis(20)).await;
    }
}

/// Lets the browser save files into the folder.
pub(super) async fn saves_into(person: &Colleague, folder: &Path) {
    let wish = json!({ "behavior": "allow", "downloadPath": folder });
    devtools(person, "Browser.setDownloadBehavior", wish).await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_file_is_tried_its_columns_put_right_and_taken_over() {
    let app = TestApp::start(Database::Sqlite).await;
    let by = app
        .add_staff("publisher@clinic.example", StaffRole::Publisher)
        .await;
    let Some(publisher) = Colleague::signs_in(&app, StaffRole::Publisher).await else {
        return;
    };
    let folder = tempfile::tempdir().unwrap();
    let file = folder.path().join("people.txt");
    std::fs::write(&file, FILE).unwrap();
    publisher.follows("Subscribers").await;
    publisher.sees("No subscribers yet.").await;
    publisher.is_served_well().await;
    publisher.follows("Import").await;
    publisher.presses("Try it first").await;
    publisher.sees("Please look at this again").await;
    publisher.is_served_well().await;
    publisher.follows("Subscribers").await;
    tries(&publisher, &file).await;
    publisher.is_served_well().await;
    let first_name = "Vorname is taken for";
    publisher.chooses(first_name, "Last name").await;
    publisher.presses("Check again with these columns").await;
    publisher.sees("Please look at this again").await;
    publisher.is_served_well().await;
    publisher.chooses(first_name, "First name").await;
    publisher.presses("Check again with these columns").await;
    publisher.sees("The file is checked again.").await;
    publisher
        .finds("//dl//div[dt[.='Would be added'] and dd[.='2']]")
        .await;
    assert_eq!(app.count("subscriber").await, 0, "it was a try");

    publisher.presses("Import now").await;
    publisher.sees("The file is taken over.").await;
    publisher
        .finds("//dl//div[dt[.='Added'] and dd[.='2']]")
        .await;
    publisher.is_served_well().await;
    assert_eq!(
        app.subscriber("hemi@practice.example").await.name,
        "Hēmi Sample"
    );
    saves_into(&publisher, folder.path()).await;
    publisher
        .uses_the_link("Download the refused lines as CSV")
        .await;
    let refused = saved(folder.path()).await;
    assert!(
        refused.contains("no address") && !refused.contains("hemi@"),
        "{refused}"
    );

    // A long one: begun, as if the program had ended right then, and gone on with while somebody looks at its page.
    let mut long = String::from("email,name\n");
    for number in 0..60 {
        long.push_str(&format!("p{number}@practice.example,Person {number}\n"));
    }
    std::fs::write(&file, long).unwrap();
    publisher.follows("Subscribers").await;
    tries(&publisher, &file).await;
    let address = publisher.browser().current_url().await.unwrap();
    let run: i64 = address.path().rsplit('/').next().unwrap().parse().unwrap();
    let now = app.app.now();
    let begun = app
        .app
        .store
        .write(move |db| import_runs::start(db, run, by, now));
    begun.await.unwrap();
    publisher.opens(address.path()).await;
    publisher.sees("0 of 60 lines taken over.").await;
    publisher.is_served_well().await;
    import_subscribers::resume(&app.app).await.unwrap();
    publisher.sees("The file is taken over.").await;
    publisher
        .finds("//dl//div[dt[.='Added'] and dd[.='60']]")
        .await;
    publisher.is_served_well().await;
}
