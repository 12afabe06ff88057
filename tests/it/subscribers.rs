//! Staff keep the list.

use practice_points::domain::staff_member::StaffRole;
use practice_points::domain::subscriber::SubscriberStatus;
use reqwest::Method;
use reqwest::multipart::{Form, Part};

use crate::app::{Answer, PASSWORD, TestApp};
use crate::both_databases::on_both_databases;

const GP: &str = "aroha@practice.example";

const PERSON: [(&str, &str); 6] = [
    ("email", "hemi@practice.example"),
    ("name", "Hēmi Sample"),
    ("topics", "news"),
    ("consent_basis", "express"),
    (
        "consent_note",
        "Paper form of 20 November,\r\nin the blue folder",
    ),
    ("practice", "Māngere Sample Practice"),
];

async fn upload(app: &TestApp, file: &[u8], mode: &str) -> Answer {
    let file = Part::bytes(file.to_vec())
        .file_name("gps.csv")
        .mime_str("text/csv")
        .unwrap();
    let form = Form::new()
        .part("file", file)
        .text("source", "registrations for the autumn symposium")
        .text("topics", "news")
        .text("topics", "symposium")
        .text("consent_basis", "inferred")
        .text("consent_note", "They came to the symposium")
        .text("notify", "yes")
        .text("mode", mode.to_owned());
    let request = app
        .request(Method::POST, "/staff/subscribers/import")
        .header("Sec-Fetch-Site", "same-origin")
        .multipart(form);
    app.send(request).await
}

fn rows(page: &Answer) -> usize {
    page.page()
        .select(&scraper::Selector::parse("tbody tr").unwrap())
        .count()
}

const FILE: &str = "email,name,practice,region,role\n\
    mere@practice.example,Mere Sample,\"Sample, Tāmaki\",northern,gp\n\
    no address,Somebody,,,\n\
    rangi@practice.example,Rangi Sample,,atlantis,\n\
    MERE@practice.example,Mere again,,,\n\
    wiremu@practice.example,Wiremu Sample,,,\n";

on_both_databases! {
    async fn the_list_is_searched_and_filtered(app: TestApp) {
        app.sign_in_as(StaffRole::Publisher).await;
        app.subscribe(GP).await;
        app.post_form("/staff/subscribers", &PERSON).await.expect(303);
        app.sign_up("pending@practice.example").await.expect(303);
        let cases = [
            ("", 3), ("q=HEMI", 1), ("q=mangere", 1), ("q=practice.example", 3), ("q=100%25", 0),
            ("status=active", 2), ("status=pending", 1), ("topic=calcium-score", 1), ("topic=news&q=hemi", 1),
            ("region=northern", 0), ("status=nonsense", 3), ("page=5", 3),
        ];
        for (query, expected) in cases {
            let page = app.get(&format!("/staff/subscribers?{query}")).await.expect(200);
            assert_eq!(rows(&page), expected, "{query}");
        }
        let page = app.get("/staff/subscribers?q=hemi&status=active").await;
        assert_eq!(page.attribute("#q", "value"), "hemi");
        let export = page.attribute("a[href*='export.csv']", "href");
        assert_eq!(export, "/staff/subscribers/export.csv?q=hemi&status=active");
    }

    async fn a_person_is_found_by_the_domain_as_they_write_it(app: TestApp) {
        app.sign_in_as(StaffRole::Publisher).await;
        let person = [
            ("email", "hemi@tepūkenga.example"), ("name", "Hēmi Sample"), ("topics", "news"),
            ("consent_basis", "express"), ("consent_note", "By phone"),
        ];
        let added = app.post_form("/staff/subscribers", &person).await.expect(303).location().to_owned();
        assert_eq!(app.subscriber("hemi@tepūkenga.example").await.email, "hemi@xn--tepkenga-szb.example");
        for query in ["tep%C5%ABkenga", "tepukenga", "xn--tepkenga-szb"] {
            let page = app.get(&format!("/staff/subscribers?q={query}")).await.expect(200);
            assert!(page.text("tbody").contains("hemi@tepūkenga.example"), "{query}");
        }
        assert!(app.get(&added).await.text(".facts").contains("hemi@tepūkenga.example"));
        let form = app.get(&format!("{added}/edit")).await.expect(200);
        assert_eq!(form.attribute("#email", "value"), "hemi@tepūkenga.example");
    }

    async fn a_person_without_a_name_can_be_opened(app: TestApp) {
        app.sign_in_as(StaffRole::Publisher).await;
        upload(&app, b"email\nnameless@practice.example\n", "commit").await.expect(303);
        let list = app.get("/staff/subscribers").await.expect(200);
        assert_eq!(list.text("#many tbody a"), "No name");
        let page = app.get(&list.attribute("tbody a", "href")).await.expect(200);
        assert!(page.text("h1").contains("nameless@practice.example"));
    }

    async fn a_correction_does_not_change_since_when_somebody_is_on_the_list(app: TestApp) {
        app.sign_in_as(StaffRole::Publisher).await;
        let id = app.subscribe(GP).await.id;
        app.app.clock.advance(std::time::Duration::from_secs(60 * 60 * 24 * 3));
        app.sign_in("publisher@clinic.example", PASSWORD).await.expect(303);
        let form = [("email", GP), ("name", "Āroha Sample-Tau"), ("topics", "symposium")];
        app.post_form(&format!("/staff/subscribers/{id}"), &form).await.expect(303);
        let facts = app.get(&format!("/staff/subscribers/{id}")).await.text(".facts");
        assert!(facts.contains("Active since 23 November 2026"), "{facts}");
    }

    async fn a_person_is_added_with_the_ground_on_record(app: TestApp) {
        app.sign_in_as(StaffRole::Publisher).await;
        let answer = app.post_form("/staff/subscribers", &PERSON).await.expect(303);
        let page = app.get(answer.location()).await.expect(200);
        assert!(page.text("h1").contains("Hēmi Sample"));
        let history = page.text("tbody");
        assert!(history.contains("Added by staff") && history.contains("in the blue folder"), "{history}");
        assert!(history.contains("Sample Publisher"));
        let again = app.post_form("/staff/subscribers", &PERSON).await.expect(422);
        assert!(again.text("#email-error").contains("on the list already"));
        let nothing = app.post_form("/staff/subscribers", &[("email", "x@practice.example")]).await.expect(422);
        for field in ["name", "topics", "consent_basis", "consent_note"] {
            assert!(!nothing.text(&format!("#{field}-error")).is_empty(), "{field}");
        }
    }

    async fn a_record_is_corrected(app: TestApp) {
        app.sign_in_as(StaffRole::Publisher).await;
        let id = app.subscribe(GP).await.id;
        let page = app.get(&format!("/staff/subscribers/{id}/edit")).await.expect(200);
        assert_eq!(page.attribute("#email", "value"), GP);
        let form = [("email", "new@practice.example"), ("name", "Āroha Sample-Tau"), ("topics", "symposium")];
        app.post_form(&format!("/staff/subscribers/{id}"), &form).await.expect(303);
        let subscriber = app.subscriber("new@practice.example").await;
        assert_eq!((subscriber.id, subscriber.name.as_str()), (id, "Āroha Sample-Tau"));
        app.subscribe("other@practice.example").await;
        let taken = [("email", "other@practice.example"), ("name", "A Sample"), ("topics", "news")];
        let page = app.post_form(&format!("/staff/subscribers/{id}"), &taken).await.expect(422);
        assert!(!page.text("#email-error").is_empty());
    }

    async fn people_are_suspended_reinstated_unsubscribed_and_erased(app: TestApp) {
        app.sign_in_as(StaffRole::Publisher).await;
        let id = app.subscribe(GP).await.id;
        let act = |action: &'static str, form: Vec<(&'static str, &'static str)>| {
            let (app, path) = (&app, format!("/staff/subscribers/{id}/{action}"));
            async move { app.post_form(&path, &form).await }
        };
        assert!(!act("suspend", vec![]).await.expect(422).text("#reason-error").is_empty());
        act("suspend", vec![("reason", "Wrong person")]).await.expect(303);
        assert_eq!(app.subscriber(GP).await.status, SubscriberStatus::Suspended);
        act("suspend", vec![("reason", "Again")]).await.expect(409);
        act("reinstate", vec![]).await.expect(303);
        assert_eq!(app.subscriber(GP).await.status, SubscriberStatus::Active);
        act("unsubscribe", vec![]).await.expect(303);
        assert_eq!(app.subscriber(GP).await.status, SubscriberStatus::Unsubscribed);
        let page = app.get(&format!("/staff/subscribers/{id}")).await.expect(200);
        assert!(page.text("section[aria-labelledby=change-heading]").contains("only they can come back, by signing up"));
        let consent = page.text("section[aria-labelledby=consent-heading]");
        assert!(!consent.contains("calcium-score") && consent.to_lowercase().contains("calcium score"), "{consent}");
        let data = app.get(&format!("/staff/subscribers/{id}/data.json")).await.expect(200);
        assert!(data.body.contains(GP));
        act("erase", vec![]).await.expect(422);
        act("erase", vec![("confirm", "yes")]).await.expect(303);
        app.get(&format!("/staff/subscribers/{id}")).await.expect(404);
        app.get(&format!("/staff/subscribers/{id}/edit")).await.expect(404);
        let person = [("email", GP), ("name", "A Sample"), ("topics", "news"), ("consent_basis", "express"), ("consent_note", "x")];
        let page = app.post_form("/staff/subscribers", &person).await.expect(422);
        assert!(page.text("#email-error").contains("asked to be erased"));
    }

    async fn a_file_is_checked_first_and_then_taken_over_once(app: TestApp) {
        app.sign_in_as(StaffRole::Publisher).await;
        let report = upload(&app, FILE.as_bytes(), "dry-run").await.expect(303).location().to_owned();
        let page = app.get(&report).await.expect(200);
        assert!(page.text("main").contains("Nothing has been changed"));
        let refused = page.text("#refused tbody");
        for line in ["3 ", "4 ", "5 "] {
            assert!(refused.contains(line), "{refused}");
        }
        assert_eq!(app.count("subscriber").await, 0);

        app.post_form(&report, &[]).await.expect(303);
        assert_eq!(app.count("subscriber").await, 2);
        let mere = app.subscriber("mere@practice.example").await;
        assert_eq!(mere.practice.as_deref(), Some("Sample, Tāmaki"));
        assert_eq!(mere.source, "registrations for the autumn symposium");
        assert_eq!(app.notice_kinds("mere@practice.example").await, ["import-notice"]);
        app.post_form(&report, &[]).await.expect(409);
        assert_eq!(app.count("subscriber").await, 2);
        assert!(!app.get(&report).await.text("main").contains("Nothing has been changed"));
    }

    async fn refused_lines_are_downloaded_with_number_and_reason(app: TestApp) {
        app.sign_in_as(StaffRole::Publisher).await;
        let report = upload(&app, FILE.as_bytes(), "commit").await.expect(303).location().to_owned();
        assert_eq!(app.count("subscriber").await, 2);
        let file = app.get(&format!("{report}/refused.csv")).await.expect(200);
        let lines: Vec<&str> = file.body.lines().collect();
        assert_eq!(lines.len(), 4, "{lines:?}");
        assert!(lines[1].starts_with("3,") && lines[2].starts_with("4,") && lines[3].starts_with("5,"), "{lines:?}");
        assert!(file.header("content-disposition").contains("attachment"));
        assert_eq!(lines[0], "line,reason,email,name,practice,region,role");
        assert!(lines[2].ends_with(",rangi@practice.example,Rangi Sample,,atlantis,"), "{lines:?}");

        // Mended in it, and brought again: its first two columns are left out.
        let mended = file.body.replace("atlantis", "northern").replace("no address", "one@practice.example");
        let again = upload(&app, mended.as_bytes(), "commit").await.expect(303).location().to_owned();
        assert_eq!(app.subscriber("one@practice.example").await.name, "Somebody");
        assert_eq!(app.count("subscriber").await, 4);
        let still = app.get(&format!("{again}/refused.csv")).await.expect(200);
        assert_eq!(still.body.lines().count(), 1, "{}", still.body);

        // Who is erased leaves no cell behind.
        let mere = app.subscriber("mere@practice.example").await.id;
        app.post_form(&format!("/staff/subscribers/{mere}/erase"), &[("confirm", "yes")]).await.expect(303);
        let after = app.get(&format!("{report}/refused.csv")).await.expect(200);
        assert!(after.body.contains("Rangi") && !after.body.contains("Mere"), "{}", after.body);
    }

    async fn a_file_that_is_no_list_is_refused_beside_its_field(app: TestApp) {
        app.sign_in_as(StaffRole::Publisher).await;
        let files: [&[u8]; 5] = [b"", b"name\nSomebody\n", b"\xFF\xFEe\0m\0", b"\xFF\xFE\xFD,x\n", b"name,practice\na,b\n"];
        for file in files {
            let page = upload(&app, file, "commit").await.expect(422);
            assert!(!page.text("#file-error").is_empty(), "{file:?}");
            assert_eq!(page.attribute("#source", "value"), "registrations for the autumn symposium");
        }
        let form = Form::new().part("file", Part::bytes(FILE.as_bytes().to_vec()).file_name("gps.csv"));
        let request = app
            .request(Method::POST, "/staff/subscribers/import")
            .header("Sec-Fetch-Site", "same-origin")
            .multipart(form);
        let page = app.send(request).await.expect(422);
        assert!(page.text("#file-error").contains("choose the file again"));

        let long = format!("email,name\n\"{}", "a".repeat(10 << 20));
        let answer = upload(&app, long.as_bytes(), "commit").await;
        assert!(matches!(answer.status.as_u16(), 303 | 422), "{}", answer.status);
        assert_eq!(app.count("subscriber").await, 0);
        let answer = upload(&app, &vec![b'a'; 21 << 20], "commit").await.expect(413);
        assert!(answer.text("main").contains("20 MB"));
    }

    async fn a_form_that_is_no_upload_is_refused(app: TestApp) {
        app.sign_in_as(StaffRole::Publisher).await;
        app.post_form("/staff/subscribers/import", &[("source", "x")]).await.expect(415);
        let request = app
            .request(Method::POST, "/staff/subscribers/import")
            .header("Sec-Fetch-Site", "same-origin")
            .header("Content-Type", "multipart/form-data; boundary=b")
            .body("--b\r\nContent-Disposition: form-data; name=\"file\"\r\n\r\nhalf");
        app.send(request).await.expect(400);
    }

    async fn an_export_makes_formulas_harmless_and_is_noted(app: TestApp) {
        app.sign_in_as(StaffRole::Owner).await;
        let mut person = PERSON;
        person[5].1 = "=HYPERLINK(1)";
        app.post_form("/staff/subscribers", &person).await.expect(303);
        app.subscribe(GP).await;
        let file = app.get("/staff/subscribers/export.csv").await.expect(200);
        assert!(file.header("content-type").starts_with("text/csv"));
        assert!(file.header("content-disposition").contains("subscribers.csv"));
        assert_eq!(file.body.lines().count(), 3);
        assert!(file.body.contains(",'=HYPERLINK(1),"), "{}", file.body);
        assert!(app.get("/staff/audit").await.text("tbody").contains("Exported subscribers: 2 people"));
        let one = app.get("/staff/subscribers/export.csv?q=hemi").await.expect(200);
        assert_eq!(one.body.lines().count(), 2);
    }
}
