//! What readers can search for.

use crate::domain::named::named;

named! {
    /// What was found.
    EntryKind, "kind of page" {
        /// A published article.
        Article = "article", "Article";
        /// One of its practice points.
        PracticePoint = "practice-point", "Practice point";
        /// A bulletin that was sent.
        Bulletin = "bulletin", "Bulletin";
        /// A symposium on the site.
        Symposium = "symposium", "Symposium";
    }
}

impl EntryKind {
    /// The path of its page. Of a practice point, `position` says which of its article, from 1.
    pub fn path(self, slug: &str, position: i32) -> String {
        match self {
            Self::Article => format!("/articles/{slug}"),
            Self::PracticePoint => format!("/practice-points/{slug}/{position}"),
            Self::Bulletin => format!("/bulletins/{slug}"),
            Self::Symposium => format!("/symposium/{slug}"),
        }
    }
}
