//! Every message goes out with its own signed return path, also where envelopes are pipelined.

use std::collections::BTreeSet;

use practice_points::app::send_bulletin;
use practice_points::domain::bulletin::BulletinState;
use practice_points::domain::return_path::{message_ids_in, return_paths_in};

use crate::both_databases::{Database, on_both_databases};
use crate::clinic::Clinic;
use crate::smtp_sink::SmtpSink;

struct TestApp(Clinic);

impl TestApp {
    async fn start(database: Database) -> Self {
        let sink = SmtpSink::start().await;
        let settings = [
            ("smtp_url", sink.url()),
            ("inbound.address", "@bounces.clinic.example".to_owned()),
        ];
        Self(Clinic::start_with(database, sink, &settings).await)
    }
}

on_both_databases! {
    async fn each_message_has_a_return_path_of_its_own(here: TestApp) {
        let clinic = here.0;
        clinic.add_subscribers(60).await;
        let id = clinic.approved_bulletin().await;
        let worker = clinic.worker();
        send_bulletin::send_now(&clinic.app, clinic.reviewer, id).await.unwrap();
        clinic.wait_for_state(id, BulletinState::Sent).await;
        worker.stop().await;
        let keys = &clinic.app.instance.link_keys;
        let mut seen = BTreeSet::new();
        for message in clinic.sink.messages() {
            assert!(message.from.ends_with("@bounces.clinic.example"), "{}", message.from);
            let by_path = return_paths_in(keys, message.from.as_bytes());
            let by_id = message_ids_in(keys, &clinic.app.instance.id, &message.bytes);
            assert_eq!((by_path.len(), &by_path), (1, &by_id), "envelope and header speak of one message");
            let row = clinic.app.store.read({
                let id = by_path[0];
                move |db| practice_points::store::inbound_events::sent(db, id)
            });
            assert_eq!(row.await.unwrap().unwrap().recipient, message.to[0]);
            seen.insert(by_path[0]);
            let text = String::from_utf8_lossy(&message.bytes).into_owned();
            assert!(text.contains("<mailto:unsubscribe@bounces.clinic.example?subject="), "{text}");
        }
        assert_eq!(seen.len(), 60);
    }
}
