//! What the clinic sets itself: on pages and in messages at once, in every process, with its versions.

use std::os::unix::fs::PermissionsExt as _;
use std::time::Duration;

use practice_points::app::{App, retain};
use practice_points::domain::staff_member::StaffRole;
use practice_points::store::{consent_events, site_settings};
use reqwest::Method;
use reqwest::multipart::{Form, Part};

use crate::app::{Answer, TestApp, sign_up_form};
use crate::both_databases::on_both_databases;
use crate::images::DRAWING;

const CLINIC: [(&str, &str); 5] = [
    ("name", "Sample Heart Clinic"),
    ("street", "1 Sample Street, Remuera, Auckland 1051"),
    ("postal", "PO Box 1, Auckland 1140"),
    ("phone", "09 555 0100"),
    ("email", "hello@sample.example"),
];

async fn upload_logo(app: &TestApp, file: Vec<u8>) -> Answer {
    let form = Form::new().part("file", Part::bytes(file).file_name("logo.png"));
    let request = app
        .request(Method::POST, "/staff/settings/clinic/logo")
        .header("Sec-Fetch-Site", "same-origin")
        .multipart(form);
    app.send(request).await
}

/// Waits until another process has seen it.
async fn until(what: impl Fn() -> bool) {
    let waiting = async {
        while !what() {
            tokio::time::sleep(Duration::from_millis(50)).await;
        }
    };
    let waited = tokio::time::timeout(Duration::from_secs(20), waiting).await;
    assert!(waited.is_ok(), "the other process never saw it");
}

/// The first topics in the order of the sign-up form.
async fn topics(app: &TestApp) -> Vec<String> {
    let home = app.get("/").await.expect(200).page();
    let inputs = scraper::Selector::parse("form[action='/subscribe'] input[name=topics]").unwrap();
    let values = home
        .select(&inputs)
        .filter_map(|input| input.value().attr("value"));
    values.map(str::to_owned).collect()
}

on_both_databases! {
    async fn what_is_set_of_the_clinic_stands_on_pages_and_in_messages_at_once_and_in_other_processes_soon(app: TestApp) {
        let owner = app.other_browser();
        owner.sign_in_as(StaffRole::Owner).await;
        let other = App::open((*app.app.settings).clone(), app.app.clock.clone()).await.unwrap();
        owner.post_form("/staff/settings/clinic", &CLINIC).await.expect(303);
        let footer = app.get("/contact").await.expect(200).text("footer");
        for (_, value) in CLINIC {
            assert!(footer.contains(value), "{value}: {footer}");
        }
        let sender = app.app.sender();
        assert_eq!(sender.postal_address, "1 Sample Street, Remuera, Auckland 1051; PO Box 1, Auckland 1140; phone 09 555 0100");
        assert_eq!(sender.contact_address.as_str(), "hello@sample.example");
        until(|| other.site().clinic.name == "Sample Heart Clinic").await;

        let page = owner.get("/staff/settings/clinic").await.expect(200);
        assert!(page.text("details").contains("by Sample Owner"), "{}", page.text("details"));
        let audit = owner.get("/staff/audit").await.expect(200).text("tbody tr:first-child");
        assert!(audit.contains("Changed what is said of the clinic") && audit.contains("09 555 0100"), "{audit}");
        let deployment = owner.get("/staff/settings/deployment").await.expect(200).text("main");
        assert!(deployment.contains("Set on these pages instead") && deployment.contains("PRACTICE_POINTS_CLINIC__NAME"));
        // Nothing new is no version.
        owner.post_form("/staff/settings/clinic", &CLINIC).await.expect(303);
        assert_eq!(app.count("site_setting").await, 1);
    }

    async fn the_usual_statement_on_conflicts_is_the_clinics_own(app: TestApp) {
        app.sign_in_as(StaffRole::Owner).await;
        let page = app.get("/staff/settings/clinic").await.expect(200);
        assert!(page.text("#conflicts").contains("Ascot Radiology"), "until the clinic says otherwise");
        let with = |words| [CLINIC.as_slice(), &[("conflicts", words)]].concat();
        let guidance = async || app.get("/staff/articles/new?kind=guidance").await.expect(200).text("#conflicts");
        for words in ["We scan at Sample Street.", ""] {
            app.post_form("/staff/settings/clinic", &with(words)).await.expect(303);
            assert_eq!(guidance().await, words);
        }
        let page = app.post_form("/staff/settings/clinic", &with("One\nTwo")).await.expect(422);
        assert!(page.text("#conflicts-error").contains("one line"));
        // A version from before it could be set says nothing of it.
        let before = r#"{"name":"Sample","street":"1 Sample Street","postal":"PO Box 1","phone":"","email":"a@sample.example"}"#;
        let now = app.app.now();
        app.app.store.write(move |db| site_settings::append(db, "clinic", before, None, now)).await.unwrap();
        until(|| app.app.site().clinic.name == "Sample").await;
        assert!(guidance().await.contains("Ascot Radiology"));
    }

    async fn what_cannot_be_taken_is_refused_and_what_was_typed_stays(app: TestApp) {
        app.sign_in_as(StaffRole::Owner).await;
        let mut typed = CLINIC;
        typed[3].1 = "call us";
        typed[4].1 = "nobody";
        let page = app.post_form("/staff/settings/clinic", &typed).await.expect(422);
        assert_eq!(page.attribute("#phone", "value"), "call us");
        assert!(page.text(".error-summary").contains("telephone"));
        let header = [("from_name", "Points\r\nBcc: x@y.example"), ("from_address", "points@clinic.example"), ("reply_to", "")];
        app.post_form("/staff/settings/sender", &header).await.expect(422);
        for (field, days) in [("unconfirmed_days", "0"), ("inbound_days", "9999"), ("unsaved_days", "x")] {
            let fields = [("unconfirmed_days", "30"), ("inbound_days", "90"), ("unsaved_days", "90")];
            let fields: Vec<_> = fields.into_iter().map(|(name, value)| (name, if name == field { days } else { value })).collect();
            let page = app.post_form("/staff/settings/retention", &fields).await.expect(422);
            assert!(!page.text(&format!("#{field}-error")).is_empty());
        }
        assert_eq!(app.count("site_setting").await, 0);
    }

    async fn the_sender_is_another_from_the_next_message_on(app: TestApp) {
        app.sign_in_as(StaffRole::Owner).await;
        let free = |from, reply_to| [("from_name", "Hearts for GPs"), ("from_address", from), ("reply_to", reply_to)];
        for from in ["hearts@gmail.com", "hearts@Yahoo.co.nz", "hearts@xtra.co.nz"] {
            let page = app.post_form("/staff/settings/sender", &free(from, "")).await.expect(422);
            assert!(page.text("#from_address-error").contains("DMARC"), "{from}: {}", page.text("main"));
        }
        app.post_form("/staff/settings/sender", &free("hearts@sample.example", "hearts@gmail.com")).await.expect(303);
        let fields = [("from_name", "Hearts for GPs"), ("from_address", "hearts@sample.example"), ("reply_to", "desk@sample.example")];
        app.post_form("/staff/settings/sender", &fields).await.expect(303);
        let sender = app.app.sender();
        assert_eq!((sender.from_name.as_str(), sender.from_address.as_str()), ("Hearts for GPs", "hearts@sample.example"));
        assert_eq!(sender.reply_to.unwrap().as_str(), "desk@sample.example");
        let records = app.get("/staff/settings/mail").await.expect(200).text("main");
        assert!(records.contains("_dmarc.sample.example"), "{records}");
    }

    async fn colours_that_cannot_be_read_are_refused_with_the_reason(app: TestApp) {
        app.sign_in_as(StaffRole::Owner).await;
        let colours = |main_light: &'static str| [("main_light", main_light), ("main_dark", "#9fd0ff"), ("accent_light", ""), ("accent_dark", "")];
        let page = app.post_form("/staff/settings/clinic/colours", &colours("#ffd500")).await.expect(422);
        let why = page.text("#main_light-error");
        assert!(why.contains("4.5 to 1") && why.contains("darker"), "{why}");
        assert_eq!(page.attribute("#name", "value"), "Heart Clinic", "the other form of the page is as it was");
        assert!(!app.get("/").await.expect(200).body.contains("/colours/"));
        assert_eq!(page.texts("input[data-colour]").len(), 4, "the script puts a picker beside each");
        assert!(page.text("main").contains("The dark band at the top of pages, the orange line under it"));
        assert!(app.get("/staff/settings").await.expect(200).text("main").contains("logo and colours are on every page and in every message."));

        app.post_form("/staff/settings/clinic/colours", &colours("#123a7a")).await.expect(303);
        let address = app.get("/").await.expect(200).attribute("link[href^='/colours/']", "href");
        let sheet = app.get(&address).await.expect(200);
        assert!(sheet.body.contains("--teal:#123a7a;") && sheet.body.contains("--teal:#9fd0ff;"), "{}", sheet.body);
        assert!(sheet.header("cache-control").contains("immutable"));
        assert!(!sheet.body.starts_with(":root"), "no colour stands outside its scheme: {}", sheet.body);
        let light_only = [("main_light", ""), ("main_dark", ""), ("accent_light", "#7a1f4b"), ("accent_dark", "")];
        app.post_form("/staff/settings/clinic/colours", &light_only).await.expect(303);
        let address = app.get("/").await.expect(200).attribute("link[href^='/colours/']", "href");
        let sheet = app.get(&address).await.expect(200).body;
        assert!(sheet.contains("--accent:#7a1f4b;") && sheet.contains("prefers-color-scheme:light") && !sheet.contains("dark"), "{sheet}");
        assert!(app.get("/colours/0000000000000000.css").await.expect(200).header("cache-control").contains("no-cache"));
    }

    async fn a_logo_is_made_anew_stands_on_every_page_and_is_not_deleted(app: TestApp) {
        app.sign_in_as(StaffRole::Owner).await;
        let svg = b"<svg xmlns='http://www.w3.org/2000/svg'><script>alert(1)</script></svg>".to_vec();
        let page = upload_logo(&app, svg).await.expect(422);
        assert!(!page.text("#file-error").is_empty());
        upload_logo(&app, DRAWING.to_vec()).await.expect(303);
        let address = app.get("/").await.expect(200).attribute(".wordmark-logo", "src");
        app.get(&address).await.expect(200);
        let hash = address.trim_start_matches("/images/").split('.').next().unwrap().to_owned();
        let refused = app.post_form(&format!("/staff/images/{hash}/delete"), &[]).await;
        assert_eq!(refused.status, 409, "{}", refused.text("main"));
        let image = app.get(&format!("/staff/images/{hash}")).await.expect(200);
        assert!(image.text("main").contains("It is the clinic’s logo") && !image.body.contains("/delete\""));
        assert!(!image.body.contains("it is offered there"), "{}", image.text("main"));
        assert!(!app.get("/staff/images/library").await.expect(200).body.contains(&hash), "the editor does not offer it");
        app.post_form("/staff/settings/clinic/logo/remove", &[]).await.expect(303);
        assert!(!app.get("/").await.expect(200).body.contains("wordmark-logo"));
    }

    async fn topics_are_added_ordered_and_retired_and_who_has_one_keeps_it(app: TestApp) {
        app.sign_in_as(StaffRole::Owner).await;
        let gp = app.other_browser();
        gp.subscribe("gp@practice.example").await;
        app.post_form("/staff/settings/topics", &[("name", "Atrial fibrillation"), ("description", "When and whom.")]).await.expect(303);
        let start = topics(&gp).await;
        assert_eq!(start, ["news", "case-studies", "symposium", "calcium-score", "atrial-fibrillation"]);
        let page = app.post_form("/staff/settings/topics", &[("name", "atrial FIBRILLATION")]).await.expect(422);
        assert!(page.text(".error-summary").contains("already"));

        let page = app.get("/staff/settings/topics").await.expect(200);
        let path = page.attribute("li:last-child form[action$='/move']", "action");
        for _ in 0..2 {
            app.post_form(&path, &[("to", "up")]).await.expect(303);
        }
        assert_eq!(topics(&gp).await, ["news", "case-studies", "atrial-fibrillation", "symposium", "calcium-score"]);
        assert!(page.text(".topic-list li:first-child").contains("In web addresses: news"));
        let first = page.attribute("li:first-child form[action$='/move']", "action");
        app.post_form(&first, &[("to", "up")]).await.expect(303);
        assert_eq!(topics(&gp).await[0], "news", "the first stays the first");

        let renamed = first.trim_end_matches("/move").to_owned();
        app.post_form(&renamed, &[("name", "What is new"), ("description", "In heart care.")]).await.expect(303);
        assert!(gp.get("/").await.expect(200).text("#topics").contains("What is new"));
        assert!(page.text(".topic-list li:first-child").contains("Chosen by 1 active subscriber"), "{}", page.text(".topic-list li:first-child"));
        app.post_form(&format!("{renamed}/retire"), &[]).await.expect(303);
        assert!(!topics(&gp).await.contains(&"news".to_owned()));
        gp.post_form("/subscribe", &sign_up_form("late@practice.example")).await.expect(422);
        let manage = gp.manage_path("gp@practice.example").await;
        assert!(gp.get(&manage).await.expect(200).text("main").contains("What is new"), "who has it keeps it");
        for path in ["/staff/subscribers/new", "/staff/subscribers/import", "/staff/bulletins/new"] {
            let page = app.get(path).await.expect(200).body;
            assert!(page.contains("topic-symposium") && !page.contains("topic-news"), "{path}");
        }
        let id = app.subscriber("gp@practice.example").await.id;
        let edit = app.get(&format!("/staff/subscribers/{id}/edit")).await.expect(200);
        assert!(edit.text("#topics").contains("What is new (retired)"), "{}", edit.text("#topics"));
        let person = [("email", "new@practice.example"), ("name", "A Sample"), ("topics", "news"), ("consent_basis", "express"), ("consent_note", "x")];
        app.post_form("/staff/subscribers", &person).await.expect(422);
        let adding = [("action", "add-topic"), ("scope", "all"), ("query", "")];
        let question = app.post_form("/staff/subscribers/bulk", &adding).await.expect(303).location().to_owned();
        let refused = app.post_form(&question, &[("topic", "news"), ("consent_basis", "express"), ("consent_note", "x")]).await.expect(422);
        assert!(refused.text("#topic-error").contains("retired"), "{}", refused.text("main"));
        for path in ["/staff/settings/topics/999/retire", "/staff/settings/topics/999/offer", "/staff/settings/topics/999"] {
            app.post_form(path, &[("name", "x")]).await.expect(404);
        }
        app.post_form(&format!("{renamed}/offer"), &[]).await.expect(303);
        assert!(topics(&gp).await.contains(&"news".to_owned()));
    }

    async fn the_record_of_consent_names_the_wording_that_was_seen(app: TestApp) {
        let owner = app.other_browser();
        owner.sign_in_as(StaffRole::Owner).await;
        let seen = app.get("/").await.expect(200).attribute("input[name=wording]", "value");
        let new = "Yes, write to me about hearts, on the topics I have ticked. Each message has a link to leave.";
        owner.post_form("/staff/settings/wordings/consent", &[("wording", "Yes.")]).await.expect(422);
        owner.post_form("/staff/settings/wordings/consent", &[("wording", new)]).await.expect(303);
        let home = app.get("/").await.expect(200);
        let newer = home.attribute("input[name=wording]", "value");
        assert!(home.text("main form").contains(new) && newer != seen);

        let agreed = async |email: &'static str, wording: &str| {
            let mut form = sign_up_form(email).to_vec();
            form.push(("wording", wording));
            app.post_form("/subscribe", &form).await.expect(303);
            let id = app.subscriber(email).await.id;
            let events = app.app.store.read(move |db| consent_events::of(db, id)).await.unwrap();
            events[0].wording_version.clone().unwrap()
        };
        assert_eq!(agreed("old@practice.example", &seen).await, seen);
        assert_eq!(agreed("new@practice.example", &newer).await, newer);
        assert_eq!(agreed("forged@practice.example", "1999-01-01").await, newer);
        let page = owner.get("/staff/settings/wordings").await.expect(200).text("tbody");
        assert!(page.contains(&seen) && page.contains(&newer) && page.contains("Asked for now"), "{page}");
    }

    async fn what_only_the_clinic_knows_stands_on_the_privacy_page(app: TestApp) {
        app.sign_in_as(StaffRole::Owner).await;
        let told = [("carrier", "Sample Mail in Sydney carries our messages."), ("privacy_officer", "Mere Sample, privacy@sample.example"), ("place", ""), ("more", "<b>Kia ora</b>")];
        app.post_form("/staff/settings/wordings/notices", &told).await.expect(303);
        let privacy = app.get("/privacy").await.expect(200).text("main");
        assert!(privacy.contains("Sydney") && privacy.contains("Mere Sample") && privacy.contains("within 30 days"), "{privacy}");
        let days = [("unconfirmed_days", "14"), ("inbound_days", "90"), ("unsaved_days", "90")];
        app.post_form("/staff/settings/retention", &days).await.expect(303);
        assert!(app.get("/privacy").await.expect(200).text("main").contains("within 14 days"));
        let audit = app.get("/staff/audit").await.expect(200).text("tbody tr:first-child");
        assert!(audit.contains("Sign-ups that were never confirmed, days: 30 → 14") && !audit.contains("90"), "{audit}");
        assert!(app.get("/subscribe").await.expect(200).body.contains("&#60;b&#62;Kia ora"), "it is text");
    }

    async fn a_sign_up_is_kept_as_long_as_was_set(app: TestApp) {
        app.sign_up("gp@practice.example").await.expect(303);
        app.sign_in_as(StaffRole::Owner).await;
        let days = [("unconfirmed_days", "8"), ("inbound_days", "90"), ("unsaved_days", "90")];
        app.post_form("/staff/settings/retention", &days).await.expect(303);
        app.app.clock.advance(Duration::from_secs(7 * 86_400));
        retain::let_go(&app.app).await.unwrap();
        assert!(app.find_subscriber("gp@practice.example").await.is_some());
        app.app.clock.advance(Duration::from_secs(2 * 86_400));
        retain::let_go(&app.app).await.unwrap();
        assert!(app.find_subscriber("gp@practice.example").await.is_none());
    }

    async fn a_key_is_made_signs_when_it_is_published_and_is_changed_without_a_gap(app: TestApp) {
        let owner = app.other_browser();
        owner.sign_in_as(StaffRole::Owner).await;
        owner.post_form("/staff/settings/mail/keys", &[("kind", "rsa")]).await.expect(303);
        let page = owner.get("/staff/settings/mail").await.expect(200);
        let sign = page.attribute("form[action$='/sign']", "action");
        let selector = sign.split('/').nth(5).unwrap().to_owned();
        assert!(selector.starts_with("points20261123"), "{selector}");
        assert!(page.text("main").contains("v=DKIM1; k=rsa; p="));
        assert!(page.text(".key-list a[href='#records']").contains("look it up"));
        let file = app.data_dir().join("dkim").join(format!("{selector}.pem"));
        assert_eq!(file.metadata().unwrap().permissions().mode() & 0o777, 0o600);
        assert_eq!(file.parent().unwrap().metadata().unwrap().permissions().mode() & 0o777, 0o700);
        let secret = std::fs::read_to_string(&file).unwrap();
        let secret = secret.lines().nth(1).unwrap();
        assert!(!page.body.contains(secret));
        assert!(app.app.site().dkim.is_none(), "it waits for its record");
        owner.post_form("/staff/settings/mail/keys", &[("kind", "rsa")]).await.expect(409);

        owner.post_form(&sign, &[]).await.expect(303);
        let signing = || -> Vec<String> {
            let site = app.app.site();
            let keys = site.dkim.iter().flat_map(|dkim| dkim.signer.keys());
            keys.map(|key| key.selector.to_string()).collect()
        };
        assert_eq!(signing(), std::slice::from_ref(&selector));
        owner.post_form("/staff/settings/mail/keys", &[("kind", "rsa")]).await.expect(303);
        assert_eq!(signing(), std::slice::from_ref(&selector), "the old one goes on while the new one waits");
        let sign = owner.get("/staff/settings/mail").await.expect(200).attribute("form[action$='/sign']", "action");
        owner.post_form(&sign, &[]).await.expect(303);
        assert_eq!(signing().len(), 2, "both for a while");
        owner.post_form(&format!("/staff/settings/mail/keys/{selector}/stop"), &[]).await.expect(303);
        assert_eq!(signing().len(), 1);
        assert!(!file.exists());
        owner.post_form(&format!("/staff/settings/mail/keys/{selector}/sign"), &[]).await.expect(409);
        let audit = owner.get("/staff/audit").await.expect(200);
        assert!(audit.text("tbody").contains("Let a DKIM key sign no more") && !audit.body.contains(secret));
    }

    async fn the_checks_run_when_they_are_asked_for_and_are_kept_with_their_time(app: TestApp) {
        let publisher = app.other_browser();
        publisher.sign_in_as(StaffRole::Publisher).await;
        let page = publisher.get("/staff/settings/mail").await.expect(200);
        assert!(page.text("#checks").contains("Nobody has asked yet"));
        assert!(!page.body.contains("action=\"/staff/settings/mail/keys\""), "keys are the owner’s");
        publisher.post_form("/staff/settings/mail/checks", &[]).await.expect(303);
        let found = publisher.get("/staff/settings/mail").await.expect(200).text("#checks");
        assert!(found.contains("Looked at 23 November 2026") && found.contains("None is set (smtp_url)"), "{found}");
        assert!(found.contains("DNS records. None is needed while") && found.contains(" to look at."), "{found}");
        publisher.get("/staff/settings/clinic").await.expect(403);
    }
}

/// A worker that runs while something is set, and what it hands to the mail server then.
mod on_the_wire {
    use practice_points::app::send_bulletin;
    use practice_points::app::site_settings::{self, KeyKind, SenderFields};
    use practice_points::domain::bulletin::BulletinState;

    use crate::both_databases::on_both_databases;
    use crate::clinic::Clinic as TestApp;

    on_both_databases! {
        async fn the_next_message_is_the_new_senders_and_signed_with_the_new_key(clinic: TestApp) {
            clinic.add_subscribers(2).await;
            let worker = clinic.worker();
            let (app, by) = (&clinic.app, clinic.author);
            let send = async |is_signed: bool, from: &str| {
                let before = clinic.sink.messages().len();
                let id = clinic.approved_bulletin().await;
                send_bulletin::send_now(app, clinic.reviewer, id).await.unwrap();
                clinic.wait_for_state(id, BulletinState::Sent).await;
                let messages = clinic.sink.messages();
                for message in &messages[before..] {
                    let text = String::from_utf8_lossy(&message.bytes);
                    assert_eq!(text.starts_with("DKIM-Signature: v=1; a=ed25519-sha256"), is_signed, "{text}");
                    assert!(text.contains(from), "{text}");
                }
                assert_eq!(messages.len() - before, 2);
            };
            send(false, "From: ").await;
            let sender = SenderFields {
                from_name: "Hearts for GPs".to_owned(),
                from_address: "hearts@sample.example".to_owned(),
                reply_to: String::new(),
            };
            site_settings::set_sender(app, by, sender).await.unwrap();
            let key = site_settings::make_key(app, by, KeyKind::Ed25519).await.unwrap();
            assert_eq!(key.domain, "sample.example");
            site_settings::let_sign(app, by, key.selector).await.unwrap();
            send(true, "<hearts@sample.example>").await;
            worker.stop().await;
        }
    }
}
