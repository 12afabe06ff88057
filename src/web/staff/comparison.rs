//! Two texts beside one another: which words were taken out, and which were put in.

use actix_web::web::block;

use crate::app::AppError;
use crate::domain::comparison::{self, Piece};

/// A field in which two texts differ.
pub(super) struct FieldView {
    /// As the form calls it.
    pub(super) label: &'static str,
    pub(super) pieces: Vec<PieceView>,
}

/// A piece of it.
pub(super) struct PieceView {
    /// `same`, `old` or `new`.
    pub(super) kind: &'static str,
    pub(super) text: String,
}

impl From<Piece> for PieceView {
    fn from(piece: Piece) -> Self {
        let (kind, text) = match piece {
            Piece::Same(text) => ("same", text),
            Piece::Old(text) => ("old", text),
            Piece::New(text) => ("new", text),
        };
        Self { kind, text }
    }
}

/// The fields in which two texts differ, of all with their names and what the old and the new text say. Long texts take a while
/// to compare: it is done beside the threads that answer everybody else.
pub(super) async fn compare(
    fields: Vec<(&'static str, (String, String))>,
) -> Result<Vec<FieldView>, AppError> {
    let compare = move || {
        let differing = fields
            .into_iter()
            // Browsers send line ends as CR LF.
            .filter(|(_, (old, new))| !old.trim_end().lines().eq(new.trim_end().lines()))
            .map(|(label, (old, new))| FieldView {
                label,
                pieces: comparison::compare(&old, &new)
                    .into_iter()
                    .map(PieceView::from)
                    .collect(),
            });
        differing.collect()
    };
    block(compare).await.map_err(AppError::internal)
}

/// The names of the fields in which two texts differ, in a line.
pub(super) fn differs_in(differences: &[FieldView]) -> String {
    let names = differences.iter().map(|field| field.label.to_lowercase());
    names.collect::<Vec<_>>().join(", ")
}
