//! Images: dropped onto a text, pasted into it, and kept in the library with what they show.

use fantoccini::Locator;
use fantoccini::key::Key;
use practice_points::domain::staff_member::StaffRole;

use crate::app::TestApp;
use crate::both_databases::Database;
use crate::pages::visitor::evaluate;

use super::colleague::Colleague;
use super::steps;
use super::writing::{clicks_into_the_text, comes_to};

const PICTURE: &str = concat!(
    env!("CARGO_MANIFEST_DIR"),
    "/templates/site/demo/recording.png"
);

/// Makes the file that a person drags from outside or has in the clipboard, which WebDriver cannot, and lets the event come.
async fn receives_a_file(author: &Colleague, file: &str, event: &str) {
    let script = format!(
        "(async () => {{
            const text = document.querySelector('.writing-text');
            text.scrollIntoView({{ block: 'center' }});
            const data = new DataTransfer();
            data.items.add(await ({file}));
            const box = text.getBoundingClientRect();
            const at = {{ clientX: box.left + box.width / 2, clientY: box.top + box.height / 2 }};
            const usual = {{ bubbles: true, cancelable: true }};
            const event = {event};
            text.dispatchEvent(event);
            return event.defaultPrevented;
        }})()"
    );
    assert_eq!(
        evaluate(author, &script).await,
        true,
        "the browser would open the file instead"
    );
}

/// What makes the file of an image with a square of this size in it.
fn drawn(size: u32) -> String {
    format!(
        "(async () => {{ const canvas = new OffscreenCanvas(40, 40);
            canvas.getContext('2d').fillRect(0, 0, {size}, {size});
            return new File([await canvas.convertToBlob()], 'drawn.png', {{ type: 'image/png' }}); }})()"
    )
}

const DROP: &str = "new DragEvent('drop', { ...usual, ...at, dataTransfer: data })";
const PASTE: &str = "new ClipboardEvent('paste', { ...usual, clipboardData: data })";

/// What the form would send as the text, as soon as the image with these words is in it: its address.
async fn address_of(author: &Colleague, alt: &str) -> String {
    let image = author
        .finds(&format!("//*[@role='textbox']//img[@alt='{alt}']"))
        .await;
    image.attr("src").await.unwrap().unwrap()
}

/// Drops one onto a text and pastes another into it, and is asked what they show.
async fn drops_and_pastes(app: &TestApp, author: &Colleague) {
    let before = app.count("image").await;
    steps::begins_an_article(author, "News", "A recording").await;
    clicks_into_the_text(author).await;
    author.types_there("Seen last week.").await;
    let file = drawn(30);
    receives_a_file(author, &file, DROP).await;
    author
        .finds("//dialog//p[contains(@class, 'writing-shown')]/img")
        .await;
    author.is_served_well().await;
    author.uses("Insert the image").await;
    author.sees("The alternative text is missing.").await;
    author.is_served_well().await;
    assert_eq!(app.count("image").await, before, "nothing without words");
    author.types("Alternative text", "An early beat").await;
    author.uses("Insert the image").await;
    let dropped = address_of(author, "An early beat").await;
    assert_eq!(app.count("image").await, before + 1);
    comes_to(
        author,
        &format!("Seen last week.\n\n![An early beat]({dropped})\n"),
    )
    .await;

    // One that a program has put into the clipboard; whoever changes their mind keeps the text as it was.
    author.hits_with(&[Key::Control], Key::End.into()).await;
    author.hits(Key::Enter).await;
    let file = drawn(20);
    receives_a_file(author, &file, PASTE).await;
    author
        .finds("//dialog//p[contains(@class, 'writing-shown')]/img")
        .await;
    author.hits(Key::Escape).await;
    assert!(author.has_focus(".writing-text").await);
    assert_eq!(app.count("image").await, before + 1);
    receives_a_file(author, &file, PASTE).await;
    author.types("Alternative text", "A square").await;
    author.hits(Key::Tab).await;
    author.hits(Key::Enter).await;
    let pasted = address_of(author, "A square").await;
    assert_ne!(pasted, dropped);
    comes_to(
        author,
        &format!("Seen last week.\n\n![An early beat]({dropped})\n\n![A square]({pasted})\n"),
    )
    .await;
    author.presses("Save").await;
    author
        .finds("//div[@class='prose']//img[@alt='A square']")
        .await;
}

/// Fills the library, says what an image shows, and finds where it is used.
async fn keeps_the_library(author: &Colleague) {
    author.follows("Images").await;
    author.sees("No images yet.").await;
    author.is_served_well().await;
    for (file, words) in [
        (
            concat!(env!("CARGO_MANIFEST_DIR"), "/Cargo.toml"),
            "A recording",
        ),
        (PICTURE, " "),
    ] {
        let field = author.browser().find(Locator::Id("file")).await.unwrap();
        field.send_keys(file).await.unwrap();
        author.types("Alternative text", words).await;
        author.presses("Upload").await;
        author.sees("Please look at this again").await;
        author.is_served_well().await;
    }
    let field = author.browser().find(Locator::Id("file")).await.unwrap();
    field.send_keys(PICTURE).await.unwrap();
    author.types("Alternative text", "Five even beats").await;
    author.presses("Upload").await;
    author.opens("/staff/images").await;
    author.sees("Not used").await;
    author.is_served_well().await;
    author.leaves_by("//a[@class='image-thumb']").await;
    author.sees("Nowhere. It can be deleted.").await;
    author.is_served_well().await;
    author.types("Alternative text", " ").await;
    author.presses("Save the alternative text").await;
    author.sees("Please look at this again").await;
    author.is_served_well().await;
    author
        .types("Alternative text", "Five even beats, then an early one")
        .await;
    author.presses("Save the alternative text").await;

    // In the editor it is offered with its words; then it is known where it stands.
    steps::begins_an_article(author, "News", "Early beats").await;
    clicks_into_the_text(author).await;
    author.uses("Image").await;
    let known = author.finds("//dialog//button[img]").await;
    known.click().await.unwrap();
    let words = author.value("Alternative text").await;
    assert_eq!(words, "Five even beats, then an early one");
    author.uses("Insert the image").await;
    let address = address_of(author, &words).await;
    comes_to(author, &format!("![{words}]({address})\n")).await;
    author.presses("Save").await;
    author.sees("The article is saved.").await;
    author.follows("Images").await;
    author.sees("Used in Early beats").await;
    author.leaves_by("//a[@class='image-thumb']").await;
    author.sees("While it is used, it cannot be deleted.").await;
    author.is_not_offered("Delete").await;
    author.is_served_well().await;
    author.follows("Early beats").await;
    author.finds("//h1[contains(., 'Early beats')]").await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn images_have_words_wherever_they_come_from_and_are_found_where_they_are_used() {
    let app = TestApp::start(Database::Sqlite).await;
    let Some(author) = Colleague::joins(&app, StaffRole::Author).await else {
        return;
    };
    keeps_the_library(&author).await;
    drops_and_pastes(&app, &author).await;
}
