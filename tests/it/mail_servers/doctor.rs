//! `practice-points doctor --mail` in front of a real server.

use super::PASSWORD;
use super::postfix::{Port, Postfix};
use crate::both_databases::Database;
use crate::process::Installation as TestApp;

async fn here(url: &str) -> TestApp {
    let mut here = TestApp::start(Database::Sqlite).await;
    here.set("smtp_url", url);
    here.set("mail_from", "GP Practice Points <points@clinic.example>");
    here
}

#[tokio::test]
async fn the_doctor_tells_everything_about_the_way_to_the_mail_server() {
    let Some(postfix) = Postfix::start(&["message_size_limit = 10240000"]) else {
        return;
    };
    for (port, how) in [
        (Port::Submission, "TLS 1.3 by STARTTLS, TLS_AES_"),
        (Port::Smtps, "TLS 1.3 from the first byte, TLS_AES_"),
    ] {
        let here = here(&postfix.url(port)).await;
        let told = here.run(&["doctor", "--mail"]).succeeded();
        for words in [
            how,
            "For localhost, signed by Sample House Authority, valid until ",
            "those in ca_file",
            "Signed in by AUTH PLAIN.",
            "several commands go in one round trip",
            "Messages up to 10.2 MB.",
            "AUTH:        PLAIN, ",
            " ms. At this distance up to ",
            "8 are set.",
            "\"v=spf1 ",
            "_dmarc.clinic.example",
        ] {
            assert!(told.contains(words), "{words}: {told}");
        }
        assert!(
            !told.contains(PASSWORD) && !told.contains("FAULT"),
            "{told}"
        );
        assert!(
            !told.contains("database_url"),
            "only the mail server: {told}"
        );
    }
}

#[tokio::test]
async fn the_doctor_says_what_to_do_about_each_fault_of_the_way() {
    let Some(postfix) = Postfix::start(&[]) else {
        return;
    };
    let plain = format!("smtp://localhost:{}", postfix.port(Port::Plain));
    for (url, words) in [
        (postfix.url(Port::Expired), "FAULT  Mail server: localhost:"),
        (postfix.url(Port::Expired), "has to renew it"),
        (
            postfix.url(Port::OtherName),
            "has to name the server as its certificate does",
        ),
        (
            postfix.url(Port::Submission).replace(PASSWORD, "wrong"),
            "the server answered 535 5.7.8",
        ),
        (format!("{plain}?tls=required"), "offers no STARTTLS"),
        (
            plain.replace("://", "://points:secret@"),
            "offers no sign-in on this port",
        ),
    ] {
        let here = here(&url).await;
        let finished = here.run(&["doctor", "--mail"]);
        assert!(finished.out.contains(words), "{words}: {finished:?}");
        assert!(finished.failed(1).contains("one fault"));
    }
    let told = here(&plain).await.run(&["doctor", "--mail"]).succeeded();
    assert!(told.contains("smtp_url does not ask for it"), "{told}");
}

#[tokio::test]
async fn without_a_mail_server_the_doctor_says_how_to_set_one() {
    let here = TestApp::start(Database::Sqlite).await;
    let told = here.run(&["doctor", "--mail"]).succeeded();
    assert!(told.contains("set smtp_url, such as smtp://"), "{told}");
}
