//! Inviting people to the staff, and joining.

use std::time::Duration;

use practice_points::domain::staff_member::{InvitationId, StaffRole};
use practice_points::store::staff_invitations;
use practice_points::worker::Worker;
use reqwest::Method;

use crate::app::{PASSWORD, TestApp, path_of};
use crate::both_databases::on_both_databases;
use crate::messages_and_links::{link, message_with};

const NEW: &str = "mele@clinic.example";

const FORM: [(&str, &str); 3] = [
    ("name", "Mele Sample"),
    ("email", NEW),
    ("role", "reviewer"),
];

/// The path of the link in the newest invitation.
async fn join_path(app: &TestApp) -> String {
    let notices = app.notices(NEW).await;
    let newest = notices.last().unwrap();
    assert_eq!(newest.kind, "staff-invitation");
    let id = InvitationId(newest.reference_id.unwrap());
    let found = app
        .app
        .store
        .read(move |db| staff_invitations::get(db, id))
        .await
        .unwrap();
    path_of(&app.app.join_url(id, found.expires_at))
}

async fn invited(app: &TestApp) -> String {
    app.sign_in_as(StaffRole::Owner).await;
    app.post_form("/staff/members/invitations", &FORM)
        .await
        .expect(303);
    join_path(app).await
}

on_both_databases! {
    async fn somebody_joins_by_the_link_in_the_message(app: TestApp) {
        let _worker = Worker::start(&app.app).unwrap();
        app.sign_in_as(StaffRole::Owner).await;
        app.post_form("/staff/members/invitations", &FORM).await.expect(303);
        let message = message_with(&app, "/join/").await;
        assert!(message.to.contains(NEW) && message.subject.contains("join the staff"), "{}", message.subject);
        let text = message.text.as_deref().unwrap();
        assert!(text.contains("Sample Owner invites you") && text.contains("as reviewer"), "{text}");
        let join = link(&message, "/join/");

        let mele = app.other_browser();
        let page = mele.get(&join).await.expect(200);
        assert!(page.text("h1").contains("Mele Sample"));
        let short = mele.post_form(&join, &[("password", "short")]).await.expect(422);
        assert!(short.text("#password-error").contains("12 characters"));
        mele.sign_in(NEW, "kereru in the puriri").await.expect(422);
        mele.post_form(&join, &[("password", "kereru in the puriri")]).await.expect(303);
        mele.sign_in(NEW, "kereru in the puriri").await.expect(303);
        let strip = mele.get("/staff").await.expect(200).text(".staff-strip");
        assert!(strip.contains("Mele Sample") && strip.contains("Reviewer"), "{strip}");
        mele.get("/staff/subscribers").await.expect(403);

        // It works once.
        app.other_browser().get(&join).await.expect(410);
        app.other_browser().post_form(&join, &[("password", PASSWORD)]).await.expect(410);
        let audit = app.get("/staff/audit").await.expect(200).text("tbody");
        for words in ["Invited somebody to the staff: Mele Sample, reviewer", "Joined the staff by an invitation"] {
            assert!(audit.contains(words), "{words}: {audit}");
        }
        assert!(!app.get("/staff/members").await.expect(200).body.contains("invited-heading"));
    }

    async fn an_invitation_is_sent_again_withdrawn_and_ends_by_itself(app: TestApp) {
        let first = invited(&app).await;
        let members = app.get("/staff/members").await.expect(200);
        assert!(members.text(".flash").contains("in the mailbox"), "no mail server carries it");
        assert!(members.text("section[aria-labelledby=invited-heading]").contains("Open until"));
        let again = members.attribute("form[action$='/send-again']", "action");
        app.app.clock.advance(Duration::from_secs(60));
        app.post_form(&again, &[]).await.expect(303);
        app.post_form(&again, &[]).await.expect(409);
        let second = join_path(&app).await;
        app.get(&first).await.expect(410);
        app.get(&second).await.expect(200);

        app.app.clock.advance(Duration::from_secs(8 * 24 * 60 * 60));
        app.get(&second).await.expect(410);
        app.sign_in("owner@clinic.example", PASSWORD).await.expect(303);
        let members = app.get("/staff/members").await.expect(200);
        assert!(members.text("section[aria-labelledby=invited-heading]").contains("Its time has passed"));
        app.post_form(&members.attribute("form[action$='/send-again']", "action"), &[]).await.expect(303);
        let third = join_path(&app).await;
        app.get(&third).await.expect(200);
        let members = app.get("/staff/members").await.expect(200);
        app.post_form(&members.attribute("form[action$='/withdraw']", "action"), &[]).await.expect(303);
        app.post_form(&third, &[("password", PASSWORD)]).await.expect(410);
        app.sign_in(NEW, PASSWORD).await.expect(422);
    }

    async fn nobody_is_invited_twice_or_when_they_are_there(app: TestApp) {
        invited(&app).await;
        let again = app.post_form("/staff/members/invitations", &FORM).await.expect(422);
        assert!(again.text("#email-error").contains("has an invitation already"));
        let there = [("name", "Another"), ("email", "OWNER@clinic.example"), ("role", "author")];
        let there = app.post_form("/staff/members/invitations", &there).await.expect(422);
        assert!(there.text("#email-error").contains("on the staff already"));
        let wrong = app.post_form("/staff/members/invitations", &[("name", ""), ("email", "x"), ("role", "king")]).await.expect(422);
        for field in ["name", "email", "role"] {
            assert!(!wrong.text(&format!("#{field}-error")).is_empty(), "{field}");
        }
        assert_eq!(app.count("staff_invitation").await, 1);
    }

    async fn an_invitation_counts_only_while_who_sent_it_is_an_owner(app: TestApp) {
        let join = invited(&app).await;
        let other = app.other_browser();
        app.add_staff("second@clinic.example", StaffRole::Owner).await;
        other.sign_in("second@clinic.example", PASSWORD).await.expect(303);
        let members = other.get("/staff/members").await.expect(200);
        let role = members.attribute("form[action$='/role']", "action");
        app.get(&join).await.expect(200);
        other.post_form(&role, &[("role", "author")]).await.expect(303);
        app.get(&join).await.expect(410);
        app.post_form(&join, &[("password", PASSWORD)]).await.expect(410);
        assert_eq!(app.count("staff_member").await, 2);
    }

    async fn of_two_who_take_one_invitation_up_at_once_one_joins(app: TestApp) {
        let join = invited(&app).await;
        let (one, other) = (app.other_browser(), app.other_browser());
        let form = [("password", PASSWORD)];
        let (one, other) = tokio::join!(one.post_form(&join, &form), other.post_form(&join, &form));
        let mut answers = [one.status.as_u16(), other.status.as_u16()];
        answers.sort_unstable();
        assert_eq!(answers, [303, 410]);
    }

    async fn a_made_up_or_changed_link_joins_nobody(app: TestApp) {
        let join = invited(&app).await;
        let token = join.trim_start_matches("/join/");
        let cut = &token[..token.len() - 1];
        // A link of the same installation for something else.
        let manage = app.app.manage_url(practice_points::domain::subscriber::SubscriberId(1), app.app.now().plus(Duration::from_secs(60)));
        let manage = path_of(&manage).replace("/manage/", "");
        for wrong in ["x", cut, &manage] {
            app.get(&format!("/join/{wrong}")).await.expect(404);
            app.post_form(&format!("/join/{wrong}"), &[("password", PASSWORD)]).await.expect(404);
        }
        assert_eq!(app.count("staff_member").await, 1);
    }

    async fn in_the_built_in_mailbox_owners_alone_open_it(app: TestApp) {
        let _worker = Worker::start(&app.app).unwrap();
        invited(&app).await;
        message_with(&app, "/join/").await;
        let mailbox = app.get("/staff/mailbox").await.expect(200);
        let open = mailbox.attribute("tbody a", "href");
        assert!(app.get(&open).await.expect(200).body.contains("/join/"));
        let publisher = app.other_browser();
        publisher.sign_in_as(StaffRole::Publisher).await;
        publisher.get("/staff/mailbox").await.expect(200);
        for path in [open.clone(), format!("{open}?view=raw"), format!("{open}/html"), format!("{open}/files/0")] {
            assert!(!publisher.get(&path).await.expect(403).body.contains("/join/"), "{path}");
        }
    }

    async fn the_page_of_an_invitation_is_kept_by_nobody(app: TestApp) {
        let join = invited(&app).await;
        let page = app.send(app.other_browser().request(Method::GET, &join)).await.expect(200);
        assert_eq!((page.header("cache-control"), page.header("referrer-policy")), ("no-store", "no-referrer"));
    }
}
