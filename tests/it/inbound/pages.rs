//! What staff see of it.

use practice_points::domain::inbound::Way;
use practice_points::domain::staff_member::StaffRole;

use crate::both_databases::on_both_databases;

use super::Returning as TestApp;

const GP: &str = "gp@practice.example";

on_both_databases! {
    async fn what_is_not_understood_waits_as_text_until_somebody_has_dealt_with_it(here: TestApp) {
        here.app.subscribe(GP).await;
        let staff = here.app.other_browser();
        staff.sign_in_as(StaffRole::Publisher).await;
        assert!(staff.get("/staff/inbound").await.expect(200).text("main").contains("Nothing to look at"));
        here.take_in("reply-question", GP).await;
        let evil = b"From: x@evil.example\nSubject: <script>alert(1)</script>\n\n<img src=x onerror=alert(1)>\x1b[31m\0 \xe2\x80\xae";
        here.take_in_by(Way::Lmtp, evil.to_vec()).await;
        here.take_in("auto-out-of-office", GP).await;

        assert!(staff.get("/staff").await.expect(200).text("main").contains("2 messages came back that a person"));
        let list = staff.get("/staff/inbound").await.expect(200);
        assert!(list.text("main").contains("Does this hold") || list.text("main").contains("Re: Calcium scores"));
        let url = list.attribute("main tbody a", "href");
        let page = staff.get(&url).await.expect(200);
        assert_eq!(page.text("h1"), "<script>alert(1)</script>");
        assert!(!page.body.contains("<script>alert") && !page.body.contains("<img src=x"), "shown as text");
        assert!(page.text("pre").contains("<img src=x onerror=alert(1)>\u{fffd}[31m\u{fffd} \u{fffd}"), "{}", page.text("pre"));
        staff.post_form(&format!("{url}/handled"), &[]).await.expect(303);
        staff.post_form(&format!("{url}/handled"), &[]).await.expect(303);
        assert!(staff.get(&url).await.text("main").contains("Dealt with"));
        assert!(staff.get("/staff").await.text("main").contains("1 message came back that a person"));
        let (open, kept) = (staff.get("/staff/inbound").await, staff.get("/staff/inbound?view=kept").await);
        assert!(!open.text("main").contains("alert(1)") && kept.text("main").contains("alert(1)"));
        staff.get("/staff/inbound/999").await.expect(404);
        staff.post_form("/staff/inbound/999/handled", &[]).await.expect(404);
    }

    async fn refusals_for_what_we_are_raise_an_alarm_and_suspend_nobody(here: TestApp) {
        here.app.subscribe(GP).await;
        let staff = here.app.other_browser();
        staff.sign_in_as(StaffRole::Publisher).await;
        here.take_in("gmail-unauthenticated", GP).await;
        let overview = staff.get("/staff").await.expect(200).text("main");
        assert!(overview.contains("Our mail is being refused") && overview.contains("the sender is unauthenticated"), "{overview}");
        let alarms = staff.get("/staff/inbound?view=alarms").await.expect(200).text("main");
        assert!(alarms.contains("Refused by policy") && alarms.contains("5.7.26"), "{alarms}");
        let status = here.status(GP).await;
        assert_eq!(status.as_str(), "active");
        let week = std::time::Duration::from_secs(8 * 24 * 60 * 60);
        here.app.app.clock.advance(week);
        staff.sign_in("publisher@clinic.example", crate::app::PASSWORD).await;
        let overview = staff.get("/staff").await.expect(200).text("main");
        assert!(!overview.contains("Our mail is being refused"), "a week later nobody is told of it any more");
    }
}
