//! The list: its pages, its orders, its filters, and those that are kept.

use practice_points::domain::staff_member::StaffRole;

use crate::app::{Answer, TestApp};
use crate::both_databases::on_both_databases;

use super::{list_of, texts};

fn addresses(page: &Answer) -> Vec<String> {
    texts(page, "#many tbody td:nth-child(3)")
}

fn step(page: &Answer, word: &str) -> Option<String> {
    let html = page.page();
    let links = scraper::Selector::parse(".pager a").unwrap();
    let found = html
        .select(&links)
        .find(|link| link.text().collect::<String>() == word);
    found.map(|link| link.value().attr("href").unwrap().to_owned())
}

on_both_databases! {
    async fn all_pages_together_are_the_list_in_every_order_and_both_ways(app: TestApp) {
        app.sign_in_as(StaffRole::Publisher).await;
        list_of(&app, 130).await;
        for order in ["", "?sort=name", "?sort=name&down=yes", "?sort=email", "?sort=joined"] {
            let first = app.get(&format!("/staff/subscribers{order}")).await.expect(200);
            assert_eq!(texts(&first, ".pager p"), ["1 to 50 of 130"], "{order}");
            assert_eq!(step(&first, "Previous"), None);
            let second = app.get(&step(&first, "Next").unwrap()).await.expect(200);
            assert_eq!(texts(&second, ".pager p"), ["51 to 100 of 130"], "{order}");
            let third = app.get(&step(&second, "Next").unwrap()).await.expect(200);
            assert_eq!(texts(&third, ".pager p"), ["101 to 130 of 130"], "{order}");
            assert_eq!(step(&third, "Next"), None);
            let mut all = [addresses(&first), addresses(&second), addresses(&third)].concat();
            assert_eq!(all.len(), 130);
            all.sort();
            all.dedup();
            assert_eq!(all.len(), 130, "nobody twice, {order}");

            let last = app.get(&step(&first, "Last").unwrap()).await.expect(200);
            assert_eq!(texts(&last, ".pager p"), ["81 to 130 of 130"], "{order}");
            let back = app.get(&step(&last, "Previous").unwrap()).await.expect(200);
            let front = app.get(&step(&back, "Previous").unwrap()).await.expect(200);
            assert_eq!(addresses(&front), addresses(&first), "the first page is whole, {order}");
            assert_eq!(addresses(&back)[49], addresses(&second)[29], "{order}");
        }
        let by_name = app.get("/staff/subscribers?sort=name").await;
        let names = texts(&by_name, "#many tbody td:nth-child(2)");
        assert!(names.is_sorted(), "{names:?}");
        assert_eq!(by_name.attribute("th[aria-sort]", "aria-sort"), "ascending");
    }

    async fn words_are_found_by_their_beginnings_and_filters_combine(app: TestApp) {
        app.sign_in_as(StaffRole::Publisher).await;
        list_of(&app, 60).await;
        app.subscribe("aroha@other.example").await;
        app.app.clock.advance(std::time::Duration::from_secs(60 * 60 * 24 * 3));
        app.sign_in("publisher@clinic.example", crate::app::PASSWORD).await.expect(303);
        app.subscribe("late@other.example").await;
        for (query, expected) in [
            ("q=pers", 50), ("q=ers", 0), ("q=Person+0007", 1), ("q=p0003%40practice.example", 1), ("q=other.ex", 2),
            ("q=practice+3", 6), ("q=practice+3&region=central", 6), ("q=practice+3&region=northern", 0),
            ("region=northern&role=gp", 30), ("source=the+autumn+symposium&region=central", 30), ("source=web+form", 2),
            ("from=2026-11-24", 1), ("to=2026-11-23&source=web+form", 1), ("from=nonsense&source=web+form", 2),
            ("trouble=strikes", 0), ("trouble=bounced", 0), ("attended=1", 0), ("received=1", 0), ("not_received=1", 50),
            ("topic=calcium-score", 2), ("status=suspended", 0),
        ] {
            let page = app.get(&format!("/staff/subscribers?{query}")).await.expect(200);
            assert_eq!(addresses(&page).len(), expected, "{query}");
        }
        let export = app.get("/staff/subscribers/export.csv?region=central&role=gp").await.expect(200);
        assert_eq!(export.body.lines().count(), 31);
    }

    async fn who_changes_is_found_by_the_new_words_and_no_longer_by_the_old(app: TestApp) {
        app.sign_in_as(StaffRole::Publisher).await;
        let id = app.subscribe("aroha@practice.example").await.id;
        let form = [("email", "rangi@clinic.example"), ("name", "Rangi Sample"), ("topics", "news")];
        app.post_form(&format!("/staff/subscribers/{id}"), &form).await.expect(303);
        for (query, expected) in [("rangi", 1), ("clinic", 1), ("aroha", 0)] {
            let page = app.get(&format!("/staff/subscribers?q={query}")).await.expect(200);
            assert_eq!(addresses(&page).len(), expected, "{query}");
        }
        app.post_form(&format!("/staff/subscribers/{id}/erase"), &[("confirm", "yes")]).await.expect(303);
        assert_eq!(app.count("subscriber_word").await, 0);
    }

    async fn a_filter_is_kept_under_a_name_shown_to_all_and_deleted(app: TestApp) {
        app.sign_in_as(StaffRole::Owner).await;
        app.subscribe("aroha@practice.example").await;
        let path = "/staff/subscribers/filters";
        let form = [("name", "North"), ("query", "region=northern&status=active&nonsense=1&after=3")];
        let saved = app.post_form(path, &form).await.expect(303);
        assert_eq!(saved.location(), "/staff/subscribers?status=active&region=northern");
        let other = app.other_browser();
        other.sign_in_as(StaffRole::Publisher).await;
        let page = other.get("/staff/subscribers").await.expect(200);
        assert_eq!(texts(&page, ".filter-links a"), ["North"]);
        let shown = other.get(&page.attribute(".filter-links a", "href")).await.expect(200);
        assert_eq!(shown.attribute(".filter-links a", "aria-current"), "true");
        assert_eq!(shown.attribute("#region option[selected]", "value"), "northern");
        for (name, query) in [("North", "role=gp"), ("", "role=gp"), ("All", "")] {
            let page = app.post_form(path, &[("name", name), ("query", query)]).await.expect(422);
            assert!(!page.text(".error-summary").is_empty(), "{name} {query}");
        }
        assert!(texts(&shown, ".list-kept summary").contains(&"Delete the filter “North”".to_owned()));
        let nobody = app.other_browser().post_form(path, &[]).await.expect(403);
        assert_eq!(nobody.attribute("main a[href='/staff/sign-in']", "target"), "_blank");
        let delete = shown.attribute("form[action$='/delete']", "action");
        other.post_form(&delete, &[]).await.expect(303);
        other.post_form(&delete, &[]).await.expect(303);
        assert!(texts(&app.get("/staff/subscribers").await, ".filter-links a").is_empty());
        let audit = app.get("/staff/audit").await.text("tbody");
        assert!(audit.contains("Saved a filter of the subscribers: North") && audit.contains("Deleted a filter"), "{audit}");
    }

    async fn what_the_address_makes_up_is_no_fault(app: TestApp) {
        app.sign_in_as(StaffRole::Publisher).await;
        list_of(&app, 3).await;
        for query in [
            "after=999999", "before=999999", "after=-1", "after=x&before=y", "skipped=-5&after=1", "skipped=99999999999999999999",
            "sort=nonsense&down=maybe", "attended=x&received=99999999999999999999", "last=yes", "q=%25%27%5C&last=yes", "before=1",
        ] {
            app.get(&format!("/staff/subscribers?{query}")).await.expect(200);
        }
    }
}
