//! Pictures of the pages, to be looked at by people: `cargo test --test it -- --ignored screenshots` puts them into
//! `target/screenshots`, each page in full, as wide as a desktop computer and as a phone, light and dark. Its one check:
//! no page is wider than its screen.

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use fantoccini::Locator;
use serde_json::json;

use crate::both_databases::Database;
use crate::chromium::View;
use crate::pages::visitor::{devtools, look_as};
use crate::process::{Installation, Service};
use crate::sample_subscribers;

use super::person::{Person, target_folder};
use super::steps::{self, CASE, CONFIRMATION, GUIDANCE, PUBLISHER};
use super::{CASE_TITLE, GP, SUBJECT};

/// The widths in CSS pixels: a desktop computer's, and a small phone's.
const WIDTHS: [u32; 2] = [1280, 360];

/// Takes the pictures, and remembers which pages are too wide.
#[derive(Default)]
pub(crate) struct Album {
    too_wide: Vec<String>,
}

impl Album {
    /// Four pictures of the page as it is now, named `NAME-WIDTH-COLOURS.png`.
    pub(crate) async fn takes(&mut self, person: &Person, name: &str) {
        for width in WIDTHS {
            for colours in ["light", "dark"] {
                look_as(person, width, colours).await;
                self.takes_one(person, &format!("{name}-{width}-{colours}"), width)
                    .await;
            }
        }
    }

    async fn takes_one(&mut self, person: &Person, name: &str, width: u32) {
        let metrics = devtools(person, "Page.getLayoutMetrics", json!({})).await;
        let content = &metrics["cssContentSize"];
        if content["width"]
            .as_f64()
            .is_none_or(|w| w > f64::from(width))
        {
            self.too_wide.push(format!("{name}: {}", content["width"]));
        }
        let clip =
            json!({ "x": 0, "y": 0, "width": width, "height": content["height"], "scale": 1 });
        let wish = json!({ "format": "png", "captureBeyondViewport": true, "clip": clip });
        let answer = devtools(person, "Page.captureScreenshot", wish).await;
        let picture = STANDARD
            .decode(answer["data"].as_str().expect("a picture is a text"))
            .expect("it is encoded in base64");
        let file = target_folder("screenshots").join(format!("{name}.png"));
        std::fs::write(file, picture).expect("the picture can be written");
    }

    /// Makes sure that every page fitted its screen.
    pub(crate) fn has_no_page_that_is_too_wide(&self) {
        let pages = &self.too_wide;
        assert!(pages.is_empty(), "wider than the screen: {pages:#?}");
    }

    /// Opens a page and takes its pictures.
    async fn visits(&mut self, person: &Person, address: &str, name: &str) {
        person.opens(address).await;
        self.takes(person, name).await;
    }
}

/// The GP's sign-up, from the page of a new installation to the confirmed address, and the way back out.
async fn signs_up(album: &mut Album, gp: &Person, owner: &Person) -> String {
    album.visits(gp, "/", "home-of-a-new-installation").await;
    gp.types("E-mail address", "wiremu.sample.practice.example")
        .await;
    gp.types("Your name", "Wiremu Sample-Ōtene").await;
    gp.presses("Sign up").await;
    album.takes(gp, "sign-up-with-mistakes").await;
    gp.types("E-mail address", GP).await;
    gp.ticks("News").await;
    gp.ticks("Calcium score").await;
    gp.ticks("Yes, e-mail me GP Practice Points").await;
    gp.presses("Sign up").await;
    album.takes(gp, "look-in-your-inbox").await;

    steps::opens_the_message(owner, CONFIRMATION, GP).await;
    album.takes(owner, "staff-message-confirmation").await;
    let link = owner
        .finds("//ul[@class='links']//a[contains(@href, '/confirm/')]")
        .await;
    let link = link.attr("href").await.unwrap().unwrap();
    album.visits(gp, &link, "confirm").await;
    gp.presses("Confirm my sign-up").await;
    album.takes(gp, "confirmed").await;
    link
}

/// The articles: the editor with its preview, one that waits, one that is published.
async fn writes(album: &mut Album, owner: &Person) {
    album
        .visits(owner, "/staff/articles/new", "staff-article-new")
        .await;
    owner.opens("/staff").await;
    steps::begins_an_article(owner, "Case study", CASE_TITLE).await;
    steps::writes_as_plain_text(owner, CASE).await;
    owner
        .finds("//*[@id='preview']//strong[.='moderate']")
        .await;
    steps::fills_in_the_case(owner).await;
    album.takes(owner, "staff-article-editor").await;
    owner.presses("Save").await;
    steps::clears_the_case(owner).await;
    album.takes(owner, "staff-article-draft").await;
    steps::submits_and_waits(owner).await;
    album.takes(owner, "staff-article-own-in-review").await;
    owner.follows("Articles").await;
    owner.follows(GUIDANCE).await;
    album.takes(owner, "staff-article-incomplete").await;
    steps::completes_the_guidance(owner).await;
    steps::submits_and_waits(owner).await;
}

/// The bulletin from its editor to the end of its sending.
async fn sends(album: &mut Album, owner: &Person, publisher: &Person) {
    album
        .visits(publisher, "/staff/bulletins", "staff-bulletins-none")
        .await;
    let topics = ["News", "Calcium score"];
    steps::assembles(publisher, SUBJECT, &topics, &[GUIDANCE, CASE_TITLE]).await;
    publisher
        .finds("//*[@id='preview']//strong[.='calcium scores']")
        .await;
    album.takes(publisher, "staff-bulletin-editor").await;
    publisher.presses("Save").await;
    album.takes(publisher, "staff-bulletin-draft").await;
    publisher.presses("Submit for approval").await;
    album.takes(publisher, "staff-bulletin-own-in-review").await;
    album.visits(owner, "/staff", "staff-overview-work").await;
    owner.follows(SUBJECT).await;
    owner.presses("Approve").await;
    album.takes(owner, "staff-bulletin-approved").await;
    owner.follows("Preview").await;
    album.takes(owner, "staff-bulletin-preview").await;
    owner.opens("/staff/bulletins/1").await;
    owner.presses("Send now").await;
    owner.sees("Please look at this again").await;
    album.takes(owner, "staff-bulletin-send-unticked").await;
    steps::sends_it_now(owner).await;
    owner
        .finds("//*[@id='progress']//progress[number(@value) > 300]")
        .await;
    album.takes(owner, "staff-bulletin-sending").await;
    owner.finds("//h1[contains(., 'Sent')]").await;
    album.takes(owner, "staff-bulletin-sent").await;
    for page in ["deliveries", "preview"] {
        let address = format!("/staff/bulletins/1/{page}");
        album
            .visits(owner, &address, &format!("staff-bulletin-sent-{page}"))
            .await;
    }
    owner.opens("/staff/bulletins/1/deliveries").await;
    owner.leaves_by("//td[@class='number']/a").await;
    album.takes(owner, "staff-delivery").await;
}

/// The delivered bulletin in all its views, and the way out by its link.
async fn leaves(album: &mut Album, owner: &Person, gp: &Person) {
    owner.opens("/staff/mailbox").await;
    album.takes(owner, "staff-mailbox").await;
    owner.opens("/staff/subscribers?q=otene").await;
    album.takes(owner, "staff-subscribers-found").await;
    // The GP's own copy may be pages back in the mailbox; any copy looks the same.
    owner.opens("/staff/mailbox").await;
    owner
        .leaves_by(&format!("(//a[normalize-space(.)=\"{SUBJECT}\"])[1]"))
        .await;
    album.takes(owner, "staff-message-bulletin").await;
    let link = owner
        .finds("//ul[@class='links']//a[contains(@href, '/u/')]")
        .await;
    let link = link.attr("href").await.unwrap().unwrap();
    let frame = owner.finds("//iframe[@class='mail']").await;
    let mail = frame.attr("src").await.unwrap().unwrap();
    for view in ["Text", "Headers", "Raw"] {
        owner.follows(view).await;
        let name = format!("staff-message-bulletin-{}", view.to_lowercase());
        album.takes(owner, &name).await;
    }
    album.visits(owner, &mail, "mail-bulletin").await;
    owner.opens("/staff").await;

    album.visits(gp, &link, "unsubscribe").await;
    gp.presses("Unsubscribe").await;
    album.takes(gp, "unsubscribed").await;
    album.visits(gp, &link, "unsubscribed-already").await;
    owner.opens("/staff/subscribers?status=unsubscribed").await;
    owner.leaves_by("//tbody//a").await;
    album.takes(owner, "staff-subscriber").await;
}

/// The other messages, as a mail program shows them.
async fn looks_at_messages(album: &mut Album, owner: &Person, gp: &Person) {
    album.visits(gp, "/manage", "manage-ask").await;
    gp.types("E-mail address", GP).await;
    gp.leaves_by("//main//button").await;
    album.takes(gp, "manage-asked").await;
    let subjects = [
        ("Welcome", "welcome"),
        ("The link to your settings", "manage-link"),
    ];
    for (subject, name) in subjects {
        owner.opens("/staff/mailbox").await;
        owner.reloads_until(subject).await;
        owner
            .leaves_by(&format!("(//a[starts-with(., '{subject}')])[1]"))
            .await;
        album.takes(owner, &format!("staff-message-{name}")).await;
        if name == "manage-link" {
            let link = owner
                .finds("//ul[@class='links']//a[contains(@href, '/manage/')]")
                .await;
            let link = link.attr("href").await.unwrap().unwrap();
            album.visits(gp, &link, "manage").await;
        }
    }
}

/// What can be read on the site, and what it says to a wrong address.
async fn reads(album: &mut Album, gp: &Person) {
    for (address, name) in [
        ("/", "home"),
        ("/articles", "articles"),
        ("/articles?q=nothing+like+it", "articles-none-found"),
        ("/articles/ct-calcium-score-for-referrers", "article"),
        ("/practice-points", "practice-points"),
        ("/bulletins", "bulletins"),
        ("/symposium", "symposium"),
        ("/calcium-score", "calcium-score"),
        ("/calcium-score/referrers", "calcium-score-referrers"),
        ("/calcium-score/referral-check", "referral-check"),
        ("/contact", "contact"),
        ("/privacy", "privacy"),
        ("/no-such-page", "not-found"),
        ("/u/no-such-token", "unsubscribe-unknown"),
        ("/confirm/no-such-token", "link-invalid"),
        ("/staff/sign-in", "staff-sign-in"),
    ] {
        album.visits(gp, address, name).await;
    }
    gp.opens("/bulletins").await;
    gp.leaves_by("//main//a[starts-with(@href, '/bulletins/')]")
        .await;
    album.takes(gp, "bulletin").await;
    gp.opens("/calcium-score/referral-check").await;
    gp.types("Age in years", "38").await;
    gp.ticks("Male").await;
    gp.ticks("Low").await;
    // It answers in place.
    gp.finds("//*[@id='verdict-heading']").await;
    album.takes(gp, "referral-check-answer").await;
}

/// The staff pages that stand beside the main way.
async fn looks_around(album: &mut Album, owner: &Person, here: &Installation) {
    for (address, name) in [
        ("/staff", "staff-overview"),
        ("/staff/subscribers", "staff-subscribers"),
        ("/staff/subscribers/new", "staff-subscriber-new"),
        ("/staff/articles", "staff-articles"),
        ("/staff/bulletins", "staff-bulletins"),
        ("/staff/members", "staff-members"),
        ("/staff/audit", "staff-audit"),
        ("/staff/account", "staff-account"),
        ("/staff/subscribers/import", "staff-import"),
        ("/staff/no-such-page", "staff-not-found"),
    ] {
        album.visits(owner, address, name).await;
    }
    owner.opens("/staff/subscribers/import").await;
    let file = here.write("samples.csv", sample_subscribers::file());
    let field = owner.browser().find(Locator::Id("file")).await.unwrap();
    field.send_keys(&file).await.unwrap();
    owner
        .types("Where do these people come from?", "A sample list")
        .await;
    owner.ticks("They said yes").await;
    owner.types("Evidence", "On paper, as a sample").await;
    owner.presses("Try it first").await;
    album.takes(owner, "staff-import-report").await;
}

async fn arrives(here: &Installation, service: &Service) -> Option<(Album, Person, Person)> {
    let owner = Person::with("the owner", here, View::DESKTOP).await?;
    let gp = Person::with("the GP", here, View::DESKTOP).await?;
    let mut album = Album::default();
    album
        .visits(&owner, "/staff/first-owner", "staff-first-owner")
        .await;
    steps::becomes_the_owner(&owner, &service.code().expect("it prints a code")).await;
    album
        .takes(&owner, "staff-overview-of-a-new-installation")
        .await;
    steps::adds_the_publisher(here, &owner).await;
    Some((album, owner, gp))
}

#[tokio::test]
#[ignore = "makes pictures for people to look at"]
async fn screenshots() {
    let mut here = Installation::start(Database::Sqlite).await;
    here.set("delivery.per_second", "120");
    let service = here.service(&[]).await;
    let Some((mut album, owner, gp)) = arrives(&here, &service).await else {
        return;
    };
    let album = &mut album;
    signs_up(album, &gp, &owner).await;
    let people = here.write("people.csv", sample_subscribers::file());
    here.run(&[
        "subscribers",
        "import",
        &people,
        "--source",
        "A sample list",
        "--basis",
        "express",
        "--evidence",
        "On paper",
        "--topics",
        "calcium-score",
    ]);
    looks_at_messages(album, &owner, &gp).await;
    writes(album, &owner).await;
    let publisher = Person::with("the publisher", &here, View::DESKTOP)
        .await
        .expect("the others have a browser");
    publisher.opens("/staff").await;
    steps::signs_in(&publisher, &PUBLISHER).await;
    publisher.follows(CASE_TITLE).await;
    album.takes(&publisher, "staff-article-to-approve").await;
    steps::approves_and_publishes(&publisher, CASE_TITLE).await;
    steps::approves_and_publishes(&publisher, GUIDANCE).await;
    album.takes(&publisher, "staff-article-published").await;
    sends(album, &owner, &publisher).await;
    leaves(album, &owner, &gp).await;
    reads(album, &gp).await;
    looks_around(album, &owner, &here).await;
    album.has_no_page_that_is_too_wide();
}
