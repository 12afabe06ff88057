//! An owner sets what the clinic says of itself, and readers see it at once.

use fantoccini::Locator;
use fantoccini::key::Key;
use practice_points::domain::staff_member::StaffRole;
use serde_json::json;

use crate::app::TestApp;
use crate::both_databases::Database;
use crate::chromium::View;
use crate::pages::visitor::{devtools, evaluate};

use super::colleague::Colleague;
use super::person::Person;

const LOGO: &str = concat!(
    env!("CARGO_MANIFEST_DIR"),
    "/templates/site/demo/recording.png"
);

/// The colour in which the reader sees the button.
const BUTTON: &str = "getComputedStyle(document.querySelector('main form button')).backgroundColor";

async fn picks_a_file(owner: &Colleague, file: &str) {
    let field = owner.browser().find(Locator::Id("file")).await.unwrap();
    field.send_keys(file).await.unwrap();
}

/// Name, logo and colours; what cannot be taken or read is refused in words.
async fn sets_what_the_clinic_looks_like(owner: &Colleague, reader: &Person) {
    owner.follows("Settings").await;
    owner.follows("Clinic").await;
    owner.types("Name of the clinic", " ").await;
    owner.presses("Save").await;
    owner.sees("Please look at this again").await;
    owner.is_served_well().await;
    owner
        .types("Name of the clinic", "Manawa Sample Clinic")
        .await;
    owner
        .types("Where it is", "1 Sample Street, Remuera, Auckland 1051")
        .await;
    owner
        .types("Postal address", "PO Box 1, Auckland 1140")
        .await;
    owner
        .types("E-mail for people", "hello@sample.example")
        .await;
    owner.presses("Save").await;
    owner
        .sees("Saved. Pages and new messages say it from now on.")
        .await;

    // What is no picture is said to be none; a picture stands on every page.
    picks_a_file(owner, concat!(env!("CARGO_MANIFEST_DIR"), "/Cargo.toml")).await;
    owner.presses("Upload").await;
    owner.sees("Please look at this again").await;
    owner.is_served_well().await;
    picks_a_file(owner, LOGO).await;
    owner.presses("Upload").await;
    owner
        .finds("//img[@alt='The logo of Manawa Sample Clinic']")
        .await;
    owner.is_served_well().await;

    let pale = "Links and buttons, light";
    owner.types(pale, "#ffd500").await;
    owner.presses("Save the colours").await;
    owner
        .finds("//p[@id='main_light-error' and contains(., 'to 1')]")
        .await;
    assert_eq!(owner.value(pale).await, "#ffd500", "it can be mended");
    owner.is_served_well().await;
    reader.opens("/").await;
    let before = evaluate(reader, BUTTON).await;
    owner.types(pale, "#5b2a86").await;
    owner.presses("Save the colours").await;
    owner
        .sees("The colours are saved: they are on every page")
        .await;
    owner.is_served_well().await;

    reader.opens("/").await;
    assert_ne!(before, "rgb(91, 42, 134)");
    assert_eq!(evaluate(reader, BUTTON).await, "rgb(91, 42, 134)");
    reader
        .finds("//header//img[contains(@class, 'wordmark-logo')]")
        .await;
    let drawn = "document.querySelector('.wordmark-logo').naturalWidth > 0";
    assert_eq!(evaluate(reader, drawn).await, true);
    reader
        .finds("//footer[contains(., 'Manawa Sample Clinic') and contains(., 'PO Box 1')]")
        .await;
    // Earlier ones are there to be looked up, and the logo can go again.
    let versions = owner.finds("//summary[starts-with(., 'Versions')]").await;
    versions.click().await.unwrap();
    owner.sees("by Sample Owner").await;
    owner.is_served_well().await;
    owner.presses("Take the logo off pages and messages").await;
    reader.opens("/").await;
    assert_eq!(
        evaluate(reader, "document.querySelector('.wordmark-logo')").await,
        json!(null)
    );
}

/// Topics and the wording of consent, which are for those who sign up from now on.
async fn sets_what_people_choose_and_agree_to(owner: &Colleague, reader: &Person) {
    reader.opens("/").await;
    reader
        .finds("//label[starts-with(normalize-space(.), 'Symposium')]")
        .await;
    owner.opens("/staff/settings/topics").await;
    owner.presses("Add").await;
    owner.sees("Please look at this again").await;
    owner.is_served_well().await;
    owner.types("Name", "Atrial fibrillation").await;
    owner
        .types("Description", "Rhythm, stroke, and who needs what.")
        .await;
    owner.presses("Add").await;
    owner.sees("The topic is added, as the last one.").await;
    let symposium = "//li[@id and contains(@class, 'panel')][.//h2[starts-with(., 'Symposium')]]";
    let change = owner.finds(&format!("{symposium}//summary")).await;
    change.click().await.unwrap();
    owner.is_served_well().await;
    owner.presses("Retire this topic").await;
    owner.sees("The topic is not offered any more.").await;
    owner
        .finds(&format!("{symposium}//*[starts-with(., 'Retired')]"))
        .await;
    owner.is_served_well().await;

    owner.follows("Wordings").await;
    owner.types("Wording of consent", " ").await;
    owner.presses("Use this wording").await;
    owner.sees("Please look at this again").await;
    owner.is_served_well().await;
    let wording = "Yes, send me what is new about hearts. I can leave by one click.";
    owner.types("Wording of consent", wording).await;
    owner.presses("Use this wording").await;
    owner
        .finds("//tr[th[contains(., 'Asked for now')] and td[contains(., 'about hearts')]]")
        .await;
    let earlier = "document.querySelectorAll('section table tbody tr').length";
    assert_eq!(
        evaluate(owner, earlier).await,
        2,
        "the first stays on record"
    );
    owner.is_served_well().await;

    reader.opens("/").await;
    reader.sees(wording).await;
    reader
        .types("E-mail address", "wiremu.sample@practice.example")
        .await;
    reader.types("Your name", "Wiremu Sample").await;
    reader.ticks("Atrial fibrillation").await;
    let retired = "[...document.querySelectorAll('label')].some(one => one.textContent.trim().startsWith('Symposium'))";
    assert_eq!(evaluate(reader, retired).await, false);
    reader.ticks(wording).await;
    reader.presses("Sign up").await;
    reader.sees("Now look in your inbox").await;
}

/// A key that signs messages; its record is copied with the button beside it. Without a mouse.
async fn makes_a_key(owner: &Colleague, home: &str) {
    owner.opens("/staff/settings/mail").await;
    owner.sees("Messages are not signed by this program.").await;
    owner.enters("button[name='kind'][value='rsa']").await;
    owner.sees("The key is made. Publish its record").await;
    owner.is_served_well().await;
    let record = owner
        .finds("//code[starts-with(@id, 'value-') and contains(., 'v=DKIM1; k=rsa; p=')]")
        .await;
    let (id, text) = (
        record.attr("id").await.unwrap().unwrap(),
        record.text().await.unwrap(),
    );
    // What is in the clipboard is looked up as whoever pastes it would see it.
    let allowed =
        json!({ "permissions": ["clipboardReadWrite", "clipboardSanitizedWrite"], "origin": home });
    devtools(owner, "Browser.grantPermissions", allowed).await;
    owner.enters(&format!("button[data-copy='{id}']")).await;
    owner.sees("Copied").await;
    let copied = evaluate(owner, "navigator.clipboard.readText()").await;
    assert_eq!(copied.as_str().unwrap_or_default(), text);
    owner.is_served_well().await;
    owner.goes_back_to("form[action$='/sign'] button").await;
    owner.hits(Key::Enter).await;
    owner.sees("The key signs every message from now on.").await;
    owner.sees("Messages are signed.").await;
    owner.is_served_well().await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn what_an_owner_sets_is_what_readers_see_at_once() {
    let app = TestApp::start(Database::Sqlite).await;
    let Some(owner) = Colleague::joins(&app, StaffRole::Owner).await else {
        return;
    };
    let home = format!("http://{}", app.address);
    let reader = Person::at("the reader", &home, View::DESKTOP)
        .await
        .unwrap();
    sets_what_the_clinic_looks_like(&owner, &reader).await;
    sets_what_people_choose_and_agree_to(&owner, &reader).await;
    makes_a_key(&owner, &home).await;
}
