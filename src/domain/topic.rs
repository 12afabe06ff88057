//! The topics among which a subscriber chooses.

use crate::domain::named::entity_id;

entity_id!(
    /// The key of a topic.
    TopicId
);

/// A topic with which every installation starts.
#[derive(Clone, Copy, Debug)]
pub struct BuiltInTopic {
    /// The name in forms and addresses.
    pub slug: &'static str,
    /// The name for people.
    pub name: &'static str,
    /// What comes under it, in a sentence.
    pub description: &'static str,
}

/// The topics of the clinic's invitation, in the order of the form.
pub const BUILT_IN: [BuiltInTopic; 4] = [
    BuiltInTopic {
        slug: "news",
        name: "News",
        description: "What is new at the clinic and in heart care.",
    },
    BuiltInTopic {
        slug: "case-studies",
        name: "Case studies",
        description: "Cases from practice, with what to take from them.",
    },
    BuiltInTopic {
        slug: "symposium",
        name: "Symposium",
        description: "Programme, dates and registration.",
    },
    BuiltInTopic {
        slug: "calcium-score",
        name: "Calcium score",
        description: "Guidance on CT calcium scoring and referral.",
    },
];
