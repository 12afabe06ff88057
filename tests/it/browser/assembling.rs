//! A bulletin is put together: articles are found, added and put in order, by mouse and by keyboard, and its people counted.

use fantoccini::actions::{InputSource as _, MOUSE_BUTTON_LEFT, MouseActions, PointerAction};
use fantoccini::key::Key;

use crate::both_databases::Database;
use crate::chromium::View;
use crate::pages::visitor::evaluate;
use crate::process::{Installation, Service};

use super::person::Person;

pub(super) const GUIDANCE: &str = "CT calcium score: whom to refer, and whom not";
const SATURDAY: &str = "Sample news: echocardiography on Saturday mornings";
pub(super) const PROGRAMME: &str = "Sample update: the programme of the GP symposium";

/// The demo, and its owner at the form of a new bulletin.
pub(super) async fn at_a_new_bulletin(
    here: &Installation,
    view: View,
) -> Option<(Service, Person)> {
    let service = here.service(&["demo"]).await;
    let owner = Person::with("the owner", here, view).await?;
    owner.opens("/staff").await;
    signs_in(&owner, &service).await;
    owner.opens("/staff/bulletins/new").await;
    owner.finds("//*[@id='find-article']").await;
    Some((service, owner))
}

/// Signs the demo's owner in, with the password that the demo said.
pub(super) async fn signs_in(owner: &Person, service: &Service) {
    let said = service.said();
    let mut lines = said.lines();
    let password = lines.find_map(|line| line.trim().strip_prefix("password"));
    let password = password.expect("the demo says its password").trim();
    owner
        .types("E-mail address", "hine.sample@clinic.example")
        .await;
    owner.types("Password", password).await;
    owner.presses("Sign in").await;
}

/// What would be sent of the articles: the keys of those in the bulletin, in the order of their numbers.
pub(super) async fn order(owner: &Person) -> Vec<String> {
    let script = "JSON.stringify([...new FormData(document.querySelector('form[data-guard]'))]\
                  .filter(([name]) => ['article', 'position'].includes(name)).map(([, value]) => value))";
    let fields = evaluate(owner, script).await;
    let fields: Vec<String> = serde_json::from_str(fields.as_str().unwrap()).unwrap();
    let mut placed: Vec<(u32, String)> = fields
        .chunks(2)
        .filter(|pair| !pair[1].is_empty())
        .map(|pair| (pair[1].parse().unwrap(), pair[0].clone()))
        .collect();
    placed.sort();
    placed.into_iter().map(|(_, article)| article).collect()
}

/// What the live region says.
async fn hears(owner: &Person, words: &str) {
    let script = "document.getElementById('assembling-said').textContent";
    let said = evaluate(owner, script).await;
    assert_eq!(said.as_str().unwrap_or_default(), words);
}

/// Drags an article by its handle onto another one, above or below its middle.
async fn drags(owner: &Person, title: &str, onto: &str, below: i64) {
    let item = |title: &str| format!("//*[@id='assembled']/li[contains(., \"{title}\")]");
    let handle = owner
        .finds(&format!("{}/*[@class='points-handle']", item(title)))
        .await;
    let target = owner.finds(&item(onto)).await;
    let to = |element, y| PointerAction::MoveToElement {
        element,
        duration: None,
        x: 0.0,
        y: y as f64,
    };
    let moves = MouseActions::new("mouse".to_owned())
        .then(to(handle, 0))
        .then(PointerAction::Down {
            button: MOUSE_BUTTON_LEFT,
        })
        .then(to(target, below))
        .then(PointerAction::Up {
            button: MOUSE_BUTTON_LEFT,
        });
    owner.browser().perform_actions(moves).await.unwrap();
}

#[tokio::test]
async fn articles_are_found_added_and_put_in_order_by_mouse_and_by_keyboard() {
    let here = Installation::start(Database::Sqlite).await;
    let Some((_service, owner)) = at_a_new_bulletin(&here, View::DESKTOP).await else {
        return;
    };
    owner.types("Find an article to add", "SATURDAY morn").await;
    let offered = "document.querySelectorAll('.offered > li:not([hidden])').length";
    assert_eq!(evaluate(&owner, offered).await, 1);
    owner.uses(&format!("Add: {SATURDAY}")).await;
    hears(&owner, &format!("“{SATURDAY}” is now 1 of 1.")).await;
    assert!(
        owner.has_focus("#find-article").await,
        "nothing is left to add"
    );
    owner.types("Find an article to add", "zebra").await;
    owner.sees("No other article has these words.").await;
    // Enter looks for articles, and saves nothing.
    owner.hits(Key::Enter).await;
    owner.types("Find an article to add", " ").await;
    owner.uses(&format!("Add: {GUIDANCE}")).await;
    owner.uses(&format!("Add: {PROGRAMME}")).await;
    let added = order(&owner).await;
    assert_eq!(added.len(), 3);
    let [saturday, guidance, programme] = [&added[0], &added[1], &added[2]];

    // The focus goes along, and to the way back where there is no further one.
    let up = format!("//button[@aria-label='Up: {PROGRAMME}']");
    let button = owner.finds(&up).await;
    button.send_keys("\u{E007}").await.unwrap();
    hears(&owner, &format!("“{PROGRAMME}” is now 2 of 3.")).await;
    assert!(
        owner
            .has_focus(&format!("[aria-label='Up: {PROGRAMME}']"))
            .await
    );
    owner.hits(Key::Enter).await;
    assert_eq!(
        order(&owner).await,
        [programme, saturday, guidance].map(String::clone)
    );
    assert!(
        owner
            .has_focus(&format!("[aria-label='Down: {PROGRAMME}']"))
            .await
    );

    // By mouse: down past the last one, and back up between the others.
    drags(&owner, PROGRAMME, GUIDANCE, 12).await;
    assert_eq!(
        order(&owner).await,
        [saturday, guidance, programme].map(String::clone)
    );
    hears(&owner, &format!("“{PROGRAMME}” is now 3 of 3.")).await;
    drags(&owner, PROGRAMME, GUIDANCE, -12).await;
    assert_eq!(
        order(&owner).await,
        [saturday, programme, guidance].map(String::clone)
    );

    owner.uses(&format!("Remove: {PROGRAMME}")).await;
    hears(
        &owner,
        &format!("“{PROGRAMME}” is not in the bulletin any more."),
    )
    .await;
    assert!(
        owner
            .has_focus(&format!("[aria-label='Remove: {GUIDANCE}']"))
            .await
    );
    owner
        .chooses(&format!("How much of {SATURDAY}"), "The whole article")
        .await;

    owner.types("Subject", "Hearts in Tāmaki").await;
    owner.sees("16 characters").await;
    owner.types("Subject", &"Long ".repeat(11)).await;
    owner
        .sees("54 characters: a phone does not show all of it")
        .await;
    owner.presses("Save").await;
    owner.sees("The bulletin is saved.").await;
    let list = owner
        .finds("//h3[.='Articles']/following-sibling::ol")
        .await;
    let list = list.text().await.unwrap();
    let whole = list.find(&format!("{SATURDAY} News, whole"));
    let teaser = list.find(&format!("{GUIDANCE} Guidance, teaser"));
    assert!(whole.is_some() && whole < teaser, "{list}");

    // As it was saved, and so without a change it is again.
    owner.follows("Edit").await;
    owner.finds("//*[@id='assembled']").await;
    assert_eq!(order(&owner).await, [saturday, guidance].map(String::clone));
}

#[tokio::test]
async fn the_people_are_counted_and_named_while_they_are_chosen() {
    let here = Installation::start(Database::Sqlite).await;
    let Some((_service, owner)) = at_a_new_bulletin(&here, View::PHONE).await else {
        return;
    };
    owner.sees("0 people at present").await;
    owner.ticks("News").await;
    owner.sees("36 people at present").await;
    owner.sees("Among them:").await;
    let named = "document.querySelectorAll('#sample li').length";
    assert_eq!(evaluate(&owner, named).await, 8);
    owner
        .finds("//summary[.='Only some of them']")
        .await
        .click()
        .await
        .unwrap();
    owner
        .chooses("Has not received the bulletin", "Any, or none")
        .await;
    owner.ticks("Te Waipounamu").await;
    owner.sees("0 people at present").await;
    assert_eq!(evaluate(&owner, named).await, 0);
    owner.unticks("Te Waipounamu").await;
    owner.sees("36 people at present").await;
}

#[tokio::test]
async fn without_scripts_the_numbers_put_articles_in_order() {
    let here = Installation::start(Database::Sqlite).await;
    let service = here.service(&["demo"]).await;
    let said = service.said();
    let password = said
        .lines()
        .find_map(|line| line.trim().strip_prefix("password"))
        .unwrap();
    let view = View {
        scripts: false,
        ..View::DESKTOP
    };
    let Some(owner) = Person::with("the owner", &here, view).await else {
        return;
    };
    owner.opens("/staff").await;
    owner
        .types("E-mail address", "hine.sample@clinic.example")
        .await;
    owner.types("Password", password.trim()).await;
    owner.presses("Sign in").await;
    owner.opens("/staff/bulletins/new").await;
    owner.types("Subject", "By numbers").await;
    owner.types(&format!("Order of {GUIDANCE}"), "2").await;
    owner.types(&format!("Order of {SATURDAY}"), "1").await;
    owner.presses("Save").await;
    let list = owner
        .finds("//h3[.='Articles']/following-sibling::ol")
        .await;
    let list = list.text().await.unwrap();
    assert!(list.find(SATURDAY) < list.find(GUIDANCE), "{list}");
}
