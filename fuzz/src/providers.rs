//! Notifications as each provider signs them, around a body that may be anything.

use std::sync::OnceLock;

use aws_lc_rs::encoding::{AsDer, Pkcs8V1Der, PublicKeyX509Der};
use aws_lc_rs::rand::SystemRandom;
use aws_lc_rs::rsa::{KeyPair as RsaPair, KeySize};
use aws_lc_rs::signature::{
    ECDSA_P256_SHA256_ASN1_SIGNING, EcdsaKeyPair, KeyPair as _, RSA_PKCS1_SHA256, RsaKeyPair,
};
use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use hmac::{Hmac, KeyInit as _, Mac as _};
use practice_points::clock::Timestamp;
use practice_points::mail::inbound::provider::{
    Proofs, Provider, ProviderError, Request, SnsCertificate, Told,
};
use rcgen::{CertificateParams, PKCS_RSA_SHA256};
use secrecy::SecretString;
use serde_json::json;
use sha2::Sha256;

/// 22 November 2026, 21:00 UTC.
const NOW: Timestamp = Timestamp::from_millis(1_795_381_200_000);
const SECONDS: &str = "1795381200";
const TIME: &str = "2026-11-22T21:00:00.000Z";
const TOPIC: &str = "arn:aws:sns:ap-southeast-2:123456789012:points";
const POSTMARK: &str = "points:a sample password";
const MAILGUN_KEY: &str = "a sample key for signing";

/// The providers, and the keys with which they sign.
struct Keys {
    sns: RsaKeyPair,
    sendgrid: EcdsaKeyPair,
    providers: [Provider; 4],
}

fn keys() -> &'static Keys {
    static KEYS: OnceLock<Keys> = OnceLock::new();
    KEYS.get_or_init(|| {
        let sns = RsaPair::generate(KeySize::Rsa2048).unwrap();
        let sns = AsDer::<Pkcs8V1Der<'_>>::as_der(&sns).unwrap();
        let pair =
            rcgen::KeyPair::from_pkcs8_der_and_sign_algo(&sns.as_ref().into(), &PKCS_RSA_SHA256);
        let certificate = CertificateParams::new(["sns.amazonaws.com".to_owned()]).unwrap();
        let certificate = certificate.self_signed(&pair.unwrap()).unwrap().pem();
        let sendgrid = EcdsaKeyPair::generate(&ECDSA_P256_SHA256_ASN1_SIGNING).unwrap();
        let public = AsDer::<PublicKeyX509Der<'_>>::as_der(sendgrid.public_key()).unwrap();
        Keys {
            sns: RsaKeyPair::from_pkcs8(sns.as_ref()).unwrap(),
            providers: [
                Provider::Ses {
                    topic: TOPIC.to_owned(),
                    certificate: SnsCertificate::from_pem(certificate.as_bytes()).unwrap(),
                },
                Provider::Postmark(SecretString::from(POSTMARK)),
                Provider::Mailgun(SecretString::from(MAILGUN_KEY)),
                Provider::SendGrid(public.as_ref().to_vec()),
            ],
            sendgrid,
        }
    })
}

/// A body is read by every provider when it is signed, and believed by none when it is not.
pub fn webhook(data: &[u8]) {
    for provider in &keys().providers {
        let unsigned = provider.read(&Proofs::default(), data, NOW);
        assert!(unsigned.is_err(), "{} believes it", provider.name());
        let (proofs, body) = signed(provider, data);
        match provider.read(&proofs, &body, NOW) {
            Ok(Request::Events(events)) => events.iter().for_each(is_harmless),
            Ok(Request::Confirm(_)) => panic!("a notification confirms nothing"),
            Err(error) => assert_ne!(error, ProviderError::Stale),
        }
    }
}

/// What the provider of that name is understood to tell by a body.
pub fn told(name: &str, body: &[u8]) -> Vec<Told> {
    let mut providers = keys().providers.iter();
    let provider = providers.find(|known| known.name() == name).unwrap();
    let (proofs, body) = signed(provider, body);
    match provider.read(&proofs, &body, NOW).unwrap() {
        Request::Events(events) => events,
        Request::Confirm(address) => panic!("{address}"),
    }
}

fn is_harmless(told: &Told) {
    super::is_harmless(&told.notice);
    super::marks(told.marks.as_bytes());
}

fn signed(provider: &Provider, data: &[u8]) -> (Proofs, Vec<u8>) {
    let mut proofs = Proofs::default();
    let random = SystemRandom::new();
    let body = match provider {
        Provider::Ses { .. } => {
            let message = String::from_utf8_lossy(data);
            let text = format!(
                "Message\n{message}\nMessageId\n1\nTimestamp\n{TIME}\nTopicArn\n{TOPIC}\nType\nNotification\n"
            );
            let mut signature = vec![0; keys().sns.public_modulus_len()];
            keys()
                .sns
                .sign(&RSA_PKCS1_SHA256, &random, text.as_bytes(), &mut signature)
                .unwrap();
            let envelope = json!({
                "Type": "Notification", "MessageId": "1", "TopicArn": TOPIC, "Message": message, "Timestamp": TIME,
                "SignatureVersion": "2", "Signature": STANDARD.encode(signature),
            });
            envelope.to_string().into_bytes()
        }
        Provider::Postmark(_) => {
            proofs.authorization = format!("Basic {}", STANDARD.encode(POSTMARK));
            data.to_vec()
        }
        Provider::Mailgun(_) => {
            let mut mac = Hmac::<Sha256>::new_from_slice(MAILGUN_KEY.as_bytes()).unwrap();
            mac.update(format!("{SECONDS}token").as_bytes());
            let signature = mac.finalize().into_bytes();
            let signature: String = signature.iter().map(|b| format!("{b:02x}")).collect();
            let signature =
                json!({ "timestamp": SECONDS, "token": "token", "signature": signature });
            let head = format!("{{\"signature\":{signature},\"event-data\":");
            [head.as_bytes(), data, b"}"].concat()
        }
        Provider::SendGrid(_) => {
            let text = [SECONDS.as_bytes(), data].concat();
            let signature = keys().sendgrid.sign(&random, &text).unwrap();
            proofs.twilio_timestamp = SECONDS.to_owned();
            proofs.twilio_signature = STANDARD.encode(signature.as_ref());
            data.to_vec()
        }
    };
    (proofs, body)
}
