//! Refuses what another site makes a browser send (cross-site request forgery).
//!
//! Browsers say where a request comes from: in `Sec-Fetch-Site` (W3C Fetch Metadata), and in `Origin`
//! on every POST. Who sends neither is no browser of today; such a request is only let through when
//! it carries no session.

use actix_web::http::header::{HeaderMap, ORIGIN};

/// Whether a request that changes something may pass.
pub(super) fn is_allowed(headers: &HeaderMap, origin: &str, has_session: bool) -> bool {
    let text = |name: &str| {
        headers
            .get(name)
            .map(|value| value.to_str().unwrap_or("unreadable"))
    };
    match (text("Sec-Fetch-Site"), text(ORIGIN.as_str())) {
        (Some(site), _) => matches!(site, "same-origin" | "none"),
        (None, Some(from)) => from == origin,
        (None, None) => !has_session,
    }
}

#[cfg(test)]
mod tests {
    use actix_web::http::header::{HeaderName, HeaderValue};

    use super::*;

    const OURS: &str = "https://points.clinic.example";

    fn allowed(headers: &[(&'static str, &'static str)], has_session: bool) -> bool {
        let headers = headers
            .iter()
            .map(|(name, value)| {
                (
                    HeaderName::from_static(name),
                    HeaderValue::from_static(value),
                )
            })
            .collect();
        is_allowed(&headers, OURS, has_session)
    }

    #[test]
    fn the_sites_own_forms_pass() {
        assert!(allowed(&[("sec-fetch-site", "same-origin")], true));
        assert!(allowed(&[("sec-fetch-site", "none")], true));
        assert!(allowed(&[("origin", OURS)], true));
    }

    #[test]
    fn other_sites_do_not_pass() {
        assert!(!allowed(&[("sec-fetch-site", "cross-site")], true));
        assert!(!allowed(&[("sec-fetch-site", "same-site")], false));
        assert!(!allowed(
            &[("sec-fetch-site", "cross-site"), ("origin", OURS)],
            true
        ));
        assert!(!allowed(&[("origin", "https://evil.example")], false));
        assert!(!allowed(
            &[("origin", "http://points.clinic.example")],
            true
        ));
        assert!(!allowed(&[("origin", "null")], true));
    }

    #[test]
    fn who_says_nothing_passes_only_without_a_session() {
        assert!(allowed(&[], false));
        assert!(!allowed(&[], true));
    }
}
