//! The built-in mailbox, which keeps messages while no mail server is set.

use std::time::Duration;

use practice_points::domain::staff_member::StaffRole;
use practice_points::worker::Worker;

use crate::app::{TestApp, path_of};
use crate::both_databases::{Database, on_both_databases};
use crate::symposium::{Event, delivered, evening};

const GP: &str = "aroha@practice.example";

/// Waits until the mailbox holds a message to the GP, and returns its page's path.
async fn first_message(app: &TestApp) -> String {
    let waiting = async {
        loop {
            let page = app.get("/staff/mailbox").await.expect(200);
            let found = page.attribute("tbody a", "href");
            if !found.is_empty() {
                return found;
            }
            app.app.wake.notify_one();
            tokio::time::sleep(Duration::from_millis(10)).await;
        }
    };
    tokio::time::timeout(Duration::from_secs(30), waiting)
        .await
        .expect("no message came")
}

on_both_databases! {
    async fn a_confirmation_is_read_in_all_its_forms_and_its_link_works(app: TestApp) {
        app.sign_in_as(StaffRole::Publisher).await;
        assert!(app.get("/staff/mailbox").await.expect(200).text(".empty").contains("No messages"));
        app.sign_up(GP).await.expect(303);
        let worker = Worker::start(&app.app).unwrap();
        let message = first_message(&app).await;
        worker.stop().await;

        let page = app.get(&message).await.expect(200);
        assert!(page.text(".facts").contains(GP));
        assert_eq!(page.attribute("iframe", "src"), format!("{message}/html"));
        assert_eq!(page.attribute("iframe + p a", "href"), format!("{message}/html"));
        let html = app.get(&format!("{message}/html")).await.expect(200);
        let policy = html.header("content-security-policy");
        assert!(policy.starts_with("default-src 'none'") && policy.contains("sandbox"), "{policy}");
        assert!(html.body.contains("<html"));
        // Its links work out of the frame.
        let sandbox = page.attribute("iframe", "sandbox");
        assert_eq!(sandbox, "allow-popups allow-popups-to-escape-sandbox");
        assert!(policy.ends_with(&format!("sandbox {sandbox}")), "{policy}");
        assert_eq!(html.attribute("head base", "target"), "_blank");
        assert_eq!(html.attribute("a[href*='/confirm/'][target]", "target"), "_blank", "that of its button");
        let text = app.get(&format!("{message}?view=text")).await.text("pre");
        assert!(text.contains("/confirm/"), "{text}");
        let headers = app.get(&format!("{message}?view=headers")).await.text("tbody");
        assert!(headers.contains("Message-ID"), "{headers}");
        let raw = app.get(&format!("{message}?view=raw")).await.text("pre");
        assert!(raw.contains("Content-Type: multipart/alternative"), "{raw}");

        let link = page.attribute(".links a[href*='/confirm/']", "href");
        app.post_form(&path_of(&link), &[]).await.expect(200);
    }

    async fn what_a_message_carries_is_saved_by_its_name(app: TestApp) {
        let event = Event::publish(&app, &evening()).await;
        event.newcomer(&app, GP).await;
        delivered(&app, GP).await;
        let list = event.publisher.get("/staff/mailbox").await.expect(200);
        let found = event.publisher.get("/staff/mailbox?q=aroha+PLACE").await.expect(200).text("tbody");
        assert!(found.contains("place") && !found.contains('<') && found.contains(GP), "{found}");
        let none = event.publisher.get("/staff/mailbox?q=walrus").await.expect(200);
        assert!(none.text(".empty").contains("Nothing matches"));
        // Messages of the same moment have no order.
        let subject = |number: usize| list.text(&format!("tbody tr:nth-child({number}) a"));
        let number = (1..=2).find(|number| subject(*number).contains("place")).expect("a message about the place");
        let message = list.attribute(&format!("tbody tr:nth-child({number}) a"), "href");
        let page = event.publisher.get(&message).await.expect(200);
        assert!(page.text("#files-heading + .links").contains("symposium.ics"), "{}", page.text("main"));
        let file = event.publisher.get(&page.attribute("#files-heading + .links a", "href")).await.expect(200);
        assert_eq!(file.header("content-disposition"), "attachment; filename=\"symposium.ics\"");
        assert!(file.body.starts_with("BEGIN:VCALENDAR"), "{}", file.body);
        event.publisher.get(&format!("{message}/files/1")).await.expect(404);
        app.get(&format!("{message}/files/0")).await.expect(303);

        let person = event.publisher.get(&format!("/staff/subscribers/{}", app.subscriber(GP).await.id)).await.expect(200);
        let row = person.text("[aria-label='Symposia, table'] tbody");
        assert!(row.contains("an evening for Tāmaki") && row.contains("6 April 2027"), "{row}");
    }

    async fn it_is_for_publishers_only_for_it_holds_peoples_links(app: TestApp) {
        app.get("/staff/mailbox").await.expect(303);
        app.sign_in_as(StaffRole::Reviewer).await;
        app.get("/staff/mailbox").await.expect(403);
        let name = format!("/staff/mailbox/{:015}-{:032x}", 1, 1);
        app.get(&name).await.expect(403);
        app.get(&format!("{name}/html")).await.expect(403);
    }

    async fn a_name_that_is_no_messages_is_not_found(app: TestApp) {
        app.sign_in_as(StaffRole::Publisher).await;
        let unknown = format!("{:015}-{:032x}", 1, 1);
        for name in [unknown.as_str(), "x", "..%2f..%2fpractice-points.sqlite"] {
            app.get(&format!("/staff/mailbox/{name}")).await.expect(404);
            app.get(&format!("/staff/mailbox/{name}/html")).await.expect(404);
        }
        app.get("/staff/mailbox?before=nonsense").await.expect(200);
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn with_a_mail_server_there_is_no_mailbox_and_the_page_says_so() {
    let settings = [
        ("smtp_url", "smtp://127.0.0.1:2525?tls=none"),
        ("mail_from", "Sample Clinic <news@clinic.example>"),
    ];
    let app =
        TestApp::start_with(Database::Sqlite, "http://points.clinic.example", &settings).await;
    let staff = app
        .add_staff("publisher@clinic.example", StaffRole::Publisher)
        .await;
    assert!(staff.0 > 0);
    app.sign_in("publisher@clinic.example", crate::app::PASSWORD)
        .await
        .expect(303);
    let page = app.get("/staff/mailbox").await.expect(404);
    assert!(page.text(".notice").contains("A mail server is set"));
    let name = format!("/staff/mailbox/{:015}-{:032x}", 1, 1);
    app.get(&name).await.expect(404);
}
