//! Whether the records are published, asked of a real DNS server: by the doctor, and on the page of the settings.

mod asking;
mod server;

use practice_points::domain::staff_member::StaffRole;

use crate::app::TestApp;
use crate::both_databases::Database;
use crate::desk::Desk;
use crate::dkim::keys_in;
use crate::process::Installation;
use server::{DnsServer, Reply, txt};

const SPF: &str = "v=spf1 ip4:203.0.113.5 -all";
const DMARC: &str = "v=DMARC1; p=none; rua=mailto:points@clinic.example";

/// An installation that signs with both keys.
async fn signing(dns: &DnsServer) -> Installation {
    let mut here = Installation::start(Database::Sqlite).await;
    for (key, value) in keys_in(&here.path("")) {
        here.set(key, &value);
    }
    here.set("mail_from", "GP Practice Points <points@clinic.example>");
    here.set("dns_server", &dns.address().to_string());
    here
}

/// The record that the doctor shows for a name, put together from its pieces.
fn shown(told: &str, name: &str) -> String {
    let start = format!("  {name}  \"");
    let line = told
        .lines()
        .find_map(|line| line.strip_prefix(start.as_str()));
    line.unwrap_or_else(|| panic!("no {name}: {told}"))
        .trim_matches('"')
        .replace("\" \"", "")
}

/// What the doctor says of the record of a name.
fn said(told: &str, name: &str) -> String {
    let start = format!("  {name}  ");
    let lines = told.lines().skip_while(|line| !line.starts_with(&start));
    let lines: Vec<&str> = lines
        .skip(2)
        .take_while(|line| line.starts_with("      "))
        .collect();
    lines.join("\n")
}

#[tokio::test]
async fn the_doctor_finds_what_is_published_and_a_long_key_in_pieces() {
    let dns = DnsServer::start();
    let mut here = signing(&dns).await;
    here.set("inbound.address", "@bounces.clinic.example");
    let told = here.run(&["doctor"]).succeeded();
    assert!(
        told.contains(&format!(
            "Records to publish in the DNS (asked: {})",
            dns.address()
        )),
        "{told}"
    );
    for name in [
        "clinic.example",
        "points2026._domainkey.clinic.example",
        "points2026e._domainkey.clinic.example",
        "_dmarc.clinic.example",
        "bounces.clinic.example",
    ] {
        assert!(
            said(&told, name).starts_with("      look   Not found yet. "),
            "{name}: {told}"
        );
    }

    let rsa = shown(&told, "points2026._domainkey.clinic.example");
    assert!(rsa.len() > 255);
    let pieces = Reply::Texts(vec![
        rsa.as_bytes().chunks(100).map(<[u8]>::to_vec).collect(),
    ]);
    dns.set("points2026._domainkey.clinic.example", pieces);
    // The other is kept by a provider, which likes its tags in another order, and its key in pieces.
    let ed25519 = shown(&told, "points2026e._domainkey.clinic.example");
    let key = ed25519.rsplit_once("p=").unwrap().1;
    let (start, end) = key.split_at(20);
    let key = txt(&[&format!("p={start} {end}; k=ed25519;")]);
    dns.set(
        "points2026e._domainkey.clinic.example",
        Reply::Alias("k1.provider.example", Box::new(key)),
    );
    dns.set("clinic.example", txt(&["site-verification=1", SPF]));
    dns.set(
        "_dmarc.clinic.example",
        txt(&[&shown(&told, "_dmarc.clinic.example")]),
    );
    dns.set("bounces.clinic.example", txt(&[SPF]));
    dns.set_mx("bounces.clinic.example", &[(10, "mx1.clinic.example")]);

    let told = here.run(&["doctor"]).succeeded();
    for (name, words) in [
        (
            "clinic.example",
            "ok     Found. An SPF record is there. Whether what it names",
        ),
        (
            "points2026._domainkey.clinic.example",
            "ok     Found. As shown.",
        ),
        (
            "points2026e._domainkey.clinic.example",
            "ok     Found. The key is as shown.",
        ),
        ("_dmarc.clinic.example", "ok     Found. As shown."),
    ] {
        assert!(
            said(&told, name).trim_start().starts_with(words),
            "{name}: {told}"
        );
    }
    assert!(
        told.contains("  bounces.clinic.example  MX 10 <name"),
        "{told}"
    );
    assert!(
        told.contains(
            "ok     Found. A server takes its mail.\n             There: 10 mx1.clinic.example"
        ),
        "{told}"
    );
    let told = here.run(&["doctor", "--mail"]).succeeded();
    assert!(told.contains("ok     Found. As shown."), "{told}");
}

#[tokio::test]
async fn the_doctor_fails_on_nothing_that_the_dns_says_or_does_not_say() {
    let dns = DnsServer::start();
    let mut here = signing(&dns).await;
    dns.set(
        "clinic.example",
        txt(&["v=spf1 ip4:203.0.113.5 -all", "v=spf1 mx ~all"]),
    );
    dns.set(
        "points2026._domainkey.clinic.example",
        txt(&["v=DKIM1; k=rsa; p=AAAA"]),
    );
    dns.set("points2026e._domainkey.clinic.example", Reply::Code(2));
    // What somebody hostile publishes does nothing on a console.
    dns.set(
        "_dmarc.clinic.example",
        txt(&["v=DMARC1; p=\u{1b}]0;owned\u{7}\u{202e}"]),
    );
    let told = here.run(&["doctor"]).succeeded();
    for (name, words) in [
        (
            "clinic.example",
            "look   Different. There are 2 SPF records",
        ),
        (
            "points2026._domainkey.clinic.example",
            "look   Different. Another key stands there",
        ),
        (
            "points2026e._domainkey.clinic.example",
            "look   Could not be asked. The DNS server 127.0.0.1:",
        ),
        (
            "_dmarc.clinic.example",
            "look   Different. It cannot be read",
        ),
    ] {
        assert!(
            said(&told, name).trim_start().starts_with(words),
            "{name}: {told}"
        );
    }
    assert!(told.contains("(SERVFAIL)"), "{told}");
    assert!(
        told.contains("There: v=DMARC1; p=\\u{1b}]0;owned\\u{7}\\u{202e}"),
        "{told}"
    );
    assert!(!told.contains(['\u{1b}', '\u{7}', '\u{202e}']), "{told}");

    here.set("dns_server", crate::app::NO_DNS);
    let told = here.run(&["doctor"]).succeeded();
    let words = "look   Could not be asked. The DNS server 127.0.0.1:1 cannot be reached (nobody listens there).";
    assert_eq!(told.matches(words).count(), 4, "{told}");

    here.set("dns_server", "localhost");
    let told = here.run(&["doctor"]).failed(2);
    assert!(
        told.contains("dns_server = \"localhost\"") && told.contains("192.0.2.53:53"),
        "{told}"
    );
}

/// Each record of the page, with what was found of it.
async fn records(app: &TestApp) -> Vec<String> {
    app.get("/staff/settings/mail")
        .await
        .expect(200)
        .texts(".record")
}

async fn look_them_up(app: &TestApp) -> Vec<String> {
    let answer = app
        .post_form("/staff/settings/mail/checks?at=records", &[])
        .await
        .expect(303);
    assert_eq!(answer.location(), "/staff/settings/mail#records");
    records(app).await
}

#[tokio::test]
async fn the_page_asks_at_the_press_of_its_button_and_keeps_what_was_found() {
    let dns = DnsServer::start();
    let address = dns.address().to_string();
    let settings = [
        ("dns_server", address.as_str()),
        ("mail_from", "points@clinic.example"),
        ("inbound.address", "bounces@clinic.example"),
    ];
    let app =
        TestApp::start_with(Database::Sqlite, "http://points.clinic.example", &settings).await;
    app.sign_in_as(StaffRole::Owner).await;
    app.post_form("/staff/settings/mail/keys", &[("kind", "rsa")])
        .await
        .expect(303);
    let page = app.get("/staff/settings/mail").await.expect(200);
    assert!(page.text("#records").contains("Nobody has looked yet"));
    let codes = page.texts(".record code");
    assert!(
        dns.asked().is_empty(),
        "a page that is only opened asks nobody"
    );

    // SPF, the key that waits, DMARC, MX: each with its name and its value.
    let (name, key) = (codes[2].clone(), codes[3].clone());
    assert!(
        name.contains("._domainkey.clinic.example") && key.starts_with("v=DKIM1"),
        "{codes:?}"
    );
    let unknown = look_them_up(&app).await;
    let words = "Not found yet The DNS does not know clinic.example: is it spelt right?";
    assert!(unknown[0].contains(words), "{}", unknown[0]);
    dns.set("clinic.example", txt(&[SPF]));
    dns.set_mx("clinic.example", &[(10, "mx.clinic.example")]);
    dns.set(
        &name,
        Reply::Texts(vec![
            key.as_bytes().chunks(255).map(<[u8]>::to_vec).collect(),
        ]),
    );
    dns.set("_dmarc.clinic.example", txt(&[DMARC]));
    let found = look_them_up(&app).await;
    assert_eq!(found.len(), 4, "{found:?}");
    for record in &found {
        assert!(record.contains(" Found "), "{record}");
    }
    let page = app.get("/staff/settings/mail").await.expect(200);
    assert!(page.text(".key-list li").contains("Its record: Found"));
    assert!(
        app.get("/staff/settings/mail")
            .await
            .expect(200)
            .text("#records")
            .contains("Looked up 23 November 2026")
    );
    let asked = dns.asked().len();
    assert!(asked >= 4);

    // A day later somebody has changed all of it.
    dns.set("clinic.example", txt(&["v=spf1 -all"]));
    dns.set_mx("clinic.example", &[(0, "")]);
    dns.set(
        &name,
        txt(&["v=DKIM1; k=rsa; p=\"><script>alert(1)</script>"]),
    );
    dns.set("_dmarc.clinic.example", Reply::Code(3));
    assert_eq!(records(&app).await, found, "what was found is kept");
    assert_eq!(dns.asked().len(), asked, "and nobody is asked");
    let found = look_them_up(&app).await;
    for (record, words) in found.iter().zip([
        "Different It says that no server sends for this domain",
        "Different Another key stands there",
        "Not found yet There is no DMARC record.",
        "Different It says that the domain takes no mail",
    ]) {
        assert!(record.contains(words), "{words}: {record}");
    }
    let page = app.get("/staff/settings/mail").await.expect(200);
    assert!(
        !page.body.contains("<script>alert"),
        "what others publish is text"
    );
    assert!(
        page.body.contains("&lt;script&gt;alert") || page.body.contains("&#60;script&#62;alert"),
        "and is shown"
    );

    // And servers that are of no use.
    dns.set("clinic.example", Reply::Code(5));
    dns.set_mx("clinic.example", &[]);
    dns.set(&name, Reply::ByTcp(Box::new(Reply::Loop)));
    dns.set("_dmarc.clinic.example", Reply::ByTcp(Box::new(Reply::Long)));
    let found = look_them_up(&app).await;
    for (record, words) in found.iter().zip([
        "Could not be asked The DNS server 127.0.0.1:",
        "could not be read",
        "is longer than any that is needed",
        "Not found yet No server takes its mail",
    ]) {
        assert!(record.contains(words), "{words}: {record}");
    }
    assert!(found[0].contains("(REFUSED)"), "{}", found[0]);

    // What was found of one key says nothing of another.
    let other = app
        .post_form("/staff/settings/mail/keys", &[("kind", "ed25519")])
        .await;
    other.expect(303);
    let shown = records(&app).await;
    assert!(
        shown[2].contains("k=ed25519") && !shown[2].contains("Not found yet"),
        "{shown:?}"
    );
}

#[tokio::test]
async fn the_checks_say_in_one_line_what_is_not_published() {
    let dns = DnsServer::start();
    let folder = tempfile::tempdir().unwrap();
    let keys = keys_in(folder.path());
    let address = dns.address().to_string();
    let mut settings = vec![("dns_server", address.as_str())];
    settings.extend(keys.iter().map(|(key, value)| (*key, value.as_str())));
    let app =
        TestApp::start_with(Database::Sqlite, "http://points.clinic.example", &settings).await;
    app.sign_in_as(StaffRole::Publisher).await;
    dns.set("clinic.example", txt(&[SPF]));
    app.post_form("/staff/settings/mail/checks", &[])
        .await
        .expect(303);
    let found = app
        .get("/staff/settings/mail")
        .await
        .expect(200)
        .text("#checks");
    let words = "Look DNS records. Not found yet: DKIM at points2026._domainkey.clinic.example, DKIM at \
                 points2026e._domainkey.clinic.example, DMARC at _dmarc.clinic.example.";
    assert!(found.contains(words), "{found}");
    assert!(found.contains("no fault was found, and "), "{found}");
    assert!(found.contains(" to look at."), "{found}");
}

#[tokio::test]
async fn a_key_whose_record_is_not_there_signs_only_where_that_is_wanted() {
    let dns = DnsServer::start();
    let address = dns.address().to_string();
    let settings = [
        ("dns_server", address.as_str()),
        ("mail_from", "points@clinic.example"),
    ];
    let app =
        TestApp::start_with(Database::Sqlite, "http://points.clinic.example", &settings).await;
    let desk = Desk::open(&app).await;
    app.sign_in_as(StaffRole::Owner).await;
    app.post_form("/staff/settings/mail/keys", &[("kind", "rsa")])
        .await
        .expect(303);
    let page = app.get("/staff/settings/mail").await.expect(200);
    assert!(!page.body.contains("Sign all the same"));
    let sign = page.attribute("form[action$='/sign']", "action");
    let asked = app.post_form(&sign, &[]).await.expect(303);
    assert!(app.app.site().dkim.is_none(), "it waits still");
    let place = asked.location().split('#').next().unwrap().to_owned();
    assert!(
        place.starts_with("/staff/settings/mail?unseen=points"),
        "{place}"
    );
    let page = app.get(&place).await.expect(200);
    assert!(page.text(".key-list").contains("Sign all the same"));
    assert!(page.text(".key-list").contains("Its record: Not found yet"));
    app.post_form(&sign, &[("anyway", "yes")]).await.expect(303);
    assert!(app.app.site().dkim.is_some());
    // Whoever sends a bulletin hears of it.
    let path = desk.assemble("Signed in vain", &["news"]).await;
    let checks = desk.author.get(&path).await.expect(200).text("#checks");
    let words = "Messages are signed, but the DNS did not show the right record at points";
    assert!(checks.contains(words), "{checks}");
}
