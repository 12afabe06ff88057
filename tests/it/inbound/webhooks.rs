//! Mail providers' notifications, signed with keys that are made here in the providers' own ways.

use aws_lc_rs::rand::SystemRandom;
use aws_lc_rs::rsa::{KeyPair as RsaPair, KeySize};
use aws_lc_rs::signature::{
    ECDSA_P256_SHA256_ASN1_SIGNING, EcdsaKeyPair, KeyPair as _, RSA_PKCS1_SHA256,
};
use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use hmac::{Hmac, KeyInit as _, Mac as _};
use practice_points::domain::subscriber::SubscriberStatus;
use rcgen::{CertificateParams, PKCS_RSA_SHA256};
use reqwest::Method;
use serde_json::{Value, json};
use sha2::Sha256;

use crate::both_databases::{Database, on_both_databases};

use super::Returning;

const GP: &str = "gp@practice.example";
const TOPIC: &str = "arn:aws:sns:ap-southeast-2:123456789012:points";
const MAILGUN_KEY: &str = "a sample key for signing";
const POSTMARK: &str = "points:a sample password";

/// An application that knows all four providers, and their keys.
struct TestApp {
    here: Returning,
    sns: RsaPair,
    sendgrid: EcdsaKeyPair,
    _folder: tempfile::TempDir,
}

impl TestApp {
    async fn start(database: Database) -> Self {
        let folder = tempfile::tempdir().unwrap();
        let sns = RsaPair::generate(KeySize::Rsa2048).unwrap();
        let der = aws_lc_rs::encoding::AsDer::<aws_lc_rs::encoding::Pkcs8V1Der<'_>>::as_der(&sns)
            .unwrap();
        let der = rustls_der(der.as_ref());
        let pair = rcgen::KeyPair::from_pkcs8_der_and_sign_algo(&der, &PKCS_RSA_SHA256).unwrap();
        let certificate = CertificateParams::new(["sns.amazonaws.com".to_owned()]).unwrap();
        let certificate = certificate.self_signed(&pair).unwrap();
        let file = folder.path().join("sns.pem");
        std::fs::write(&file, certificate.pem()).unwrap();
        let sendgrid = EcdsaKeyPair::generate(&ECDSA_P256_SHA256_ASN1_SIGNING).unwrap();
        let spki = aws_lc_rs::encoding::AsDer::<aws_lc_rs::encoding::PublicKeyX509Der<'_>>::as_der(
            sendgrid.public_key(),
        )
        .unwrap();
        let settings = [
            ("inbound.ses_topic", TOPIC),
            ("inbound.ses_certificate", file.to_str().unwrap()),
            ("inbound.postmark_password", POSTMARK),
            ("inbound.mailgun_key", MAILGUN_KEY),
            ("inbound.sendgrid_key", &STANDARD.encode(spki.as_ref())),
        ];
        let here = Returning::start_with(database, &settings).await;
        Self {
            here,
            sns,
            sendgrid,
            _folder: folder,
        }
    }

    async fn post(&self, provider: &str, headers: &[(&str, String)], body: String) -> u16 {
        let mut request = self
            .here
            .app
            .request(Method::POST, &format!("/webhooks/{provider}"));
        for (name, value) in headers {
            request = request.header(*name, value);
        }
        self.here.app.send(request.body(body)).await.status.as_u16()
    }

    fn seconds(&self) -> String {
        (self.here.app.app.now().as_millis() / 1000).to_string()
    }

    async fn ses(&self, message: Value) -> (u16, Value) {
        self.sns_says("Notification", message.to_string(), TOPIC)
            .await
    }

    async fn sns_says(&self, kind: &str, message: String, topic: &str) -> (u16, Value) {
        let at = "2026-11-22T21:00:00.000Z";
        let confirms = kind != "Notification";
        let mut signed = format!("Message\n{message}\nMessageId\n1\n");
        if confirms {
            signed.push_str("SubscribeURL\nhttps://sns.example/confirm\n");
        }
        signed.push_str(&format!("Timestamp\n{at}\n"));
        if confirms {
            signed.push_str("Token\nabc\n");
        }
        signed.push_str(&format!("TopicArn\n{topic}\nType\n{kind}\n"));
        let mut signature = vec![0; 256];
        let der =
            aws_lc_rs::encoding::AsDer::<aws_lc_rs::encoding::Pkcs8V1Der<'_>>::as_der(&self.sns)
                .unwrap();
        let pair = aws_lc_rs::signature::RsaKeyPair::from_pkcs8(der.as_ref()).unwrap();
        pair.sign(
            &RSA_PKCS1_SHA256,
            &SystemRandom::new(),
            signed.as_bytes(),
            &mut signature,
        )
        .unwrap();
        let mut envelope = json!({
            "Type": kind, "MessageId": "1", "TopicArn": topic, "Message": message, "Timestamp": at,
            "SignatureVersion": "2", "Signature": STANDARD.encode(signature),
            "SigningCertURL": "https://sns.ap-southeast-2.amazonaws.com/x.pem",
        });
        if confirms {
            envelope["SubscribeURL"] = "https://sns.example/confirm".into();
            envelope["Token"] = "abc".into();
        }
        (self.post("ses", &[], envelope.to_string()).await, envelope)
    }

    async fn mailgun(&self, event: Value) -> u16 {
        let timestamp = self.seconds();
        let mut mac = Hmac::<Sha256>::new_from_slice(MAILGUN_KEY.as_bytes()).unwrap();
        mac.update(format!("{timestamp}token").as_bytes());
        let signature: String = mac
            .finalize()
            .into_bytes()
            .iter()
            .map(|b| format!("{b:02x}"))
            .collect();
        let body = json!({
            "signature": { "timestamp": timestamp, "token": "token", "signature": signature },
            "event-data": event,
        });
        self.post("mailgun", &[], body.to_string()).await
    }

    async fn sendgrid(&self, events: Value) -> u16 {
        let (timestamp, body) = (self.seconds(), events.to_string());
        let signature = self
            .sendgrid
            .sign(
                &SystemRandom::new(),
                format!("{timestamp}{body}").as_bytes(),
            )
            .unwrap();
        let headers = [
            ("X-Twilio-Email-Event-Webhook-Timestamp", timestamp),
            (
                "X-Twilio-Email-Event-Webhook-Signature",
                STANDARD.encode(signature.as_ref()),
            ),
        ];
        self.post("sendgrid", &headers, body).await
    }

    async fn postmark(&self, event: Value) -> u16 {
        let authorization = format!("Basic {}", STANDARD.encode(POSTMARK));
        self.post(
            "postmark",
            &[("Authorization", authorization)],
            event.to_string(),
        )
        .await
    }

    async fn status(&self, email: &str) -> SubscriberStatus {
        self.here.status(email).await
    }
}

fn rustls_der(der: &[u8]) -> tokio_rustls::rustls::pki_types::PrivatePkcs8KeyDer<'_> {
    der.into()
}

on_both_databases! {
    async fn each_provider_suspends_unsubscribes_and_is_not_counted_twice(here: TestApp) {
        for number in 0..8 {
            here.here.app.subscribe(&format!("gp{number}@practice.example")).await;
        }
        let gp = |number: usize| format!("gp{number}@practice.example");
        let mut marks = Vec::new();
        for number in 0..8 {
            marks.push(here.here.marks(&gp(number)).await);
        }
        let ses = |number: usize, kind: &str, key: &str, what: Value| {
            json!({ "notificationType": kind, key: what, "mail": { "source": marks[number].return_path } })
        };
        let gone = json!({ "bounceType": "Permanent", "bounceSubType": "General",
            "bouncedRecipients": [{ "emailAddress": gp(0), "status": "5.1.1", "diagnosticCode": "smtp; 550 5.1.1 user unknown" }] });
        let spam = json!({ "complainedRecipients": [{ "emailAddress": gp(1) }], "complaintFeedbackType": "abuse" });
        for _ in 0..2 {
            assert_eq!(here.ses(ses(0, "Bounce", "bounce", gone.clone())).await.0, 200);
            assert_eq!(here.ses(ses(1, "Complaint", "complaint", spam.clone())).await.0, 200);
            let path = marks[2].return_path.split_once('+').unwrap().1.split_once('@').unwrap().0.to_owned();
            let event = json!({ "RecordType": "Bounce", "Type": "HardBounce", "Email": gp(2), "Details": "smtp;550 5.1.1 No such user", "Metadata": { "delivery": path } });
            assert_eq!(here.postmark(event).await, 200);
            let path = marks[3].return_path.split_once('+').unwrap().1.split_once('@').unwrap().0.to_owned();
            assert_eq!(here.postmark(json!({ "RecordType": "SpamComplaint", "Email": gp(3), "Metadata": { "delivery": path } })).await, 200);
            let headers = json!({ "headers": { "message-id": marks[4].message_id } });
            let status = json!({ "code": 550, "message": "No such user here" });
            assert_eq!(here.mailgun(json!({ "event": "failed", "severity": "permanent", "reason": "bounce", "recipient": gp(4), "message": headers, "delivery-status": status })).await, 200);
            let headers = json!({ "headers": { "message-id": marks[5].message_id } });
            assert_eq!(here.mailgun(json!({ "event": "unsubscribed", "recipient": gp(5), "message": headers })).await, 200);
            let events = json!([
                { "event": "bounce", "type": "bounce", "email": gp(6), "status": "5.2.2", "reason": "552 5.2.2 full", "smtp-id": format!("<{}>", marks[6].message_id) },
                { "event": "open", "email": gp(6) },
                { "event": "spamreport", "email": gp(7), "smtp-id": format!("<{}>", marks[7].message_id) },
                { "event": "bounce", "email": "somebody@else.example", "status": "5.1.1", "smtp-id": "<not-ours@else.example>" },
            ]);
            assert_eq!(here.sendgrid(events).await, 200);
        }
        let mut states = Vec::new();
        for number in 0..8 {
            states.push(here.status(&gp(number)).await.as_str());
        }
        assert_eq!(states, ["suspended", "unsubscribed", "suspended", "unsubscribed", "suspended", "unsubscribed", "active", "unsubscribed"]);
        assert_eq!((here.here.app.count("inbound_event").await, here.here.app.count("strike").await), (8, 1));
    }
}

#[tokio::test]
async fn who_is_not_the_provider_is_refused_and_nothing_happens() {
    let here = TestApp::start(Database::Sqlite).await;
    here.here.app.subscribe(GP).await;
    let marks = here.here.marks(GP).await;
    let bounce = json!({ "notificationType": "Bounce", "mail": { "source": marks.return_path },
        "bounce": { "bounceType": "Permanent", "bouncedRecipients": [{ "emailAddress": GP, "status": "5.1.1" }] } });

    // Another topic of the same provider, a changed word, another key, no signature.
    assert_eq!(
        here.sns_says("Notification", bounce.to_string(), "arn:aws:sns:x:1:other")
            .await
            .0,
        403
    );
    let (_, mut envelope) = here.ses(json!({ "notificationType": "Delivery" })).await;
    envelope["Message"] = bounce.to_string().into();
    assert_eq!(here.post("ses", &[], envelope.to_string()).await, 403);
    envelope["SignatureVersion"] = "3".into();
    assert_eq!(here.post("ses", &[], envelope.to_string()).await, 403);
    let stranger = TestApp::start(Database::Sqlite).await;
    let (_, envelope) = stranger.ses(bounce.clone()).await;
    assert_eq!(here.post("ses", &[], envelope.to_string()).await, 403);

    let event = json!({ "RecordType": "Bounce", "Type": "HardBounce", "Email": GP, "marks": marks.return_path }).to_string();
    for authorization in ["", "Basic ", "Basic cG9pbnRzOng=", "Bearer x"] {
        assert_eq!(
            here.post(
                "postmark",
                &[("Authorization", authorization.into())],
                event.clone()
            )
            .await,
            403
        );
    }
    let unsigned = json!({ "event-data": { "event": "complained", "message": { "headers": { "message-id": marks.message_id } } } });
    assert_eq!(here.post("mailgun", &[], unsigned.to_string()).await, 403);
    let events = json!([{ "event": "spamreport", "smtp-id": marks.message_id }]);
    assert_eq!(here.post("sendgrid", &[], events.to_string()).await, 403);
    // A copy of a true one, told again when its time is over.
    let hours = std::time::Duration::from_secs(13 * 60 * 60);
    let old = here.seconds();
    here.here.app.app.clock.advance(hours);
    let signature = here
        .sendgrid
        .sign(&SystemRandom::new(), format!("{old}{events}").as_bytes())
        .unwrap();
    let headers = [
        ("X-Twilio-Email-Event-Webhook-Timestamp", old),
        (
            "X-Twilio-Email-Event-Webhook-Signature",
            STANDARD.encode(signature.as_ref()),
        ),
    ];
    assert_eq!(
        here.post("sendgrid", &headers, events.to_string()).await,
        403
    );

    for provider in ["ses", "postmark", "mailgun", "sendgrid"] {
        for body in [
            "",
            "{}",
            "[]",
            "null",
            "\0",
            "{\"Type\":1}",
            &"[".repeat(100_000),
        ] {
            let status = here
                .post(
                    provider,
                    &[(
                        "Authorization",
                        format!("Basic {}", STANDARD.encode(POSTMARK)),
                    )],
                    body.to_owned(),
                )
                .await;
            assert!(matches!(status, 200 | 400 | 403), "{provider}: {status}");
        }
    }
    assert_eq!(here.post("other", &[], "{}".into()).await, 404);
    assert_eq!(here.status(GP).await, SubscriberStatus::Active);
    assert_eq!(here.here.app.count("inbound_event").await, 0);
}

#[tokio::test]
async fn the_address_that_confirms_a_subscription_waits_for_the_staff() {
    let here = TestApp::start(Database::Sqlite).await;
    assert_eq!(
        here.sns_says("SubscriptionConfirmation", "You have chosen".into(), TOPIC)
            .await
            .0,
        200
    );
    let staff = here.here.app.other_browser();
    staff
        .sign_in_as(practice_points::domain::staff_member::StaffRole::Publisher)
        .await;
    let list = staff.get("/staff/inbound").await.expect(200);
    let page = staff
        .get(&list.attribute("main table a", "href"))
        .await
        .expect(200);
    assert!(
        page.text("pre").contains("https://sns.example/confirm"),
        "{}",
        page.text("pre")
    );
}

/// SendGrid gathers events until they make three quarters of a megabyte.
#[tokio::test]
async fn a_large_notification_is_taken_in_whole_and_a_huge_one_refused() {
    let here = TestApp::start(Database::Sqlite).await;
    here.here.app.subscribe(GP).await;
    let marks = here.here.marks(GP).await;
    let mut events = vec![json!({ "event": "delivered", "email": "x".repeat(200) }); 3_000];
    events.push(json!({ "event": "bounce", "type": "bounce", "email": GP, "status": "5.1.1", "marks": marks.return_path }));
    let events = Value::from(events);
    assert!(events.to_string().len() > 600 << 10);
    assert_eq!(here.sendgrid(events).await, 200);
    assert_eq!(here.status(GP).await, SubscriberStatus::Suspended);
    let huge = json!([{ "event": "delivered", "email": "x".repeat(2 << 20) }]);
    assert_eq!(here.sendgrid(huge).await, 413);
}
