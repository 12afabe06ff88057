//! Audiences under a name.

use super::*;

on_both_databases! {
    async fn an_audience_is_saved_used_renamed_and_deleted_and_bulletins_keep_their_copies(app: TestApp) {
        let desk = Desk::open(&app).await;
        add(&app, person("ana")).await;
        add(&app, Person { region: Some(Region::Central), ..person("ben") }).await;
        let chosen = [
            ("subject", "Half typed"), ("topics", "news"), ("regions", "northern"), ("joined_before", "2026-11-01"),
            ("audience_name", "The north"), ("action", "save-audience"),
        ];
        let page = desk.author.post_form("/staff/bulletins", &chosen).await.expect(200);
        assert!(page.text(".notice").contains("saved as “The north”"));
        assert_eq!(page.attribute("input[name=subject]", "value"), "Half typed");
        assert_eq!(app.count("bulletin").await, 0);

        // Another person uses it, for what they are typing.
        let id = page.attribute("select[name=saved] option:nth-child(2)", "value");
        let using = [("subject", "Mine"), ("topics", "symposium"), ("saved", id.as_str()), ("action", "use-audience")];
        let page = desk.publisher.post_form("/staff/bulletins", &using).await.expect(200);
        assert_eq!(page.attribute("input[name=subject]", "value"), "Mine");
        assert_eq!(page.text("#audience"), "1 person");
        assert_eq!(page.attribute("#joined_before", "value"), "2026-11-01");
        assert!(page.body.contains("id=\"topic-news\" name=\"topics\" value=\"news\" checked"));
        assert!(!page.body.contains("value=\"symposium\" checked"));

        let path = approved(&desk, "To the north", &[("topics", "news"), ("regions", "northern"), ("joined_before", "2026-11-01")]).await;
        let list = desk.author.get("/staff/audiences").await.expect(200);
        assert!(list.text("section").contains("Everyone who chose News. Only people who are in Northern, and joined before 1 November 2026."));
        let rename = format!("/staff/audiences/{id}/rename");
        desk.author.post_form(&rename, &[("audience_name", "Te Tai Tokerau")]).await.expect(303);
        assert_eq!(desk.author.get("/staff/audiences").await.text("section h2"), "Te Tai Tokerau");
        desk.author.post_form(&format!("/staff/audiences/{id}/delete"), &[]).await.expect(303);
        assert!(desk.author.get("/staff/audiences").await.text(".empty").contains("None is saved yet"));
        assert_eq!(app.count("audit_event WHERE action LIKE 'audience.%'").await, 3);

        send(&desk, &path).await;
        assert_eq!(frozen(&app, &path).await, ["ana"]);
        // What is gone cannot be used, and what was typed stays.
        let page = desk.publisher.post_form("/staff/bulletins", &using).await.expect(422);
        assert!(page.text(".error-summary").contains("one of the saved audiences"));
        assert_eq!(page.attribute("input[name=subject]", "value"), "Mine");
    }

    async fn no_two_audiences_have_one_name_and_none_has_none(app: TestApp) {
        let desk = Desk::open(&app).await;
        let save = |name: &str, topics: &str| {
            let form = [("audience_name", name.to_owned()), ("topics", topics.to_owned()), ("action", "save-audience".to_owned())];
            let author = &desk.author;
            async move {
                let form: Vec<(&str, &str)> = form.iter().map(|(name, value)| (*name, value.as_str())).collect();
                author.post_form("/staff/bulletins", &form).await
            }
        };
        save("Māngere", "news").await.expect(200);
        save("Rotorua", "news").await.expect(200);
        for (name, topics, wrong) in [
            ("mangere", "news", "There is a saved audience of this name"),
            ("  ", "news", "Please give a name"),
            ("’", "news", "with letters or numbers"),
            ("Two\r\nlines", "news", "on one line"),
            ("Nobody", "nonsense", "choose topics from the list"),
        ] {
            let page = save(name, topics).await.expect(422);
            let summary = page.text(".error-summary");
            assert!(summary.contains(wrong), "{name:?}: {summary}");
        }
        let page = desk.author.post_form("/staff/bulletins", &[("audience_name", "No topic"), ("action", "save-audience")]).await.expect(422);
        assert!(page.text(".error-summary").contains("at least one topic"));
        assert_eq!(app.count("saved_audience").await, 2);

        let list = desk.author.get("/staff/audiences").await;
        let rename = list.attribute("section:last-of-type form[action$='/rename']", "action");
        let page = desk.author.post_form(&rename, &[("audience_name", "MANGERE")]).await.expect(422);
        assert!(page.text(".field-error").contains("There is a saved audience of this name"));
        assert_eq!(page.attribute("input[aria-invalid]", "value"), "MANGERE");
        desk.author.post_form(&rename, &[("audience_name", "Rotorua-nui")]).await.expect(303);
        desk.author.post_form("/staff/audiences/999/rename", &[("audience_name", "x")]).await.expect(404);
        desk.author.post_form("/staff/audiences/999/delete", &[]).await.expect(404);
    }
}
