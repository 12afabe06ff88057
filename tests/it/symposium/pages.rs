//! What anybody reads of a symposium.

use crate::app::TestApp;
use crate::both_databases::on_both_databases;
use crate::desk::with;

use super::{Event, evening};

on_both_databases! {
    async fn without_any_event_the_page_says_so(app: TestApp) {
        let page = app.get("/symposium").await.expect(200);
        assert!(page.text(".empty").contains("No symposium is announced"));
        assert_eq!(app.get("/").await.text("#event-heading"), "");
    }

    async fn an_event_says_what_when_where_and_how_much_learning(app: TestApp) {
        let event = Event::publish(&app, &evening()).await;
        assert_eq!(event.slug, "hearts-in-practice-an-evening-for-tamaki");
        let page = app.get(&event.page()).await.expect(200);
        let words = page.text("main");
        for fact in [
            "Hearts in Practice: an evening for Tāmaki",
            "Tuesday 6 April 2027, 6:30 pm to 8:30 pm NZST",
            "Pacific/Auckland",
            "Ascot Hospital, Level 3, Remuera",
            "1.5 hours. Not endorsed by the College; you may self-record this activity.",
            "6:45 pm Chest pain",
            "Dr Ana Sample, cardiologist",
            "Two places are left.",
        ] {
            assert!(words.contains(fact), "{fact}: {words}");
        }
        assert_eq!(page.text(".programme h3"), "After supper");
    }

    async fn it_stands_on_the_home_page_in_the_list_the_search_the_feeds_and_the_sitemap(app: TestApp) {
        let event = Event::publish(&app, &evening()).await;
        assert_eq!(app.get("/").await.expect(200).attribute(".event-card h3 a", "href"), event.page());
        assert_eq!(app.get("/symposium").await.expect(200).attribute(".event-card h3 a", "href"), event.page());
        let found = app.get("/search?q=tamaki+palpitation").await.expect(200);
        assert!(found.body.contains(&event.page()), "{}", found.text("main"));
        assert!(found.text(".search-results").contains("Tuesday 6 April 2027, 6:30 pm"), "{}", found.text("main"));
        for feed in ["/feed.atom", "/topics/symposium/feed.atom", "/sitemap.xml"] {
            assert!(app.get(feed).await.expect(200).body.contains(&event.page()), "{feed}");
        }
        assert!(!app.get("/topics/news/feed.atom").await.expect(200).body.contains(&event.page()));
    }

    async fn where_the_next_is_full_the_next_with_places_stands_beside_it(app: TestApp) {
        let on_day = |title: &str, day: &str| {
            let fields = with(with(evening(), "capacity", "1"), "title", title);
            with(with(fields, "starts", format!("{day}T18:30")), "ends", format!("{day}T20:30"))
        };
        let first = Event::publish(&app, &on_day("First evening", "2027-04-06")).await;
        let second = Event::publish_by(first.publisher, &on_day("Second evening", "2027-04-07")).await;
        let third = Event::publish_by(second.publisher, &on_day("Third evening", "2027-04-08")).await;
        let home = app.get("/").await.expect(200).text("section[aria-labelledby=event-heading]");
        assert!(home.contains("First evening") && !home.contains("Second evening"), "{home}");

        let full = Event { publisher: third.publisher, path: first.path, slug: first.slug };
        full.newcomer(&app, "aroha@practice.example").await;
        let home = app.get("/").await.expect(200).text("section[aria-labelledby=event-heading]");
        assert!(home.contains("The next one with places left: Wednesday 7 April 2027"), "{home}");
        assert!(!home.contains("Third evening"), "{home}");
        app.subscribe("hemi@practice.example").await;
        let own = app.get(&app.manage_path("hemi@practice.example").await).await.expect(200).text("section[aria-labelledby=events-heading]");
        assert!(own.contains("All places are taken; nobody is waiting yet.") && own.contains("One place is left."), "{own}");
        assert!(own.contains("Join the waiting list"), "{own}");
        // Who waits is not told to have a place.
        let link = full.register_path(&app, "hemi@practice.example").await;
        app.post_form(&link, &[]).await.expect(303);
        assert!(app.get(&link).await.expect(200).text(".notice").contains("You are on the waiting list already."));
    }

    async fn a_draft_is_nowhere(app: TestApp) {
        let event = Event::publish(&app, &evening()).await;
        let draft = with(evening(), "title", "Secret plans");
        crate::desk::post(&event.publisher, "/staff/symposia", &draft).await.expect(303);
        app.get("/symposium/secret-plans").await.expect(404);
        app.get("/symposium/secret-plans.ics").await.expect(404);
        app.get("/subscribe?symposium=secret-plans").await.expect(200);
        for page in ["/", "/symposium", "/feed.atom", "/sitemap.xml", "/search?q=secret"] {
            assert!(!app.get(page).await.expect(200).body.contains("secret-plans"), "{page}");
        }
        app.post_form("/symposium/secret-plans/link", &[("email", "aroha@practice.example")]).await.expect(404);
    }

    async fn what_is_over_is_listed_as_such_and_takes_nobody(app: TestApp) {
        let event = Event::publish(&app, &evening()).await;
        app.app.clock.advance(std::time::Duration::from_secs(365 * 86_400));
        let list = app.get("/symposium").await.expect(200);
        assert!(list.text(".empty").contains("No symposium is announced"));
        assert!(list.text("main").contains("Earlier"));
        let page = app.get(&event.page()).await.expect(200);
        assert!(page.text(".notice").contains("This event is over"));
        assert_eq!(page.attribute("main form", "action"), "");
        app.post_form(&format!("{}/link", event.page()), &[("email", "aroha@practice.example")]).await.expect(409);
    }

    async fn registration_closes_when_it_was_said(app: TestApp) {
        let event = Event::publish(&app, &with(evening(), "closes", "2026-11-30T12:00")).await;
        app.get(&event.page()).await.expect(200);
        app.app.clock.advance(std::time::Duration::from_secs(8 * 86_400));
        let page = app.get(&event.page()).await.expect(200);
        assert!(page.text("#register").contains("Registration has closed."));
        app.subscribe("aroha@practice.example").await;
        let link = event.register_path(&app, "aroha@practice.example").await;
        app.get(&link).await.expect(200);
        app.post_form(&link, &[]).await.expect(409);
        assert_eq!(app.count("registration").await, 0);
    }
}
