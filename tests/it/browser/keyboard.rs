//! Pages without a mouse: nothing but Tab, Shift with Tab, Space, Enter and what is typed (WCAG 2.2, 2.1 and 2.4). Where
//! the focus is can always be seen.

use fantoccini::Locator;
use fantoccini::key::Key;
use practice_points::mail::mailbox::Mailbox;
use serde::Deserialize;

use crate::both_databases::Database;
use crate::chromium::View;
use crate::pages::visitor::evaluate;
use crate::process::Installation;

use super::person::Person;

/// Where the focus is: its place among all elements (-1 on none), and whether it is seen there.
#[derive(Debug, Deserialize)]
struct Focus {
    place: i64,
    seen: bool,
    html: String,
}

/// What is in focus. It is seen when it has an outline, and some of it is within the window and not covered by another.
const FOCUS: &str = "(() => {
    const focus = document.activeElement;
    if (!focus || focus === document.body) return { place: -1, seen: false, html: '' };
    const style = getComputedStyle(focus);
    const box = focus.getBoundingClientRect();
    const [x, y] = [(Math.max(box.left, 0) + Math.min(box.right, innerWidth)) / 2,
                    (Math.max(box.top, 0) + Math.min(box.bottom, innerHeight)) / 2];
    const on_top = document.elementFromPoint(x, y);
    const seen = style.outlineStyle !== 'none' && parseFloat(style.outlineWidth) >= 2
        && box.width > 1 && box.height > 1
        && on_top !== null && (focus.contains(on_top) || on_top.contains(focus));
    return { place: [...document.querySelectorAll('*')].indexOf(focus), seen, html: focus.outerHTML.slice(0, 200) };
})()";

/// The places of all that can be operated, in order; of radio buttons one of each group.
const STOPS: &str = "(() => {
    const all = [...document.querySelectorAll('*')];
    const groups = new Set();
    return all.filter(element => {
        if (!element.matches('a[href], button, input:not([type=hidden]), select, textarea, summary, iframe, [tabindex=\"0\"]')) return false;
        if (element.tabIndex < 0 || element.disabled || !element.checkVisibility({ visibilityProperty: true })) return false;
        if (element.type !== 'radio') return true;
        const known = groups.has(element.name);
        groups.add(element.name);
        return !known;
    }).map(element => all.indexOf(element));
})()";

async fn focus(person: &Person) -> Focus {
    serde_json::from_value(evaluate(person, FOCUS).await).expect("it is what the script makes")
}

/// Goes through the whole page and out at its end. Returns the places of the stops.
async fn goes_through(person: &Person) -> Vec<i64> {
    let mut stops = Vec::new();
    for _ in 0..300 {
        person.hits(Key::Tab).await;
        let focus = focus(person).await;
        if focus.place < 0 || stops.first() == Some(&focus.place) {
            return stops;
        }
        if !focus.seen {
            let why = format!("does not see where the focus is: {}", focus.html);
            person.is_stuck(&why).await;
        }
        stops.push(focus.place);
    }
    person.is_stuck("never comes to the end of the page").await
}

#[tokio::test]
async fn all_that_can_be_operated_is_reached_in_order_and_the_focus_is_always_seen() {
    let here = Installation::start(Database::Sqlite).await;
    let _service = here.service(&["demo"]).await;
    let Some(gp) = Person::with("the GP", &here, View::DESKTOP).await else {
        return;
    };
    for path in [
        "/",
        "/articles",
        "/articles/ct-calcium-score-for-referrers",
        "/practice-points?q=sample",
        "/search?q=calcium",
        "/symposium",
        "/calcium-score/referrers",
        "/calcium-score/referral-check",
        "/manage",
        "/staff/sign-in",
    ] {
        gp.opens(path).await;
        let expected: Vec<i64> =
            serde_json::from_value(evaluate(&gp, STOPS).await).expect("a list of places");
        assert_eq!(goes_through(&gp).await, expected, "{path}");
    }
}

#[tokio::test]
async fn the_skip_link_leads_past_the_navigation_and_back_again() {
    let here = Installation::start(Database::Sqlite).await;
    let _service = here.service(&["serve"]).await;
    let Some(gp) = Person::with("the GP", &here, View::DESKTOP).await else {
        return;
    };
    gp.opens("/calcium-score/referral-check").await;
    gp.hits(Key::Tab).await;
    assert!(gp.has_focus(".skip-link").await, "it is the first stop");
    gp.hits(Key::Enter).await;
    gp.hits(Key::Tab).await;
    assert!(
        gp.has_focus("main *").await,
        "the next stop is in the content"
    );
    gp.goes_back().await;
    assert!(
        gp.has_focus("header *").await,
        "and before it is the header"
    );
}

#[tokio::test]
async fn the_sign_up_works_by_keyboard_alone() {
    let here = Installation::start(Database::Sqlite).await;
    let _service = here.service(&["serve"]).await;
    let Some(gp) = Person::with("the GP", &here, View::DESKTOP).await else {
        return;
    };
    gp.opens("/").await;
    gp.tabs_to(".skip-link").await;
    gp.hits(Key::Enter).await;
    gp.tabs_to("#email").await;
    gp.types_there("mere.sample").await;
    gp.tabs_to("#name").await;
    gp.types_there("Mere Sample").await;
    gp.tabs_to("#topic-news").await;
    gp.types_there(" ").await;
    gp.tabs_to("form.card button").await;
    gp.hits(Key::Enter).await;

    // The summary of what is wrong has the focus, and its links lead to the fields.
    gp.sees("Please look at this again").await;
    gp.tabs_to(".error-summary a[href='#email']").await;
    gp.hits(Key::Enter).await;
    assert!(gp.has_focus("#email").await, "the link leads to the field");
    // Whoever comes to a field by Tab has its text selected, and replaces it by typing.
    gp.goes_back().await;
    gp.hits(Key::Tab).await;
    gp.types_there("mere.sample@practice.example").await;
    gp.tabs_to("#consent").await;
    gp.types_there(" ").await;
    gp.tabs_to("form.card button").await;
    gp.types_there(" ").await;
    gp.sees("Now look in your inbox").await;
    assert!(gp.browser().find(Locator::Css("main form")).await.is_err());
}

#[tokio::test]
async fn a_search_from_the_header_leads_to_an_article_by_keyboard_alone() {
    let here = Installation::start(Database::Sqlite).await;
    let _service = here.service(&["demo"]).await;
    let Some(gp) = Person::with("the GP", &here, View::DESKTOP).await else {
        return;
    };
    gp.opens("/").await;
    gp.tabs_to(".search-form input").await;
    gp.types_there("kalcium").await;
    gp.hits(Key::Enter).await;
    gp.sees("Nothing holds all of these words").await;

    gp.tabs_to("#search-q").await;
    gp.types_there("calcium scor").await;
    gp.tabs_to("main form button").await;
    gp.goes_back().await;
    assert!(
        gp.has_focus("#search-q").await,
        "one step back is the field"
    );
    gp.tabs_to("main form button").await;
    gp.types_there(" ").await;
    gp.sees("whom to refer").await;
    gp.tabs_to(".search-results a[href='/articles/ct-calcium-score-for-referrers']")
        .await;
    gp.hits(Key::Enter).await;
    gp.sees("About this article").await;
}

/// The link in the message with which somebody registers, as soon as it is in the demo's mailbox.
async fn link_to_register(here: &Installation) -> String {
    for _ in 0..500 {
        let mailbox = Mailbox::open(here.path("demo/mailbox")).unwrap();
        for entry in mailbox.list(100, None).unwrap() {
            if entry.subject.starts_with("Register for") {
                let message = mailbox.read(entry.id).unwrap().unwrap();
                let text = message.text.unwrap();
                let link = text
                    .split_whitespace()
                    .find(|word| word.contains("/register/"));
                return link.unwrap().to_owned();
            }
        }
        // The mailbox is a folder: nothing tells when it changes.
        tokio::time::sleep(std::time::Duration::from_millis(20)).await;
    }
    panic!("the link did not come within 10 s");
}

#[tokio::test]
async fn a_registration_works_by_keyboard_alone() {
    let here = Installation::start(Database::Sqlite).await;
    let _service = here.service(&["demo"]).await;
    let Some(gp) = Person::with("the GP", &here, View::DESKTOP).await else {
        return;
    };
    gp.opens("/symposium").await;
    gp.tabs_to(".event-card a").await;
    gp.hits(Key::Enter).await;
    gp.sees("Programme").await;
    gp.tabs_to("#email").await;
    gp.types_there("gp5.sample@practice.example").await;
    gp.tabs_to("#register form button").await;
    gp.hits(Key::Enter).await;
    gp.sees("Now look in your inbox").await;

    gp.opens(&link_to_register(&here).await).await;
    gp.tabs_to("#dietary").await;
    gp.types_there("no nuts").await;
    gp.tabs_to("form.card button").await;
    gp.hits(Key::Enter).await;
    gp.sees("You are on the waiting list").await;
    gp.sees("You are number 4.").await;
    gp.tabs_to("#confirm").await;
    gp.types_there(" ").await;
    gp.tabs_to("form[action$='/cancel'] button").await;
    gp.hits(Key::Enter).await;
    gp.sees("This registration is cancelled").await;
}
