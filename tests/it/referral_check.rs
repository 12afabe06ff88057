//! The referral check: every reason shown, nothing stored.

use crate::app::TestApp;
use crate::both_databases::on_both_databases;

const PATH: &str = "/calcium-score/referral-check";

on_both_databases! {
    async fn every_reason_that_applies_is_shown_with_its_rule(app: TestApp) {
        let form = [("age", "35"), ("sex", "male"), ("risk", "high"), ("family_history", "no"), ("symptoms", "yes")];
        let page = app.post_form(PATH, &form).await.expect(200);
        assert_eq!(page.text("#result h2"), "Generally not recommended");
        let reasons = page.text("#result");
        for rule in ["(R1)", "(R2)", "(R3)"] {
            assert!(reasons.contains(rule), "{reasons}");
        }
        assert!(!reasons.contains("(R4)") && !reasons.contains("(R7)"), "{reasons}");
    }

    async fn each_verdict_keeps_its_generally(app: TestApp) {
        let cases = [
            (["55", "female", "moderate", "no"], "Generally considered useful", "(R7)"),
            (["50", "female", "uncertain", "unknown"], "Generally considered useful", "(R7)"),
            (["49", "female", "moderate", "no"], "Generally not recommended", "(R3)"),
            (["55", "male", "low", "no"], "Generally not recommended", "(R4)"),
            (["55", "male", "low", "yes"], "Discuss with the cardiologist", "(R5)"),
            (["55", "male", "low", "unknown"], "No answer yet: ask for the family history", "(R6)"),
            (["", "male", "moderate", "no"], "No answer yet", "(R8)"),
        ];
        for ([age, sex, risk, family], verdict, rule) in cases {
            let form = [("age", age), ("sex", sex), ("risk", risk), ("family_history", family)];
            let page = app.post_form(PATH, &form).await.expect(200);
            assert_eq!(page.text("#result h2"), verdict, "{form:?}");
            assert!(page.text("#result").contains(rule), "{form:?}");
        }
    }

    async fn an_answer_is_kept_by_no_cache_and_in_no_table(app: TestApp) {
        let tables = ["subscriber", "delivery", "audit_event", "consent_event"];
        let mut before = Vec::new();
        for table in tables {
            before.push(app.count(table).await);
        }
        for answer in [app.get(PATH).await, app.post_form(PATH, &[("risk", "high")]).await] {
            assert_eq!(answer.expect(200).header("cache-control"), "no-store");
        }
        for (table, before) in tables.into_iter().zip(before) {
            assert_eq!(app.count(table).await, before, "{table}");
        }
    }

    async fn what_is_missing_is_asked_for(app: TestApp) {
        let page = app.post_form(PATH, &[("age", "4x"), ("sex", "female")]).await.expect(422);
        assert!(!page.text("#risk-error").is_empty());
        assert!(!page.text("#age-error").is_empty());
        assert_eq!(page.attribute("#age", "value"), "4x");
        assert_eq!(page.text("#result"), "");
    }
}
