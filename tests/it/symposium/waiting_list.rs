//! Places pass from one person to the next, and nobody gets one that is not there.

use futures_util::future::join_all;

use crate::app::TestApp;
use crate::both_databases::on_both_databases;
use crate::desk::with;

use super::{Event, GIVE_UP, about, delivered, evening, news};

fn with_places(capacity: &str) -> crate::desk::Fields {
    with(evening(), "capacity", capacity)
}

fn gp(number: usize) -> String {
    format!("gp{number}@practice.example")
}

on_both_databases! {
    async fn of_two_who_take_the_last_place_at_once_one_is_first_on_the_waiting_list(app: TestApp) {
        let event = Event::publish(&app, &with_places("1")).await;
        for number in 0..2 {
            app.subscribe(&gp(number)).await;
        }
        for round in 0..8 {
            let links = [event.register_path(&app, &gp(0)).await, event.register_path(&app, &gp(1)).await];
            let answers = join_all(links.iter().map(|link| app.post_form(link, &[]))).await;
            let places: Vec<String> = answers.into_iter().map(|answer| answer.expect(303).location().to_owned()).collect();
            assert_eq!(app.count("registration WHERE state = 'registered'").await, 1, "round {round}");
            assert_eq!(app.count("registration WHERE state = 'waiting'").await, 1, "round {round}");
            let mut seen = Vec::new();
            for place in &places {
                let page = app.get(place).await.expect(200);
                seen.push((page.text("h1"), page.text(".lede")));
            }
            seen.sort();
            assert_eq!(seen[0].0, "You are on the waiting list");
            assert!(seen[0].1.contains("You are number 1."), "{}", seen[0].1);
            assert_eq!(seen[1].0, "You have a place");
            // Both make way for the next round: the one who waits first, so that nobody moves up.
            let mut waiting_first = Vec::new();
            for place in places {
                let waits = app.get(&place).await.text("h1") == "You are on the waiting list";
                waiting_first.push((!waits, place));
            }
            waiting_first.sort();
            for (_, place) in waiting_first {
                app.post_form(&format!("{place}/cancel"), GIVE_UP).await.expect(303);
            }
        }
    }

    async fn many_at_once_get_exactly_the_places_that_there_are_in_the_order_of_asking(app: TestApp) {
        let event = Event::publish(&app, &with_places("5")).await;
        let mut links = Vec::new();
        for number in 0..16 {
            app.subscribe(&gp(number)).await;
            links.push(event.register_path(&app, &gp(number)).await);
        }
        for answer in join_all(links.iter().map(|link| app.post_form(link, &[]))).await {
            answer.expect(303);
        }
        assert_eq!(app.count("registration WHERE state = 'registered'").await, 5);
        assert_eq!(app.count("registration WHERE state = 'waiting'").await, 11);
        assert_eq!(
            app.count("registration a WHERE state = 'waiting' AND EXISTS (SELECT 1 FROM registration b \
                WHERE b.state = 'registered' AND b.id > a.id)").await,
            0
        );
    }

    async fn a_place_that_gets_free_goes_to_the_first_who_waits_and_says_so(app: TestApp) {
        let event = Event::publish(&app, &with_places("1")).await;
        let first = event.newcomer(&app, &gp(1)).await;
        let second = event.newcomer(&app, &gp(2)).await;
        let third = event.newcomer(&app, &gp(3)).await;
        assert!(app.get(&third).await.text(".lede").contains("number 2"));
        assert!(app.get(&event.page()).await.text("#register").contains("2 people are waiting"));
        app.post_form(&format!("{first}/cancel"), GIVE_UP).await.expect(303);
        assert_eq!(app.get(&second).await.text("h1"), "You have a place");
        assert!(app.get(&third).await.text(".lede").contains("number 1"));
        assert_eq!(news(&app, &gp(2)).await, ["symposium-waiting", "symposium-moved-up"]);
        assert_eq!(news(&app, &gp(3)).await, ["symposium-waiting"]);
        let messages = delivered(&app, &gp(2)).await;
        let moved_up = about(&messages, "A place is yours now");
        assert!(moved_up.text.clone().unwrap().contains("You are off the waiting list"));
        assert!(String::from_utf8_lossy(&moved_up.raw).contains("method=PUBLISH"));
        // Who left the queue again and comes back is last.
        app.post_form(&format!("{second}/cancel"), GIVE_UP).await.expect(303);
        let again = event.register(&app, &gp(2)).await;
        assert!(app.get(&again).await.text(".lede").contains("number 1"));
        assert_eq!(app.get(&third).await.text("h1"), "You have a place");
    }

    async fn several_who_cancel_at_once_pass_on_as_many_places(app: TestApp) {
        let event = Event::publish(&app, &with_places("3")).await;
        let mut paths = Vec::new();
        for number in 0..6 {
            paths.push(event.newcomer(&app, &gp(number)).await);
        }
        let cancels: Vec<String> = paths[..3].iter().map(|path| format!("{path}/cancel")).collect();
        for answer in join_all(cancels.iter().map(|cancel| app.post_form(cancel, GIVE_UP))).await {
            answer.expect(303);
        }
        for path in &paths[3..] {
            assert_eq!(app.get(path).await.text("h1"), "You have a place");
        }
        assert_eq!(app.count("delivery WHERE kind = 'symposium-moved-up'").await, 3);
    }

    async fn more_places_go_to_those_who_wait_and_fewer_take_nobodys(app: TestApp) {
        let event = Event::publish(&app, &with_places("1")).await;
        for number in 0..4 {
            event.newcomer(&app, &gp(number)).await;
        }
        event.save(&with_places("3")).await.expect(303);
        assert!(event.publisher.get(&event.path).await.text(".flash").contains("2 people moved up"));
        assert_eq!(app.count("registration WHERE state = 'registered'").await, 3);
        assert_eq!(app.count("delivery WHERE kind = 'symposium-moved-up'").await, 2);
        event.save(&with_places("1")).await.expect(303);
        assert_eq!(app.count("registration WHERE state = 'registered'").await, 3);
        event.save(&with_places("")).await.expect(303);
        assert_eq!(app.count("registration WHERE state = 'waiting'").await, 0);
        assert!(app.get(&event.page()).await.text("#register").contains("room for everybody"));
    }

    async fn an_erased_person_makes_way_for_the_next(app: TestApp) {
        let event = Event::publish(&app, &with_places("1")).await;
        let first = event.newcomer(&app, &gp(1)).await;
        let needs = [("dietary", "unmistakable peanuts")];
        app.post_form(&format!("{first}/needs"), &needs).await.expect(303);
        let second = event.newcomer(&app, &gp(2)).await;
        let link = app.manage_path(&gp(1)).await;
        app.post_form(&format!("{link}/erase"), &[("confirm", "yes")]).await.expect(200);
        assert_eq!(app.get(&second).await.text("h1"), "You have a place");
        app.get(&first).await.expect(404);
        app.post_form(&format!("{first}/cancel"), GIVE_UP).await.expect(404);
        assert_eq!(app.count("registration WHERE dietary IS NOT NULL").await, 0);
        let before = app.count("delivery").await;
        event.publisher.post_form(&format!("{}/cancel", event.path), &[("confirm", "yes")]).await.expect(303);
        assert_eq!(app.count("delivery").await, before + 1, "the erased person gets no message");
    }

    async fn erasing_and_registering_at_the_same_moment_leaves_no_place_with_nobody(app: TestApp) {
        let event = Event::publish(&app, &with_places("1")).await;
        for round in 0..5 {
            let email = gp(round);
            app.subscribe(&email).await;
            let link = event.register_path(&app, &email).await;
            let erase = format!("{}/erase", app.manage_path(&email).await);
            let sure = [("confirm", "yes")];
            join_all([app.post_form(&link, &[]), app.post_form(&erase, &sure)]).await;
            assert!(app.find_subscriber(&email).await.is_none());
            assert_eq!(app.count("registration WHERE state <> 'cancelled'").await, 0, "round {round}");
        }
    }
}
