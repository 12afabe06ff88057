//! Images: brought, described, looked through, and taken away when nothing shows them.

use std::time::Duration;

use actix_multipart::Multipart;
use actix_web::web::{Data, Path, Query};
use actix_web::{HttpRequest, HttpResponse};
use askama::Template;
use futures_util::StreamExt;
use serde::{Deserialize, Serialize};

use crate::app::keep_images::REASON_CHARS;
use crate::app::{App, AppError, keep_images};
use crate::domain::image::{self, ImageFormat, MAX_ALT_CHARS, MAX_FILE_BYTES};
use crate::domain::local_time;
use crate::store::images::{Description, Uses};
use crate::web::forms::{Checked as _, Form, Problems, checked};
use crate::web::page::{Answer, PageContext, Pager, list_address, show as show_page, show_again};
use crate::web::problem::{Problem, wants_json};
use crate::web::session::{Staff, see_other_saying};
use crate::web::uploads;

/// So many images are on a page.
const PER_PAGE: i64 = 24;

/// The longest text of a field beside the file, in bytes.
const FIELD_BYTES: usize = 8 << 10;

/// A file arrives within this time: twelve megabytes over a slow line.
const UPLOAD_WITHIN: Duration = Duration::from_secs(5 * 60);

fn page_of(hash: &str) -> String {
    format!("/staff/images/{hash}")
}

/// The hash in an address, if it is one.
fn hash_in(path: Path<String>) -> Result<String, Problem> {
    let hash = path.into_inner();
    let address = image::address(&hash, ImageFormat::Png);
    let is_hash = image::parse_address(&address).is_some();
    is_hash.then_some(hash).ok_or_else(Problem::not_found)
}

/// An image, as staff see it.
struct ImageView {
    page: String,
    address: String,
    width: i32,
    height: i32,
    alt: String,
    /// Format, size in pixels, size of the file.
    facts: String,
    uploaded: String,
    markdown: String,
    /// Address and title of what shows it.
    uses: Vec<(String, String)>,
    /// It is the clinic's logo, or was.
    is_logo: bool,
}

impl ImageView {
    fn of(image: Description, uses: Uses) -> Self {
        let address = image::address(&image.hash, image.format);
        let kilobytes = (image.byte_count / 1024).max(1);
        let articles = uses.articles.into_iter();
        let bulletins = uses.bulletins.into_iter();
        let articles = articles.map(|(id, title)| (format!("/staff/articles/{id}"), title));
        let bulletins = bulletins.map(|(id, title)| (format!("/staff/bulletins/{id}"), title));
        Self {
            page: page_of(&image.hash),
            markdown: format!("![{}]({address})", in_markdown(&image.alt)),
            facts: format!(
                "{}, {} × {} pixels, {kilobytes} kB",
                image.format, image.width, image.height
            ),
            uploaded: format!(
                "{} by {}",
                local_time::display_date(image.uploaded_at),
                image.uploaded_by
            ),
            width: image.width,
            height: image.height,
            alt: image.alt,
            address,
            uses: articles.chain(bulletins).collect(),
            is_logo: uses.logo,
        }
    }
}

/// A text so that Markdown takes it as it is.
fn in_markdown(text: &str) -> String {
    let mut escaped = String::new();
    for c in text.chars() {
        if matches!(
            c,
            '\\' | '[' | ']' | '*' | '_' | '`' | '<' | '&' | '!' | '~'
        ) {
            escaped.push('\\');
        }
        escaped.push(c);
    }
    escaped
}

/// What comes with a file.
#[derive(Default)]
pub(in crate::web) struct UploadForm {
    alt: String,
    problems: Problems,
}

checked!(UploadForm);

#[derive(Template)]
#[template(path = "web/staff/images/index.html")]
struct Index {
    page: PageContext,
    images: Vec<ImageView>,
    pager: Pager,
    max_bytes: usize,
    max_size: String,
    max_alt: usize,
    f: UploadForm,
}

/// Which part of the list.
#[derive(Default, Deserialize)]
#[serde(default)]
pub(in crate::web) struct ListQuery {
    page: String,
}

async fn index(app: &App, page: PageContext, number: i64, f: UploadForm) -> Result<Index, Problem> {
    let (images, total) = keep_images::list(app, PER_PAGE, number * PER_PAGE).await?;
    let images = images.into_iter();
    Ok(Index {
        page,
        images: images
            .map(|(image, uses)| ImageView::of(image, uses))
            .collect(),
        pager: Pager::new(number, PER_PAGE, total, |page| {
            list_address("/staff/images", [], page)
        }),
        max_bytes: MAX_FILE_BYTES,
        max_size: format!("{} MB", MAX_FILE_BYTES >> 20),
        max_alt: MAX_ALT_CHARS,
        f,
    })
}

/// `GET /staff/images?page=`.
pub(in crate::web) async fn list(
    app: Data<App>,
    page: PageContext,
    query: Query<ListQuery>,
) -> Answer {
    let number = i64::from(query.page.parse::<u32>().unwrap_or(0));
    show_page(&index(&app, page, number, UploadForm::default()).await?)
}

/// The most images that the editor offers at once.
const LIBRARY: i64 = 60;

/// An image, as the editor takes it.
#[derive(Serialize)]
struct InLibrary {
    address: String,
    alt: String,
    width: i32,
    height: i32,
}

impl InLibrary {
    fn of(image: Description) -> Self {
        Self {
            address: image::address(&image.hash, image.format),
            alt: image.alt,
            width: image.width,
            height: image.height,
        }
    }
}

/// `GET /staff/images/library`: the newest images but for the logo, for the editor to choose from, as JSON.
pub(in crate::web) async fn library(app: Data<App>) -> Answer {
    let (images, _) = keep_images::list(&app, LIBRARY, 0).await?;
    let site = app.site();
    let logo = site.look.logo.as_ref().map(|logo| logo.hash.as_str());
    let images = images
        .into_iter()
        .filter(|(image, _)| logo != Some(image.hash.as_str()))
        .map(|(image, _)| InLibrary::of(image));
    Ok(HttpResponse::Ok().json(images.collect::<Vec<_>>()))
}

/// `POST /staff/images`, as `multipart/form-data` with `file` and `alt`. The editor, which asks for JSON, is given the
/// image.
pub(in crate::web) async fn upload(
    app: Data<App>,
    request: HttpRequest,
    page: PageContext,
    Staff(actor): Staff,
    body: Multipart,
) -> Answer {
    let read = tokio::time::timeout(UPLOAD_WITHIN, read(body)).await;
    let (file, alt) = read.unwrap_or_else(|_| Err(Problem::too_slow()))?;
    let uploaded = keep_images::upload(&app, actor.id, file, &alt).await;
    if wants_json(&request) {
        let (hash, _) = uploaded?;
        let (image, _) = keep_images::show(&app, hash).await?;
        return Ok(HttpResponse::Ok().json(InLibrary::of(image)));
    }
    match uploaded {
        Ok((hash, is_new)) => {
            let said = if is_new {
                "The image is there. In the editor, the button “Image” finds it."
            } else {
                "This image was there already, with this alternative text."
            };
            Ok(see_other_saying(&app, &page_of(&hash), said))
        }
        Err(AppError::Invalid(found)) => {
            let mut problems = Problems::default();
            problems.extend(found);
            let f = UploadForm { alt, problems };
            show_again(&index(&app, page, 0, f).await?)
        }
        Err(error) => Err(error.into()),
    }
}

/// The file and its alternative text. The name of the file is not looked at: it says nothing about the content, and may
/// say whose scan it is.
async fn read(mut body: Multipart) -> Result<(Vec<u8>, String), Problem> {
    let (mut file, mut alt) = (Vec::new(), String::new());
    while let Some(field) = body.next().await {
        let mut field = field.map_err(uploads::unreadable)?;
        match field.name().unwrap_or_default() {
            "file" => file = uploads::bytes(&mut field, MAX_FILE_BYTES).await?,
            "alt" => {
                let text = uploads::bytes(&mut field, FIELD_BYTES).await?;
                alt = String::from_utf8(text).map_err(|_| Problem::malformed())?;
            }
            _ => {
                uploads::bytes(&mut field, FIELD_BYTES).await?;
            }
        }
    }
    Ok((file, alt))
}

/// What was typed: an alternative text, or why the image is taken away.
#[derive(Default, Deserialize)]
#[serde(default)]
pub(in crate::web) struct ImageForm {
    alt: String,
    reason: String,
    #[serde(skip)]
    problems: Problems,
}

checked!(ImageForm);

#[derive(Template)]
#[template(path = "web/staff/images/show.html")]
struct Show {
    page: PageContext,
    image: ImageView,
    is_logo: bool,
    max_alt: usize,
    max_reason: usize,
    f: ImageForm,
}

impl Show {
    fn of(page: PageContext, (image, uses): (Description, Uses), f: ImageForm) -> Self {
        let image = ImageView::of(image, uses);
        let logo = page.clinic.logo.as_ref();
        Self {
            is_logo: logo.is_some_and(|logo| logo.address == image.address),
            page,
            image,
            max_alt: MAX_ALT_CHARS,
            max_reason: REASON_CHARS,
            f,
        }
    }
}

/// `GET /staff/images/{hash}`.
pub(in crate::web) async fn show(app: Data<App>, page: PageContext, hash: Path<String>) -> Answer {
    let shown = keep_images::show(&app, hash_in(hash)?).await?;
    let f = ImageForm {
        alt: shown.0.alt.clone(),
        ..ImageForm::default()
    };
    show_page(&Show::of(page, shown, f))
}

/// `POST /staff/images/{hash}`: another alternative text.
pub(in crate::web) async fn save(
    app: Data<App>,
    page: PageContext,
    Staff(actor): Staff,
    hash: Path<String>,
    Form(mut f): Form<ImageForm>,
) -> Answer {
    let hash = hash_in(hash)?;
    match keep_images::set_alt(&app, actor.id, hash.clone(), &f.alt).await {
        Ok(()) => {
            let said = "The alternative text is saved. Articles that show the image keep theirs.";
            Ok(see_other_saying(&app, &page_of(&hash), said))
        }
        Err(AppError::Invalid(found)) => {
            f.problems.extend(found);
            let shown = keep_images::show(&app, hash).await?;
            show_again(&Show::of(page, shown, f))
        }
        Err(error) => Err(error.into()),
    }
}

/// `POST /staff/images/{hash}/delete`.
pub(in crate::web) async fn delete(
    app: Data<App>,
    Staff(actor): Staff,
    hash: Path<String>,
) -> Answer {
    keep_images::delete(&app, actor.id, hash_in(hash)?).await?;
    Ok(see_other_saying(
        &app,
        "/staff/images",
        "The image is deleted.",
    ))
}

/// `POST /staff/images/{hash}/take-away`, with `reason`: also while it is shown.
pub(in crate::web) async fn take_away(
    app: Data<App>,
    page: PageContext,
    Staff(actor): Staff,
    hash: Path<String>,
    Form(mut f): Form<ImageForm>,
) -> Answer {
    let hash = hash_in(hash)?;
    match keep_images::take_away(&app, actor.id, hash.clone(), &f.reason).await {
        Ok(()) => Ok(see_other_saying(
            &app,
            "/staff/images",
            "The image is gone from every page and mail. Mend the texts that showed it.",
        )),
        Err(AppError::Invalid(found)) => {
            f.problems.extend(found);
            let shown = keep_images::show(&app, hash).await?;
            f.alt.clone_from(&shown.0.alt);
            show_again(&Show::of(page, shown, f))
        }
        Err(error) => Err(error.into()),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::domain::markdown;

    #[test]
    fn an_alternative_text_comes_out_of_markdown_as_it_was_typed() {
        for alt in [
            "A scan [slice 3]",
            "5 * 6 * 7",
            "a\\b `c` <d> &amp; ~~e~~",
            "_x_ ![y]",
        ] {
            let text = format!(
                "![{}](/images/0123456789abcdef0123456789abcdef.png)",
                in_markdown(alt)
            );
            let found = markdown::images(&text);
            assert_eq!(found.len(), 1, "{text}");
            assert_eq!(found[0].alt, alt);
        }
    }
}
