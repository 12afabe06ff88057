//! A bulletin that was wrong is set right with precisely those who received it.

use super::*;

/// Writes how a person's message of a bulletin ended.
async fn ends(app: &TestApp, name: &str, bulletin: &str, state: &str) {
    let finished = match state {
        "claimed" | "deferred" | "queued" => "NULL",
        _ => "1",
    };
    sql(
        app,
        format!(
            "UPDATE delivery SET state = '{state}', finished_at = {finished} \
             WHERE bulletin_id = {bulletin} AND recipient LIKE '{name}@%'"
        ),
    )
    .await;
}

/// Writes a try of a person's message that broke off after the last full stop.
async fn is_in_doubt(app: &TestApp, name: &str, bulletin: &str) {
    sql(
        app,
        format!(
            "INSERT INTO delivery_attempt (delivery_id, at, worker, outcome, stage, reply) \
             SELECT id, 1, 'test', 'deferred', 'content', 'lost' FROM delivery \
             WHERE bulletin_id = {bulletin} AND recipient LIKE '{name}@%'"
        ),
    )
    .await;
}

/// Marks a bulletin as sent, as its last message does.
async fn is_sent(app: &TestApp, bulletin: &str) {
    sql(
        app,
        format!("UPDATE bulletin SET state = 'sent', finished_at = 1 WHERE id = {bulletin}"),
    )
    .await;
}

/// Fills in a correction, and has it approved.
async fn complete(desk: &Desk, path: &str) {
    let form = desk.author.get(&format!("{path}/edit")).await.expect(200);
    let subject = form.attribute("input[name=subject]", "value");
    let introduction = form.text("textarea[name=introduction]");
    let fields = [
        ("subject", subject.as_str()),
        ("preheader", "The dose in our last bulletin was wrong"),
        ("introduction", introduction.as_str()),
        ("topics", "symposium"),
        ("regions", "central"),
        ("version", "1"),
    ];
    desk.author.post_form(path, &fields).await.expect(303);
    desk.approve(path).await;
}

on_both_databases! {
    async fn a_correction_goes_to_precisely_those_who_may_have_received_it(app: TestApp) {
        let desk = Desk::open(&app).await;
        for name in ["had", "lost", "wire", "no", "gave", "wait", "left", "gone", "stop", "rest", "topic"] {
            add(&app, person(name)).await;
        }
        let wrong = approved(&desk, "A dose", &[("topics", "news")]).await;
        let nothing = desk.author.post_form(&format!("{wrong}/correct"), &[]).await.expect(409);
        assert!(nothing.text("main").contains("Nobody has received this bulletin"));
        send(&desk, &wrong).await;
        let id = key(&wrong);
        for name in ["had", "left", "gone", "stop", "rest", "topic"] {
            ends(&app, name, id, "accepted").await;
        }
        for (name, state) in [("lost", "failed"), ("wire", "claimed"), ("no", "refused"), ("gave", "failed"), ("wait", "skipped")] {
            ends(&app, name, id, state).await;
        }
        is_in_doubt(&app, "lost", id).await;
        is_sent(&app, id).await;
        // Whoever comes later did not get it; who left, was erased, suspended or rests has it and is let alone.
        add(&app, person("new")).await;
        let leave = app.unsubscribe_path("left@practice.example").await;
        app.post_form(&leave, &[]).await.expect(200);
        let erase = format!("/staff/subscribers/{}/erase", app.subscriber("gone@practice.example").await.id);
        desk.publisher.post_form(&erase, &SURE).await.expect(303);
        let suspend = format!("/staff/subscribers/{}/suspend", app.subscriber("stop@practice.example").await.id);
        desk.publisher.post_form(&suspend, &[("reason", "Moved away")]).await.expect(303);
        let manage = app.manage_path("rest@practice.example").await;
        app.post_form(&format!("{manage}/pause"), &[("until", "2026-12-24")]).await.expect(303);
        let manage = app.manage_path("topic@practice.example").await;
        app.post_form(&format!("{manage}/topics"), &[("topics", "symposium")]).await;

        let edit = desk.author.post_form(&format!("{wrong}/correct"), &[]).await.expect(303).location().to_owned();
        let path = edit.trim_end_matches("/edit").to_owned();
        let form = desk.author.get(&edit).await.expect(200);
        assert_eq!(form.attribute("input[name=subject]", "value"), "Correction: A dose");
        assert_eq!(form.text("#audience"), "4 people");
        assert_eq!(form.text("h1"), "Write the correction");
        assert_eq!(form.text("#preview-heading"), "Preview of the correction");
        assert_eq!(form.text("label[for=introduction]"), "What was wrong, and what is right");
        assert_eq!(form.attribute("input[name=topics]", "value"), "", "there is nothing to choose");
        complete(&desk, &path).await;

        let page = desk.publisher.get(&path).await;
        let said = page.text("#correction");
        for words in ["This is the correction of A dose , sent on 23 November 2026.", "8 people may have received it.",
            "1 is erased at their own wish", "1 is suspended", "1 unsubscribed", "1 paused bulletins"] {
            assert!(said.contains(words), "{words}: {said}");
        }
        assert!(page.text(".facts").contains("4 people: those who may have received “A dose”"));
        let original = desk.author.get(&wrong).await;
        assert!(original.text("#corrections").contains("A correction is being prepared: Correction: A dose"));
        assert_eq!(original.attribute("form[action$='/correct']", "action"), "", "it is led to, and not begun again");
        assert_eq!(original.text(&format!(".page-head a[href='{path}']")), "See the correction");

        send(&desk, &path).await;
        assert_eq!(frozen(&app, &path).await, ["had", "lost", "topic", "wire"]);
        assert!(desk.author.get(&wrong).await.text("#corrections").contains("A correction was sent on 23 November 2026: Correction: A dose"));
        // Everybody else learns of it in the archive.
        let public = app.get("/bulletins/a-dose").await.expect(200);
        assert!(public.text(".correction-notice").contains("A correction was sent on 23 November 2026: Correction: A dose"));
        assert_eq!(public.attribute(".correction-notice a", "href"), "/bulletins/correction-a-dose");
        let correction = app.get("/bulletins/correction-a-dose").await.expect(200);
        assert_eq!(correction.attribute(".correction-notice a", "href"), "/bulletins/a-dose");
        assert_eq!(app.count("audit_event WHERE action = 'bulletin.correct' AND detail LIKE 'number % corrects number %, “A dose”'").await, 1);
    }

    async fn a_correction_needs_a_second_person_and_waits_for_the_end_of_what_it_corrects(app: TestApp) {
        let desk = Desk::open(&app).await;
        for name in ["had", "waits", "dark"] {
            add(&app, person(name)).await;
        }
        let wrong = approved(&desk, "Half out", &[("topics", "news")]).await;
        send(&desk, &wrong).await;
        let id = key(&wrong);
        ends(&app, "had", id, "accepted").await;
        desk.publisher.post_form(&format!("{wrong}/pause"), &[]).await.expect(303);
        let edit = desk.author.post_form(&format!("{wrong}/correct"), &[]).await.expect(303).location().to_owned();
        let path = edit.trim_end_matches("/edit").to_owned();
        // A draft is nobody's business outside.
        assert!(!app.get("/bulletins/half-out").await.body.contains("correction-notice"));
        desk.publisher.post_form(&format!("{path}/send"), &SURE).await.expect(409);
        complete(&desk, &path).await;
        desk.author.post_form(&format!("{path}/send"), &SURE).await.expect(403);
        for (step, fields) in [("send", SURE), ("schedule", [("at", "2026-12-01T09:00")])] {
            let refused = desk.publisher.post_form(&format!("{path}/{step}"), &fields).await.expect(409);
            assert!(refused.text("main").contains("is still being sent, or paused"), "{step}");
        }
        // One worker was killed with a message in its hands.
        ends(&app, "dark", id, "claimed").await;
        sql(&app, "UPDATE delivery SET due_at = 1 WHERE state = 'claimed'".to_owned()).await;
        desk.publisher.post_form(&format!("{wrong}/cancel"), &SURE).await.expect(303);
        practice_points::app::deliver::skip_cancelled(&app.app).await.unwrap();
        assert_eq!(app.count("delivery WHERE finished_at IS NULL AND kind = 'bulletin'").await, 0);
        assert!(desk.author.get(&wrong).await.text("main").contains("See the correction"));
        send(&desk, &path).await;
        assert_eq!(frozen(&app, &path).await, ["dark", "had"]);
    }

    async fn a_correction_of_what_went_to_an_event_is_as_private(app: TestApp) {
        let desk = Desk::open(&app).await;
        let again = app.other_browser();
        again.sign_in("publisher@clinic.example", crate::app::PASSWORD).await.expect(303);
        let event = Event::publish_by(again, &evening()).await;
        event.newcomer(&app, "ana@practice.example").await;
        let wrong = approved(&desk, "Where to park", &[("symposium", key(&event.path))]).await;
        send(&desk, &wrong).await;
        ends(&app, "ana", key(&wrong), "accepted").await;
        is_sent(&app, key(&wrong)).await;
        let edit = desk.author.post_form(&format!("{wrong}/correct"), &[]).await.expect(303).location().to_owned();
        let path = edit.trim_end_matches("/edit").to_owned();
        complete(&desk, &path).await;
        // Who comes to the event by now did not get the wrong one.
        event.newcomer(&app, "ben@practice.example").await;
        send(&desk, &path).await;
        assert_eq!(frozen(&app, &path).await, ["ana"]);
        app.get("/bulletins/correction-where-to-park").await.expect(404);
        assert!(!app.get("/bulletins").await.body.contains("park"));
    }
}
