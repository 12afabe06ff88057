//! The condition in SQL and a plain judgement in Rust agree on random people.

use practice_points::domain::audience::{Attendance, Narrowing, Whom};
use practice_points::domain::bulletin::BulletinId;
use practice_points::domain::local_time::CalendarDate;
use practice_points::domain::symposium::SymposiumId;
use practice_points::domain::topic::TopicId;
use practice_points::store::audiences;
use proptest::prelude::*;
use proptest::strategy::ValueTree;
use proptest::test_runner::TestRunner;

use super::*;

/// Somebody at random: what is stored of them, and how they stand.
#[derive(Debug, Clone)]
struct Somebody {
    status: SubscriberStatus,
    paused: bool,
    topics: Vec<usize>,
    region: Option<usize>,
    role: Option<usize>,
    joined: i64,
    /// Their registration for the event, if any: its state, and whether they came.
    registration: Option<(&'static str, Option<bool>)>,
    /// Their row of the bulletin, if any: its state, and whether a try of it is in doubt.
    delivery: Option<(&'static str, bool)>,
}

const TOPICS: [&str; 4] = ["news", "case-studies", "symposium", "calcium-score"];

/// An hour before and after each of these midnights in Auckland, people join.
const DAYS: [&str; 3] = ["2026-04-05", "2026-06-01", "2026-09-27"];

fn somebody() -> impl Strategy<Value = Somebody> {
    let status = prop_oneof![
        4 => Just(SubscriberStatus::Active),
        1 => prop::sample::select(SubscriberStatus::ALL),
    ];
    let topics = prop::sample::subsequence(vec![0_usize, 1, 2, 3], 0..=4);
    let joined = (0..DAYS.len(), -1_i64..=1).prop_map(|(day, hours)| {
        let day: CalendarDate = DAYS[day].parse().unwrap();
        day.begins_at().as_millis() + hours * 3_600_000
    });
    let registration = prop::option::of((
        prop::sample::select(vec!["registered", "waiting", "cancelled"]),
        prop::option::of(any::<bool>()),
    ));
    let states = vec![
        "queued", "claimed", "accepted", "deferred", "refused", "skipped", "failed",
    ];
    let delivery = prop::option::of((prop::sample::select(states), any::<bool>()));
    (
        status,
        prop::bool::weighted(0.2),
        topics,
        prop::option::of(0..Region::ALL.len()),
        prop::option::of(0..Role::ALL.len()),
        joined,
        registration,
        delivery,
    )
        .prop_map(
            |(status, paused, topics, region, role, joined, registration, delivery)| Somebody {
                status,
                paused,
                topics,
                region,
                role,
                joined,
                registration,
                delivery,
            },
        )
}

/// Criteria at random, about the one event and the one bulletin.
fn criteria(
    event: SymposiumId,
    bulletin: BulletinId,
) -> impl Strategy<Value = (Vec<usize>, u8, Narrowing)> {
    let day = || {
        prop::option::weighted(
            0.3,
            prop::sample::select(&DAYS).prop_map(|day| day.parse::<CalendarDate>().unwrap()),
        )
    };
    let how = prop::option::weighted(0.3, prop::sample::select(Attendance::ALL));
    let one_bulletin = || prop::option::weighted(0.3, Just(bulletin));
    (
        prop::sample::subsequence(vec![0_usize, 1, 2, 3], 0..=4),
        0_u8..5,
        prop_oneof![2 => Just(Vec::new()), 1 => prop::sample::subsequence(Region::ALL, 1..=3)],
        prop_oneof![2 => Just(Vec::new()), 1 => prop::sample::subsequence(Role::ALL, 1..=4)],
        day(),
        day(),
        how,
        one_bulletin(),
        one_bulletin(),
    )
        .prop_map(
            move |(
                topics,
                whom,
                regions,
                roles,
                joined_from,
                joined_before,
                how,
                received,
                not_received,
            )| {
                let narrowing = Narrowing {
                    regions,
                    roles,
                    joined_from,
                    joined_before,
                    event: how.map(|how| (event, how)),
                    received,
                    not_received,
                };
                (topics, whom, narrowing)
            },
        )
}

impl Somebody {
    fn may_have_it(&self) -> bool {
        self.delivery
            .is_some_and(|(state, in_doubt)| in_doubt || state == "accepted" || state == "claimed")
    }

    /// The judgement, in as many words as there are rules.
    fn is_reached(&self, whom: &Whom, topics: &[usize], narrowing: &Narrowing) -> bool {
        let has_a_place = self
            .registration
            .is_some_and(|(state, _)| state == "registered");
        let is_among = match whom {
            Whom::Topics(_) => self.topics.iter().any(|topic| topics.contains(topic)),
            Whom::Event(_) => has_a_place,
            Whom::ReceiversOf(_) => self.may_have_it(),
        };
        let region = self.region.map(|at| Region::ALL[at]);
        let role = self.role.map(|at| Role::ALL[at]);
        let joined = Timestamp::from_millis(self.joined);
        let state = self.delivery.map(|(state, _)| state);
        let on_its_way = matches!(state, Some("queued" | "claimed" | "deferred"));
        self.status == SubscriberStatus::Active
            && !self.paused
            && is_among
            && (narrowing.regions.is_empty()
                || region.is_some_and(|one| narrowing.regions.contains(&one)))
            && (narrowing.roles.is_empty()
                || role.is_some_and(|one| narrowing.roles.contains(&one)))
            && narrowing
                .joined_from
                .is_none_or(|day| CalendarDate::of(joined) >= day)
            && narrowing
                .joined_before
                .is_none_or(|day| CalendarDate::of(joined) < day)
            && match narrowing.event {
                None => true,
                Some((_, Attendance::Registered)) => has_a_place,
                Some((_, Attendance::Attended)) => self
                    .registration
                    .is_some_and(|(_, came)| came == Some(true)),
            }
            && (narrowing.received.is_none() || state == Some("accepted"))
            && (narrowing.not_received.is_none() || !(on_its_way || self.may_have_it()))
    }
}

/// Puts them all on the list, with their rows.
async fn store(app: &TestApp, people: &[Somebody], event: &str, bulletin: &str) {
    for (number, one) in people.iter().enumerate() {
        let id = add(
            app,
            Person {
                email: format!("gp{number}@practice.example"),
                topics: one.topics.iter().map(|at| TOPICS[*at]).collect(),
                region: one.region.map(|at| Region::ALL[at]),
                role: one.role.map(|at| Role::ALL[at]),
                joined: Timestamp::from_millis(one.joined),
            },
        )
        .await;
        let until = app.app.now().as_millis() + if one.paused { 1 } else { 0 };
        sql(
            app,
            format!(
                "UPDATE subscriber SET status = '{}', paused_until = {until} WHERE id = {id}",
                one.status.as_str()
            ),
        )
        .await;
        if let Some((state, came)) = one.registration {
            let came = match came {
                None => "NULL",
                Some(true) => "(1 = 1)",
                Some(false) => "(1 = 0)",
            };
            sql(
                app,
                format!(
                    "INSERT INTO registration (symposium_id, subscriber_id, state, asked_at, attended) \
                     VALUES ({event}, {id}, '{state}', 1, {came})"
                ),
            )
            .await;
        }
        if let Some((state, in_doubt)) = one.delivery {
            let finished = match state {
                "queued" | "claimed" | "deferred" => "NULL",
                _ => "1",
            };
            sql(
                app,
                format!(
                    "INSERT INTO delivery (kind, bulletin_id, subscriber_id, recipient, state, due_at, tries, created_at, \
                     finished_at) VALUES ('bulletin', {bulletin}, {id}, 'x', '{state}', 1, 1, 1, {finished})"
                ),
            )
            .await;
            // A try that was refused in words is no try in doubt.
            let code = if in_doubt { "NULL" } else { "451" };
            sql(
                app,
                format!(
                    "INSERT INTO delivery_attempt (delivery_id, at, worker, outcome, stage, reply_code) \
                     SELECT id, 1, 'test', 'deferred', 'content', {code} FROM delivery \
                     WHERE bulletin_id = {bulletin} AND subscriber_id = {id}"
                ),
            )
            .await;
        }
    }
}

on_both_databases! {
    async fn the_condition_agrees_with_a_plain_judgement(app: TestApp) {
        let desk = Desk::open(&app).await;
        let bulletin = desk.assemble("The one bulletin", &["news"]).await;
        let again = app.other_browser();
        again.sign_in("publisher@clinic.example", crate::app::PASSWORD).await.expect(303);
        let event = Event::publish_by(again, &evening()).await;
        let (event, bulletin) = (key(&event.path), key(&bulletin));
        let mut runner = TestRunner::deterministic();
        let people: Vec<Somebody> = (0..120).map(|_| somebody().new_tree(&mut runner).unwrap().current()).collect();
        store(&app, &people, event, bulletin).await;

        let (event, bulletin) = (SymposiumId(event.parse().unwrap()), BulletinId(bulletin.parse().unwrap()));
        let all = app.app.store.read(topics::all).await.unwrap();
        let ids: Vec<TopicId> = TOPICS.iter().map(|slug| all.iter().find(|one| one.slug == *slug).unwrap().id).collect();
        let mut reached = 0;
        for _ in 0..400 {
            let (topics, whom, narrowing) = criteria(event, bulletin).new_tree(&mut runner).unwrap().current();
            let whom = match whom {
                0 => Whom::Event(event),
                1 => Whom::ReceiversOf(bulletin),
                _ => Whom::Topics(topics.iter().map(|at| ids[*at]).collect()),
            };
            let expected: Vec<String> = people
                .iter()
                .enumerate()
                .filter(|(_, one)| one.is_reached(&whom, &topics, &narrowing))
                .map(|(number, _)| format!("gp{number}@practice.example"))
                .collect();
            let now = app.app.now();
            let (asked, narrowed) = (whom.clone(), narrowing.clone());
            let (count, found) = app.app.store.read(move |db| {
                let count = audiences::count(db, &asked, &narrowed, now)?;
                Ok::<_, StoreError>((count, audiences::sample(db, &asked, &narrowed, now, 1_000)?))
            }).await.unwrap();
            let found: Vec<String> = found.into_iter().map(|one| one.email).collect();
            assert_eq!(found, expected, "{whom:?} {narrowing:?}");
            assert_eq!(count, expected.len() as i64, "{whom:?} {narrowing:?}");
            reached += expected.len();
        }
        assert!(reached > 1_000, "these criteria leave nobody: {reached}");
    }
}
