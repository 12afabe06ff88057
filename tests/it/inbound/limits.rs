//! What is kept has its bounds in room and time, and what proves little does little.

use std::time::Duration;

use practice_points::app::take_in::{self, Arrival};
use practice_points::app::{AppError, retain};
use practice_points::domain::bounce::{Category, Remedy};
use practice_points::domain::inbound::Way;
use practice_points::domain::staff_member::StaffRole;
use practice_points::domain::subscriber::SubscriberStatus;

use crate::both_databases::{Database, on_both_databases};

use super::{Marks, Returning, corpus, filled_in};

const GP: &str = "gp@practice.example";
const DAY: Duration = Duration::from_secs(24 * 60 * 60);

/// An application with room for four large messages.
struct TestApp(Returning);

impl TestApp {
    async fn start(database: Database) -> Self {
        let settings = [("inbound.keep_megabytes", "1")];
        Self(Returning::start_with(database, &settings).await)
    }

    /// Takes in a large message that a person has to look at, or that needs nobody.
    async fn take_in_large(&self, number: u32, subject: &str) -> Result<bool, AppError> {
        let mut content = format!(
            "From: {number}@b.example\r\nMessage-ID: <{number}@b.example>\r\nSubject: {subject}\r\n\r\nHello\r\n"
        )
        .into_bytes();
        content.resize(250 * 1024, b'x');
        let arrival = Arrival {
            way: Way::Pipe,
            envelope_to: None,
            byte_count: content.len() as u64,
            content,
        };
        let taken = take_in::take_in(&self.0.app.app, arrival).await?;
        Ok(taken.is_kept && !taken.was_known)
    }
}

on_both_databases! {
    async fn when_there_is_no_room_what_came_is_to_come_again_and_staff_are_told(here: TestApp) {
        let app = &here.0.app;
        for number in 0..4 {
            assert!(here.take_in_large(number, "A question").await.unwrap());
        }
        assert!(matches!(here.take_in_large(4, "A question").await, Err(AppError::Full)));
        assert_eq!(app.count("inbound_message").await, 4);
        // One that is kept already is still known, and what is understood is still acted on.
        assert!(!here.take_in_large(3, "A question").await.unwrap());
        app.subscribe(GP).await;
        here.0.take_in("postfix-unknown-user", GP).await;
        assert_eq!(here.0.status(GP).await, SubscriberStatus::Suspended);

        let staff = app.other_browser();
        staff.sign_in_as(StaffRole::Publisher).await;
        let overview = staff.get("/staff").await.expect(200).text("main");
        assert!(overview.contains("They take 97 % of the room"), "{overview}");
        // What a person has dealt with makes room.
        let list = staff.get("/staff/inbound").await.expect(200);
        let page = list.attribute("main tbody a", "href");
        staff.post_form(&format!("{page}/handled"), &[]).await.expect(303);
        assert!(here.take_in_large(4, "A question").await.unwrap());
        assert_eq!(app.count("inbound_message").await, 4);
        assert!(matches!(here.take_in_large(5, "A question").await, Err(AppError::Full)));
    }

    async fn what_needs_nobody_makes_room_for_what_does(here: TestApp) {
        for number in 0..4 {
            assert!(here.take_in_large(number, "Out of office").await.unwrap());
        }
        for number in 4..8 {
            assert!(here.take_in_large(number, "A question").await.unwrap());
        }
        assert!(matches!(here.take_in_large(8, "Out of office").await, Err(AppError::Full)));
        assert_eq!(here.0.app.count("inbound_message WHERE handled_at IS NULL").await, 4);
    }

    async fn the_words_of_a_report_are_let_go_of_after_their_time_and_what_it_meant_stays(here: TestApp) {
        let app = &here.0.app;
        app.subscribe(GP).await;
        here.0.take_in("postfix-mailbox-full", GP).await;
        app.app.clock.advance(89 * DAY);
        retain::let_go(&app.app).await.unwrap();
        assert_eq!(app.count("inbound_event WHERE words <> ''").await, 1);
        app.app.clock.advance(2 * DAY);
        retain::let_go(&app.app).await.unwrap();
        assert_eq!(app.count("inbound_event WHERE words <> ''").await, 0);
        assert_eq!(app.count("inbound_event WHERE category = 'mailbox-full' AND code = '5.2.2'").await, 1);
        // Told again, it is still known.
        assert!(here.0.take_in("postfix-mailbox-full", GP).await.was_known);
    }

    /// Who was forwarded a message sees its Message-ID, and can unsubscribe by its link; a report of theirs suspends nobody.
    async fn a_report_with_the_message_id_alone_is_a_strike_and_no_more(here: TestApp) {
        let app = &here.0.app;
        app.subscribe(GP).await;
        let marks = here.0.marks(GP).await;
        let forwarded = Marks { return_path: "bounces@clinic.example".into(), leave_token: String::new(), ..marks };
        let report = filled_in(&corpus::message("postfix-unknown-user"), GP, &forwarded);
        let taken = here.0.take_in_by(Way::Pipe, report).await;
        assert_eq!(taken.acts, [(Category::NoMailbox, Remedy::Strike)]);
        assert_eq!(here.0.status(GP).await, SubscriberStatus::Active);
    }
}

/// Without a return path of their own, messages can be told by nothing else.
#[tokio::test]
async fn without_a_return_path_the_message_id_has_to_do() {
    let here = crate::app::TestApp::start(Database::Sqlite).await;
    here.subscribe(GP).await;
    let here = Returning { app: here };
    let marks = Marks {
        return_path: "points@clinic.example".to_owned(),
        message_id: here.message_id(GP).await,
        leave_token: String::new(),
    };
    let report = filled_in(&corpus::message("postfix-unknown-user"), GP, &marks);
    here.take_in_by(Way::Pipe, report).await;
    assert_eq!(here.status(GP).await, SubscriberStatus::Suspended);
}
