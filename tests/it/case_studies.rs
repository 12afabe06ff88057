//! Case studies: told in CARE's order, and published only on a ground.

use crate::app::{Answer, TestApp};
use crate::both_databases::on_both_databases;
use crate::desk::{Desk, Fields, bulletin, guidance, post, with};

const SECTIONS: [&str; 7] = [
    "Patient information",
    "Clinical findings",
    "Timeline",
    "Diagnostic assessment",
    "Intervention",
    "Follow-up and outcomes",
    "Discussion",
];

fn text() -> String {
    SECTIONS
        .map(|heading| format!("## {heading}\n\nWhat is to be said.\n"))
        .join("\n")
}

fn case(title: &str) -> Fields {
    with(with(guidance(title), "kind", "case-study"), "body", text())
}

/// Every item of the checklist, for a version.
fn checklist(version: &str) -> Vec<(&str, &str)> {
    let mut fields = vec![("version", version)];
    fields.extend(
        [
            "names",
            "initials",
            "nhi",
            "birth-dates",
            "exact-dates",
            "phone-numbers",
            "addresses",
            "rare-detail",
            "faces",
            "burnt-in-text",
        ]
        .map(|item| ("item", item)),
    );
    fields
}

const CONSENT: [(&str, &str); 3] = [
    ("taken_by", "Dr Ana Sample, cardiologist"),
    ("taken_on", "2026-11-20"),
    ("scope", "Text and two images, on the web and by e-mail"),
];

/// A case study in review. Returns its page's path.
async fn in_review(desk: &Desk, title: &str) -> String {
    let saved = post(&desk.author, "/staff/articles", &case(title)).await;
    let path = saved.expect(303).location().to_owned();
    desk.author
        .post_form(&format!("{path}/submit"), &[])
        .await
        .expect(303);
    path
}

async fn step(who: &TestApp, path: &str, step: &str, fields: &[(&str, &str)]) -> Answer {
    who.post_form(&format!("{path}/{step}"), fields).await
}

on_both_databases! {
    async fn a_new_case_study_begins_with_the_sections_of_care(app: TestApp) {
        let desk = Desk::open(&app).await;
        let form = desk.author.get("/staff/articles/new?kind=case-study").await.expect(200);
        let outline = form.text("textarea[name=body]");
        let places: Vec<usize> = SECTIONS.iter().map(|heading| outline.find(&format!("## {heading}")).unwrap()).collect();
        assert!(places.is_sorted(), "{outline}");
        assert!(outline.contains("## Patient perspective"));
        // Also for who chose the kind in the form, and left the text empty.
        let saved = post(&desk.author, "/staff/articles", &with(case("By the form"), "body", "")).await;
        let path = saved.expect(303).location().to_owned();
        let page = desk.author.get(&path).await.expect(200);
        assert!(page.text(".notice.warn").contains("The section “Timeline” (line 9) is empty."), "{}", page.text("main"));
        assert!(!page.text(".card .prose").contains("spans of time"), "hints are for authors alone");
        step(&desk.author, &path, "submit", &[]).await.expect(409);
    }

    async fn headings_that_are_missing_are_added_at_a_press(app: TestApp) {
        let desk = Desk::open(&app).await;
        let begun = with(case("Begun as news"), "body", "Told as it came.\n\n## Discussion\n\nA lot.");
        let saved = post(&desk.author, "/staff/articles", &begun).await.expect(303);
        let path = saved.location().to_owned();
        let page = desk.author.get(&path).await.expect(200);
        assert!(page.text(".notice.warn").contains("The section “Timeline” is missing."));
        let add = page.attribute(".notice.warn a", "href");
        let add = add.strip_suffix("#text").unwrap();
        let form = desk.author.get(add).await.expect(200).text("textarea[name=body]");
        let places: Vec<usize> = SECTIONS.iter().map(|heading| form.find(&format!("## {heading}")).unwrap()).collect();
        assert!(places.is_sorted() && form.contains("Told as it came."), "{form}");
        // Also within the form, where nothing that was typed is lost and nothing is saved.
        for target in ["/staff/articles", path.as_str()] {
            let pressed = with(begun.clone(), "action", "headings");
            let page = post(&desk.author, target, &pressed).await.expect(200);
            assert!(page.text("textarea[name=body]").contains("## Timeline"), "{}", page.text("main"));
            assert_eq!(page.attribute("input[name=title]", "value"), "Begun as news");
            assert_eq!(page.attribute("form[data-guard]", "data-guard"), "unsaved");
        }
        assert_eq!(app.count("article").await, 1);
        assert!(desk.author.get(&path).await.text(".meta").contains("version 1,"));
        // One that lacks none is offered none.
        let whole = post(&desk.author, "/staff/articles", &case("Whole")).await.expect(303);
        assert!(!desk.author.get(whole.location()).await.body.contains("headings=add"));
        let title = desk.author.get("/staff/articles/new?kind=case-study").await.text("h1");
        assert_eq!(title, "Write a case study");
    }

    async fn without_a_ground_a_case_study_is_neither_approved_nor_published(app: TestApp) {
        let desk = Desk::open(&app).await;
        let path = in_review(&desk, "No ground").await;
        let page = desk.reviewer.get(&path).await.expect(200);
        assert_eq!(page.attribute("form[action$='/approve']", "action"), "");
        assert!(page.text(".case-record").contains("neither approved nor published without one of two"));
        assert!(page.text("main").contains("You can approve it once the patient’s consent is recorded"));
        let refused = step(&desk.reviewer, &path, "approve", &[("version", "1")]).await.expect(409);
        assert!(refused.text("main").contains("the patient’s written consent on record"), "{}", refused.text("main"));

        let most = checklist("1");
        step(&desk.reviewer, &path, "checklist", &most[..most.len() - 1]).await.expect(303);
        let refused = step(&desk.reviewer, &path, "approve", &[("version", "1")]).await.expect(409);
        assert!(refused.text("main").contains("still open: No text burnt into images"), "{}", refused.text("main"));
    }

    async fn a_whole_checklist_is_a_ground_and_keeps_who_ticked_what_and_when(app: TestApp) {
        let desk = Desk::open(&app).await;
        let path = in_review(&desk, "By the list").await;
        step(&desk.author, &path, "checklist", &[("version", "1"), ("item", "faces")]).await.expect(303);
        step(&desk.reviewer, &path, "checklist", &checklist("1")).await.expect(303);
        let page = desk.reviewer.get(&path).await;
        let faces = page.text("label[for=item-faces]");
        assert!(faces.contains("Sample Author, 23 November 2026"), "{faces}");
        assert!(page.text("label[for=item-names]").contains("Sample Reviewer, 23 November 2026"));
        step(&desk.reviewer, &path, "approve", &[("version", "1")]).await.expect(303);
        // What was approved on it stays as it is.
        step(&desk.author, &path, "checklist", &[("version", "1")]).await.expect(409);
        step(&desk.publisher, &path, "publish", &[]).await.expect(303);
        let page = app.get("/articles/by-the-list").await.expect(200);
        let told = "Details have been changed or left out so that the patient cannot be recognised.";
        assert!(page.text("article").contains(told));
        assert!(page.text("article").contains("The patient’s privacy"));
        assert!(!page.text("article").contains("Informed consent"), "nobody has given one");
        assert!(app.get("/feed.atom").await.body.contains("the patient cannot be recognised"));
        let saved = post(&desk.author, "/staff/bulletins", &bulletin("A case", &path, &["news"])).await;
        let mail = desk.author.get(&format!("{}/preview.html", saved.expect(303).location())).await.expect(200);
        assert!(mail.text("body").contains(told), "a bulletin that holds the whole of it says so too");
    }

    async fn another_text_is_looked_through_anew(app: TestApp) {
        let desk = Desk::open(&app).await;
        let path = in_review(&desk, "Changed").await;
        step(&desk.reviewer, &path, "checklist", &checklist("1")).await.expect(303);
        step(&desk.reviewer, &path, "approve", &[("version", "1")]).await.expect(303);
        let changed = with(with(case("Changed"), "version", "1"), "summary", "Other words.");
        post(&desk.author, &path, &changed).await.expect(303);
        let page = desk.author.get(&path).await;
        assert_eq!(page.text("h1 .badge"), "Draft");
        assert_eq!(page.attribute("#item-names", "checked"), "");
        assert!(!page.body.contains("value=\"names\" checked"));
        step(&desk.author, &path, "submit", &[]).await.expect(303);
        step(&desk.reviewer, &path, "approve", &[("version", "2")]).await.expect(409);
        // A list that was begun for the text before is none for this one.
        step(&desk.reviewer, &path, "checklist", &checklist("1")).await.expect(409);
        step(&desk.reviewer, &path, "checklist", &checklist("2")).await.expect(303);
        step(&desk.reviewer, &path, "approve", &[("version", "2")]).await.expect(303);
    }

    async fn a_recorded_consent_is_a_ground_and_readers_are_not_told_whose(app: TestApp) {
        let desk = Desk::open(&app).await;
        let path = in_review(&desk, "With consent").await;
        step(&desk.author, &path, "consent", &CONSENT).await.expect(303);
        let record = desk.author.get(&path).await.text(".case-record .consent");
        assert!(record.contains("on 20 November 2026 by Dr Ana Sample, cardiologist"), "{record}");
        assert!(record.contains("Text and two images") && record.contains("by Sample Author"), "{record}");
        step(&desk.reviewer, &path, "approve", &[("version", "1")]).await.expect(303);
        step(&desk.publisher, &path, "publish", &[]).await.expect(303);
        let page = app.get("/articles/with-consent").await.expect(200).text("article");
        assert!(page.contains("Published with the patient’s written consent."), "{page}");
        assert!(!page.contains("Ana Sample") && !page.contains("Text and two images"), "{page}");
    }

    async fn a_consent_that_is_taken_back_takes_the_article_off_the_site(app: TestApp) {
        let desk = Desk::open(&app).await;
        let path = in_review(&desk, "Taken back").await;
        step(&desk.author, &path, "consent", &CONSENT).await.expect(303);
        step(&desk.reviewer, &path, "approve", &[("version", "1")]).await.expect(303);
        step(&desk.publisher, &path, "publish", &[]).await.expect(303);
        let page = desk.author.get(&path).await;
        let withdraw = page.attribute("form[action$='/withdraw'][action*='/consent/']", "action");
        desk.author.post_form(&withdraw, &[]).await.expect(303);
        app.get("/articles/taken-back").await.expect(404);
        assert!(!app.get("/search?q=taken+back").await.text("main").contains("Taken back"));
        let page = desk.author.get(&path).await;
        assert_eq!(page.text("h1 .badge"), "Draft");
        assert!(page.text(".consent.withdrawn").contains("Taken back"));
        desk.author.post_form(&withdraw, &[]).await.expect(404);
    }

    async fn a_consent_is_recorded_whole_or_not_at_all(app: TestApp) {
        let desk = Desk::open(&app).await;
        let path = in_review(&desk, "Half a consent").await;
        let form = [("taken_by", "ZAC5361"), ("taken_on", "2026-11-24"), ("scope", " ")];
        let page = step(&desk.author, &path, "consent", &form).await.expect(422);
        assert!(page.text("#taken_by-error").contains("NHI number"));
        assert!(page.text("#taken_on-error").contains("still to come"));
        assert!(page.text("#scope-error").contains("Please give the scope"));
        assert_eq!(page.attribute("#taken_by", "value"), "ZAC5361", "what was typed is there");
        assert_eq!(app.count("patient_consent").await, 0);
        let other = desk.write("No case").await;
        step(&desk.author, &other, "consent", &CONSENT).await.expect(409);
        step(&desk.author, &other, "checklist", &checklist("1")).await.expect(409);
    }

    async fn what_may_tell_too_much_is_pointed_out_and_blocks_nothing(app: TestApp) {
        let desk = Desk::open(&app).await;
        let body = format!(
            "{}\n## Patient perspective\n\n“They were so kind to me there”. Born 12 March 1957, ring 021 555 0123.", text()
        );
        let saved = post(&desk.author, "/staff/articles", &with(case("Talkative"), "body", body)).await;
        let path = saved.expect(303).location().to_owned();
        let warnings = desk.author.get(&path).await.text("details.notice");
        assert!(warnings.contains("“12 March 1957” in the text (line 31, character 39) looks like a date of birth"), "{warnings}");
        assert!(warnings.contains("“021 555 0123” in the text"), "{warnings}");
        assert!(warnings.contains("bars testimonials in advertising"), "{warnings}");
        step(&desk.author, &path, "submit", &[]).await.expect(303);
    }

    async fn all_of_it_is_in_the_audit(app: TestApp) {
        let desk = Desk::open(&app).await;
        let path = in_review(&desk, "Audited").await;
        step(&desk.author, &path, "consent", &CONSENT).await.expect(303);
        step(&desk.author, &path, "checklist", &[("version", "1"), ("item", "faces")]).await.expect(303);
        let owner = app.other_browser();
        owner.sign_in_as(practice_points::domain::staff_member::StaffRole::Owner).await;
        let audit = owner.get("/staff/audit").await.expect(200).text("tbody");
        for words in ["Recorded a patient’s consent", "Ticked the checklist of a case study", "version 1: 1 of 10 ticked"] {
            assert!(audit.contains(words), "{words}: {audit}");
        }
    }
}
