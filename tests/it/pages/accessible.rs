//! Every page of the list, judged by axe-core in Chromium: light and dark, wide and narrow; and no page is wider than its
//! screen, down to 320 CSS pixels, which is what 400 % zoom leaves of 1280 (WCAG 2.2, 1.4.10).

use serde_json::Value;

use super::axe::Axe;
use super::list::PAGES;
use super::site::Site;
use super::visitor::{Visitors, evaluate, look_as};

/// How much wider than the window the page is.
const EXCESS: &str = "document.scrollingElement.scrollWidth - innerWidth";

/// Widths in CSS pixels: a desktop computer's, a small phone's, and the first at 400 %.
const WIDTHS: [u32; 3] = [1280, 360, 320];

/// A name as nobody has it, and somebody may type.
const LONG_NAME: &str = "document.querySelectorAll('td:first-child').forEach(td => (td.querySelector('a') ?? td).textContent = 'Sample'.repeat(40))";

/// How far a list goes beyond its frame; whether it is told as a table though its rows are blocks, and its frame could be
/// scrolled by keyboard and would show that there is more.
const BEYOND_ITS_FRAME: &str = "(() => {
    const frame = document.querySelector('.table-scroll');
    const cell = frame.querySelector('td');
    const isTable = frame.querySelector('table').getAttribute('role') === 'table' && cell.getAttribute('role') === 'cell';
    const shadows = getComputedStyle(frame).backgroundAttachment;
    const isFrame = frame.tabIndex === 0 && shadows.includes('local') && shadows.includes('scroll');
    return [frame.scrollWidth - frame.clientWidth, isTable && isFrame && getComputedStyle(cell).display !== 'table-cell'];
})()";

#[tokio::test]
async fn a_long_name_leaves_the_rest_of_a_table_within_reach() {
    let site = Site::start().await;
    let Some(visitors) = Visitors::start(&site).await else {
        return;
    };
    for name in [
        "staff-subscribers",
        "staff-members",
        "staff-symposia",
        "staff-articles",
    ] {
        let page = PAGES.iter().find(|page| page.name == name).expect(name);
        let person = visitors.open(page).await;
        look_as(person, 360, "light").await;
        evaluate(person, LONG_NAME).await;
        let found = evaluate(person, BEYOND_ITS_FRAME).await;
        let excess = found[0].as_f64().expect("a width");
        assert!(
            excess <= 0.0,
            "{name}: its list goes {excess} pixels beyond its frame"
        );
        assert_eq!(found[1], Value::Bool(true), "{name}");
        look_as(person, WIDTHS[0], "light").await;
    }
}

#[tokio::test]
async fn every_page_is_accessible_and_fits_its_screen() {
    let Some(axe) = Axe::installed() else {
        return;
    };
    let site = Site::start().await;
    let Some(visitors) = Visitors::start(&site).await else {
        return;
    };
    let mut complaints = Vec::new();
    for page in PAGES {
        let person = visitors.open(page).await;
        for width in WIDTHS {
            for colours in ["light", "dark"] {
                look_as(person, width, colours).await;
                let name = format!("{} at {width} in {colours}", page.name);
                let excess = evaluate(person, EXCESS).await;
                if excess.as_f64().is_none_or(|pixels| pixels > 0.0) {
                    complaints.push(format!("{name} is {excess} pixels too wide"));
                }
                // Between 320 and 360 nothing changes but the width.
                if width == 320 {
                    continue;
                }
                let found = axe.complaints(person).await;
                complaints.extend(found.iter().map(|line| format!("{name}: {line}")));
            }
        }
        // The next page may be asked for by the same person.
        look_as(person, WIDTHS[0], "light").await;
    }
    assert!(complaints.is_empty(), "{complaints:#?}");
}
