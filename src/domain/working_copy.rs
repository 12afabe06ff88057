//! What staff type is kept by itself, each person's on its own, until they save it.

use crate::domain::article::ArticleId;
use crate::domain::bulletin::BulletinId;
use crate::domain::named::named;

named! {
    /// What staff write in a form that keeps what is typed.
    Written, "kind of text" {
        /// Articles.
        Article = "article", "Article";
        /// Bulletins.
        Bulletin = "bulletin", "Bulletin";
    }
}

/// What somebody writes at; nothing but its kind when it is not begun yet.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum CopyOf {
    /// An article.
    Article(Option<ArticleId>),
    /// A bulletin.
    Bulletin(Option<BulletinId>),
}

impl CopyOf {
    /// Its kind.
    pub fn kind(self) -> Written {
        match self {
            Self::Article(_) => Written::Article,
            Self::Bulletin(_) => Written::Bulletin,
        }
    }

    /// The key of the article, if it is one that is begun.
    pub fn article(self) -> Option<ArticleId> {
        match self {
            Self::Article(id) => id,
            Self::Bulletin(_) => None,
        }
    }

    /// The key of the bulletin, if it is one that is begun.
    pub fn bulletin(self) -> Option<BulletinId> {
        match self {
            Self::Bulletin(id) => id,
            Self::Article(_) => None,
        }
    }

    /// Whether there is something that was saved.
    pub fn is_begun(self) -> bool {
        self.article().is_some() || self.bulletin().is_some()
    }
}
