//! The stylesheet, the script, fonts and pictures, from within the program. Their addresses hold a hash of
//! their content, so browsers keep them for good and still get a new one at once.

use std::collections::BTreeMap;
use std::sync::LazyLock;

use actix_web::http::header::{CACHE_CONTROL, CONTENT_ENCODING, CONTENT_TYPE, ETAG};
use actix_web::{HttpRequest, HttpResponse, web};
use rust_embed::Embed;

use crate::app::App;
use crate::app::site_settings::Site;

use super::page::Answer;
use super::problem::Problem;
use super::validators;

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
    let files = || Files::iter().filter_map(|name| Some((name.to_string(), Files::get(&name)?)));
    let mut assets = BTreeMap::new();
    // Stylesheets come last: they hold the addresses of the others.
    for (name, file) in files().filter(|(name, _)| !name.ends_with(".css")) {
        let asset = Asset::new(&name, file.data.into_owned());
        assets.insert(name, asset);
    }
    for (name, file) in files().filter(|(name, _)| name.ends_with(".css")) {
        let sheet = with_addresses(&String::from_utf8_lossy(&file.data), &assets);
        assets.insert(name.clone(), Asset::new(&name, sheet.into_bytes()));
    }
    assets
});

impl Asset {
    fn new(name: &str, content: Vec<u8>) -> Self {
        let hash = validators::content_hash(&content, 8);
        Self {
            content: web::Bytes::from(content),
            content_type: content_type(name),
            address: format!("/assets/{hash}/{name}"),
            hash,
        }
    }
}

/// A stylesheet in which `url("fonts/a.woff2")` has become the address of that file, with the hash of its content.
fn with_addresses(sheet: &str, assets: &BTreeMap<String, Asset>) -> String {
    assets
        .iter()
        .fold(sheet.to_owned(), |sheet, (name, asset)| {
            sheet.replace(
                &format!("url(\"{name}\")"),
                &format!("url(\"{}\")", asset.address),
            )
        })
}

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

/// The address of the clinic's own colours, if it has any: under the hash of its content, as all others.
pub(super) fn colours_address(site: &Site) -> Option<String> {
    let sheet = site.look.colours.stylesheet()?;
    let hash = validators::content_hash(sheet.as_bytes(), 8);
    Some(format!("/colours/{hash}.css"))
}

/// `GET /colours/{hash}.css`: the clinic's own colours, in the place of the stylesheet's. With the hash of earlier ones, the
/// present ones are given, to be asked for again.
pub(super) async fn colours(app: web::Data<App>, hash: web::Path<String>) -> Answer {
    let site = app.site();
    let sheet = site.look.colours.stylesheet().unwrap_or_default();
    let keep = if *hash == validators::content_hash(sheet.as_bytes(), 8) {
        "public, max-age=31536000, immutable"
    } else {
        "no-cache"
    };
    Ok(HttpResponse::Ok()
        .insert_header((CACHE_CONTROL, keep))
        .insert_header((CONTENT_TYPE, "text/css; charset=utf-8"))
        .body(sheet))
}

/// `GET /favicon.svg`, where browsers look for it.
pub(super) async fn favicon(request: HttpRequest) -> Answer {
    let asset = ASSETS.get("favicon.svg").ok_or_else(Problem::not_found)?;
    Ok(answer(asset, "public, max-age=86400", &request))
}

fn answer(asset: &Asset, keep: &'static str, request: &HttpRequest) -> HttpResponse {
    let tag = format!("\"{}\"", asset.hash);
    let same = validators::is_known(request.headers(), &tag);
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
    if asset.content_type == "font/woff2" {
        // It is compressed already, with brotli: this keeps the server from trying once more.
        answer.insert_header((CONTENT_ENCODING, "identity"));
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
    #[test]
    fn the_stylesheet_names_every_file_by_the_hash_of_its_content() {
        let sheet = String::from_utf8_lossy(&ASSETS["site.css"].content);
        assert!(sheet.contains(address("fonts/figtree-latin.woff2")));
        for named in sheet.split("url(\"").skip(1) {
            assert!(named.starts_with("/assets/"), "{}", &named[..40]);
        }
    }
}
