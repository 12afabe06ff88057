//! The first page for staff: what it counts, what waits for whom, and what a new clinic does first.

use std::time::Duration;

use practice_points::app::overview::growth;
use practice_points::domain::staff_member::StaffRole;

use crate::app::TestApp;
use crate::both_databases::on_both_databases;
use crate::desk::{Desk, guidance, post};

/// The newest row of the table of growth: joined, left, net, active.
async fn newest(staff: &TestApp, by: &str) -> [String; 4] {
    let page = staff.get(&format!("/staff?by={by}")).await.expect(200);
    let cell = |place: usize| {
        page.text(&format!(
            "[aria-label=Growth] tbody tr:first-child td:nth-child({place})"
        ))
    };
    [cell(2), cell(3), cell(4), cell(5)]
}

on_both_databases! {
    async fn growth_counts_who_came_and_who_left_once_before_and_after_it_is_added_up(app: TestApp) {
        let staff = app.other_browser();
        staff.sign_in_as(StaffRole::Publisher).await;
        assert!(staff.get("/staff").await.expect(200).text("main").contains("Nobody has joined yet"));
        for email in ["one@practice.example", "two@practice.example", "three@practice.example"] {
            app.subscribe(email).await;
        }
        app.sign_up("pending@practice.example").await.expect(303);
        let leave = app.unsubscribe_path("one@practice.example").await;
        for _ in 0..2 {
            app.post_form(&leave, &[]).await.expect(200);
        }
        assert_eq!(newest(&staff, "week").await, ["3", "1", "+2", "2"]);
        growth::add_up(&app.app).await.unwrap();
        assert_eq!(app.count("growth_day").await, 0, "what is young waits");
        app.app.clock.advance(Duration::from_secs(3_600));
        for _ in 0..2 {
            growth::add_up(&app.app).await.unwrap();
        }
        assert_eq!(app.count("growth_day").await, 1);
        assert_eq!(newest(&staff, "week").await, ["3", "1", "+2", "2"]);
        // Coming back is coming; and a month later the week has gone by.
        app.post_form(&format!("{leave}/undo"), &[]).await.expect(200);
        assert_eq!(newest(&staff, "month").await, ["4", "1", "+3", "3"]);
        app.app.clock.advance(Duration::from_secs(40 * 86_400));
        growth::add_up(&app.app).await.unwrap();
        let later = app.other_browser();
        later.sign_in("publisher@clinic.example", crate::app::PASSWORD).await.expect(303);
        assert_eq!(newest(&later, "month").await, ["0", "0", "0", "3"]);
        let page = later.get("/staff").await.expect(200);
        assert!(page.text("main").contains("In the last year people came onto the list 4 times and went off it once, suspensions and returns included: 3 are on it now."));
        assert_eq!(page.page().select(&scraper::Selector::parse("svg.chart[role=img] > title").unwrap()).count(), 6);
        assert!(page.text(".charts ~ details:nth-of-type(2) table").contains("Calcium score"), "{}", page.text(".charts ~ details:nth-of-type(2) table"));
        // A year in which nothing happens is drawn too.
        app.app.clock.advance(Duration::from_secs(430 * 86_400));
        let later = app.other_browser();
        later.sign_in("publisher@clinic.example", crate::app::PASSWORD).await.expect(303);
        let main = later.get("/staff").await.expect(200).text("main");
        assert!(main.contains("3 are on it now.") && !main.contains("Nobody has joined"), "{main}");
    }

    async fn what_waits_is_for_who_may_do_it_and_never_their_own(app: TestApp) {
        let desk = Desk::open(&app).await;
        let path = desk.write("A draft of mine").await;
        let shown = async |who: &TestApp| who.get("/staff").await.expect(200).text("main");
        let author = shown(&desk.author).await;
        assert!(author.contains("Your drafts") && author.contains("A draft of mine"), "{author}");
        assert!(!shown(&desk.reviewer).await.contains("A draft of mine"));
        desk.author.post_form(&format!("{path}/submit"), &[]).await.expect(303);
        assert!(shown(&desk.reviewer).await.contains("Articles to review"));
        assert!(!shown(&desk.author).await.contains("Articles to review"));

        // A reviewer's own text waits for another.
        let own = post(&desk.reviewer, "/staff/articles", &guidance("The reviewer’s own")).await.expect(303);
        desk.reviewer.post_form(&format!("{}/submit", own.location()), &[]).await.expect(303);
        assert!(!shown(&desk.reviewer).await.contains("The reviewer’s own"));
        assert!(shown(&desk.publisher).await.contains("The reviewer’s own"));

        let page = desk.reviewer.get(&path).await.expect(200);
        let version = page.attribute("form[action$='/approve'] input[name=version]", "value");
        desk.reviewer.post_form(&format!("{path}/approve"), &[("version", &version)]).await.expect(303);
        let publisher = shown(&desk.publisher).await;
        assert!(publisher.contains("Approved, to be published") && publisher.contains("A draft of mine"), "{publisher}");
        assert!(!shown(&desk.reviewer).await.contains("Approved, to be published"));
        desk.publisher.post_form(&format!("{path}/publish"), &[]).await.expect(303);
        assert!(!shown(&desk.author).await.contains("Review dates"));
        app.app.clock.advance(Duration::from_secs(720 * 86_400));
        desk.author.sign_in("author@clinic.example", crate::app::PASSWORD).await.expect(303);
        let late = shown(&desk.author).await;
        assert!(late.contains("Review dates") && late.contains("Due 23 November 2028"), "{late}");
        app.app.clock.advance(Duration::from_secs(20 * 86_400));
        desk.author.sign_in("author@clinic.example", crate::app::PASSWORD).await.expect(303);
        assert!(shown(&desk.author).await.contains("Passed"));
    }

    async fn a_new_clinic_is_told_its_first_steps_until_a_bulletin_is_sent(app: TestApp) {
        let owner = app.other_browser();
        owner.sign_in_as(StaffRole::Owner).await;
        let steps = async || owner.get("/staff").await.expect(200).text(".first-steps");
        assert!(steps().await.contains("0 of 6 done"), "{}", steps().await);
        let clinic = [("name", "Sample Heart Clinic"), ("street", "1 Sample Street"), ("postal", "PO Box 1"), ("email", "a@sample.example")];
        owner.post_form("/staff/settings/clinic", &clinic).await.expect(303);
        assert!(steps().await.contains("1 of 6 done"));
        let desk = Desk::open(&app).await;
        assert!(steps().await.contains("2 of 6 done"), "colleagues are there");
        assert!(!desk.publisher.get("/staff").await.expect(200).body.contains("first-steps"), "they are the owner’s");
        desk.publish("The first").await;
        assert!(steps().await.contains("3 of 6 done"));
    }
}
