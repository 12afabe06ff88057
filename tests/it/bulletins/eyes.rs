//! A bulletin before it goes out, as inboxes show it and with the eyes of its readers.

use practice_points::domain::staff_member::StaffRole;

use crate::app::TestApp;
use crate::both_databases::on_both_databases;
use crate::desk::Desk;

on_both_databases! {
    async fn a_publisher_looks_with_the_eyes_of_a_reader_and_no_link_of_theirs_is_on_the_page(app: TestApp) {
        let desk = Desk::open(&app).await;
        let reader = app.subscribe("reader@practice.example").await;
        let path = desk.assemble("Their eyes", &["news"]).await;
        let preview = format!("{path}/preview");
        let page = desk.publisher.get(&format!("{preview}?q=aroha")).await.expect(200);
        let found = page.attribute(".links a", "href");
        assert_eq!(found, format!("{preview}?as={}", reader.id));
        let page = desk.publisher.get(&found).await.expect(200);
        assert!(page.text("main").contains("Āroha Sample gets it for having chosen News."), "{}", page.text("main"));
        assert!(page.text("pre").contains("Kia ora Āroha Sample,"));
        let frame = page.attribute("iframe", "src");
        let mail = desk.publisher.get(&frame).await.expect(200);
        assert!(mail.body.contains("Kia ora Āroha Sample,"));
        for body in [&page.body, &mail.body] {
            assert!(!body.contains("/u/"), "a link that works");
            assert!(body.contains("/manage"));
        }
        // Whoever may not know who is on the list sees a sample reader, whatever the address says.
        for address in [&found, &frame] {
            let seen = desk.author.get(address).await.expect(200);
            assert!(seen.body.contains("Sample Reader"));
            assert!(!seen.body.contains("Āroha"));
        }
        assert!(desk.author.get(&format!("{preview}?q=aroha")).await.text(".links").is_empty());
    }

    async fn who_would_not_get_it_is_told_so(app: TestApp) {
        let desk = Desk::open(&app).await;
        let reader = app.subscribe("reader@practice.example").await;
        let path = desk.assemble("Not for all", &["symposium"]).await;
        let preview = format!("{path}/preview");
        let said = desk.publisher.get(&format!("{preview}?as={}", reader.id)).await.text("main");
        assert!(said.contains("none of its topics is chosen"), "{said}");
        let found = desk.publisher.get(&format!("{preview}?q=aroha")).await.expect(200);
        assert!(found.text("main").contains("Nobody of those who would get it"));
        let link = app.unsubscribe_path("reader@practice.example").await;
        app.post_form(&link, &[]).await.expect(200);
        let said = desk.publisher.get(&format!("{preview}?as={}", reader.id)).await.text("main");
        assert!(said.contains("would not get it now: has unsubscribed"), "{said}");
        desk.publisher.get(&format!("{preview}?as=999")).await.expect(404);
    }

    async fn it_is_shown_dark_and_without_images_whatever_the_machine(app: TestApp) {
        let desk = Desk::open(&app).await;
        let path = desk.assemble("Dark", &["news"]).await;
        let shown = async |query: &str| desk.author.get(&format!("{path}/preview.html{query}")).await.expect(200);
        let light = shown("").await;
        assert!(light.body.contains("@media not all"), "{}", light.body);
        assert!(!light.body.contains("prefers-color-scheme"));
        let dark = shown("?colours=dark").await;
        assert!(dark.body.contains("@media all") && dark.body.contains("color-scheme: dark"));
        let policy = light.header("content-security-policy").to_owned();
        assert!(policy.contains("img-src") && policy.contains("sandbox"), "{policy}");
        let policy = shown("?images=off").await.header("content-security-policy").to_owned();
        assert!(!policy.contains("img-src") && policy.contains("sandbox"), "{policy}");
        let page = desk.author.get(&format!("{path}/preview?width=phone&colours=dark&images=off")).await.expect(200);
        assert_eq!(page.attribute("iframe", "src"), format!("{path}/preview.html?colours=dark&images=off"));
        assert_eq!(page.attribute("iframe + p a", "href"), page.attribute("iframe", "src"));
        assert_eq!(page.attribute("iframe", "class"), "mail phone dark");
        // Whoever looks for a reader then keeps it so.
        let page = desk.publisher.get(&format!("{path}/preview?width=phone&images=off")).await.expect(200);
        assert_eq!(page.attribute("form[role=search] input[name=width]", "value"), "phone");
        assert_eq!(page.attribute("form[role=search] input[name=colours]", "value"), "");
        assert_eq!(page.attribute("form[role=search] input[name=images]", "value"), "off");
    }

    async fn an_inbox_shows_as_much_as_it_has_room_for(app: TestApp) {
        app.sign_in_as(StaffRole::Author).await;
        let subject = "Practice points on calcium scores, and whom to send for CT";
        let form = [("subject", subject), ("preheader", "What is new"), ("topics", "news")];
        let path = app.post_form("/staff/bulletins", &form).await.expect(303).location().to_owned();
        let page = app.get(&format!("{path}/preview")).await.expect(200);
        let phone = page.text(".inbox-line.phone");
        assert!(phone.contains("Practice points on calcium scores, and…"), "{phone}");
        assert!(page.text("#inbox ~ .inbox-line:not(.phone)").contains(subject));
        assert!(page.text("main").contains("A phone does not show the whole subject"));
    }
}
