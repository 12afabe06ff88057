//! Accounts: an owner sets up a second factor and signs in with it, and asks somebody to join.

use practice_points::clock::Clock;

use crate::authenticator::Authenticator;
use crate::both_databases::Database;
use crate::chromium::View;
use crate::pages::visitor::evaluate;
use crate::process::Installation;

use super::person::Person;
use super::steps::{self, OWNER, PASSWORD};

const INVITED: &str = "tane.sample@clinic.example";

#[tokio::test]
async fn an_owner_signs_in_with_a_second_factor_and_invites_somebody() {
    let here = Installation::start(Database::Sqlite).await;
    let service = here.service(&[]).await;
    let Some(owner) = Person::with("the owner", &here, View::DESKTOP).await else {
        return;
    };
    steps::becomes_the_owner(&owner, &service.code().expect("it prints a code")).await;

    owner.follows("Account").await;
    owner.follows("Set it up").await;
    owner.presses("Begin").await;
    owner.sees("1. Tell your app").await;
    let path = evaluate(
        &owner,
        "document.querySelector('svg.qr path').getAttribute('d')",
    )
    .await;
    let size = evaluate(
        &owner,
        "document.querySelector('svg.qr').viewBox.baseVal.width",
    )
    .await;
    let size = size.as_f64().expect("a picture has a width");
    let phone = Authenticator::of_picture(path.as_str().expect("a picture"), size as usize);
    owner.types("Code", "000000").await;
    owner.presses("Take it into use").await;
    owner.sees("Please look at this again").await;
    let code = phone.code(Clock::system().now());
    owner.types("Code", &code).await;
    owner.presses("Take it into use").await;
    owner.sees("Your recovery codes").await;
    let paper = evaluate(
        &owner,
        "document.querySelector('.recovery-codes code').textContent",
    )
    .await;
    owner.follows("I have kept them").await;
    owner.sees("You have 10 recovery codes left").await;

    owner.presses("Sign out").await;
    owner.types("E-mail address", OWNER.email).await;
    owner.types("Password", PASSWORD).await;
    owner.presses("Sign in").await;
    owner.sees("Your password is right.").await;
    // The code of the setting-up is used up; the next one comes within half a minute, paper at once.
    owner.types("Code", paper.as_str().expect("a code")).await;
    owner.presses("Sign in").await;
    owner.sees("You have 9 recovery codes left").await;

    owner.follows("Staff").await;
    owner.types("Name", "Tāne Sample").await;
    owner.types("E-mail address", INVITED).await;
    owner.chooses("Role", "Author").await;
    owner.presses("Send the invitation").await;
    owner.sees("The invitation is in the mailbox").await;
    owner.sees("Open").await;
    steps::opens_the_message(
        &owner,
        "Please join the staff of GP Practice Points",
        INVITED,
    )
    .await;
    let link = owner
        .finds("//ul[@class='links']//a[contains(@href, '/join/')]")
        .await;
    let link = link.attr("href").await.unwrap().expect("an address");

    let invited = Person::with("the invited", &here, View::DESKTOP)
        .await
        .unwrap();
    invited.opens(&link).await;
    invited.sees("Welcome, Tāne Sample").await;
    invited.types("Password", "kereru in the puriri").await;
    invited.presses("Join the staff").await;
    invited.sees("You are on the staff now").await;
    invited.types("E-mail address", INVITED).await;
    invited.types("Password", "kereru in the puriri").await;
    invited.presses("Sign in").await;
    invited.sees("Signed in as Tāne Sample").await;
}
