//! What stands between an approved bulletin and its sending: the list of checks, the preview and the test, without a mouse.

use fantoccini::Locator;
use fantoccini::key::Key;
use practice_points::domain::staff_member::StaffRole;
use practice_points::worker::Worker;

use crate::app::TestApp;
use crate::both_databases::Database;
use crate::bulletins::add_readers;
use crate::bulletins::readiness::supersede;
use crate::desk::Desk;
use crate::pages::visitor::evaluate;

use super::colleague::Colleague;

/// How the preview shows the mail: the frame's classes, and what its address says.
const SHOWN: &str = "(() => { const frame = document.getElementById('mail-frame'); \
                     return frame.className + ' ' + new URL(frame.src).search; })()";

/// Lets what holds a bulletin up pass, with a reason, and sends it.
async fn lets_it_pass(desk: &Desk, publisher: &Colleague) {
    let path = desk.approved_bulletin("Older news", &["news"]).await;
    supersede(desk, &path).await;
    publisher.opens(&path).await;
    publisher
        .finds("//*[@id='checks']//li[contains(., 'Articles are current') and contains(., 'Let it pass')]")
        .await;
    publisher.is_served_well().await;
    publisher.ticks_by_key("#confirm_send").await;
    publisher.enters("button[formaction$='/send']").await;
    publisher
        .finds("//h1[not(contains(., 'Older news'))]")
        .await;
    publisher.is_served_well().await;
    publisher.opens(&path).await;
    publisher.finds("//h1/*[.='Approved']").await;

    let pass = "form[action$='/override']";
    publisher.enters("#checks summary").await;
    publisher.tabs_to("#reason-superseded").await;
    publisher.hits(Key::Enter).await;
    publisher.sees("Please look at this again").await;
    publisher.finds("//*[@id='reason-superseded-error']").await;
    publisher.is_served_well().await;
    publisher
        .fills_by_key("#reason-superseded", "The newer one is for another region.")
        .await;
    publisher.enters(&format!("{pass} button")).await;
    publisher.sees("is let pass, with your reason.").await;
    publisher.sees("The newer one is for another region.").await;
    publisher.sees("Sample Publisher").await;
    publisher.is_served_well().await;
    // Whoever has second thoughts is held up again, and lets it pass again.
    publisher
        .enters("form[action$='/override/take-back'] button")
        .await;
    publisher.sees("is not let pass any more.").await;
    publisher.enters("#checks summary").await;
    publisher
        .fills_by_key("#reason-superseded", "Agreed with the author.")
        .await;
    publisher.enters(&format!("{pass} button")).await;
    publisher.sees("is let pass, with your reason.").await;
    publisher.ticks_by_key("#confirm_send").await;
    publisher.enters("button[formaction$='/send']").await;
    publisher.sees("It is on its way to 1 person.").await;
}

/// Looks at the bulletin in each way in which it may be seen, and sends a test.
async fn previews_and_tests(app: &TestApp, desk: &Desk, publisher: &Colleague) {
    let path = desk.assemble("As it will look", &["news"]).await;
    publisher.opens(&path).await;
    publisher.enters("a[href$='/preview']").await;
    publisher.finds("//h1[.='Preview']").await;
    publisher.is_served_well().await;
    publisher.tabs_to("#width-wide").await;
    for (then, expected) in [
        (Key::Right, "mail phone "),
        (Key::Tab, "mail phone "),
        (Key::Right, "mail phone dark ?colours=dark&images=on"),
        (Key::Tab, "mail phone dark ?colours=dark&images=on"),
        (Key::Right, "mail phone dark ?colours=dark&images=off"),
    ] {
        publisher.hits(then).await;
        let shown = evaluate(publisher, SHOWN).await;
        let shown = shown.as_str().unwrap_or_default();
        assert!(shown.starts_with(expected), "{shown}");
    }
    publisher.is_served_well().await;
    let wide = evaluate(
        publisher,
        "document.getElementById('mail-frame').offsetWidth",
    )
    .await;
    assert!(wide.as_f64().unwrap() < 500.0, "as wide as a phone: {wide}");
    let frame = publisher.finds("//iframe[@id='mail-frame']").await;
    frame.enter_frame().await.unwrap();
    publisher.sees("First point.").await;
    publisher.browser().enter_parent_frame().await.unwrap();
    publisher.tabs_to("pre.wrapped").await;
    let text = publisher.finds("//pre[contains(@class, 'wrapped')]").await;
    let text = text.text().await.unwrap();
    assert!(
        text.contains("First point.") && !text.contains('<'),
        "{text}"
    );

    // A test goes to whom one ticks, and to nobody if that is nobody.
    publisher.opens(&path).await;
    publisher.tabs_to("input[name='to']:checked").await;
    publisher.types_there(" ").await;
    publisher.enters("form[action$='/test'] button").await;
    publisher.sees("Please choose who gets the test.").await;
    publisher.is_served_well().await;
    let nobody = Locator::Css("input[name='to']:checked");
    assert!(publisher.browser().find(nobody).await.is_err());
    publisher.ticks_by_key("input[name='to']").await;
    publisher.enters("form[action$='/test'] button").await;
    publisher.sees("A test is on its way to").await;
    let worker = Worker::start(&app.app).unwrap();
    publisher.opens("/staff/mailbox").await;
    publisher.reloads_until("[Test] As it will look").await;
    publisher.is_served_well().await;
    publisher.enters("tbody a").await;
    publisher.sees("Links in this message").await;
    publisher.is_served_well().await;
    worker.stop().await;
    assert_eq!(app.count("delivery WHERE recipient LIKE 'gp%'").await, 0);
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_bulletin_is_previewed_tried_and_let_pass_by_keyboard() {
    let app = TestApp::start(Database::Sqlite).await;
    let desk = Desk::open(&app).await;
    add_readers(&app, 1).await;
    let Some(publisher) = Colleague::signs_in(&app, StaffRole::Publisher).await else {
        return;
    };
    previews_and_tests(&app, &desk, &publisher).await;
    lets_it_pass(&desk, &publisher).await;
}
