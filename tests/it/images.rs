//! Images in articles: brought by staff, made anew, shown to readers, and judged by a second implementation.

use std::collections::BTreeMap;

use base64::Engine as _;
use practice_points::domain::staff_member::StaffRole;
use reqwest::Method;
use reqwest::multipart::{Form, Part};

use crate::app::{Answer, TestApp};
use crate::both_databases::on_both_databases;
use crate::desk::{Desk, bulletin, guidance, post, with};
use crate::python;

/// The images that a second implementation makes, by name; `None` where it is not there.
fn samples() -> Option<BTreeMap<String, Vec<u8>>> {
    let made = python::run_with(
        &python::PILLOW,
        include_str!("../judge/make_images.py"),
        b"",
    )?;
    let files: BTreeMap<String, String> = serde_json::from_str(&made).unwrap();
    let decoded = |file: String| {
        base64::engine::general_purpose::STANDARD
            .decode(file)
            .unwrap()
    };
    Some(
        files
            .into_iter()
            .map(|(name, file)| (name, decoded(file)))
            .collect(),
    )
}

/// What a second implementation sees in a file.
fn look_at(file: &[u8]) -> serde_json::Value {
    let seen = python::run_with(
        &python::PILLOW,
        include_str!("../judge/look_at_image.py"),
        file,
    )
    .unwrap();
    serde_json::from_str(&seen).unwrap()
}

/// An image of our own, for tests that look at something else.
pub const DRAWING: &[u8] = include_bytes!("../../templates/site/demo/recording.png");

async fn upload(who: &TestApp, name: &str, file: Vec<u8>, alt: &str) -> Answer {
    // The name and the type are what the sender likes.
    let file = Part::bytes(file)
        .file_name(name.to_owned())
        .mime_str("image/png")
        .unwrap();
    let form = Form::new().part("file", file).text("alt", alt.to_owned());
    let request = who
        .request(Method::POST, "/staff/images")
        .header("Sec-Fetch-Site", "same-origin")
        .multipart(form);
    who.send(request).await
}

/// Uploads an image, and gives the path of its page, the Markdown to paste and its address.
pub async fn uploaded(who: &TestApp, file: Vec<u8>, alt: &str) -> (String, String, String) {
    let path = upload(who, "x.png", file, alt)
        .await
        .expect(303)
        .location()
        .to_owned();
    let page = who.get(&path).await.expect(200);
    let address = page.attribute(".image-large img", "src");
    assert_eq!(
        page.text("main details > summary"),
        "For the plain text field"
    );
    (path, page.text("#markdown"), address)
}

async fn fetch(app: &TestApp, address: &str) -> (reqwest::header::HeaderMap, Vec<u8>) {
    let answer = app.request(Method::GET, address).send().await.unwrap();
    assert_eq!(answer.status(), 200, "{address}");
    let headers = answer.headers().clone();
    (headers, answer.bytes().await.unwrap().to_vec())
}

fn holds(file: &[u8], secret: &[u8]) -> bool {
    file.windows(secret.len()).any(|window| window == secret)
}

on_both_databases! {
    async fn nothing_of_a_file_is_kept_but_what_can_be_seen(app: TestApp) {
        let Some(files) = samples() else { return };
        let desk = Desk::open(&app).await;
        for (name, format, mode, width, height) in [
            ("camera.jpg", "PNG", "RGB", 40, 80),
            ("cmyk.jpg", "PNG", "RGB", 80, 40),
            ("grey.jpg", "PNG", "L", 80, 40),
            ("drawing.png", "PNG", "RGBA", 60, 30),
            ("palette.png", "PNG", "RGB", 80, 40),
            ("deep.png", "PNG", "L", 30, 20),
            ("large.png", "JPEG", "RGB", 1600, 800),
            ("photograph.webp", "PNG", "RGB", 300, 200),
        ] {
            let (_, _, address) = uploaded(&desk.author, files[name].clone(), name).await;
            let (headers, file) = fetch(&app, &address).await;
            let seen = look_at(&file);
            assert_eq!(seen["format"], format, "{name}");
            assert_eq!(seen["mode"], mode, "{name}");
            assert_eq!((&seen["width"], &seen["height"]), (&width.into(), &height.into()), "{name}");
            assert_eq!(seen["exif"], 0, "{name}");
            assert_eq!(seen["info"], serde_json::json!([]), "{name}");
            assert_eq!(seen["ends"], true, "{name} has something after its end");
            for secret in [&b"ZAC5361"[..], b"Hine", b"Sample camera", b"Exif", b"ICC", b"iCCP", b"eXIf", b"xmp"] {
                assert!(!holds(&file, secret), "{name} holds {}", String::from_utf8_lossy(secret));
            }
            let content_type = if format == "PNG" { "image/png" } else { "image/jpeg" };
            assert_eq!(headers["content-type"], content_type);
        }
        // The camera was held upright: red stands above blue, as it was seen.
        let (_, _, address) = uploaded(&desk.author, files["camera.jpg"].clone(), "camera").await;
        let seen = look_at(&fetch(&app, &address).await.1);
        let red = |colour: &serde_json::Value| colour[0].as_i64() > Some(200) && colour[2].as_i64() < Some(60);
        assert!(red(&seen["top"]) && !red(&seen["bottom"]), "{seen}");
    }

    async fn what_is_no_still_image_of_a_bearable_size_is_refused_in_words(app: TestApp) {
        let Some(mut files) = samples() else { return };
        files.insert("page.png".to_owned(), b"<!DOCTYPE html><script>alert(1)</script>".to_vec());
        files.insert("drawing.svg".to_owned(), b"<svg xmlns=\"http://www.w3.org/2000/svg\"/>".to_vec());
        files.insert("nothing.png".to_owned(), Vec::new());
        let desk = Desk::open(&app).await;
        for (name, why) in [
            ("page.png", "no PNG, JPEG or WebP"),
            ("drawing.svg", "no PNG, JPEG or WebP"),
            ("moving.gif", "no PNG, JPEG or WebP"),
            ("moving.png", "moves"),
            ("moving.webp", "moves"),
            ("bomb.png", "30000 by 30000 pixels"),
            ("truncated.jpg", "damaged or not complete"),
            ("truncated.png", "damaged or not complete"),
            ("nothing.png", "choose a file"),
        ] {
            let answer = upload(&desk.author, name, files[name].clone(), "Kōrero").await.expect(422);
            assert!(answer.text("#file-error").contains(why), "{name}: {}", answer.text("#file-error"));
            assert_eq!(answer.text("textarea[name=alt]"), "Kōrero", "what was typed is there");
        }
        upload(&desk.author, "huge.png", vec![0; (12 << 20) + 1], "x").await.expect(413);
        assert_eq!(app.count("image").await, 0);
    }

    async fn an_image_needs_words_and_no_patients_number_in_them(app: TestApp) {
        let desk = Desk::open(&app).await;
        let long = "x".repeat(301);
        for (alt, why) in [
            ("  ", "give an alternative text"),
            (long.as_str(), "300"),
            ("Scan of ZAC5361", "looks like a patient’s NHI number"),
        ] {
            let answer = upload(&desk.author, "a.png", DRAWING.to_vec(), alt).await.expect(422);
            assert!(answer.text("#alt-error").contains(why), "{alt}: {}", answer.text("#alt-error"));
        }
        let (path, markdown, address) = uploaded(&desk.author, DRAWING.to_vec(), "A [drawn] heart*beat*").await;
        assert_eq!(markdown, format!("![A \\[drawn\\] heart\\*beat\\*]({address})"));
        let refused = desk.author.post_form(&path, &[("alt", "")]).await.expect(422);
        assert!(refused.text("#alt-error").contains("give an alternative text"));
        desk.author.post_form(&path, &[("alt", "A heartbeat")]).await.expect(303);
        assert_eq!(desk.author.get(&path).await.text("#markdown"), format!("![A heartbeat]({address})"));
    }

    async fn an_image_is_served_for_good_and_can_do_nothing(app: TestApp) {
        let desk = Desk::open(&app).await;
        let (_, _, address) = uploaded(&desk.author, DRAWING.to_vec(), "A heartbeat").await;
        let (headers, file) = fetch(&app, &address).await;
        assert_eq!(headers["cache-control"], "public, max-age=31536000, immutable");
        assert_eq!(headers["x-content-type-options"], "nosniff");
        assert!(headers["content-security-policy"].to_str().unwrap().starts_with("default-src 'none'"));
        assert_eq!(headers["content-length"], file.len().to_string().as_str());
        let again = app.request(Method::GET, &address).header("If-None-Match", &headers["etag"]);
        assert_eq!(again.send().await.unwrap().status(), 304);
        let head = app.request(Method::HEAD, &address).send().await.unwrap();
        assert_eq!(head.headers()["content-type"], "image/png");
        for other in [address.replace(".png", ".jpg"), address.replace(".png", ".svg"), "/images/x.png".to_owned()] {
            app.get(&other).await.expect(404);
        }
    }

    async fn the_same_image_twice_is_one_image(app: TestApp) {
        let desk = Desk::open(&app).await;
        let (first, _, _) = uploaded(&desk.author, DRAWING.to_vec(), "A heartbeat").await;
        let (second, markdown, _) = uploaded(&desk.reviewer, DRAWING.to_vec(), "Something else").await;
        assert_eq!(first, second);
        assert!(markdown.starts_with("![A heartbeat]"), "{markdown}");
        assert_eq!(app.count("image").await, 1);
    }

    async fn readers_and_mails_show_an_image_with_its_size(app: TestApp) {
        let desk = Desk::open(&app).await;
        let (path, markdown, address) = uploaded(&desk.author, DRAWING.to_vec(), "A heartbeat").await;
        let text = with(guidance("With an image"), "body", format!("Text.\r\n\r\n{markdown}"));
        let article = desk.publish_as(&text).await;
        let page = app.get("/articles/with-an-image").await.expect(200);
        assert_eq!(page.attribute("article img", "src"), address);
        assert_eq!(page.attribute("article img", "alt"), "A heartbeat");
        assert_eq!(page.attribute("article img", "width"), "1000");

        let saved = post(&desk.author, "/staff/bulletins", &bulletin("With an image", &article, &["news"])).await;
        let mail = desk.author.get(&format!("{}/preview.html", saved.expect(303).location())).await.expect(200);
        let source = mail.attribute(".prose img, td img", "src");
        assert!(source.starts_with("http://127.0.0.1") && source.ends_with(&address), "{source}");
        assert_eq!(mail.attribute(&format!("img[src='{source}']"), "width"), "520");
        assert_eq!(mail.attribute(&format!("img[src='{source}']"), "height"), "135");
        assert!(mail.attribute(&format!("img[src='{source}']"), "style").contains("max-width:100%"));
        let shown = desk.author.get(&path).await;
        assert!(shown.text("main").contains("With an image"), "where it is used");
    }

    async fn an_image_is_deleted_only_when_nothing_shows_it(app: TestApp) {
        let desk = Desk::open(&app).await;
        let (path, markdown, address) = uploaded(&desk.author, DRAWING.to_vec(), "A heartbeat").await;
        let text = with(guidance("Shows it"), "body", markdown);
        let article = desk.publish_as(&text).await;
        // Neither while the site shows it, when the text that is being written no longer does.
        let without = with(with(guidance("Shows it"), "version", "1"), "body", "No image any more.");
        post(&desk.author, &article, &without).await.expect(303);
        let page = desk.author.get(&path).await;
        assert_eq!(page.attribute("form[action$='/delete']", "action"), "");
        desk.author.post_form(&format!("{path}/delete"), &[]).await.expect(409);
        desk.approve(&article).await;
        desk.publisher.post_form(&format!("{article}/publish"), &[]).await.expect(303);
        desk.author.post_form(&format!("{path}/delete"), &[]).await.expect(303);
        app.get(&address).await.expect(404);
        assert_eq!(app.count("image").await, 0);
    }

    async fn an_image_that_must_go_goes_at_once_and_the_audit_says_why(app: TestApp) {
        let desk = Desk::open(&app).await;
        let (path, markdown, address) = uploaded(&desk.author, DRAWING.to_vec(), "A heartbeat").await;
        desk.publish_as(&with(guidance("Shows it"), "body", markdown)).await;
        let take_away = format!("{path}/take-away");
        desk.author.post_form(&take_away, &[("reason", "May be recognised")]).await.expect(403);
        let again = desk.publisher.post_form(&take_away, &[("reason", " ")]).await.expect(422);
        assert!(!again.text("#reason-error").is_empty());
        app.get(&address).await.expect(200);
        desk.publisher.post_form(&take_away, &[("reason", "May be recognised")]).await.expect(303);
        app.get(&address).await.expect(404);
        assert_eq!(app.count("image").await, 0);
        // The article stays, with the words in place of the pixels.
        let page = app.get("/articles/shows-it").await.expect(200);
        assert_eq!(page.attribute("article img", "alt"), "A heartbeat");
        app.sign_in_as(StaffRole::Owner).await;
        let audit = app.get("/staff/audit").await.expect(200).text("main");
        assert!(audit.contains("Took an image away that was shown") && audit.contains("May be recognised"), "{audit}");
    }

    async fn an_image_from_elsewhere_unknown_or_without_words_keeps_an_article_from_review(app: TestApp) {
        let desk = Desk::open(&app).await;
        let (_, _, address) = uploaded(&desk.author, DRAWING.to_vec(), "A heartbeat").await;
        let text = format!(
            "![x](https://host.example/a.png)\n\n![]({address})\n\n![gone](/images/{}.png)", "0".repeat(32)
        );
        let text = with(guidance("Bad images"), "body", text);
        let path = post(&desk.author, "/staff/articles", &text).await.expect(303).location().to_owned();
        let page = desk.author.get(&path).await;
        let todo = page.text(".notice.warn");
        assert!(todo.contains("“https://host.example/a.png” in the text (line 1) is not one of this site"), "{todo}");
        assert!(todo.contains("(line 3) has no alternative text"), "{todo}");
        assert!(todo.contains("(line 5) is not there"), "{todo}");
        assert!(!page.body.contains("src=\"https://host.example"), "nor is it shown to staff");
        desk.author.post_form(&format!("{path}/submit"), &[]).await.expect(409);
    }

    async fn only_staff_bring_images(app: TestApp) {
        let sent_away = upload(&app, "a.png", DRAWING.to_vec(), "A heartbeat").await;
        assert!([303, 403].contains(&sent_away.status.as_u16()));
        assert_eq!(app.count("image").await, 0);
        let desk = Desk::open(&app).await;
        for path in ["/staff/images/x", "/staff/images/%00", "/images/%00.png", "/staff/images/0123456789abcdef0123456789abcdef"] {
            desk.author.get(path).await.expect(404);
        }
    }
}
