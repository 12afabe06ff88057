//! Files that are brought with a form: fields are read up to a limit, and not kept beyond it.

use actix_multipart::{Field, MultipartError};
use futures_util::StreamExt;

use super::problem::Problem;

/// A field of at most `limit` bytes. What is longer is read to its end, and not kept.
pub(super) async fn bytes(field: &mut Field, limit: usize) -> Result<Vec<u8>, Problem> {
    let mut content = Vec::new();
    let mut seen = 0_usize;
    while let Some(piece) = field.next().await {
        let piece = piece.map_err(unreadable)?;
        seen = seen.saturating_add(piece.len());
        if seen > limit.saturating_mul(4) {
            break;
        }
        if seen <= limit {
            content.extend_from_slice(&piece);
        }
    }
    if seen > limit {
        Err(Problem::too_large(limit))
    } else {
        Ok(content)
    }
}

/// What is wrong with a body that is no such form.
pub(super) fn unreadable(error: MultipartError) -> Problem {
    match error {
        MultipartError::ContentTypeMissing
        | MultipartError::ContentTypeParse
        | MultipartError::ContentTypeIncompatible => Problem::not_a_form("multipart/form-data"),
        _ => Problem::malformed(),
    }
}
