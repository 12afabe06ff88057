//! How the messages look: their parts with sample content, kept as snapshots, and the promises that hold for all of them.

use practice_points::mail::brand::{Brand, Logo, Palette};
use practice_points::mail::content::{Content, Slot};
use practice_points::mail::message::{CompiledMessage, HTML_LIMIT, Kind};
use practice_points::mail::notice::staff::{Button, StaffNotice};
use practice_points::mail::notice::staff_mail::{Item, StaffMail};
use practice_points::mail::notice::symposium::{Event, News, RegisterLink, RegistrationNews};
use practice_points::mail::notice::{
    AlreadySubscribed, Confirmation, ImportNotice, ManageLink, Welcome,
};
use practice_points::mail::sender::Sender;
use scraper::{Html, Selector};

use super::sample_content::bulletin;
use super::samples::{recipient, sender};

/// Every message with sample content, by name.
fn messages() -> Vec<(&'static str, Kind, Content)> {
    messages_of(&sender())
}

/// A clinic that has set logo and colours.
fn sender_with_a_brand() -> Sender {
    let mut sender = sender();
    let colour = |text: &str| Some(text.parse().unwrap());
    sender.brand = Brand {
        logo: Logo::new(
            &sender.base_url,
            "/images/0123456789abcdef0123456789abcdef.png",
            880,
            220,
        ),
        palette: Palette::default()
            .with_light(colour("#123a7a"), colour("#7a1f4b"))
            .with_dark(colour("#9fd0ff"), colour("#ffb3c6")),
    };
    sender
}

/// The same from this sender.
fn messages_of(sender: &Sender) -> Vec<(&'static str, Kind, Content)> {
    let topics = &["Latest news".to_owned(), "Case studies & kōrero".to_owned()][..];
    let held = &[
        "your name".to_owned(),
        "your e-mail address".to_owned(),
        "your practice".to_owned(),
    ][..];
    let source =
        "The list of practices that referred to the clinic in 2026, entered on 3 November 2026.";
    let valid = "30 minutes";
    vec![
        (
            "bulletin",
            Kind::Bulletin,
            bulletin(sender).render().unwrap(),
        ),
        (
            "confirmation",
            Kind::Notice,
            Confirmation {
                sender,
                topics,
                symposium: None,
                valid: "7 days",
            }
            .render()
            .unwrap(),
        ),
        (
            "welcome",
            Kind::Notice,
            Welcome { sender, topics }.render().unwrap(),
        ),
        (
            "already_subscribed",
            Kind::Notice,
            AlreadySubscribed {
                sender,
                topics,
                valid,
            }
            .render()
            .unwrap(),
        ),
        (
            "manage_link",
            Kind::Notice,
            ManageLink { sender, valid }.render().unwrap(),
        ),
        (
            "import_notice",
            Kind::Notice,
            ImportNotice {
                sender,
                held,
                source,
                topics,
            }
            .render()
            .unwrap(),
        ),
        (
            "symposium_link",
            Kind::Notice,
            RegisterLink {
                sender,
                event: &evening(),
                register_url: "https://points.clinic.example/symposium/hearts/register/SampleToken",
                valid: "2 hours",
            }
            .render()
            .unwrap(),
        ),
        (
            "symposium_registered",
            Kind::Notice,
            registration(sender, News::Registered),
        ),
        (
            "symposium_waiting",
            Kind::Notice,
            registration(sender, News::Waiting(2)),
        ),
        (
            "symposium_cancelled",
            Kind::Notice,
            registration(sender, News::Cancelled),
        ),
        (
            "symposium_given_up",
            Kind::Notice,
            registration(sender, News::GivenUp { had_a_place: true }),
        ),
        (
            "symposium_cancelled_by_the_clinic",
            Kind::Notice,
            registration(sender, News::CancelledByTheClinic { had_a_place: false }),
        ),
        ("staff", Kind::Notice, staff(sender)),
        ("staff_mail", Kind::Notice, staff_mail(sender)),
    ]
}

fn staff(sender: &Sender) -> Content {
    StaffNotice {
        sender,
        title: "Please join the staff of GP Practice Points",
        preheader: "Choose a password, and you are in.",
        lines: vec![
            "Hine Sample & others invite you.".to_owned(),
            "With this link you choose a password of your own.".to_owned(),
        ],
        button: Some(Button {
            label: "Choose my password",
            url: "https://points.clinic.example/join/SampleToken".to_owned(),
        }),
        quiet: "The link works for 7 days, once, and is for you alone.",
    }
    .render()
    .unwrap()
}

fn staff_mail(sender: &Sender) -> Content {
    let item = |title: &str, id: i64, note: &str| Item {
        title: title.to_owned(),
        url: format!("https://points.clinic.example/staff/articles/{id}"),
        note: note.to_owned(),
    };
    StaffMail {
        sender,
        title: "2 articles to be looked at again",
        preheader: "These are on the site, and their day of review is near or has passed.",
        lines: vec![
            "These are on the site, and their day of review is near or has passed.".to_owned(),
        ],
        items: vec![
            item(
                "Calcium scoring & whom to refer",
                7,
                "was due 23 November 2026",
            ),
            item("Hearts < 40", 12, "due 3 December 2026"),
        ],
        button: Button {
            label: "See what waits for you",
            url: "https://points.clinic.example/staff".to_owned(),
        },
        why: "you wrote, reviewed or approved what it names",
        choose_url: "https://points.clinic.example/staff/account#mails",
    }
    .render()
    .unwrap()
}

fn evening() -> Event {
    Event {
        title: "Hearts in Practice: an evening for Tāmaki".into(),
        when: "Tuesday 6 April 2027, 6:30 pm to 8:30 pm NZST".into(),
        place: "1 Sample Street, Remuera".into(),
        url: "https://points.clinic.example/symposium/hearts".into(),
    }
}

fn registration(sender: &Sender, news: News) -> Content {
    RegistrationNews {
        sender,
        event: &evening(),
        news,
        registration_url: "https://points.clinic.example/registration/SampleToken",
        asks_needs: true,
        has_calendar: !matches!(
            news,
            News::Waiting(_) | News::CancelledByTheClinic { had_a_place: false }
        ),
    }
    .render()
    .unwrap()
}

/// The content as one person sees it.
fn seen(content: &Content) -> Content {
    content
        .preview(|slot| match slot {
            Slot::GreetingName => " Māia O’Sample-Tūhoe".into(),
            Slot::ConfirmUrl => "https://points.clinic.example/confirm/SampleToken".into(),
            Slot::ManageUrl => "https://points.clinic.example/manage/SampleToken".into(),
            Slot::UnsubscribeUrl => "https://points.clinic.example/u/SampleToken".into(),
        })
        .unwrap()
}

#[test]
fn messages_look_as_they_did() {
    for (name, _, content) in messages() {
        let seen = seen(&content);
        insta::assert_snapshot!(
            format!("{name}.txt"),
            format!("Subject: {}\n\n{}", seen.subject, seen.text)
        );
        insta::assert_snapshot!(format!("{name}.html"), seen.html);
        keep_for_a_look(name, &seen);
    }
}

/// For a look in a browser: `PRACTICE_POINTS_MAILS=/some/folder cargo test`.
fn keep_for_a_look(name: &str, seen: &Content) {
    if let Some(folder) = std::env::var_os("PRACTICE_POINTS_MAILS") {
        let file = std::path::Path::new(&folder).join(format!("{name}.html"));
        std::fs::write(file, &seen.html).unwrap();
    }
}

#[test]
fn a_bulletin_without_an_introduction_has_no_gap() {
    let sender = sender();
    let mut bulletin = bulletin(&sender);
    bulletin.introduction_html.clear();
    bulletin.introduction_text.clear();
    let content = bulletin.render().unwrap();
    assert!(!content.text.contains("\n\n\n"), "{}", content.text);
}

#[test]
fn every_message_has_the_logo_and_the_colours_of_its_clinic() {
    let sender = sender_with_a_brand();
    let images = Selector::parse("img").unwrap();
    let plain = messages();
    for ((name, kind, content), (_, _, plain)) in messages_of(&sender).into_iter().zip(plain) {
        let seen = seen(&content);
        keep_for_a_look(&format!("{name}-branded"), &seen);
        let page = Html::parse_document(&seen.html);
        let images: Vec<_> = page.select(&images).collect();
        let [logo] = images.as_slice() else {
            panic!("{name}: {} images", images.len());
        };
        assert!(
            logo.attr("src")
                .unwrap()
                .starts_with("https://points.clinic.example/images/"),
            "{name}"
        );
        assert_eq!(logo.attr("alt"), Some("Sample Heart Clinic"), "{name}");
        let size = (logo.attr("width"), logo.attr("height"));
        assert_eq!(size, (Some("220"), Some("55")), "{name}");
        for ours in [
            "0d5259", "0b3d43", "e08a5b", "ad4a22", "0a2f34", "86cfc9", "14747a", "f0a17a",
        ] {
            assert!(
                !seen.html.contains(ours),
                "{name} has our own colour {ours}"
            );
        }
        assert_eq!(content.text, plain.text, "{name}");
        let message = CompiledMessage::new(&content, &sender, kind).unwrap();
        let message = message
            .for_recipient(&recipient("sample@practice.example"))
            .unwrap();
        assert!(message.bytes().len() < HTML_LIMIT, "{name}");
        if matches!(name, "bulletin" | "confirmation") {
            insta::assert_snapshot!(format!("{name}_branded.html"), seen.html);
        }
    }
}

#[test]
fn text_parts_fit_72_columns_but_for_links() {
    for (name, _, content) in messages() {
        for line in seen(&content).text.lines() {
            let fits = line.chars().count() <= 72
                || line
                    .split_whitespace()
                    .any(|word| word.chars().count() > 60);
            assert!(fits, "{name}: {line}");
            assert_eq!(line.trim_end(), line, "{name}");
        }
    }
}

#[test]
fn every_message_compiles_and_says_who_sends_it() {
    for (name, kind, content) in messages() {
        let message = CompiledMessage::new(&content, &sender(), kind).unwrap();
        let message = message
            .for_recipient(&recipient("sample@practice.example"))
            .unwrap();
        assert!(message.bytes().len() < HTML_LIMIT, "{name}");
        for part in [&content.html, &content.text] {
            for fact in [
                "Sample Heart Clinic",
                "1 Sample Street, Remuera, Auckland 1051",
                "contact@clinic.example",
            ] {
                assert!(part.contains(fact), "{name} lacks {fact}");
            }
        }
    }
}

#[test]
fn whoever_is_subscribed_can_leave_from_both_parts_and_nobody_gets_another_power_from_a_bulletin() {
    for (name, _, content) in messages() {
        let leaves = |part: &str| part.contains(Slot::UnsubscribeUrl.marker());
        // Whoever comes to an event leaves that, by the link to their registration.
        let is_about_an_event = name.starts_with("symposium");
        let subscribed = !is_about_an_event
            && !matches!(
                name,
                "confirmation" | "manage_link" | "staff" | "staff_mail"
            );
        assert_eq!(
            (leaves(&content.html), leaves(&content.text)),
            (subscribed, subscribed),
            "{name}"
        );
        if name == "bulletin" {
            assert!(
                !content.html.contains(Slot::ManageUrl.marker()),
                "bulletins are forwarded"
            );
        }
    }
}

#[test]
fn html_parts_are_sound_and_load_nothing_from_elsewhere() {
    let all = Selector::parse("*").unwrap();
    for (name, _, content) in messages() {
        let html = Html::parse_document(&seen(&content).html);
        let root = html.root_element();
        assert_eq!(root.attr("lang"), Some("en-NZ"), "{name}");
        for element in html.select(&all) {
            assert!(
                !matches!(
                    element.value().name(),
                    "script" | "link" | "img" | "iframe" | "form"
                ),
                "{name}: {element:?}"
            );
            if let Some(address) = element.attr("href") {
                assert!(
                    address.starts_with("https://") || address.starts_with("mailto:"),
                    "{name}: {address}"
                );
            }
        }
        assert_eq!(
            html.select(&Selector::parse("h1").unwrap()).count(),
            1,
            "{name}"
        );
        let meta = Selector::parse("meta[name=color-scheme]").unwrap();
        assert_eq!(
            html.select(&meta)
                .next()
                .and_then(|meta| meta.attr("content")),
            Some("light dark"),
            "{name}"
        );
        assert!(!seen(&content).html.contains("url("), "{name}");
    }
}

#[test]
fn titles_with_markup_in_them_are_shown_and_not_obeyed() {
    let sender = sender();
    let mut bulletin = bulletin(&sender);
    bulletin.subject = "<b>A & B</b> \"quoted\" 'single' {{ braces }}".into();
    bulletin.preheader.clone_from(&bulletin.subject);
    for article in &mut bulletin.articles {
        article.title = "</mj-text><script>alert(1)</script> & <mj-raw>".into();
        article.kind_label = "<i>kind</i>".into();
        article.authors = vec!["<a href=\"https://evil.example\">x</a>".into()];
        article.url = "https://points.clinic.example/?a=1&b=\"><script>".into();
    }
    let content = bulletin.render().unwrap();
    let html = Html::parse_document(&seen(&content).html);
    let heading = html.select(&Selector::parse("h1").unwrap()).next().unwrap();
    assert_eq!(heading.text().collect::<String>(), bulletin.subject);
    let title = html
        .select(&Selector::parse("h2 a").unwrap())
        .next()
        .unwrap();
    assert_eq!(title.text().collect::<String>(), bulletin.articles[0].title);
    assert_eq!(title.attr("href"), Some(bulletin.articles[0].url.as_str()));
    assert_eq!(
        html.select(&Selector::parse("script, i, a[href*=evil]").unwrap())
            .count(),
        0
    );
}

#[test]
fn a_test_send_says_so_in_its_subject() {
    let (_, _, content) = messages().swap_remove(0);
    assert!(
        content
            .for_test_send()
            .subject
            .starts_with("[Test] Calcium")
    );
}
