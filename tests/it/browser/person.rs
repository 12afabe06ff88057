//! A person at a browser: opens pages, finds things by their words, types, ticks and presses.
//!
//! Whatever is not there yet is waited for, within limits. Who gets stuck says what was looked for and what the page says
//! instead, and leaves a picture of it in `target/browser-failures`.

mod keys;

use std::path::{Path, PathBuf};
use std::time::{Duration, Instant};

use fantoccini::Locator;
use fantoccini::elements::Element;
use fantoccini::error::CmdError;

use crate::chromium::{Browser, View, browser_with};
use crate::process::Installation;

/// For as long as this a person waits for what should appear; on a machine that does nothing else it takes a moment.
const PATIENCE: Duration = Duration::from_secs(20);

/// So often a person looks again.
const BLINK: Duration = Duration::from_millis(50);

/// A person with a browser of their own.
pub struct Person {
    /// Who they are, for messages and for the file of a picture.
    name: String,
    browser: Browser,
    home: String,
}

/// What `words` are in XPath, which has no escapes.
fn quoted(words: &str) -> String {
    assert!(!words.contains('"'), "{words}");
    format!("\"{words}\"")
}

impl Person {
    /// Somebody sits down at a browser that shows pages as `view` says; `None` where there is no Chromium.
    pub async fn with(name: &str, here: &Installation, view: View) -> Option<Self> {
        Self::at(name, &here.page(""), view).await
    }

    /// The same at a site whose pages have addresses that begin with `home`.
    pub async fn at(name: &str, home: &str, view: View) -> Option<Self> {
        let name = match std::thread::current().name() {
            Some(test) => format!("{name} in {test}"),
            None => name.to_owned(),
        };
        Some(Self {
            name,
            browser: browser_with(view).await?,
            home: home.to_owned(),
        })
    }

    /// The browser, for what only tests do.
    pub fn browser(&self) -> &Browser {
        &self.browser
    }

    /// Types an address into the address bar: whole, or a path of the site such as `/staff`.
    pub async fn opens(&self, address: &str) {
        let address = if address.starts_with('/') {
            format!("{}{address}", self.home)
        } else {
            address.to_owned()
        };
        if let Err(error) = self.browser.goto(&address).await {
            self.is_stuck(&format!("cannot open {address} ({error})"))
                .await;
        }
    }

    /// Asks for the page again until it says `words`.
    pub async fn reloads_until(&self, words: &str) {
        let start = Instant::now();
        while !self.text().await.contains(words) {
            if start.elapsed() > PATIENCE {
                self.is_stuck(&format!("reloads, and waits in vain for “{words}”"))
                    .await;
            }
            tokio::time::sleep(BLINK).await;
            if let Err(error) = self.browser.refresh().await {
                self.is_stuck(&format!("cannot reload ({error})")).await;
            }
        }
    }

    /// Waits until the page says `words`.
    pub async fn sees(&self, words: &str) {
        let start = Instant::now();
        while !self.text().await.contains(words) {
            if start.elapsed() > PATIENCE {
                self.is_stuck(&format!("does not see “{words}”")).await;
            }
            tokio::time::sleep(BLINK).await;
        }
    }

    /// Makes sure that no button has this name.
    pub async fn is_not_offered(&self, button: &str) {
        let path = format!("//button[normalize-space(.)={}]", quoted(button));
        if !self.displayed(&path).await.is_empty() {
            self.is_stuck(&format!("is offered “{button}”, and should not be"))
                .await;
        }
    }

    /// Types into an empty field with this label, after what stands in it is taken out.
    pub async fn types(&self, label: &str, text: &str) {
        let field = self.field(label).await;
        let cleared = field.clear().await;
        self.must(cleared, &format!("cannot empty “{label}”")).await;
        let typed = field.send_keys(text).await;
        self.must(typed, &format!("cannot type into “{label}”"))
            .await;
    }

    /// Types a day into a field for a day, which takes it in parts; `iso` is `YYYY-MM-DD`.
    pub async fn types_the_day(&self, label: &str, iso: &str) {
        let field = self.field(label).await;
        let mut parts = iso.split('-');
        let mut part = || parts.next().unwrap_or_default();
        let (year, month, day) = (part(), part(), part());
        // The order is that of the browser's language.
        for keys in [
            format!("{month}{day}{year}"),
            format!("{day}{month}{year}"),
            format!("{year}{month}{day}"),
        ] {
            let cleared = field.clear().await;
            self.must(cleared, &format!("cannot empty “{label}”")).await;
            let typed = field.send_keys(&keys).await;
            self.must(typed, &format!("cannot type into “{label}”"))
                .await;
            if self.value(label).await == iso {
                return;
            }
        }
        self.is_stuck(&format!("cannot enter {iso} as “{label}”"))
            .await;
    }

    /// Ticks the box with this label.
    pub async fn ticks(&self, label: &str) {
        self.sets_the_box(label, true).await;
    }

    /// Takes the tick out of the box with this label.
    pub async fn unticks(&self, label: &str) {
        self.sets_the_box(label, false).await;
    }

    async fn sets_the_box(&self, label: &str, to: bool) {
        let before = self.field(label).await.is_selected().await;
        if self.must(before, &format!("has lost “{label}”")).await == to {
            self.is_stuck(&format!(
                "finds “{label}” ticked or not as it should become"
            ))
            .await;
        }
        let element = self
            .finds(&format!(
                "//label[starts-with(normalize-space(.), {})]",
                quoted(label)
            ))
            .await;
        self.clicks(&element, label).await;
        let after = self.field(label).await.is_selected().await;
        if self.must(after, &format!("has lost “{label}”")).await != to {
            self.is_stuck(&format!("clicks “{label}”, and nothing changes"))
                .await;
        }
    }

    /// Chooses an option from the list with this label.
    pub async fn chooses(&self, label: &str, option: &str) {
        let field = self.field(label).await;
        let chosen = field.select_by_label(option).await;
        self.must(chosen, &format!("cannot choose “{option}” as “{label}”"))
            .await;
    }

    /// What stands in the field with this label.
    pub async fn value(&self, label: &str) -> String {
        let value = self.field(label).await.prop("value").await;
        self.must(value, &format!("cannot read “{label}”"))
            .await
            .unwrap_or_default()
    }

    /// Presses a button that leads to another page, and waits for that page.
    pub async fn presses(&self, button: &str) {
        self.leaves_by(&format!("//button[normalize-space(.)={}]", quoted(button)))
            .await;
    }

    /// Presses a button that does something on the page itself.
    pub async fn uses(&self, button: &str) {
        let name = quoted(button);
        let element = self
            .finds(&format!(
                "//button[normalize-space(.)={name} or @aria-label={name}]"
            ))
            .await;
        self.clicks(&element, button).await;
    }

    /// Follows a link to another page, and waits for that page.
    pub async fn follows(&self, link: &str) {
        self.leaves_by(&format!("//a[normalize-space(.)={}]", quoted(link)))
            .await;
    }

    /// Clicks what leads to another page, and waits for that page; `path` is in XPath.
    pub async fn leaves_by(&self, path: &str) {
        let before = self.browser.find(Locator::Css("html")).await;
        let before = self.must(before, "sees no page").await;
        let element = self.finds(path).await;
        self.clicks(&element, path).await;
        let start = Instant::now();
        // An element of a page that is gone cannot be asked for its name.
        while before.tag_name().await.is_ok() {
            if start.elapsed() > PATIENCE {
                self.is_stuck(&format!("clicks {path}, and stays where they are"))
                    .await;
            }
            tokio::time::sleep(BLINK).await;
        }
    }

    /// The first element that is shown and that `path`, in XPath, leads to.
    pub async fn finds(&self, path: &str) -> Element {
        let start = Instant::now();
        loop {
            if let Some(element) = self.displayed(path).await.into_iter().next() {
                return element;
            }
            if start.elapsed() > PATIENCE {
                self.is_stuck(&format!("finds no {path}")).await;
            }
            tokio::time::sleep(BLINK).await;
        }
    }

    /// What the page says; nothing while it changes.
    pub async fn text(&self) -> String {
        match self.browser.find(Locator::Css("body")).await {
            Ok(body) => body.text().await.unwrap_or_default(),
            Err(_) => String::new(),
        }
    }

    /// The field with this label, or with this name for those who do not see.
    async fn field(&self, label: &str) -> Element {
        let words = quoted(label);
        self.finds(&format!(
            "//*[@id=//label[starts-with(normalize-space(.), {words})]/@for] | //*[@aria-label={words}]"
        ))
        .await
    }

    async fn displayed(&self, path: &str) -> Vec<Element> {
        let mut displayed = Vec::new();
        for element in self
            .browser
            .find_all(Locator::XPath(path))
            .await
            .unwrap_or_default()
        {
            if element.is_displayed().await.unwrap_or(false) {
                displayed.push(element);
            }
        }
        displayed
    }

    async fn clicks(&self, element: &Element, what: &str) {
        let clicked = element.click().await;
        self.must(clicked, &format!("cannot click {what}")).await;
    }

    /// What came out, or the end of the test.
    async fn must<T>(&self, result: Result<T, CmdError>, otherwise: &str) -> T {
        match result {
            Ok(value) => value,
            Err(error) => self.is_stuck(&format!("{otherwise} ({error})")).await,
        }
    }

    /// Ends the test: says what the matter is, what the page says instead, and where its picture is.
    pub async fn is_stuck(&self, why: &str) -> ! {
        let address = self
            .browser
            .current_url()
            .await
            .map_or_else(|error| error.to_string(), |url| url.to_string());
        let picture = self.picture().await;
        panic!(
            "{} {why}.\nAt {address}; picture: {picture}. The page says:\n{}",
            self.name,
            self.text().await
        );
    }

    async fn picture(&self) -> String {
        let folder = target_folder("browser-failures");
        let file = folder.join(format!("{}.png", self.name.replace([' ', ':'], "-")));
        match fantoccini::Client::screenshot(&self.browser).await {
            Ok(picture) if std::fs::write(&file, &picture).is_ok() => file.display().to_string(),
            _ => "none".to_owned(),
        }
    }
}

/// A folder of that name in Cargo's `target`, made if need be.
pub fn target_folder(name: &str) -> PathBuf {
    let folder = Path::new(env!("CARGO_TARGET_TMPDIR")).with_file_name(name);
    std::fs::create_dir_all(&folder).expect("a folder can be made in target");
    folder
}
