//! A bulletin from a file: the same rules as on the pages.

use crate::both_databases::{Database, on_both_databases};
use crate::process::Installation as TestApp;

const FILE: &str = "+++\nsubject = \"Calcium scores in November\"\npreheader = \"Whom to refer, and when\"\n\
                    topics = [\"calcium-score\"]\n+++\n\nKia ora.\n\nThis is a **sample**.\n";
const WRITER: &str = "writer.sample@clinic.example";
const PUBLISHER: &str = "publisher.sample@clinic.example";

fn send<'a>(file: &'a str, written_by: &'a str, approved_by: &'a str) -> [&'a str; 7] {
    [
        "bulletin",
        "send",
        file,
        "--written-by",
        written_by,
        "--approved-by",
        approved_by,
    ]
}

async fn with_people(here: &TestApp) {
    here.add_staff(WRITER, "author");
    here.add_staff(PUBLISHER, "publisher");
    here.add_staff("reviewer.sample@clinic.example", "reviewer");
    let people = "email,topics\nfirst.sample@practice.example,calcium-score\n\
                  second.sample@practice.example,calcium-score\nthird.sample@practice.example,news\n";
    let arguments = [
        "subscribers",
        "import",
        "-",
        "--source",
        "Sample",
        "--basis",
        "express",
        "--evidence",
        "Paper",
    ];
    here.run_with_input(&arguments, people.as_bytes())
        .succeeded();
}

on_both_databases! {
    async fn a_bulletin_goes_to_those_who_chose_its_topics(here: TestApp) {
        with_people(&here).await;
        let file = here.write("bulletin.md", FILE);
        let _service = here.service(&[]).await;
        let arguments = [&send(&file, WRITER, PUBLISHER)[..], &["--wait"]].concat();
        let told = here.run(&arguments).succeeded();
        assert!(told.starts_with("Bulletin 1 is on its way to 2 people."), "{told}");
        assert!(told.contains(&here.page("/staff/bulletins/1")), "{told}");
        assert!(told.ends_with("  Accepted: 2\n"), "{told}");
        assert_eq!(messages(&here), 2);
    }

    async fn what_holds_a_bulletin_up_holds_it_up_here_too_until_it_is_let_pass(mut here: TestApp) {
        here.set("check_links", "true");
        with_people(&here).await;
        let file = here.write("bulletin.md", format!("{FILE}\n[Inside](http://127.0.0.1:9/)\n"));
        let told = here.run(&send(&file, WRITER, PUBLISHER)).failed(1);
        assert!(told.contains("Links: 1 of 3 links does not answer."), "{told}");
        assert!(told.contains("Nothing was sent."), "{told}");
        let wrong = [&send(&file, WRITER, PUBLISHER)[..], &["--override", "approval=I say so"]].concat();
        assert!(here.run(&wrong).failed(2).contains("give one of pictures, links"));
        let right = [&send(&file, WRITER, PUBLISHER)[..], &["--override", "links=only we open it"]].concat();
        let told = here.run(&right).succeeded();
        assert!(told.contains("is on its way to 2 people."), "{told}");
    }

    async fn nobody_approves_their_own_bulletin(here: TestApp) {
        with_people(&here).await;
        let file = here.write("bulletin.md", FILE);
        let told = here.run(&send(&file, PUBLISHER, PUBLISHER)).failed(1);
        assert!(told.contains("approved by a second person"), "{told}");
        let told = here.run(&send(&file, PUBLISHER, WRITER)).failed(1);
        assert!(told.contains("an author does not approve"), "{told}");
        let told = here.run(&send(&file, WRITER, "reviewer.sample@clinic.example")).failed(1);
        assert!(told.contains("publisher or an owner"), "{told}");
        let told = here.run(&send(&file, WRITER, "nobody@clinic.example")).failed(1);
        assert!(told.contains("--approved-by: nobody on the staff"), "{told}");
        // A reviewer may approve what a publisher wrote, who then sends it.
        here.run(&send(&file, PUBLISHER, "reviewer.sample@clinic.example")).succeeded();
    }
}

/// How many messages the built-in mailbox holds.
fn messages(here: &TestApp) -> usize {
    let folders = std::fs::read_dir(here.path("data/mailbox")).expect("there is a mailbox");
    folders
        .map(|folder| folder.expect("it can be read").path())
        .filter(|folder| folder.is_dir())
        .map(|folder| std::fs::read_dir(folder).expect("it can be read").count())
        .sum()
}

#[tokio::test]
async fn a_file_with_a_mistake_is_refused_with_its_line_and_nothing_is_sent() {
    let here = TestApp::start(Database::Sqlite).await;
    with_people(&here).await;
    for (content, part) in [
        (
            "Kia ora\n".to_owned(),
            "bulletin.md, line 1: the file has to begin with a line of +++",
        ),
        (
            FILE.replace("preheader =", "preheder ="),
            "bulletin.md, line 3: unknown field `preheder`",
        ),
        (
            FILE.replace("[\"calcium-score\"]", "[\"golf\"]"),
            "there is no topic “golf”",
        ),
        (
            FILE.replace("[\"calcium-score\"]", "[\"calcium-score\""),
            "bulletin.md, line 4: ",
        ),
        (
            FILE.replace("[\"calcium-score\"]", "[\"symposium\"]"),
            "nobody would receive it",
        ),
        (FILE.replace("This is", "The patient ZZZ0016 is"), "NHI"),
    ] {
        let file = here.write("bulletin.md", &content);
        let told = here.run(&send(&file, WRITER, PUBLISHER)).failed(1);
        assert!(told.contains(part), "{part}: {told}");
    }
    let told = here.run(&send("none.md", WRITER, PUBLISHER)).failed(1);
    assert!(told.contains("none.md cannot be read"), "{told}");
}
