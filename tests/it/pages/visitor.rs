//! A browser that goes through the list of pages, in the sizes and colours in which people see them.

use std::time::{Duration, Instant};

use serde_json::{Value, json};

use crate::browser::person::Person;
use crate::chromium::View;

use super::list::{Ask, Page, Who};
use super::site::{OWNER, Site};

/// Fills in a form that leads to the page, and sends it. The policy of our pages lets them send forms to ourselves.
const SEND: &str = "const form = document.createElement('form');
    form.method = 'post';
    form.action = action;
    for (const [name, value] of fields) {
      const input = document.createElement('input');
      input.name = name;
      input.value = value;
      form.append(input);
    }
    document.body.append(form);
    document.documentElement.dataset.left = 'yes';
    form.submit();";

/// Two browsers, for the two who ask.
pub struct Visitors<'a> {
    site: &'a Site,
    anybody: Person,
    owner: Person,
}

impl<'a> Visitors<'a> {
    /// Starts the browsers, and signs the owner in; `None` where there is no Chromium.
    pub async fn start(site: &'a Site) -> Option<Self> {
        let anybody = Person::with("anybody", &site.here, View::DESKTOP).await?;
        let owner = Person::with("the owner", &site.here, View::DESKTOP).await?;
        owner.opens("/staff/sign-in").await;
        owner.types("E-mail address", OWNER).await;
        owner.types("Password", &site.password).await;
        owner.presses("Sign in").await;
        owner.sees("Signed in as").await;
        Some(Self {
            site,
            anybody,
            owner,
        })
    }

    /// Opens a page of the list, and waits until it is there. Returns who looks at it.
    pub async fn open(&self, page: &Page) -> &Person {
        let person = match page.who {
            Who::Anybody => &self.anybody,
            Who::Owner => &self.owner,
        };
        match page.ask {
            Ask::Get(path) => person.opens(&self.site.path(path)).await,
            Ask::Post(path, fields) => {
                person.opens("/contact").await;
                let (action, fields) = (json!(self.site.path(path)), json!(fields));
                evaluate(
                    person,
                    &format!("{{ const action = {action}, fields = {fields}; {SEND} }}"),
                )
                .await;
            }
        }
        let there = format!(
            "!document.documentElement.dataset.left && document.readyState === 'complete' \
             && document.body.textContent.replace(/\\s+/g, ' ').includes({})",
            json!(page.shows)
        );
        let start = Instant::now();
        while evaluate(person, &there).await != true {
            if start.elapsed() > Duration::from_secs(20) {
                let why = format!("does not see {}, with “{}”", page.name, page.shows);
                person.is_stuck(&why).await;
            }
            // A page that comes tells nobody.
            tokio::time::sleep(Duration::from_millis(20)).await;
        }
        person
    }
}

/// Has the page seen in this width in CSS pixels, and in light or dark colours.
pub async fn look_as(person: &Person, width: u32, colours: &str) {
    let size = json!({ "width": width, "height": 900, "deviceScaleFactor": 1, "mobile": false });
    devtools(person, "Emulation.setDeviceMetricsOverride", size).await;
    let features = json!([{ "name": "prefers-color-scheme", "value": colours }]);
    devtools(
        person,
        "Emulation.setEmulatedMedia",
        json!({ "features": features }),
    )
    .await;
}

/// Runs a script from outside, whatever the page's policy is. Returns its value, after waiting for it if it is a promise.
pub async fn evaluate(person: &Person, script: &str) -> Value {
    let wish = json!({ "expression": script, "awaitPromise": true, "returnByValue": true });
    let mut answer = devtools(person, "Runtime.evaluate", wish).await;
    if !answer["exceptionDetails"].is_null() {
        let why = format!("cannot run a script ({})", answer["exceptionDetails"]);
        person.is_stuck(&why).await;
    }
    answer["result"]["value"].take()
}

/// Runs a command of the DevTools protocol.
pub async fn devtools(person: &Person, method: &'static str, parameters: Value) -> Value {
    match person.browser().devtools(method, parameters).await {
        Ok(answer) => answer,
        Err(error) => {
            person
                .is_stuck(&format!("cannot do {method} ({error})"))
                .await
        }
    }
}
