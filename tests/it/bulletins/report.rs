//! The report after sending: numbers that add up, and the people behind each of them.

use std::time::Duration;

use practice_points::domain::email_address::EmailAddress;

use crate::app::{Answer, path_of};
use crate::both_databases::on_both_databases;
use crate::desk::Desk;

use super::mailing::{Mailing as TestApp, mailbox_full, out_of_office};

/// The numbers of the report, by their names.
fn numbers(page: &Answer) -> Vec<(String, String)> {
    let rows = scraper::Selector::parse("main tbody tr").unwrap();
    let (name, number) = (
        scraper::Selector::parse("th").unwrap(),
        scraper::Selector::parse("td.number").unwrap(),
    );
    let page = page.page();
    let found = page.select(&rows).filter_map(|row| {
        let name = row.select(&name).next()?.text().next()?.trim().to_owned();
        let number: String = row.select(&number).next()?.text().collect();
        Some((name, number.trim().to_owned()))
    });
    found.collect()
}

fn number(page: &Answer, name: &str) -> String {
    let all = numbers(page);
    let found = all.iter().find(|(one, _)| one == name);
    found
        .unwrap_or_else(|| panic!("no {name} in {all:?}"))
        .1
        .clone()
}

/// The addresses in a list, in its order.
fn addresses(page: &Answer) -> Vec<String> {
    let cells = scraper::Selector::parse("tbody td:nth-child(2)").unwrap();
    let page = page.page();
    page.select(&cells)
        .map(|cell| cell.text().collect::<String>().trim().to_owned())
        .collect()
}

on_both_databases! {
    async fn each_number_opens_the_list_of_exactly_its_people(here: TestApp) {
        let desk = Desk::open(&here.app).await;
        here.refuse("gp1@");
        // Whoever has confirmed can take a leaving back.
        here.app.subscribe("gp0@practice.example").await;
        let path = here.send(&desk, 8).await;
        let gone = here.app.unsubscribe_path("gp3@practice.example").await;
        here.app.post_form(&gone, &[]).await.expect(200);
        here.deliver(&desk, &path, 9).await;
        here.give_up("'gp2@practice.example'").await;
        here.comes_back("gp4@practice.example", mailbox_full("gp4@practice.example")).await;
        here.comes_back("gp5@practice.example", out_of_office("gp5@practice.example")).await;
        // The link in the message itself says by which bulletin somebody leaves.
        for (reader, comes_back) in [("gp6@practice.example", false), ("gp0@practice.example", true)] {
            let text = here.mail_to(reader).text;
            let link = text.lines().find(|line| line.contains("/u/")).unwrap();
            let leave = path_of(link.trim());
            here.app.post_form(&leave, &[]).await.expect(200);
            if comes_back {
                here.app.post_form(&format!("{leave}/undo"), &[]).await.expect(200);
            }
        }

        let report = format!("{path}/report");
        let page = desk.publisher.get(&report).await.expect(200);
        for (name, count, people) in [
            ("Accepted", "6", "045678"),
            ("Refused", "1", "1"),
            ("Skipped", "1", "3"),
            ("Given up", "1", "2"),
            ("Bounced later", "1", "4"),
            ("Complained", "0", ""),
            ("Answered automatically", "1", "5"),
            ("Left because of it", "1", "6"),
        ] {
            assert_eq!(number(&page, name), count, "{name}");
            let list = page.attribute(&format!("a[aria-label^='{name}:']"), "href");
            let list = desk.publisher.get(&list).await.expect(200);
            let expected: Vec<String> = people.chars().map(|n| format!("gp{n}@practice.example")).collect();
            assert_eq!(addresses(&list), expected, "{name}");
            if count == "0" {
                continue;
            }
            let file = list.attribute("a[download]", "href");
            let file = desk.publisher.get(&file).await.expect(200);
            assert_eq!(file.header("content-type"), "text/csv; charset=utf-8");
            let lines: Vec<&str> = file.body.lines().skip(1).collect();
            assert_eq!(lines.len(), expected.len(), "{}", file.body);
            assert!(lines.iter().zip(&expected).all(|(line, address)| line.starts_with(address)), "{}", file.body);
        }
        assert!(page.text("main").contains("66.7 %"), "the share of the accepted");
        let bounced = desk.publisher.get(&format!("{path}/deliveries?state=bounced")).await;
        assert!(bounced.text("tbody").contains("Mailbox full (5.2.2)"), "{}", bounced.text("tbody"));
        assert_eq!(here.app.count("audit_event WHERE action = 'bulletin.export'").await, 7);
        let linked = desk.publisher.get(&path).await;
        assert_eq!(linked.attribute(&format!("a[href='{report}']"), "href"), report);
        let listed = desk.author.get("/staff/bulletins").await;
        assert_eq!(listed.attribute(&format!("a[href='{report}']"), "href"), report);
    }

    async fn whoever_may_not_see_people_sees_the_numbers(here: TestApp) {
        let desk = Desk::open(&here.app).await;
        let path = here.send(&desk, 2).await;
        let report = format!("{path}/report");
        let early = desk.author.get(&report).await.expect(200);
        assert_eq!((number(&early, "Waiting"), number(&early, "Accepted")), ("2".into(), "0".into()));
        here.deliver(&desk, &path, 2).await;
        for who in [&desk.author, &desk.reviewer] {
            let page = who.get(&report).await.expect(200);
            assert_eq!(number(&page, "Accepted"), "2");
            assert_eq!(page.attribute("main a[href*='deliveries']", "href"), "");
            assert!(!page.body.contains("@practice.example"));
            who.get(&format!("{path}/deliveries.csv")).await.expect(403);
            who.get(&format!("{path}/deliveries?state=bounced")).await.expect(403);
            who.get(&format!("{path}/send-again")).await.expect(403);
        }
        let draft = desk.assemble("Not sent", &["news"]).await;
        let none = desk.author.get(&format!("{draft}/report")).await.expect(409);
        assert!(none.text("main").contains("nothing to report"));
    }

    async fn the_picture_tells_when_it_went_and_so_does_its_table(here: TestApp) {
        let desk = Desk::open(&here.app).await;
        here.refuse("gp1@");
        let path = here.send(&desk, 3).await;
        here.app.app.clock.advance(Duration::from_secs(90));
        here.deliver(&desk, &path, 3).await;
        let page = desk.author.get(&format!("{path}/report")).await.expect(200);
        let description = page.text("#sending-wide-words");
        assert!(description.starts_with("2 were accepted from 23 November 2026, 10:00 am"), "{description}");
        assert!(!page.attribute(".time-chart path.bars", "d").is_empty());
        let rows = scraper::Selector::parse("figure tbody tr").unwrap();
        let rows: Vec<String> = page.page().select(&rows).map(|row| {
            row.text().collect::<Vec<_>>().join(" ").split_whitespace().collect::<Vec<_>>().join(" ")
        }).collect();
        assert_eq!(rows.first().unwrap(), "10:00:00 am 0 0 0");
        assert_eq!(rows.last().unwrap(), "10:01:30 am 2 0 1");
    }

    async fn a_file_of_people_holds_no_formula(here: TestApp) {
        let desk = Desk::open(&here.app).await;
        let path = here.send(&desk, 1).await;
        here.deliver(&desk, &path, 1).await;
        here.execute("UPDATE subscriber SET name = '=HYPERLINK(1)'").await;
        here.execute("UPDATE delivery SET reply = '@SUM(1)', recipient = '+64@practice.example'").await;
        let file = desk.publisher.get(&format!("{path}/deliveries.csv")).await.expect(200);
        let row = file.body.lines().nth(1).unwrap();
        assert!(row.starts_with("'+64@practice.example,'=HYPERLINK(1),accepted,"), "{row}");
        assert!(row.contains(",'@SUM(1),"), "{row}");
        assert!(file.header("content-disposition").starts_with("attachment"));
    }

    async fn a_link_from_an_older_message_lets_people_leave_too(here: TestApp) {
        let email = EmailAddress::parse("old@practice.example").unwrap();
        let subscriber = here.app.subscribe(email.as_str()).await;
        let token = here.app.app.unsubscribe_token(subscriber.id);
        let path = path_of(&here.app.app.unsubscribe_url(&token));
        here.app.post_form(&path, &[]).await.expect(200);
        assert_eq!(here.app.subscriber(email.as_str()).await.status.as_str(), "unsubscribed");
        let theirs = "consent_event WHERE kind = 'unsubscribed' AND bulletin_id IS NULL";
        assert_eq!(here.app.count(theirs).await, 1);
    }
}
