//! The stylesheet, the script and pictures, from within the program. Their addresses hold a hash of
//! their content, so browsers keep them for good and still get a new one at once.

use std::collections::BTreeMap;
use std::sync::LazyLock;

use actix_web::http::header::{CACHE_CONTROL, CONTENT_TYPE, ETAG, IF_NONE_MATCH};
use actix_web::{HttpRequest, HttpResponse, web};
use rust_embed::Embed;
use sha2::{Digest, Sha256};

use super::page::Answer;
use super::problem::Problem;

#[derive(Embed)]
#[folder = "static/"]
struct Files;

struct Asset {
    content: web::Bytes,
    content_type: &'static str,
    hash: String,
    address: String,
}

static ASSETS: LazyLock<BTreeMap<String, Asset>> = LazyLock::new(|| {
    Files::iter()
        .filter_map(|name| Some((name.to_string(), Files::get(&name)?)))
        .map(|(name, file)| {
            let digest = Sha256::digest(&file.data);
            let hash: String = digest
                .iter()
                .take(8)
                .map(|byte| format!("{byte:02x}"))
                .collect();
            let address = format!("/assets/{hash}/{name}");
            let content = web::Bytes::from(file.data.into_owned());
            (
                name.clone(),
                Asset {
                    content,
                    content_type: content_type(&name),
                    hash,
                    address,
                },
            )
        })
        .collect()
});

fn content_type(name: &str) -> &'static str {
    match name.rsplit_once('.').map_or("", |(_, ending)| ending) {
        "css" => "text/css; charset=utf-8",
        "js" => "text/javascript; charset=utf-8",
        "svg" => "image/svg+xml",
        "png" => "image/png",
        "woff2" => "font/woff2",
        "txt" | "md" => "text/plain; charset=utf-8",
        _ => "application/octet-stream",
    }
}

/// The address of a file of `static/`; empty if there is none of this name.
pub(super) fn address(name: &str) -> &'static str {
    ASSETS.get(name).map_or("", |asset| asset.address.as_str())
}

/// `GET /assets/{hash}/{name}`. With the hash of another version, as pages of an earlier program have
/// it, the present file is given, to be asked for again.
pub(super) async fn show(path: web::Path<(String, String)>, request: HttpRequest) -> Answer {
    let (hash, name) = path.into_inner();
    let asset = ASSETS.get(&name).ok_or_else(Problem::not_found)?;
    let keep = if hash == asset.hash {
        "public, max-age=31536000, immutable"
    } else {
        "no-cache"
    };
    Ok(answer(asset, keep, &request))
}

/// `GET /favicon.svg`, where browsers look for it.
pub(super) async fn favicon(request: HttpRequest) -> Answer {
    let asset = ASSETS.get("favicon.svg").ok_or_else(Problem::not_found)?;
    Ok(answer(asset, "public, max-age=86400", &request))
}

fn answer(asset: &Asset, keep: &'static str, request: &HttpRequest) -> HttpResponse {
    let tag = format!("\"{}\"", asset.hash);
    let known = request
        .headers()
        .get(IF_NONE_MATCH)
        .and_then(|value| value.to_str().ok());
    // Compression may have made the tag a weak one on its way.
    let same = known.is_some_and(|known| {
        known
            .split(',')
            .any(|k| k.trim().trim_start_matches("W/") == tag)
    });
    let mut answer = if same {
        HttpResponse::NotModified()
    } else {
        HttpResponse::Ok()
    };
    answer
        .insert_header((CACHE_CONTROL, keep))
        .insert_header((ETAG, tag));
    if same {
        return answer.finish();
    }
    answer
        .insert_header((CONTENT_TYPE, asset.content_type))
        .body(asset.content.clone())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_pages_stylesheet_script_and_picture_are_there() {
        for name in ["site.css", "site.js", "favicon.svg"] {
            let found = address(name);
            assert!(
                found.starts_with("/assets/") && found.ends_with(name),
                "{name}: {found}"
            );
        }
        assert_eq!(address("nothing.css"), "");
    }
}
