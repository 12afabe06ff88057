//! A made-up clinic and made-up recipients.

use practice_points::clock::Timestamp;
use practice_points::domain::email_address::EmailAddress;
use practice_points::domain::person_name::PersonName;
use practice_points::mail::brand::Brand;
use practice_points::mail::content::{Content, Slot};
use practice_points::mail::message::{
    CompiledMessage, Kind, OutgoingMessage, Recipient, Unsubscribe,
};
use practice_points::mail::sender::Sender;

pub fn address(text: &str) -> EmailAddress {
    EmailAddress::parse(text).unwrap()
}

pub fn sender() -> Sender {
    Sender {
        clinic_name: "Sample Heart Clinic".into(),
        newsletter_name: "GP Practice Points".into(),
        postal_address: "1 Sample Street, Remuera, Auckland 1051".into(),
        contact_address: address("contact@clinic.example"),
        from_name: "GP Practice Points".into(),
        from_address: address("points@clinic.example"),
        reply_to: Some(address("replies@clinic.example")),
        unsubscribe_mailbox: None,
        base_url: "https://points.clinic.example/".parse().unwrap(),
        brand: Brand::default(),
    }
}

pub fn recipient(to: &str) -> Recipient {
    let mut recipient = Recipient::new(
        address(to),
        format!("d-{}@points.clinic.example", to.split('@').next().unwrap()),
        Timestamp::from_millis(1_795_000_000_000),
    );
    recipient.name = Some(PersonName::parse("Māia O’Sample-Tūhoe").unwrap());
    recipient.unsubscribe = Some(Unsubscribe {
        url: "https://points.clinic.example/u/SampleTokenSampleTokenSampleToken0".into(),
        token: "SampleTokenSampleTokenSampleToken0".into(),
    });
    recipient.confirm_url = Some("https://points.clinic.example/confirm/SampleConfirmToken".into());
    recipient.manage_url = Some("https://points.clinic.example/manage/SampleManageToken".into());
    recipient
}

/// A message with everything in it that could trip up a server: dots at line starts, lines that look like the end.
pub fn message(to: &str) -> OutgoingMessage {
    let content = Content {
        subject:
            "Ngā mihi: a subject with macrons that is long enough to be folded over several lines"
                .into(),
        html: format!(
            "<p>Kia ora{},</p>\n<p>.</p>\n.\n..\n",
            Slot::GreetingName.marker()
        ),
        text: format!(
            "Kia ora{},\n.\n..\n.hidden\n{}\n.\n",
            Slot::GreetingName.marker(),
            Slot::UnsubscribeUrl.marker()
        ),
    };
    CompiledMessage::new(&content, &sender(), Kind::Bulletin)
        .unwrap()
        .for_recipient(&recipient(to))
        .unwrap()
}

/// A message whose text part takes this many bytes.
pub fn huge_message(to: &str, bytes: usize) -> OutgoingMessage {
    let text = "0123456789012345678901234567890123456789012345678901234567890\n".repeat(bytes / 62);
    let content = Content {
        subject: "Much".into(),
        html: "<p>Much</p>".into(),
        text,
    };
    CompiledMessage::new(&content, &sender(), Kind::Bulletin)
        .unwrap()
        .for_recipient(&recipient(to))
        .unwrap()
}
