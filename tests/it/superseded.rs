//! An article takes the place of another.

use crate::app::TestApp;
use crate::both_databases::on_both_databases;
use crate::desk::{Desk, bulletin, guidance, post, with};
use crate::symposium::{Event, evening};

fn key(path: &str) -> &str {
    path.rsplit('/').next().unwrap()
}

/// Two articles on the site, the second in the place of the first. Returns their pages' paths.
async fn superseded(desk: &Desk) -> (String, String) {
    let fields = with(
        guidance("The older"),
        "practice_points",
        "Older point.\nSecond.\nThird.",
    );
    let older = desk.publish_as(&fields).await;
    let newer = desk.publish("The newer").await;
    let form = [("successor", key(&newer))];
    desk.publisher
        .post_form(&format!("{older}/supersede"), &form)
        .await
        .expect(303);
    (older, newer)
}

on_both_databases! {
    async fn readers_of_the_older_are_led_to_the_newer(app: TestApp) {
        let desk = Desk::open(&app).await;
        let (older, _) = superseded(&desk).await;
        let page = app.get("/articles/the-older").await.expect(200);
        assert_eq!(page.attribute(".superseded a", "href"), "/articles/the-newer");
        let link = page.header("link").to_owned();
        assert!(link.ends_with("/articles/the-newer>; rel=\"successor-version\""), "{link}");
        let page = app.get("/articles/the-newer").await.expect(200);
        assert_eq!(page.text(".superseded"), "");
        assert!(page.text("article").contains("takes the place of The older"), "{}", page.text("article"));
        // Its points can still be cited, and say so.
        let point = app.get("/practice-points/the-older/1").await.expect(200);
        assert_eq!(point.attribute(".superseded a", "href"), "/articles/the-newer");
        let staff = desk.author.get("/staff/articles").await.text("tbody");
        assert_eq!(staff.matches("Superseded").count(), 1);

        desk.publisher.post_form(&format!("{older}/reinstate"), &[]).await.expect(303);
        let page = app.get("/articles/the-older").await.expect(200);
        assert_eq!((page.text(".superseded"), page.header("link")), (String::new(), ""));
        desk.publisher.post_form(&format!("{older}/reinstate"), &[]).await.expect(409);
    }

    async fn it_is_marked_in_lists_and_left_out_of_what_is_new(app: TestApp) {
        let desk = Desk::open(&app).await;
        let (older, _) = superseded(&desk).await;
        let cards = app.get("/articles").await.text(".article-list");
        assert!(cards.contains("Superseded") && cards.contains("The older"), "{cards}");
        let home = app.get("/").await.text("main");
        assert!(home.contains("The newer") && !home.contains("The older"), "{home}");
        for path in ["/feed.atom", "/topics/calcium-score/feed.atom", "/sitemap.xml"] {
            let body = app.get(path).await.expect(200).body;
            assert!(body.contains("the-newer") && !body.contains("the-older"), "{path}");
        }
        let library = app.get("/practice-points").await.text("main");
        assert!(library.contains("First point.") && !library.contains("Older point."), "{library}");

        // The search finds it behind the current one, marked.
        let found = app.get("/search?q=moderate").await.text(".search-results");
        let (newer, marked) = (found.find("The newer").unwrap(), found.find("Superseded").unwrap());
        assert!(newer < marked && found.find("The older") > Some(marked), "{found}");
        assert!(app.get("/search?q=older+point").await.text(".search-results").contains("Superseded"));
        let found = app.get("/articles?q=moderate").await.text(".article-list");
        assert!(found.find("The newer") < found.find("The older"), "{found}");

        desk.publisher.post_form(&format!("{older}/reinstate"), &[]).await.expect(303);
        assert!(app.get("/practice-points").await.text("main").contains("Older point."));
    }

    async fn what_is_no_article_is_not_marked_for_having_the_number_of_one(app: TestApp) {
        app.subscribe("aroha@practice.example").await;
        let desk = Desk::open(&app).await;
        let (older, _) = superseded(&desk).await;
        let sent = desk.approved_bulletin("Hearts this month", &["news"]).await;
        desk.publisher.post_form(&format!("{sent}/send"), &[("confirm", "yes")]).await.expect(303);
        let event = Event::publish_by(desk.publisher, &evening()).await;
        assert_eq!((key(&older), key(&sent), key(&event.path)), ("1", "1", "1"));
        for kind in ["symposium", "bulletin"] {
            let found = app.get(&format!("/search?q=hearts&kind={kind}")).await.expect(200).text(".search-results");
            assert!(found.contains("Hearts") && !found.contains("Superseded"), "{found}");
        }
    }

    async fn nobody_is_sent_round_in_a_circle_and_a_chain_leads_to_its_end(app: TestApp) {
        let desk = Desk::open(&app).await;
        let (older, newer) = superseded(&desk).await;
        let newest = desk.publish("The newest").await;
        for (path, successor) in [(&newer, &older), (&older, &older)] {
            let form = [("successor", key(successor))];
            desk.publisher.post_form(&format!("{path}/supersede"), &form).await.expect(409);
        }
        desk.publisher.post_form(&format!("{newer}/supersede"), &[("successor", key(&newest))]).await.expect(303);
        let form = [("successor", key(&older))];
        let refused = desk.publisher.post_form(&format!("{newest}/supersede"), &form).await.expect(409);
        assert!(refused.text("main").contains("round in a circle"));
        let page = app.get("/articles/the-older").await;
        assert_eq!(page.attribute(".superseded a", "href"), "/articles/the-newest");

        // While the end of the chain is off the site, the one before it is the best there is.
        desk.publisher.post_form(&format!("{newest}/unpublish"), &[]).await.expect(303);
        let page = app.get("/articles/the-older").await;
        assert_eq!(page.attribute(".superseded a", "href"), "/articles/the-newer");
        let page = app.get("/articles/the-newer").await;
        assert!(page.text(".superseded").contains("not on the site at present"));
    }

    async fn only_what_is_on_the_site_takes_a_place_there_and_a_publisher_says_so(app: TestApp) {
        let desk = Desk::open(&app).await;
        let on_site = desk.publish("On the site").await;
        let draft = desk.write("A draft").await;
        for (path, successor, status) in [(&on_site, key(&draft), 409), (&draft, key(&on_site), 409), (&on_site, "999", 409), (&on_site, "", 409)] {
            let form = [("successor", successor)];
            desk.publisher.post_form(&format!("{path}/supersede"), &form).await.expect(status);
        }
        let form = [("successor", key(&draft))];
        desk.author.post_form(&format!("{on_site}/supersede"), &form).await.expect(403);
        let page = desk.publisher.get(&on_site).await.expect(200);
        assert!(page.text("main").contains("can be chosen here"), "{}", page.text("main"));
    }

    async fn a_bulletin_does_not_bring_what_is_superseded(app: TestApp) {
        let desk = Desk::open(&app).await;
        let older = desk.publish("The older").await;
        let form = bulletin("What is new", &older, &["news"]);
        let path = post(&desk.author, "/staff/bulletins", &form).await.expect(303).location().to_owned();
        let newer = desk.publish("The newer").await;
        desk.publisher.post_form(&format!("{older}/supersede"), &[("successor", key(&newer))]).await.expect(303);
        let refused = desk.author.post_form(&format!("{path}/submit"), &[]).await.expect(409);
        assert!(refused.text("main").contains("“The older” is superseded."), "{}", refused.text("main"));
        let offered = desk.author.get("/staff/bulletins/new").await.expect(200).text("main");
        assert!(offered.contains("The newer") && !offered.contains("The older"), "{offered}");
    }
}
