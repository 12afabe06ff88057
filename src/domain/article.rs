//! Articles: what kinds there are, their way from draft to publication, and who may approve.

use thiserror::Error;

use crate::domain::named::{entity_id, named};
use crate::domain::staff_member::StaffId;

entity_id!(
    /// The key of an article.
    ArticleId
);

named! {
    /// What an article is.
    ArticleKind, "kind of article" {
        /// News of the clinic.
        News = "news", "News";
        /// A case from practice.
        CaseStudy = "case-study", "Case study";
        /// News of a symposium.
        SymposiumUpdate = "symposium-update", "Symposium update";
        /// Advice on care or referral.
        Guidance = "guidance", "Guidance";
    }
}

impl ArticleKind {
    /// Whether it gives clinical advice, and so needs practice points, a review date and a
    /// statement of interests before anybody approves it.
    pub fn is_clinical(self) -> bool {
        matches!(self, Self::CaseStudy | Self::Guidance)
    }

    /// Whether the clinic's usual statement of its interests is meant for it: guidance on what it sells, under this topic.
    pub fn has_usual_conflicts(self, topic: &str) -> bool {
        self == Self::Guidance && topic == self.usual_topic()
    }

    /// The topic under which it goes unless its author chooses another.
    pub fn usual_topic(self) -> &'static str {
        match self {
            Self::News => "news",
            Self::CaseStudy => "case-studies",
            Self::SymposiumUpdate => "symposium",
            Self::Guidance => "calcium-score",
        }
    }
}

named! {
    /// Where an article is on its way.
    ArticleState, "state" {
        /// Being written.
        Draft = "draft", "Draft";
        /// Waits for a second person.
        InReview = "in-review", "In review";
        /// A second person has approved this very text.
        Approved = "approved", "Approved";
        /// Approved and on the site.
        Published = "published", "Published";
    }
}

/// What stands under guidance on calcium scores unless the clinic or its author says otherwise: the clinic sells the scan.
pub const USUAL_CONFLICTS: &str = "We provide CT calcium scoring at Ascot Radiology.";

/// Why an approval is not possible.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Error)]
pub enum ApprovalRefused {
    /// It is not waiting for one.
    #[error("It is not waiting for approval. Somebody has changed or withdrawn it meanwhile.")]
    NotInReview,
    /// The second-person rule.
    #[error("You have written this text. A second person has to approve it.")]
    OwnText,
}

/// The second-person rule: nobody approves a text that they have written or changed.
///
/// `writers` are all who ever saved the text.
pub fn may_approve(
    in_review: bool,
    writers: &[StaffId],
    by: StaffId,
) -> Result<(), ApprovalRefused> {
    if !in_review {
        Err(ApprovalRefused::NotInReview)
    } else if writers.contains(&by) {
        Err(ApprovalRefused::OwnText)
    } else {
        Ok(())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_guidance_on_calcium_scores_has_the_usual_statement() {
        assert!(ArticleKind::Guidance.has_usual_conflicts("calcium-score"));
        assert!(!ArticleKind::Guidance.has_usual_conflicts("news"));
        assert!(!ArticleKind::CaseStudy.has_usual_conflicts("case-studies"));
        assert!(!ArticleKind::CaseStudy.has_usual_conflicts("calcium-score"));
        assert!(!ArticleKind::News.has_usual_conflicts("calcium-score"));
    }

    #[test]
    fn whoever_wrote_a_text_does_not_approve_it() {
        let (author, editor, reviewer) = (StaffId(1), StaffId(2), StaffId(3));
        let writers = [author, editor];
        assert_eq!(
            may_approve(true, &writers, author),
            Err(ApprovalRefused::OwnText)
        );
        assert_eq!(
            may_approve(true, &writers, editor),
            Err(ApprovalRefused::OwnText)
        );
        assert_eq!(may_approve(true, &writers, reviewer), Ok(()));
        assert_eq!(
            may_approve(false, &writers, reviewer),
            Err(ApprovalRefused::NotInReview)
        );
    }
}
