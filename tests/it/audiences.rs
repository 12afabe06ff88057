//! Who gets a bulletin: what is counted and shown is what is frozen, each criterion leaves out whom it should, and nobody
//! gets what they did not ask for.

mod agreement;
mod corrections;
mod saved;

use practice_points::clock::Timestamp;
use practice_points::domain::email_address::EmailAddress;
use practice_points::domain::local_time::parse_local;
use practice_points::domain::subscriber::{Region, Role, SubscriberId, SubscriberStatus};
use practice_points::store::subscribers::{self, Details};
use practice_points::store::{StoreError, topics};

use crate::app::TestApp;
use crate::both_databases::on_both_databases;
use crate::desk::{Desk, Fields, bulletin, post};
use crate::symposium::{Event, evening};

/// Somebody on the list, as a test needs them.
#[derive(Clone)]
struct Person {
    email: String,
    topics: Vec<&'static str>,
    region: Option<Region>,
    role: Option<Role>,
    joined: Timestamp,
}

/// Somebody who chose the news, from Northern, a general practitioner, on the list since June 2026.
fn person(name: &str) -> Person {
    Person {
        email: format!("{name}@practice.example"),
        topics: vec!["news"],
        region: Some(Region::Northern),
        role: Some(Role::Gp),
        joined: at("2026-06-01T09:00"),
    }
}

fn at(local: &str) -> Timestamp {
    parse_local(local).unwrap()
}

/// Puts somebody on the list.
async fn add(app: &TestApp, person: Person) -> SubscriberId {
    let added = app.app.store.write(move |db| {
        let all = topics::all(db)?;
        let chosen: Vec<_> = all
            .iter()
            .filter(|topic| person.topics.contains(&topic.slug.as_str()))
            .map(|topic| topic.id)
            .collect();
        let email = EmailAddress::parse(&person.email).unwrap();
        let details = Details {
            name: format!("Sample {}", person.email.split('@').next().unwrap()),
            practice: None,
            region: person.region,
            role: person.role,
            mcnz_number: None,
        };
        let active = SubscriberStatus::Active;
        let id = subscribers::insert(db, &email, &details, active, "test", person.joined)?;
        topics::set_chosen(db, id, &chosen)?;
        Ok::<_, StoreError>(id)
    });
    added.await.unwrap()
}

/// Changes rows as no page does.
async fn sql(app: &TestApp, statement: String) {
    let changed = app.app.store.write(move |db| {
        use diesel::RunQueryDsl;
        diesel::sql_query(statement)
            .execute(db)
            .map_err(StoreError::from)
    });
    changed.await.unwrap();
}

/// The names before the @ of those who have a row of a bulletin, in their order.
async fn frozen(app: &TestApp, path: &str) -> Vec<String> {
    #[derive(diesel::QueryableByName)]
    struct Row {
        #[diesel(sql_type = diesel::sql_types::Text)]
        recipient: String,
    }
    let id = path.rsplit('/').next().unwrap();
    let query =
        format!("SELECT recipient FROM delivery WHERE bulletin_id = {id} ORDER BY recipient");
    let read = app.app.store.read(move |db| {
        use diesel::RunQueryDsl;
        diesel::sql_query(query)
            .load::<Row>(db)
            .map_err(StoreError::from)
    });
    let rows = read.await.unwrap().into_iter();
    rows.map(|row| row.recipient.split('@').next().unwrap().to_owned())
        .collect()
}

const SURE: [(&str, &str); 1] = [("confirm", "yes")];

/// A bulletin with these fields more, approved. Returns its page's path.
async fn approved(desk: &Desk, subject: &str, more: &[(&'static str, &str)]) -> String {
    let article = desk.publish(&format!("Guidance for {subject}")).await;
    let mut form: Fields = bulletin(subject, &article, &[]);
    form.extend(
        more.iter()
            .map(|(name, value)| (*name, (*value).to_owned())),
    );
    let path = post(&desk.author, "/staff/bulletins", &form).await;
    let path = path.expect(303).location().to_owned();
    desk.approve(&path).await;
    path
}

/// Has a bulletin sent to its people, whose rows are left waiting.
async fn send(desk: &Desk, path: &str) {
    let send = format!("{path}/send");
    desk.publisher.post_form(&send, &SURE).await.expect(303);
}

/// How many people the script is told for these choices.
async fn counted(who: &TestApp, query: &str) -> String {
    let path = format!("/staff/bulletins/audience?{query}");
    who.get(&path).await.expect(200).body
}

/// The key at the end of a page's path.
fn key(path: &str) -> &str {
    path.rsplit('/').next().unwrap()
}

on_both_databases! {
    async fn each_criterion_leaves_out_whom_it_should_and_they_combine(app: TestApp) {
        let desk = Desk::open(&app).await;
        add(&app, person("ana")).await;
        add(&app, Person { region: Some(Region::Central), ..person("ben") }).await;
        add(&app, Person { role: Some(Role::PracticeNurse), ..person("cat") }).await;
        add(&app, Person { region: None, role: None, ..person("dan") }).await;
        add(&app, Person { joined: at("2025-02-01T09:00"), ..person("eve") }).await;
        add(&app, Person { topics: vec!["symposium"], ..person("fay") }).await;

        let first = approved(&desk, "First", &[("topics", "news"), ("regions", "northern"), ("joined_from", "2026-01-01")]).await;
        send(&desk, &first).await;
        assert_eq!(frozen(&app, &first).await, ["ana", "cat"]);
        sql(&app, "UPDATE delivery SET state = 'accepted', finished_at = 1 WHERE recipient LIKE 'ana%'".to_owned()).await;
        sql(&app, "UPDATE delivery SET state = 'refused', finished_at = 1 WHERE recipient LIKE 'cat%'".to_owned()).await;
        let had = format!("topics=news&received={}", key(&first));
        let had_not = format!("topics=news&not_received={}", key(&first));
        for (query, expected) in [
            ("topics=news", "5 people"),
            ("topics=news&topics=symposium", "6 people"),
            ("topics=news&regions=northern", "3 people"),
            ("topics=news&regions=northern&regions=central", "4 people"),
            ("topics=news&roles=practice-nurse", "1 person"),
            ("topics=news&roles=practice-nurse&roles=gp", "4 people"),
            ("topics=news&joined_before=2025-02-01", "0 people"),
            ("topics=news&joined_before=2025-02-02", "1 person"),
            ("topics=news&joined_from=2026-06-01", "4 people"),
            ("topics=news&joined_from=2026-06-02", "0 people"),
            (had.as_str(), "1 person"),
            (had_not.as_str(), "4 people"),
            ("topics=news&regions=northern&roles=gp&joined_before=2026-01-01", "1 person"),
            ("regions=northern", "0 people"),
        ] {
            assert_eq!(counted(&desk.author, query).await, expected, "{query}");
        }
        for nonsense in ["topics=", "regions=atlantis", "joined_from=soon", "received=77", "event=x"] {
            desk.author.get(&format!("/staff/bulletins/audience?{nonsense}")).await.expect(404);
        }
        // Who is out of reach is out of every audience.
        let ben = app.subscriber("ben@practice.example").await.id;
        let suspend = format!("/staff/subscribers/{ben}/suspend");
        desk.publisher.post_form(&suspend, &[("reason", "Moved away")]).await.expect(303);
        assert_eq!(counted(&desk.author, "topics=news&regions=central").await, "0 people");
    }

    async fn those_of_an_event_are_found_by_what_they_have_to_do_with_it(app: TestApp) {
        let desk = Desk::open(&app).await;
        let again = app.other_browser();
        again.sign_in("publisher@clinic.example", crate::app::PASSWORD).await.expect(303);
        let event = Event::publish_by(again, &evening()).await;
        for name in ["ana", "ben", "cat"] {
            event.newcomer(&app, &format!("{name}@practice.example")).await;
        }
        app.subscribe("dan@practice.example").await;
        let id = key(&event.path).to_owned();
        sql(&app, "UPDATE registration SET attended = (1 = 1) WHERE subscriber_id IN (SELECT id FROM subscriber WHERE email LIKE 'ben%')".to_owned()).await;
        // The evening has two places: the third waits.
        for (query, expected) in [
            (format!("topics=news&event={id}&attendance=registered"), "2 people"),
            (format!("topics=news&event={id}"), "2 people"),
            (format!("topics=news&event={id}&attendance=attended"), "1 person"),
            (format!("topics=symposium&event={id}"), "0 people"),
            (format!("symposium={id}"), "2 people"),
            (format!("symposium={id}&regions=central"), "0 people"),
        ] {
            assert_eq!(counted(&desk.author, &query).await, expected, "{query}");
        }
        let path = approved(&desk, "After the evening", &[("topics", "news"), ("event", &id), ("attendance", "attended")]).await;
        assert!(desk.author.get(&path).await.text(".facts").contains("only people who were at “Hearts in Practice"));
        send(&desk, &path).await;
        assert_eq!(frozen(&app, &path).await, ["ben"]);
    }

    async fn names_are_shown_to_those_who_may_see_subscribers_and_to_nobody_else(app: TestApp) {
        let desk = Desk::open(&app).await;
        for number in 0..30 {
            add(&app, person(&format!("gp{number:02}"))).await;
        }
        let query = "?topics=news&regions=northern";
        let sample = desk.publisher.get(&format!("/staff/bulletins/audience/sample{query}")).await.expect(200);
        assert_eq!(sample.body.matches("<li>").count(), 8, "{}", sample.body);
        assert!(sample.body.contains("Sample gp00") && sample.body.contains("Sample gp2"), "{}", sample.body);
        desk.author.get(&format!("/staff/bulletins/audience/sample{query}")).await.expect(403);
        // Without a script, the button shows the same.
        let form = [("action", "preview"), ("subject", "Counted"), ("topics", "news"), ("regions", "northern")];
        let page = desk.publisher.post_form("/staff/bulletins", &form).await.expect(200);
        assert_eq!(page.text("#audience"), "30 people");
        assert!(page.text("#sample").contains("Sample gp00"));
        let page = desk.author.post_form("/staff/bulletins", &form).await.expect(200);
        assert_eq!(page.text("#audience"), "30 people");
        assert!(!page.body.contains("Sample gp"), "an author sees no names");
        assert!(page.body.contains("value=\"northern\" checked"));
    }

    async fn what_cannot_be_met_is_said_and_nothing_that_was_typed_is_lost(app: TestApp) {
        let desk = Desk::open(&app).await;
        add(&app, person("ana")).await;
        let article = desk.publish("For the form").await;
        let mut form = bulletin("Kept", &article, &["news"]);
        for (name, value) in [("joined_from", "2026-05-01"), ("joined_before", "2026-05-01"), ("regions", "atlantis"), ("received", "77")] {
            form.push((name, value.to_owned()));
        }
        let page = post(&desk.author, "/staff/bulletins", &form).await.expect(422);
        let summary = page.text(".error-summary");
        assert!(summary.contains("Please choose from the list.") && summary.contains("choose a bulletin from the list"), "{summary}");
        assert_eq!(page.attribute("#joined_from", "value"), "2026-05-01");
        form.retain(|(name, _)| !["regions", "received"].contains(name));
        let page = post(&desk.author, "/staff/bulletins", &form).await.expect(422);
        assert!(page.text("#joined_before-error").contains("Nobody joined"));
        assert_eq!(page.attribute("input[name=subject]", "value"), "Kept");
        let form = crate::desk::with(form, "joined_before", "soon");
        let page = post(&desk.author, "/staff/bulletins", &form).await.expect(422);
        assert!(page.text("#joined_before-error").contains("Please give a date"));

        // What nobody meets is not sent.
        let path = approved(&desk, "To nobody", &[("topics", "news"), ("roles", "specialist")]).await;
        let refused = desk.publisher.post_form(&format!("{path}/send"), &SURE).await.expect(409);
        assert!(refused.text("main").contains("Nobody meets all that was chosen"));
    }

    async fn a_draft_that_nobody_submitted_can_be_thrown_away(app: TestApp) {
        let desk = Desk::open(&app).await;
        let path = desk.assemble("Came to nothing", &["news"]).await;
        let tester = desk.author.get(&path).await.attribute("input[name=to]", "value");
        desk.author.post_form(&format!("{path}/test"), &[("to", tester.as_str())]).await.expect(303);
        sql(&app, "UPDATE delivery SET state = 'claimed' WHERE kind = 'test'".to_owned()).await;
        let refused = desk.author.post_form(&format!("{path}/delete"), &[]).await.expect(409);
        assert!(refused.text("main").contains("A test of it is on its way"));
        sql(&app, "UPDATE delivery SET state = 'deferred' WHERE kind = 'test'".to_owned()).await;
        let asked = desk.author.get(&format!("{path}/delete")).await.expect(200);
        assert!(asked.text("main").contains("cannot be undone"));
        desk.author.get(&path).await.expect(200);
        let gone = desk.author.post_form(&format!("{path}/delete"), &[]).await.expect(303);
        assert_eq!(gone.location(), "/staff/bulletins");
        desk.author.get(&path).await.expect(404);
        assert_eq!(app.count("delivery WHERE kind = 'test' AND state = 'skipped'").await, 1);
        for table in ["bulletin", "bulletin_article", "bulletin_topic", "bulletin_writer"] {
            assert_eq!(app.count(table).await, 0, "{table}");
        }
        assert_eq!(app.count("audit_event WHERE action = 'bulletin.delete'").await, 1);

        let path = desk.assemble("Was submitted", &["news"]).await;
        desk.author.post_form(&format!("{path}/submit"), &[]).await.expect(303);
        desk.author.post_form(&format!("{path}/delete"), &[]).await.expect(409);
        desk.author.post_form(&format!("{path}/withdraw"), &[]).await.expect(303);
        desk.author.post_form(&format!("{path}/delete"), &[]).await.expect(409);
        assert!(!desk.author.get(&path).await.body.contains("/delete\""));
    }
}
