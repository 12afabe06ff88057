//! The whole way, as people walk it: with a browser, clicking and typing, through the real program on a fresh folder.

mod accounts;
mod assembling;
mod before_sending;
mod bulletin_drafts;
mod colleague;
mod correcting;
mod editor;
mod images;
mod importing;
mod keyboard;
mod overview;
mod people;
pub(crate) mod person;
pub(crate) mod pictures;
mod sending;
mod settings;
mod steps;
mod together;
mod waves;
mod writing;

use fantoccini::Locator;

use crate::both_databases::{Database, on_both_databases};
use crate::chromium::View;
use crate::process::Installation as TestApp;

use person::Person;
use steps::{CASE, CONFIRMATION, GUIDANCE, OWNER, PUBLISHER};

const GP: &str = "wiremu.sample@practice.example";
const CASE_TITLE: &str = "A score of zero, and what came of it";
const SUBJECT: &str = "Calcium scores: whom to refer";

/// Twelve people beside the one who signs up, so that the sending can be watched.
fn twelve_people() -> String {
    let mut file = String::from("email,name\n");
    for n in 1..=12 {
        file.push_str(&format!("gp{n}@practice.example,Sample Person {n}\n"));
    }
    file
}

/// Signs up on the home page: first with two mistakes, which are told next to their fields while everything typed stays.
async fn signs_up(gp: &Person) {
    gp.opens("/").await;
    gp.sees("What happens with your details").await;
    gp.types("E-mail address", "wiremu.sample.practice.example")
        .await;
    gp.types("Your name", "Wiremu Sample-Ōtene").await;
    gp.types("Practice", "Sample Practice, Māngere").await;
    gp.chooses("Region", "Northern").await;
    gp.ticks("News").await;
    gp.ticks("Case studies").await;
    gp.ticks("Calcium score").await;
    gp.unticks("Case studies").await;
    gp.presses("Sign up").await;

    gp.sees("Please look at this again").await;
    gp.finds("//label[@for='email']/following-sibling::p[contains(., 'The @ is missing')]")
        .await;
    gp.finds("//p[@id='consent-error' and contains(., 'Please tick the box')]")
        .await;
    for (label, typed) in [
        ("E-mail address", "wiremu.sample.practice.example"),
        ("Your name", "Wiremu Sample-Ōtene"),
        ("Practice", "Sample Practice, Māngere"),
        ("Region", "northern"),
    ] {
        assert_eq!(gp.value(label).await, typed, "{label}");
    }

    gp.types("E-mail address", GP).await;
    gp.ticks("Yes, e-mail me GP Practice Points").await;
    gp.presses("Sign up").await;
    gp.sees("Now look in your inbox").await;
}

/// Writes a case study, watching the preview beside the text, and completes the shipped guidance; both wait for review.
async fn writes(owner: &Person) {
    steps::begins_an_article(owner, "Case study", CASE_TITLE).await;
    steps::writes_as_plain_text(owner, CASE).await;
    owner
        .finds("//*[@id='preview']//h2[.='Patient information']")
        .await;
    owner
        .finds("//*[@id='preview']//strong[.='moderate']")
        .await;
    steps::fills_in_the_case(owner).await;
    owner.presses("Save").await;
    steps::clears_the_case(owner).await;
    steps::submits_and_waits(owner).await;

    steps::completes_the_guidance(owner).await;
    steps::submits_and_waits(owner).await;
}

/// The second person approves both articles, and puts a bulletin of them together.
async fn publishes_and_assembles(publisher: &Person) {
    steps::approves_and_publishes(publisher, CASE_TITLE).await;
    steps::approves_and_publishes(publisher, GUIDANCE).await;

    let articles = [GUIDANCE, CASE_TITLE];
    steps::assembles(publisher, SUBJECT, &["Calcium score"], &articles).await;
    // The script counts them when the topic is ticked.
    publisher.sees("13 people at present").await;
    publisher
        .finds("//*[@id='preview']//strong[.='calcium scores']")
        .await;
    publisher.presses("Save").await;
    publisher.presses("Submit for approval").await;
    publisher.sees("A second person has to approve it.").await;
    publisher.is_not_offered("Approve").await;
    publisher.is_not_offered("Send now").await;
}

/// Approves the bulletin, sends it, and watches it go out without touching anything.
async fn sends_and_watches(owner: &Person) {
    owner.follows("Overview").await;
    owner.follows(SUBJECT).await;
    owner.presses("Approve").await;
    steps::sends_it_now(owner).await;
    owner.finds("//*[@id='progress' and @data-refresh]").await;
    owner.sees("of 13 done; sending.").await;
    owner.sees("13 of 13 done.").await;
    owner.finds("//h1[contains(., 'Sent')]").await;
}

/// Opens the bulletin that came to the GP, as HTML and as text. Returns the address of its unsubscribe link.
async fn reads_the_bulletin(owner: &Person) -> String {
    steps::opens_the_message(owner, SUBJECT, GP).await;
    let browser = owner.browser();
    let frame = owner.finds("//iframe[@class='mail']").await;
    frame.enter_frame().await.unwrap();
    owner.sees("Kia ora Wiremu Sample-Ōtene,").await;
    owner.sees("Low risk with a family history").await;
    owner.sees("Read on: A score of zero").await;
    browser.enter_parent_frame().await.unwrap();

    owner.follows("Text").await;
    owner.sees("IN THIS ISSUE").await;
    owner.sees("Kia ora Wiremu Sample-Ōtene,").await;
    let link = owner
        .finds("//ul[@class='links']//a[contains(@href, '/u/')]")
        .await;
    link.attr("href").await.unwrap().unwrap()
}

on_both_databases! {
    async fn a_bulletin_is_walked_from_the_first_owner_to_the_last_goodbye(here: TestApp) {
        let mut here = here;
        here.set("delivery.per_second", "4");
        let service = here.service(&[]).await;
        let Some(owner) = Person::with("the owner", &here, View::DESKTOP).await else {
            return;
        };
        steps::becomes_the_owner(&owner, &service.code().expect("it prints a code")).await;
        steps::adds_the_publisher(&here, &owner).await;

        let gp = Person::with("the GP", &here, View::PHONE).await.unwrap();
        signs_up(&gp).await;
        steps::opens_the_message(&owner, CONFIRMATION, GP).await;
        owner
            .leaves_by("//ul[@class='links']//a[contains(@href, '/confirm/')]")
            .await;
        owner.sees("One more step").await;
        owner.presses("Confirm my sign-up").await;
        owner.sees("You are signed up").await;

        let people = here.write("people.csv", twelve_people());
        here.run(&[
            "subscribers", "import", &people, "--source", "A sample list", "--basis", "express",
            "--evidence", "On paper", "--topics", "calcium-score",
        ])
        .succeeded();

        owner.opens("/staff").await;
        writes(&owner).await;
        let publisher = Person::with("the publisher", &here, View::DESKTOP).await.unwrap();
        publisher.opens("/staff").await;
        steps::signs_in(&publisher, &PUBLISHER).await;
        publishes_and_assembles(&publisher).await;
        sends_and_watches(&owner).await;

        let unsubscribe = reads_the_bulletin(&owner).await;
        gp.opens(&unsubscribe).await;
        gp.sees("Leave GP Practice Points").await;
        gp.presses("Unsubscribe").await;
        gp.sees("You are unsubscribed").await;

        owner.follows("Subscribers").await;
        owner.types("Search", "otene").await;
        owner.presses("Show").await;
        owner.follows("Wiremu Sample-Ōtene").await;
        owner.finds("//h1/*[contains(@class, 'badge') and .='Unsubscribed']").await;
        for (event, way) in [
            ("Signed up", "Web form"),
            ("Confirmed", "Mailed link"),
            ("Unsubscribed", "Mailed link"),
        ] {
            owner
                .finds(&format!(
                    "//section[@aria-labelledby='consent-heading']//tr[td[.='{event}'] and td[contains(., '{way}')]]"
                ))
                .await;
        }
        owner.presses("Sign out").await;
        owner.sees("You are signed out.").await;
        owner.opens("/staff/subscribers").await;
        owner.sees("Staff sign in").await;
        assert!(!owner.text().await.contains(OWNER.name));
    }
}

#[tokio::test]
async fn the_sign_up_works_without_scripts() {
    let here = TestApp::start(Database::Sqlite).await;
    let _service = here.service(&["serve"]).await;
    let view = View {
        scripts: false,
        ..View::DESKTOP
    };
    let Some(gp) = Person::with("the GP", &here, view).await else {
        return;
    };
    let proof = "data:text/html,<title>off</title><script>document.title = 'on'</script>";
    gp.opens(proof).await;
    assert_eq!(gp.browser().title().await.unwrap(), "off");
    signs_up(&gp).await;
}

/// How many requests the page's script has made.
async fn requests(person: &Person) -> u64 {
    const COUNT: &str = "return performance.getEntriesByType('resource').filter(one => one.initiatorType === 'fetch').length";
    let counted = person.browser().execute(COUNT, Vec::new()).await.unwrap();
    counted.as_u64().unwrap()
}

#[tokio::test]
async fn the_referral_check_answers_in_place() {
    let here = TestApp::start(Database::Sqlite).await;
    let _service = here.service(&["serve"]).await;
    let Some(gp) = Person::with("the GP", &here, View::DESKTOP).await else {
        return;
    };
    gp.opens("/calcium-score/referral-check").await;
    gp.types("Age in years", "55").await;
    gp.ticks("Male").await;
    assert_eq!(requests(&gp).await, 0, "the risk is missing yet");
    gp.ticks("Moderate").await;
    gp.finds("//*[@id='verdict-heading' and .='Generally considered useful']")
        .await;
    assert_eq!(requests(&gp).await, 1);
    gp.ticks("Diagnosed heart disease").await;
    gp.finds("//*[@id='verdict-heading' and .='Generally not recommended']")
        .await;
    gp.sees(
        "For: Man, 55 years; moderate risk; family history not known; diagnosed heart disease.",
    )
    .await;

    // Its address never changed: there is nothing to go back to.
    let address = gp.browser().current_url().await.unwrap();
    assert_eq!(
        (address.path(), address.fragment()),
        ("/calcium-score/referral-check", None)
    );

    // What cannot be answered takes the old answer away, and the button says what is missing.
    gp.types("Age in years", "155").await;
    gp.presses("Check").await;
    gp.sees("Please give the age in whole years, up to 120.")
        .await;
    assert!(gp.browser().find(Locator::Css("#result")).await.is_err());
}
