//! Pictures of every page of the list, to be looked at by people, beside the ones of the way in
//! [`crate::browser::pictures`]; the same command makes both.

use crate::browser::pictures::Album;

use super::list::PAGES;
use super::site::Site;
use super::visitor::{Visitors, look_as};

#[tokio::test]
#[ignore = "makes pictures for people to look at"]
async fn screenshots_of_the_demo() {
    let site = Site::start().await;
    let Some(visitors) = Visitors::start(&site).await else {
        return;
    };
    let mut album = Album::default();
    for page in PAGES {
        let person = visitors.open(page).await;
        album.takes(person, &format!("demo-{}", page.name)).await;
        look_as(person, 1280, "light").await;
    }
    album.has_no_page_that_is_too_wide();
}
