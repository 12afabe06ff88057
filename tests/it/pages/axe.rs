//! axe-core, which judges the page in front of a person as it is.

use serde_json::Value;

use crate::browser::person::Person;
use crate::judges;

use super::visitor::evaluate;

/// What it finds, in lines. What stands in a frame is a message and not ours to lay out for it.
const JUDGE: &str = "axe.run(document, { resultTypes: ['violations'], iframes: false }).then(found => found.violations.map(
    rule => `${rule.id}: ${rule.help}: ${rule.nodes.map(node => node.target.join(' ')).join(', ')}`))";

/// It, as a script.
pub struct Axe(String);

impl Axe {
    /// Reads it; `None` where it is not installed.
    pub fn installed() -> Option<Self> {
        let file = judges::package("axe-core")?.join("axe.min.js");
        Some(Self(std::fs::read_to_string(file).expect("it can be read")))
    }

    /// What it has against the page as it is.
    pub async fn complaints(&self, person: &Person) -> Vec<String> {
        if evaluate(person, "'axe' in window").await != true {
            evaluate(person, &format!("{}; null", self.0)).await;
        }
        let Value::Array(found) = evaluate(person, JUDGE).await else {
            person.is_stuck("gets no verdict of axe-core").await;
        };
        let lines = found.into_iter();
        lines
            .map(|line| line.as_str().unwrap_or_default().to_owned())
            .collect()
    }
}
