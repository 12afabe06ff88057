//! A bulletin is put together, and nothing of it is lost: by a closed tab, by a session that ended, by a colleague who saved.

use crate::both_databases::Database;
use crate::chromium::View;
use crate::pages::visitor::evaluate;
use crate::process::Installation;

use super::assembling::{GUIDANCE, PROGRAMME, at_a_new_bulletin, order, signs_in};

#[tokio::test]
async fn a_bulletin_is_kept_while_it_is_put_together() {
    let here = Installation::start(Database::Sqlite).await;
    let Some((service, owner)) = at_a_new_bulletin(&here, View::DESKTOP).await else {
        return;
    };
    owner.types("Subject", "Hearts in December").await;
    owner.uses(&format!("Add: {GUIDANCE}")).await;
    owner.uses(&format!("Add: {PROGRAMME}")).await;
    owner.uses(&format!("Up: {PROGRAMME}")).await;
    owner.ticks("Case studies").await;
    owner.sees("Kept ").await;
    owner.sees("readers, once it is sent.").await;
    let put_together = order(&owner).await;
    assert_eq!(put_together.len(), 2);

    // The tab is closed: it is there in the list, and whole again.
    owner.opens("/staff/bulletins").await;
    owner.sees("Begun, and not saved").await;
    owner.follows("Hearts in December").await;
    owner.sees("This is what you typed until").await;
    assert_eq!(owner.value("Subject").await, "Hearts in December");
    assert_eq!(order(&owner).await, put_together);
    let ticked = "document.querySelector('input[name=topics][value=case-studies]').checked";
    assert_eq!(evaluate(&owner, ticked).await, true);

    // The session ends while more is done: the page says so, and this computer keeps it.
    let sign_out = "fetch('/staff/sign-out', { method: 'POST' }).then(() => null)";
    evaluate(&owner, sign_out).await;
    owner.uses(&format!("Down: {PROGRAMME}")).await;
    owner.types("Subject", "Hearts in January").await;
    owner.unticks("Case studies").await;
    owner.sees("You are signed out.").await;
    let later = order(&owner).await;
    assert_ne!(later, put_together);
    owner.opens("/staff/sign-in").await;
    let _ = owner.browser().accept_alert().await;
    signs_in(&owner, &service).await;
    owner.opens("/staff/bulletins/new").await;
    owner.sees("which did not reach us").await;
    owner.uses("Take it up").await;
    owner.sees("Kept ").await;
    assert_eq!(owner.value("Subject").await, "Hearts in January");
    assert_eq!(order(&owner).await, later);
    let shown = "[...document.querySelectorAll('#assembled > li [name=article]')].map((one) => one.value).join()";
    assert_eq!(evaluate(&owner, shown).await, later.join(","));
    assert_eq!(evaluate(&owner, ticked).await, false);
    owner.presses("Save").await;
    owner.sees("The bulletin is saved.").await;
    owner.sees("Hearts in January").await;
    owner.opens("/staff/bulletins").await;
    owner.sees("Saved audiences").await;
    let list = owner.text().await;
    assert!(!list.contains("Begun, and not saved"), "{list}");
}
