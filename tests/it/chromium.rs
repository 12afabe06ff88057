//! Chromium without a screen, for the tests that walk the pages as a person does.

use std::ops::Deref;
use std::path::{Path, PathBuf};
use std::process::Command;
use std::time::{Duration, Instant};

use fantoccini::error::CmdError;
use fantoccini::wd::WebDriverCompatibleCommand;
use fantoccini::{Client, ClientBuilder};
use hyper_util::client::legacy::connect::HttpConnector;
use serde_json::{Value, json};

use crate::leash::{Leashed, folder};
use crate::programs::{find, left_out};

/// A browser of its own, with nothing remembered; ended when dropped. It is used as the [`Client`] that it holds.
pub struct Browser {
    client: Client,
    _driver: Leashed,
}

/// How big the page is shown, in which colours, and whether its scripts run.
#[derive(Clone, Copy, Debug)]
pub struct View {
    /// Width of the page in CSS pixels.
    pub width: u32,
    /// Height of the page in CSS pixels.
    pub height: u32,
    /// Whether the person prefers dark colours.
    pub dark: bool,
    /// Whether scripts run.
    pub scripts: bool,
}

impl View {
    /// A desktop computer's window, light.
    pub const DESKTOP: Self = Self {
        width: 1280,
        height: 900,
        dark: false,
        scripts: true,
    };
    /// A phone, light.
    pub const PHONE: Self = Self {
        width: 390,
        height: 844,
        dark: false,
        scripts: true,
    };
}

/// Starts a browser with the window of a desktop computer; `None` where Chromium or its driver is not installed.
pub async fn browser() -> Option<Browser> {
    browser_with(View::DESKTOP).await
}

/// Starts a browser that shows pages as `view` says; `None` where Chromium or its driver is not installed.
pub async fn browser_with(view: View) -> Option<Browser> {
    let (driver, chromium) = programs()?;
    let folder = folder(None);
    let profile = folder.path().join("profile");
    let mut command = Command::new(driver);
    command.arg("--port=0"); // It takes a free port and says which.
    // KILL: the browser's own end takes seconds, and what it would save is removed with its folder.
    let mut driver =
        Leashed::start(command, folder, None, "KILL").expect("chromedriver can be run");
    let port = port_of(&mut driver).await;
    let Value::Object(capabilities) = capabilities(&chromium, &profile, view) else {
        unreachable!("the capabilities are written as an object")
    };
    let client = ClientBuilder::new(HttpConnector::new())
        .capabilities(capabilities)
        .connect(&format!("http://127.0.0.1:{port}"))
        .await
        .unwrap_or_else(|error| panic!("Chromium does not start: {error}\n{}", driver.log()));
    Some(Browser {
        client,
        _driver: driver,
    })
}

/// Chromium itself, for whoever starts it without us; `None` where it or its driver is not installed.
pub fn program() -> Option<PathBuf> {
    programs().map(|(_, chromium)| chromium)
}

/// The driver, and Chromium.
fn programs() -> Option<(PathBuf, PathBuf)> {
    let driver = find("chromedriver", &["/usr/bin", "/usr/lib/chromium"]);
    let chromium = [
        "chromium",
        "chromium-browser",
        "google-chrome",
        "google-chrome-stable",
    ]
    .iter()
    .find_map(|name| find(name, &["/usr/bin"]));
    if driver.is_none() || chromium.is_none() {
        left_out(
            "Chromium with its driver",
            "install chromium and chromium-driver",
        );
    }
    driver.zip(chromium)
}

/// What is asked of the driver for a new session.
fn capabilities(chromium: &Path, profile: &Path, view: View) -> Value {
    let mut arguments: Vec<String> = [
        "--headless=new",
        // As root there is no sandbox; the only pages opened are our own.
        "--no-sandbox",
        "--disable-gpu",
        "--disable-dev-shm-usage",
        // Nothing but what the test asks for goes over the network.
        "--no-proxy-server",
        "--disable-quic",
        "--no-first-run",
        "--no-default-browser-check",
        "--disable-background-networking",
        "--disable-component-update",
        "--disable-default-apps",
        "--disable-sync",
        // The same pixels on every machine.
        "--hide-scrollbars",
        "--force-device-scale-factor=1",
        // Nothing moves by itself while a test looks.
        "--force-prefers-reduced-motion",
    ]
    .map(str::to_owned)
    .to_vec();
    arguments.push(format!("--user-data-dir={}", profile.display()));
    arguments.push(format!("--window-size={},{}", view.width, view.height));
    if view.dark {
        arguments.push("--force-dark-mode".to_owned());
    }
    json!({
        "browserName": "chrome",
        "goog:chromeOptions": {
            "binary": chromium,
            "args": arguments,
            // 1 lets scripts run, 2 keeps them from it.
            "prefs": { "profile.managed_default_content_settings.javascript": if view.scripts { 1 } else { 2 } },
            // A window is never narrower than 500 pixels, and part of it is not page: so the page's size is set itself.
            "mobileEmulation": { "deviceMetrics": {
                "width": view.width, "height": view.height, "pixelRatio": 1, "mobile": false, "touch": false,
            } },
        },
    })
}

/// The port that the driver says it has taken.
async fn port_of(driver: &mut Leashed) -> u16 {
    let start = Instant::now();
    loop {
        let log = driver.log();
        let port = log.lines().find_map(|line| {
            line.split_once("started successfully on port ")?
                .1
                .trim_end_matches('.')
                .parse()
                .ok()
        });
        if let Some(port) = port {
            return port;
        }
        assert!(
            driver.ended().is_none() && start.elapsed() < Duration::from_secs(30),
            "chromedriver does not start: {log}"
        );
        tokio::time::sleep(Duration::from_millis(20)).await;
    }
}

impl Browser {
    /// Writes what is seen of the page now to `file`, as PNG.
    pub async fn screenshot(&self, file: &Path) {
        let picture = self
            .client
            .screenshot()
            .await
            .expect("the browser takes a picture");
        std::fs::write(file, picture).expect("the picture can be written");
    }
}

/// A command of the DevTools protocol, for what WebDriver has no words for.
#[derive(Debug)]
struct DevTools {
    method: &'static str,
    parameters: Value,
}

impl WebDriverCompatibleCommand for DevTools {
    fn endpoint(
        &self,
        base_url: &url::Url,
        session_id: Option<&str>,
    ) -> Result<url::Url, url::ParseError> {
        let session = session_id.unwrap_or_default();
        base_url.join(&format!("session/{session}/goog/cdp/execute"))
    }

    fn method_and_body(&self, _: &url::Url) -> (reqwest::Method, Option<String>) {
        let body = json!({ "cmd": self.method, "params": self.parameters });
        (reqwest::Method::POST, Some(body.to_string()))
    }
}

impl Browser {
    /// Runs a command of the DevTools protocol, such as `Emulation.setEmulatedMedia`. Returns its result.
    ///
    /// # Errors
    ///
    /// The browser knows no such command, or refuses it.
    pub async fn devtools(
        &self,
        method: &'static str,
        parameters: Value,
    ) -> Result<Value, CmdError> {
        self.client.issue_cmd(DevTools { method, parameters }).await
    }
}

impl Deref for Browser {
    type Target = Client;

    fn deref(&self) -> &Client {
        &self.client
    }
}

#[cfg(test)]
mod tests {
    use fantoccini::Locator;

    use super::*;

    /// A page that says in its title how it is seen.
    const PAGE: &str = "data:text/html,<!doctype html><meta name=viewport content='width=device-width'>\
        <button onclick=\"document.title = [innerWidth, innerHeight, \
        matchMedia('(prefers-color-scheme: dark)').matches ? 'dark' : 'light'].join(' ')\">Look</button>";

    async fn seen(view: View) -> Option<String> {
        let browser = browser_with(view).await?;
        browser.goto(PAGE).await.unwrap();
        browser
            .find(Locator::Css("button"))
            .await
            .unwrap()
            .click()
            .await
            .unwrap();
        Some(browser.title().await.unwrap())
    }

    #[tokio::test]
    async fn a_click_in_the_browser_does_what_the_page_says() {
        let Some(browser) = browser().await else {
            return;
        };
        browser.goto(PAGE).await.unwrap();
        browser
            .find(Locator::Css("button"))
            .await
            .unwrap()
            .click()
            .await
            .unwrap();
        assert_eq!(browser.title().await.unwrap(), "1280 900 light");

        let folder = tempfile::tempdir().unwrap();
        let picture = folder.path().join("page.png");
        browser.screenshot(&picture).await;
        assert!(std::fs::read(&picture).unwrap().starts_with(b"\x89PNG\r\n"));
    }

    #[tokio::test]
    async fn a_page_is_seen_in_the_width_and_the_colours_that_were_asked_for() {
        let Some(light) = seen(View::PHONE).await else {
            return;
        };
        assert_eq!(light, "390 844 light");
        let dark = seen(View {
            dark: true,
            ..View::PHONE
        })
        .await;
        assert_eq!(dark.unwrap(), "390 844 dark");
    }
}
