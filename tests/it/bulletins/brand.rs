//! The clinic's logo and colours in bulletins and notices: from the next message on, and never in the midst of a sending.

use std::time::Duration;

use practice_points::app::App;
use practice_points::domain::staff_member::StaffRole;
use practice_points::worker::Worker;
use reqwest::Method;
use reqwest::multipart::{Form, Part};
use scraper::{Html, Selector};

use crate::app::{TestApp as Browser, sign_up_form};
use crate::both_databases::on_both_databases;
use crate::desk::Desk;
use crate::images::DRAWING;
use crate::smtp_sink::{Act, At};

use super::mailing::Mailing as TestApp;
use super::{SURE, add_readers, until_page_says};

/// Uploads a logo. Returns its address on the site.
async fn upload_logo(owner: &Browser, file: Vec<u8>) -> String {
    let form = Form::new().part("file", Part::bytes(file).file_name("logo.png"));
    let request = owner
        .request(Method::POST, "/staff/settings/clinic/logo")
        .header("Sec-Fetch-Site", "same-origin")
        .multipart(form);
    owner.send(request).await.expect(303);
    owner
        .get("/staff/settings/clinic")
        .await
        .expect(200)
        .attribute(".logo-shown img", "src")
}

/// A picture of one colour and so many pixels.
fn picture(width: u32, height: u32) -> Vec<u8> {
    let mut file = std::io::Cursor::new(Vec::new());
    let pixels = image::RgbImage::from_pixel(width, height, image::Rgb([120, 20, 60]));
    pixels.write_to(&mut file, image::ImageFormat::Png).unwrap();
    file.into_inner()
}

async fn set_colours(owner: &Browser, main_light: &str) {
    let colours = [
        ("main_light", main_light),
        ("main_dark", "#9fd0ff"),
        ("accent_light", "#7a1f4b"),
        ("accent_dark", "#ffb3c6"),
    ];
    let path = "/staff/settings/clinic/colours";
    owner.post_form(path, &colours).await.expect(303);
}

/// What a mail's logo says of itself: address, alternative text, width, height.
fn logo(html: &str) -> Option<[String; 4]> {
    let page = Html::parse_document(html);
    let image = Selector::parse(".plate img").unwrap();
    let image = page.select(&image).next()?;
    let names = ["src", "alt", "width", "height"];
    Some(names.map(|name| image.attr(name).unwrap_or_default().to_owned()))
}

/// The mail in the preview, light or dark.
async fn preview(who: &Browser, path: &str) -> String {
    let frame = format!("{path}/preview.html");
    who.get(&frame).await.expect(200).body
}

on_both_databases! {
    async fn a_notice_has_the_logo_and_the_colours_from_the_next_one_on(mailing: TestApp) {
        let app = &mailing.app;
        app.sign_in_as(StaffRole::Owner).await;
        let send = async |email: &str| {
            let gp = app.other_browser();
            gp.post_form("/subscribe", &sign_up_form(email)).await.expect(303);
            let worker = Worker::start(&app.app).unwrap();
            let came = async {
                while !mailing.sink.messages().iter().any(|one| one.to.iter().any(|to| to == email)) {
                    tokio::time::sleep(Duration::from_millis(20)).await;
                }
            };
            tokio::time::timeout(Duration::from_secs(20), came).await.unwrap();
            worker.stop().await;
            mailing.mail_to(email).html
        };
        let before = send("before@practice.example").await;
        assert_eq!(logo(&before), None);
        assert!(before.contains("#0d5259"), "the program’s own colours");

        let address = upload_logo(app, picture(880, 220)).await;
        set_colours(app, "#123a7a").await;
        let html = send("after@practice.example").await;
        let url = format!("http://points.clinic.example{address}");
        assert_eq!(logo(&html), Some([url, "Heart Clinic".to_owned(), "220".to_owned(), "55".to_owned()]));
        for colour in ["#123a7a", "#9fd0ff", "#7a1f4b", "#ffb3c6"] {
            assert!(html.contains(colour), "{colour}");
        }
        assert!(!html.contains("#0d5259") && !html.contains("#0b3d43") && !html.contains("#86cfc9"));
        // Anybody's mail program loads it, keeps it, and need not say who it is.
        let image = app.other_browser().get(&address).await.expect(200);
        assert!(image.header("cache-control").contains("public") && image.header("cache-control").contains("immutable"));
        assert_eq!(image.header("set-cookie"), "");
    }

    async fn what_was_approved_goes_out_as_it_was_approved_by_every_worker(mailing: TestApp) {
        let app = &mailing.app;
        let desk = Desk::open(app).await;
        let owner = app.other_browser();
        owner.sign_in_as(StaffRole::Owner).await;
        let first = upload_logo(&owner, DRAWING.to_vec()).await;
        set_colours(&owner, "#123a7a").await;
        add_readers(app, 6).await;
        let path = desk.approved_bulletin("The news", &["news"]).await;
        let approved = preview(&desk.author, &path).await;
        assert!(logo(&approved).unwrap()[0].ends_with(&first));

        // Half of the people have it when logo and colours change.
        mailing.sink.set_behaviour(|moment| {
            let is_late = moment.at == At::Rcpt && ["gp4", "gp5", "gp6"].iter().any(|gp| moment.address.starts_with(gp));
            is_late.then(|| Act::Reply("451 4.2.0 Later".to_owned()))
        });
        desk.publisher.post_form(&format!("{path}/send"), &SURE).await.expect(303);
        let worker = Worker::start(&app.app).unwrap();
        until_page_says(&desk.author, &format!("{path}/progress"), "3 of 6 done").await;
        let second = upload_logo(&owner, picture(100, 100)).await;
        assert_ne!(first, second);
        set_colours(&owner, "#5b1a1a").await;
        worker.stop().await;
        mailing.sink.set_behaviour(|_| None);
        app.app.clock.advance(Duration::from_secs(60 * 60));
        // The rest is sent by another process, which begins with what is set by now.
        let other = App::open((*app.app.settings).clone(), app.app.clock.clone()).await.unwrap();
        let worker = Worker::start(&other).unwrap();
        until_page_says(&desk.author, &format!("{path}/progress"), "6 of 6 done.").await;
        worker.stop().await;
        let seen = logo(&approved);
        for reader in 1..=6 {
            let html = mailing.mail_to(&format!("gp{reader}@practice.example")).html;
            assert_eq!(logo(&html), seen, "gp{reader}");
            assert!(html.contains("#123a7a") && !html.contains("#5b1a1a"), "gp{reader}");
        }
        // The archive and the preview show what was sent; what is written next has the new ones.
        let archive = app.get("/bulletins/the-news/mail.html").await.expect(200).body;
        assert_eq!(logo(&archive), seen);
        assert_eq!(logo(&preview(&desk.author, &path).await), seen);
        let next = desk.assemble("The next", &["news"]).await;
        let next = preview(&desk.author, &next).await;
        let [url, alternative, ..] = logo(&next).unwrap();
        assert!(url.ends_with(&second) && next.contains("#5b1a1a"));
        assert_eq!(alternative, "Logo", "a sign has the clinic’s name beside it");

        // The first one stays where mails look for it.
        app.other_browser().get(&first).await.expect(200);
        let hash = first.trim_start_matches("/images/").split('.').next().unwrap();
        let page = desk.publisher.get(&format!("/staff/images/{hash}")).await.expect(200);
        assert!(page.text("main").contains("messages that went out show it"));
        assert_eq!(page.attribute("form[action$='/delete']", "action"), "");
        let refused = desk.publisher.post_form(&format!("/staff/images/{hash}/delete"), &[]).await;
        assert_eq!(refused.status, 409, "{}", refused.text("main"));
        app.get(&first).await.expect(200);
    }
}
