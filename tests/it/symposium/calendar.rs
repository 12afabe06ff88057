//! Calendar files, read by a second implementation.

use serde_json::{Value, json};

use crate::app::TestApp;
use crate::both_databases::on_both_databases;
use crate::desk::with;
use crate::python;

use super::{Event, GIVE_UP, about, delivered, evening};

const GP: &str = "aroha@practice.example";

fn read(file: &[u8]) -> Option<Value> {
    let read = python::run_with(
        &python::ICALENDAR,
        include_str!("../../judge/read_calendar.py"),
        file,
    )?;
    let read: Value = serde_json::from_str(&read).unwrap();
    assert_eq!(read["defects"], json!([]));
    Some(read)
}

/// The calendar file of a message, decoded.
fn attached(raw: &[u8]) -> String {
    let message = String::from_utf8(raw.to_vec()).unwrap();
    let (_, part) = message
        .split_once("Content-Type: text/calendar")
        .expect("a calendar file");
    let (head, rest) = part.split_once("\r\n\r\n").unwrap();
    assert!(
        head.contains("filename=\"symposium.ics\"") && head.contains("quoted-printable"),
        "{head}"
    );
    let (body, end) = rest.split_once("\r\n--=_whole_practice-points--").unwrap();
    assert_eq!(end, "\r\n");
    let decoded = quoted_printable::decode(body, quoted_printable::ParseMode::Strict).unwrap();
    String::from_utf8(decoded).unwrap()
}

on_both_databases! {
    async fn the_events_file_tells_what_its_page_tells(app: TestApp) {
        let event = Event::publish(&app, &evening()).await;
        let answer = app.get(&format!("{}.ics", event.page())).await.expect(200);
        assert_eq!(answer.header("content-type"), "text/calendar; charset=utf-8; method=PUBLISH");
        assert!(answer.header("content-disposition").contains("tamaki.ics"));
        let Some(read) = read(answer.body.as_bytes()) else { return };
        assert_eq!(read["method"], "PUBLISH");
        assert_eq!(read["status"], "CONFIRMED");
        assert_eq!(read["sequence"], 0);
        assert_eq!(read["summary"], "Hearts in Practice: an evening for Tāmaki");
        assert_eq!(read["location"], "Ascot Hospital, Level 3, Remuera");
        assert_eq!(read["zone"], "Pacific/Auckland");
        assert_eq!(read["starts"], json!(["2027-04-06T06:30:00Z", "2027-04-06T06:30:00Z"]));
        assert_eq!(read["ends"], json!(["2027-04-06T08:30:00Z", "2027-04-06T08:30:00Z"]));
        assert!(read["url"].as_str().unwrap().ends_with(&event.page()));
    }

    async fn local_times_are_right_across_the_end_of_daylight_saving(app: TestApp) {
        let night = with(with(with(evening(), "starts", "2027-04-03T20:00"), "ends", "2027-04-04T02:30"), "programme", "20:00 Night shift");
        let event = Event::publish(&app, &night).await;
        let page = app.get(&event.page()).await.expect(200);
        assert!(page.text("main").contains("Saturday 3 April 2027, 8:00 pm to Sunday 4 April 2027, 2:30 am NZDT"));
        let file = app.get(&format!("{}.ics", event.page())).await.expect(200).body;
        if let Some(read) = read(file.as_bytes()) {
            assert_eq!(read["starts"], json!(["2027-04-03T07:00:00Z", "2027-04-03T07:00:00Z"]));
            assert_eq!(read["ends"], json!(["2027-04-03T13:30:00Z", "2027-04-03T13:30:00Z"]), "the first of the two 2:30");
        }
        event.save(&with(night, "ends", "2027-04-04T03:30")).await.expect(303);
        let file = app.get(&format!("{}.ics", event.page())).await.expect(200).body;
        if let Some(read) = read(file.as_bytes()) {
            assert_eq!(read["ends"], json!(["2027-04-03T15:30:00Z", "2027-04-03T15:30:00Z"]));
        }
        assert!(app.get(&event.page()).await.text("main").contains("8:00 pm NZDT to Sunday 4 April 2027, 3:30 am NZST"));
    }

    async fn a_change_raises_the_sequence_and_keeps_the_identifier(app: TestApp) {
        let event = Event::publish(&app, &evening()).await;
        event.newcomer(&app, GP).await;
        let messages = delivered(&app, GP).await;
        let first = attached(&about(&messages, "You have a place").raw);
        let on_page = app.get(&format!("{}.ics", event.page())).await.expect(200).body;
        assert_eq!(first, on_page, "the message brings what the page has");
        event.save(&with(evening(), "starts", "2027-04-06T18:00")).await.expect(303);
        event.publisher.post_form(&format!("{}/cancel", event.path), &[("confirm", "yes")]).await.expect(303);
        let last = app.get(&format!("{}.ics", event.page())).await.expect(200);
        assert!(last.header("content-type").ends_with("method=CANCEL"));
        let messages = delivered(&app, GP).await;
        assert_eq!(attached(&about(&messages, "Cancelled").raw), last.body);
        let (Some(first), Some(last)) = (read(first.as_bytes()), read(last.body.as_bytes())) else { return };
        assert_eq!(first["uid"], last["uid"]);
        assert_eq!((&first["sequence"], &last["sequence"]), (&json!(0), &json!(2)));
        assert_eq!((&last["method"], &last["status"]), (&json!("CANCEL"), &json!("CANCELLED")));
        assert_eq!(last["starts"][0], "2027-04-06T06:00:00Z");
    }

    async fn who_gives_up_a_place_gets_a_file_that_takes_the_event_out_until_they_come_back(app: TestApp) {
        let event = Event::publish(&app, &evening()).await;
        let registration = event.newcomer(&app, GP).await;
        let messages = delivered(&app, GP).await;
        let came = attached(&about(&messages, "You have a place").raw);
        app.app.clock.advance(std::time::Duration::from_secs(60));
        app.post_form(&format!("{registration}/cancel"), GIVE_UP).await.expect(303);
        let messages = delivered(&app, GP).await;
        let cancelled = about(&messages, "Your registration is cancelled: Hearts");
        assert!(String::from_utf8_lossy(&cancelled.raw).contains("text/calendar; method=CANCEL"));
        let left = attached(&cancelled.raw);
        let page = app.get(&format!("{}.ics", event.page())).await.expect(200);
        assert!(page.header("content-type").ends_with("method=PUBLISH"), "the event takes place");
        app.app.clock.advance(std::time::Duration::from_secs(60));
        event.register(&app, GP).await;
        let messages = delivered(&app, GP).await;
        let back = attached(&about(&messages, "You have a place").raw);
        event.publisher.post_form(&format!("{}/cancel", event.path), &[("confirm", "yes")]).await.expect(303);
        let messages = delivered(&app, GP).await;
        let off = attached(&about(&messages, "Cancelled").raw);
        let mut last = -1;
        let mut uids = Vec::new();
        for (file, method, status) in [(came, "PUBLISH", "CONFIRMED"), (left, "CANCEL", "CANCELLED"), (back, "PUBLISH", "CONFIRMED"), (off, "CANCEL", "CANCELLED")] {
            let Some(read) = read(file.as_bytes()) else { return };
            assert_eq!((&read["method"], &read["status"]), (&json!(method), &json!(status)));
            let sequence = read["sequence"].as_i64().unwrap();
            assert!(sequence > last, "{file}");
            last = sequence;
            uids.push(read["uid"].clone());
        }
        uids.dedup();
        assert_eq!(uids.len(), 1);
    }

    async fn hostile_texts_stay_texts(app: TestApp) {
        let hostile = with(
            with(evening(), "title", "Hearts, a\\b; END:VEVENT and <script> ā😀".to_owned() + &"ā".repeat(60)),
            "place",
            "Room 1; \"A\", \\ Level 3",
        );
        let event = Event::publish(&app, &hostile).await;
        let file = app.get(&format!("{}.ics", event.page())).await.expect(200).body;
        let Some(read) = read(file.as_bytes()) else { return };
        assert!(read["summary"].as_str().unwrap().starts_with("Hearts, a\\b; END:VEVENT and <script> ā😀ā"));
        assert_eq!(read["location"], "Room 1; \"A\", \\ Level 3");
    }
}
