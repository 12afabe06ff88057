//! A person at the keyboard: what they do without a mouse.

use fantoccini::Locator;
use fantoccini::actions::{InputSource as _, KeyAction, KeyActions};
use fantoccini::key::Key;

use super::Person;

/// What has the focus: whether it is what was looked for, whether one sees that it has it, and whether it is the link that
/// leads to where that is. The button in a field for a day, and what is shown in a frame, have rings of their own, of which
/// the page knows nothing.
const FOCUS: &str = "const focus = document.activeElement;
    return {
        there: focus.matches(arguments[0]),
        seen: getComputedStyle(focus).outlineStyle !== 'none' || focus.matches(\"iframe, input[type^='date']\"),
        skips: focus.matches('.skip-link') && Boolean(document.querySelector(arguments[0])?.closest('main')),
        html: focus.outerHTML.slice(0, 300),
    };";

impl Person {
    /// Presses a key wherever the focus is.
    pub async fn hits(&self, key: Key) {
        let keys = KeyActions::new("keyboard".to_owned())
            .then(KeyAction::Down { value: key.into() })
            .then(KeyAction::Up { value: key.into() });
        let pressed = self.browser.perform_actions(keys).await;
        self.must(pressed, "cannot press a key").await;
    }

    /// Presses a key while others are held down.
    pub async fn hits_with(&self, held: &[Key], key: char) {
        let mut keys = KeyActions::new("keyboard".to_owned());
        for held in held {
            keys = keys.then(KeyAction::Down {
                value: (*held).into(),
            });
        }
        keys = keys
            .then(KeyAction::Down { value: key })
            .then(KeyAction::Up { value: key });
        for held in held {
            keys = keys.then(KeyAction::Up {
                value: (*held).into(),
            });
        }
        let pressed = self.browser.perform_actions(keys).await;
        self.must(pressed, "cannot press keys").await;
    }

    /// Types where the focus is.
    pub async fn types_there(&self, text: &str) {
        let mut keys = KeyActions::new("keyboard".to_owned());
        for value in text.chars() {
            keys = keys
                .then(KeyAction::Down { value })
                .then(KeyAction::Up { value });
        }
        let typed = self.browser.perform_actions(keys).await;
        self.must(typed, "cannot type").await;
    }

    /// Goes from one thing to the next with the Tab key until the focus is at what the CSS selector names. Every stop on
    /// the way has to be visible. What is in the content is reached past the navigation, by the link that is there for it.
    pub async fn tabs_to(&self, selector: &str) {
        for _ in 0..60 {
            self.hits(Key::Tab).await;
            let focus = self.browser.execute(FOCUS, vec![selector.into()]).await;
            let focus = self.must(focus, "has no focus").await;
            if focus["seen"] != true {
                let html = &focus["html"];
                self.is_stuck(&format!("does not see where the focus is: {html}"))
                    .await;
            }
            if focus["there"] == true {
                return;
            }
            if focus["skips"] == true {
                self.hits(Key::Enter).await;
            }
        }
        self.is_stuck(&format!("never comes to {selector}")).await;
    }

    /// Goes back to the thing before, with Shift and the Tab key.
    pub async fn goes_back(&self) {
        let (shift, tab) = (Key::Shift.into(), Key::Tab.into());
        let keys = KeyActions::new("keyboard".to_owned())
            .then(KeyAction::Down { value: shift })
            .then(KeyAction::Down { value: tab })
            .then(KeyAction::Up { value: tab })
            .then(KeyAction::Up { value: shift });
        let pressed = self.browser.perform_actions(keys).await;
        self.must(pressed, "cannot press a key").await;
    }

    /// Goes back by Shift and the Tab key until the focus is at what the CSS selector names.
    pub async fn goes_back_to(&self, selector: &str) {
        for _ in 0..60 {
            self.goes_back().await;
            if self.has_focus(selector).await {
                return;
            }
        }
        self.is_stuck(&format!("never comes back to {selector}"))
            .await;
    }

    /// Whether the focus is at what the CSS selector names.
    pub async fn has_focus(&self, selector: &str) -> bool {
        let focused = format!(":is({selector}):focus");
        self.browser.find(Locator::Css(&focused)).await.is_ok()
    }
}
