//! The main pages, judged by Lighthouse: performance, accessibility, best practices and search engines, each at least 95.
//!
//! It measures as for a phone on a slow network, whose slowness it works out by itself from what it loads here ("simulated
//! throttling"). What the processor takes is measured, so a busy machine makes a page look slow: the best of three counts.

use std::path::Path;
use std::process::Command;
use std::time::{Duration, Instant};

use serde_json::Value;

use crate::chromium;
use crate::judges;
use crate::leash::{Leashed, folder};

use super::site::Site;

const PATHS: [&str; 4] = [
    "/",
    "/articles/ct-calcium-score-for-referrers",
    "/calcium-score",
    "/symposium",
];

const CATEGORIES: [&str; 4] = ["performance", "accessibility", "best-practices", "seo"];

const LEAST: f64 = 0.95;

const TRIES: usize = 3;

/// How Chromium is started. What is not said otherwise it asks its maker for.
const FLAGS: &str = "--headless=new --no-sandbox --disable-gpu --disable-dev-shm-usage --disable-quic --no-proxy-server \
    --no-first-run --disable-background-networking --disable-component-update --disable-sync --disable-default-apps";

/// What Lighthouse says of a page, as JSON.
async fn report(lighthouse: &Path, chromium: &Path, url: &str) -> Value {
    let folder = folder(None);
    let (report, profile) = (
        folder.path().join("report.json"),
        folder.path().join("profile"),
    );
    let mut command =
        Command::new(judges::node().expect("there is a package, so there is Node.js"));
    command
        .arg(lighthouse.join("cli/index.js"))
        .args([url, "--quiet", "--output=json"])
        .arg(format!("--output-path={}", report.display()))
        .arg(format!("--only-categories={}", CATEGORIES.join(",")))
        .arg(format!(
            "--chrome-flags={FLAGS} --user-data-dir={}",
            profile.display()
        ))
        .env("CHROME_PATH", chromium)
        // Nothing is told to anybody.
        .env("CI", "true");
    let mut process = Leashed::start(command, folder, None, "KILL").expect("Node.js can be run");
    let start = Instant::now();
    while process.ended().is_none() {
        assert!(
            start.elapsed() < Duration::from_secs(120),
            "{url}: {}",
            process.log()
        );
        // Its end is asked for only in this way.
        tokio::time::sleep(Duration::from_millis(100)).await;
    }
    let said = std::fs::read_to_string(&report);
    let said = said.unwrap_or_else(|error| panic!("{url}: {error}: {}", process.log()));
    serde_json::from_str(&said).expect("a report is JSON")
}

/// The categories in which the page is not good enough, with what is to be done about it.
fn complaints(report: &Value) -> Vec<String> {
    let mut complaints = Vec::new();
    for name in CATEGORIES {
        let category = &report["categories"][name];
        if category["score"]
            .as_f64()
            .is_some_and(|score| score >= LEAST)
        {
            continue;
        }
        let audits = category["auditRefs"].as_array().into_iter().flatten();
        let lost = audits.filter_map(|reference| {
            let audit = &report["audits"][reference["id"].as_str()?];
            let lost = reference["weight"].as_f64()? > 0.0 && audit["score"].as_f64()? < 0.9;
            lost.then(|| {
                format!(
                    "{} {} ({})",
                    audit["score"], audit["id"], audit["displayValue"]
                )
            })
        });
        let lost = lost.collect::<Vec<_>>().join(", ");
        complaints.push(format!("{name} {}: {lost}", category["score"]));
    }
    complaints
}

#[tokio::test]
async fn the_main_pages_are_quick_and_well_made() {
    let (Some(lighthouse), Some(chromium)) = (judges::package("lighthouse"), chromium::program())
    else {
        return;
    };
    let site = Site::start().await;
    for path in PATHS {
        let mut last = Vec::new();
        for _ in 0..TRIES {
            last = complaints(&report(&lighthouse, &chromium, &site.here.page(path)).await);
            if last.is_empty() {
                break;
            }
        }
        assert!(last.is_empty(), "{path}: {last:#?}");
    }
}
