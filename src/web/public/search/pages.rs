//! The pages of the site that are no entries of the index: they belong to the program, and their words stand in its templates.

use std::collections::HashSet;
use std::sync::OnceLock;

use ammonia::Builder;
use askama::Template;

use crate::domain::search_words::SearchWords;
use crate::web::page::PageContext;
use crate::web::public::calcium_score::{ForPatients, ForReferrers};
use crate::web::public::clinic::{Contact, Privacy};

/// A page, with what it says.
struct SitePage {
    path: &'static str,
    title: &'static str,
    text: String,
}

/// A page that was found.
pub(super) struct FoundPage {
    pub(super) path: &'static str,
    pub(super) title: &'static str,
    pub(super) text: &'static str,
}

/// The pages in which all the words stand.
pub(super) fn found(page: &PageContext, words: &SearchWords) -> Vec<FoundPage> {
    if words.is_empty() {
        return Vec::new();
    }
    let all = pages(page).iter();
    all.filter(|site| words.all_stand_in(&site.text))
        .map(|site| FoundPage {
            path: site.path,
            title: site.title,
            text: &site.text,
        })
        .collect()
}

/// All of them; what they say is looked up once.
fn pages(page: &PageContext) -> &'static [SitePage] {
    static PAGES: OnceLock<Vec<SitePage>> = OnceLock::new();
    PAGES.get_or_init(|| {
        let page = || page.clone();
        let site = |path, title, html: askama::Result<String>| SitePage {
            path,
            title,
            text: html.map(|html| text_of(&html)).unwrap_or_default(),
        };
        vec![
            site(
                "/calcium-score",
                "CT calcium score: questions and answers",
                ForPatients::new(page()).render(),
            ),
            site(
                "/calcium-score/referrers",
                "CT calcium score: for referrers",
                ForReferrers::new(page(), None).render(),
            ),
            site("/contact", "Contact", Contact { page: page() }.render()),
            site(
                "/privacy",
                "Privacy",
                Privacy {
                    page: page(),
                    counts_links: false,
                }
                .render(),
            ),
        ]
    })
}

/// The words of a page's own part, without tags and without what only steers.
fn text_of(html: &str) -> String {
    let own = html
        .split_once("<main")
        .and_then(|(_, rest)| rest.split_once('>'))
        .and_then(|(_, rest)| rest.split_once("</main>"))
        .map_or("", |(own, _)| own);
    let text = Builder::empty()
        .clean_content_tags(HashSet::from(["script", "style", "form", "nav"]))
        .clean(own)
        .to_string();
    let text = text
        .replace("&nbsp;", " ")
        .replace("&lt;", "<")
        .replace("&gt;", ">")
        .replace("&amp;", "&");
    text.split_whitespace().collect::<Vec<_>>().join(" ")
}
