//! Every route with every role: who is let in. The table is a snapshot, so a route that is added fails this test until
//! somebody has read the row that it makes, and agreed to it.

use practice_points::domain::staff_member::StaffRole;
use practice_points::web::routes::TABLE;

use crate::answer::Answer;
use crate::app::TestApp;
use crate::both_databases::Database;
use crate::safety::{method, path_of};

/// Whether the answer is a page's own, whatever it says of what was asked: not the gate's.
fn is_let_in(answer: &Answer) -> bool {
    let sent_to_sign_in =
        answer.status == 303 && answer.location().starts_with("/staff/sign-in?next=");
    let refused = answer.status == 403 && {
        let heading = answer.text("h1");
        heading.contains("may not") || heading.contains("not signed in")
    };
    !sent_to_sign_in && !refused
}

#[tokio::test]
async fn every_route_lets_in_whom_it_should() {
    let app = TestApp::start(Database::Sqlite).await;
    let mut visitors = vec![("nobody".to_owned(), app.other_browser())];
    for role in [
        StaffRole::Author,
        StaffRole::Reviewer,
        StaffRole::Publisher,
        StaffRole::Owner,
    ] {
        let visitor = app.other_browser();
        visitor.sign_in_as(role).await;
        visitors.push((role.as_str().to_owned(), visitor));
    }
    let mut table = String::new();
    // Signing out is asked for last: nobody would be let in after it.
    let (sign_out, others): (Vec<_>, Vec<_>) = TABLE
        .iter()
        .partition(|route| route.pattern.ends_with("/sign-out"));
    for route in others.into_iter().chain(sign_out) {
        // Nothing has this number: nobody's session is ended, and nobody's role taken away.
        let path = path_of(route.pattern).replace("/1", "/999");
        let mut let_in = Vec::new();
        for (name, visitor) in &visitors {
            let request = visitor
                .request(method(route.method), &path)
                .header("Sec-Fetch-Site", "same-origin");
            if is_let_in(&visitor.send(request).await) {
                let_in.push(name.as_str());
            }
        }
        let verb = method(route.method);
        let let_in = if let_in.len() == visitors.len() {
            "everybody".to_owned()
        } else {
            let_in.join(", ")
        };
        table.push_str(&format!("{verb:4} {}: {let_in}\n", route.pattern));
    }
    insta::assert_snapshot!(table);
}
