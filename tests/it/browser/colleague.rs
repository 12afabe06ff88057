//! A member of staff at a browser of their own, with axe-core looking over their shoulder.

use std::ops::Deref;

use fantoccini::key::Key;
use practice_points::domain::staff_member::StaffRole;

use crate::app::{PASSWORD, TestApp};
use crate::chromium::View;
use crate::pages::axe::Axe;

use super::person::Person;

/// They. They are used as the [`Person`] that they are.
pub struct Colleague {
    person: Person,
    role: StaffRole,
    axe: Option<Axe>,
}

impl Deref for Colleague {
    type Target = Person;

    fn deref(&self) -> &Person {
        &self.person
    }
}

impl Colleague {
    /// Somebody with this role, who is on the staff already, signs in; `None` where there is no Chromium.
    pub async fn signs_in(app: &TestApp, role: StaffRole) -> Option<Self> {
        let home = format!("http://{}", app.address);
        let person = Person::at(&format!("the {role}"), &home, View::DESKTOP).await?;
        let colleague = Self {
            person,
            role,
            axe: Axe::installed(),
        };
        colleague.comes_back().await;
        Some(colleague)
    }

    /// Signs in, for the first time or when the session has ended meanwhile.
    pub async fn comes_back(&self) {
        self.opens("/staff/sign-in").await;
        let email = format!("{}@clinic.example", self.role.as_str());
        self.types("E-mail address", &email).await;
        self.types("Password", PASSWORD).await;
        self.presses("Sign in").await;
        self.sees("Signed in as").await;
    }

    /// Joins the staff, and signs in.
    pub async fn joins(app: &TestApp, role: StaffRole) -> Option<Self> {
        let email = format!("{}@clinic.example", role.as_str());
        app.add_staff(&email, role).await;
        Self::signs_in(app, role).await
    }

    /// Makes sure that axe-core has nothing against the page in the state in which it is.
    pub async fn is_served_well(&self) {
        let Some(axe) = &self.axe else { return };
        let complaints = axe.complaints(&self.person).await;
        if !complaints.is_empty() {
            let why = format!("is not served well: {complaints:#?}");
            self.person.is_stuck(&why).await;
        }
    }

    /// Goes by the Tab key to the button that the CSS selector names, and presses Enter.
    pub async fn enters(&self, button: &str) {
        self.tabs_to(button).await;
        self.hits(Key::Enter).await;
    }

    /// Goes by the Tab key to the box that the CSS selector names, and ticks it with the space bar.
    pub async fn ticks_by_key(&self, checkbox: &str) {
        self.tabs_to(checkbox).await;
        self.types_there(" ").await;
    }

    /// Goes by the Tab key to the field that the CSS selector names, and types this in place of what stands there.
    pub async fn fills_by_key(&self, field: &str, text: &str) {
        self.tabs_to(field).await;
        self.hits_with(&[Key::Control], 'a').await;
        self.types_there(text).await;
    }

    /// Clicks a link that leaves the page where it is, such as one to a file.
    pub async fn uses_the_link(&self, words: &str) {
        let link = format!("//a[starts-with(normalize-space(.), \"{words}\")]");
        let link = self.finds(&link).await;
        link.click().await.expect("a link can be clicked");
    }
}
