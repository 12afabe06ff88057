#![allow(clippy::unwrap_used, clippy::expect_used)]

use std::sync::OnceLock;

use aws_lc_rs::encoding::AsDer as _;
use aws_lc_rs::rsa::KeySize;
use aws_lc_rs::signature::{
    ED25519, Ed25519KeyPair, RSA_PKCS1_1024_8192_SHA256_FOR_LEGACY_USE_ONLY, RsaKeyPair,
    UnparsedPublicKey,
};

use super::*;

#[path = "tests/cost.rs"]
mod cost;

/// RFC 8463, appendix A.3: what is signed, and both signatures without their values.
const MESSAGE: &str = "From: Joe SixPack <joe@football.example.com>\r\n\
    To: Suzie Q <suzie@shopping.example.net>\r\n\
    Subject: Is dinner ready?\r\n\
    Date: Fri, 11 Jul 2003 21:00:37 -0700 (PDT)\r\n\
    Message-ID: <20030712040037.46341.5F8J@football.example.com>\r\n\
    \r\n\
    Hi.\r\n\
    \r\n\
    We lost the game.  Are you hungry yet?\r\n\
    \r\n\
    Joe.\r\n\
    \r\n";
const BODY_HASH: &str = "2jUSOH9NhtVGCQWNr9BrIAPreKQjO6Sn7XIkfJVOzv8=";
const ED25519_FIELD: &str = "DKIM-Signature: v=1; a=ed25519-sha256; c=relaxed/relaxed;\r\n \
    d=football.example.com; i=@football.example.com;\r\n \
    q=dns/txt; s=brisbane; t=1528637909; h=from : to :\r\n \
    subject : date : message-id : from : subject : date;\r\n \
    bh=2jUSOH9NhtVGCQWNr9BrIAPreKQjO6Sn7XIkfJVOzv8=;\r\n b=";
const ED25519_VALUE: &str = "/gCrinpcQOoIfuHNQIbq4pgh9kyIK3AQUdt9OdqQehSwhEIug4D11Bus\
    Fa3bT3FY5OsU7ZbnKELq+eXdp1Q1Dw==";
const RSA_FIELD: &str = "DKIM-Signature: v=1; a=rsa-sha256; c=relaxed/relaxed;\r\n \
    d=football.example.com; i=@football.example.com;\r\n \
    q=dns/txt; s=test; t=1528637909; h=from : to : subject :\r\n \
    date : message-id : from : subject : date;\r\n \
    bh=2jUSOH9NhtVGCQWNr9BrIAPreKQjO6Sn7XIkfJVOzv8=;\r\n b=";
const RSA_VALUE: &str = "F45dVWDfMbQDGHJFlXUNB2HKfbCeLRyhDXgFpEL8GwpsRe0IeIixNTe3\
    DhCVlUrSjV4BwcVcOF6+FF3Zo9Rpo1tFOeS9mPYQTnGdaSGsgeefOsk2Jz\
    dA+L10TeYt9BgDfQNZtKdN1WO//KgIqXP7OdEFE4LjFYNcUxZQ4FADY+8=";

/// RFC 8463, appendix A.2: the public keys, and appendix A.1: the private one of Ed25519.
const ED25519_PUBLIC: &str = "11qYAYKxCrfVS/7TyWQHOg7hcvPapiMlrwIaaPcHURo=";
const ED25519_SEED: &str = "nWGxne/9WmC6hEr0kuwsxERJxWl7MmkZcDusAxyuf2A=";
const RSA_PUBLIC: &str = "MIGfMA0GCSqGSIb3DQEBAQUAA4GNADCBiQKBgQDkHlOQoBTzWRiGs5V6NpP3\
    idY6Wk08a5qhdR6wy5bdOKb2jLQiY/J16JYi0Qvx/byYzCNb3W91y3FutAC\
    DfzwQ/BC/e/8uBsCR+yz1Lxj+PL6lHvqMKrM3rG4hstT5QjvHO9PzoxZyVY\
    LzBfO2EeC3Ip3G+2kryOTIKT+l/K4w3QIDAQAB";

/// RFC 8463, appendix A.1: an RSA key of 1024 bits.
const SMALL_RSA_KEY: &str = "-----BEGIN RSA PRIVATE KEY-----
MIICXQIBAAKBgQDkHlOQoBTzWRiGs5V6NpP3idY6Wk08a5qhdR6wy5bdOKb2jLQi
Y/J16JYi0Qvx/byYzCNb3W91y3FutACDfzwQ/BC/e/8uBsCR+yz1Lxj+PL6lHvqM
KrM3rG4hstT5QjvHO9PzoxZyVYLzBfO2EeC3Ip3G+2kryOTIKT+l/K4w3QIDAQAB
AoGAH0cxOhFZDgzXWhDhnAJDw5s4roOXN4OhjiXa8W7Y3rhX3FJqmJSPuC8N9vQm
6SVbaLAE4SG5mLMueHlh4KXffEpuLEiNp9Ss3O4YfLiQpbRqE7Tm5SxKjvvQoZZe
zHorimOaChRL2it47iuWxzxSiRMv4c+j70GiWdxXnxe4UoECQQDzJB/0U58W7RZy
6enGVj2kWF732CoWFZWzi1FicudrBFoy63QwcowpoCazKtvZGMNlPWnC7x/6o8Gc
uSe0ga2xAkEA8C7PipPm1/1fTRQvj1o/dDmZp243044ZNyxjg+/OPN0oWCbXIGxy
WvmZbXriOWoSALJTjExEgraHEgnXssuk7QJBALl5ICsYMu6hMxO73gnfNayNgPxd
WFV6Z7ULnKyV7HSVYF0hgYOHjeYe9gaMtiJYoo0zGN+L3AAtNP9huqkWlzECQE1a
licIeVlo1e+qJ6Mgqr0Q7Aa7falZ448ccbSFYEPD6oFxiOl9Y9se9iYHZKKfIcst
o7DUw1/hz2Ck4N5JrgUCQQCyKveNvjzkkd8HjYs0SwM0fPjK16//5qDZ2UiDGnOe
uEzxBDAr518Z8VFbR41in3W4Y3yCDgQlLlcETrS+zYcL
-----END RSA PRIVATE KEY-----
";

fn pem(label: &str, der: &[u8]) -> String {
    let text = BASE64.encode(der);
    let lines: Vec<&str> = text
        .as_bytes()
        .chunks(64)
        .map(|line| std::str::from_utf8(line).unwrap())
        .collect();
    format!(
        "-----BEGIN {label}-----\n{}\n-----END {label}-----\n",
        lines.join("\n")
    )
}

/// An RSA key in PKCS#8, made once.
fn rsa_der() -> &'static [u8] {
    static KEY: OnceLock<Vec<u8>> = OnceLock::new();
    KEY.get_or_init(|| {
        let pair = RsaKeyPair::generate(KeySize::Rsa2048).unwrap();
        pair.as_der().unwrap().as_ref().to_vec()
    })
}

fn ed25519_pem() -> String {
    let seed = BASE64.decode(ED25519_SEED).unwrap();
    let pair = Ed25519KeyPair::from_seed_unchecked(&seed).unwrap();
    pem("PRIVATE KEY", pair.to_pkcs8v1().unwrap().as_ref())
}

fn key(text: &str) -> PrivateKey {
    PrivateKey::from_pem(text.as_bytes()).unwrap()
}

fn signer() -> Signer {
    let selected = |selector: &str, text: &str| SelectedKey {
        selector: selector.parse().unwrap(),
        key: key(text),
    };
    Signer::new(
        "clinic.example",
        vec![
            selected("points2026", &pem("PRIVATE KEY", rsa_der())),
            selected("points2026e", &ed25519_pem()),
        ],
    )
}

/// What the examples of the RFC sign, up to one of its signature fields.
fn signed_by_the_rfc(field: &str) -> Vec<u8> {
    let (headers, _) = canonical::split(MESSAGE);
    let names = [
        "from",
        "to",
        "subject",
        "date",
        "message-id",
        "from",
        "subject",
        "date",
    ];
    let mut signed = Vec::new();
    canonical::push_fields(&canonical::fields(headers), &names, &mut signed);
    canonical::push_own_field(field, &mut signed);
    signed
}

#[test]
fn the_message_of_rfc_8463_hashes_and_signs_as_published() {
    let (_, body) = canonical::split(MESSAGE);
    assert_eq!(
        BASE64.encode(canonical::body_hash(body.as_bytes())),
        BODY_HASH
    );
    let hash = aws_lc_rs::digest::digest(&SHA256, &signed_by_the_rfc(ED25519_FIELD));
    let signature = key(&ed25519_pem()).sign(&hash).unwrap();
    assert_eq!(BASE64.encode(signature), ED25519_VALUE);
    // Its RSA key is too small to sign with here; the published signature is one of the same bytes.
    let public = BASE64.decode(RSA_PUBLIC).unwrap();
    UnparsedPublicKey::new(&RSA_PKCS1_1024_8192_SHA256_FOR_LEGACY_USE_ONLY, public)
        .verify(
            &signed_by_the_rfc(RSA_FIELD),
            &BASE64.decode(RSA_VALUE).unwrap(),
        )
        .unwrap();
}

#[test]
fn the_record_is_that_of_rfc_8463() {
    assert_eq!(
        key(&ed25519_pem()).record(),
        format!("v=DKIM1; k=ed25519; p={ED25519_PUBLIC}")
    );
    let record = key(&pem("PRIVATE KEY", rsa_der())).record();
    let public = record.strip_prefix("v=DKIM1; k=rsa; p=").unwrap();
    assert!(
        public.starts_with("MIIBIjANBgkqhkiG9w0BAQEFAAOCAQ8A"),
        "{record}"
    );
}

#[test]
fn an_rsa_key_may_stand_in_pkcs_8_or_in_pkcs_1() {
    let modern = pem("PRIVATE KEY", rsa_der());
    // The key of PKCS#1 is the last element of PKCS#8, behind 26 bytes that name the algorithm.
    let old = pem("RSA PRIVATE KEY", &rsa_der()[26..]);
    assert_eq!(key(&modern).record(), key(&old).record());
    assert_eq!(key(&old).rsa_bits(), Some(2048));
    let commented = format!(
        "Made for points.clinic.example\r\n{}",
        old.replace('\n', "\r\n")
    );
    assert_eq!(key(&commented).record(), key(&old).record());
}

#[test]
fn what_is_no_key_to_sign_with_is_refused_with_what_is_wrong() {
    let refused = |text: &str| PrivateKey::from_pem(text.as_bytes()).err().unwrap();
    assert!(matches!(refused(SMALL_RSA_KEY), KeyError::TooSmall));
    assert!(matches!(refused(""), KeyError::NoKey));
    assert!(matches!(refused("smtp.example\n"), KeyError::NoKey));
    assert!(matches!(
        refused(&pem("OPENSSH PRIVATE KEY", b"openssh-key-v1")),
        KeyError::NoKey
    ));
    assert!(matches!(
        refused(&pem("PUBLIC KEY", b"x")),
        KeyError::Public
    ));
    assert!(matches!(
        refused(&pem("ENCRYPTED PRIVATE KEY", b"x")),
        KeyError::Encrypted
    ));
    let old = pem("RSA PRIVATE KEY", &rsa_der()[26..]);
    let locked = old.replacen(
        "KEY-----\n",
        "KEY-----\nProc-Type: 4,ENCRYPTED\nDEK-Info: AES-256-CBC,00\n\n",
        1,
    );
    assert!(matches!(refused(&locked), KeyError::Encrypted));
    let elliptic = rcgen::KeyPair::generate().unwrap().serialize_pem();
    assert!(matches!(refused(&elliptic), KeyError::OtherAlgorithm));
    assert!(matches!(
        refused(&pem("EC PRIVATE KEY", b"x")),
        KeyError::OtherAlgorithm
    ));
    let half = pem("PRIVATE KEY", &rsa_der()[..rsa_der().len() / 2]);
    assert!(matches!(refused(&half), KeyError::Damaged));
    let cut = &pem("PRIVATE KEY", rsa_der())[..500];
    assert!(matches!(refused(cut), KeyError::Damaged));
    let mut altered = rsa_der().to_vec();
    *altered.last_mut().unwrap() ^= 1;
    assert!(matches!(
        refused(&pem("PRIVATE KEY", &altered)),
        KeyError::Damaged
    ));
}

#[test]
fn a_key_is_never_shown() {
    let shown = format!("{:?}", signer());
    assert_eq!(
        shown,
        "Signer { domain: \"clinic.example\", selectors: [Selector(\"points2026\"), Selector(\"points2026e\")] }"
    );
}

#[test]
fn a_selector_is_a_name_that_the_dns_can_have() {
    for good in ["s", "points2026", "2026-11.points", "S1"] {
        assert!(good.parse::<Selector>().is_ok(), "{good}");
    }
    assert_eq!("S1".parse::<Selector>().unwrap().as_str(), "s1");
    let long = "a".repeat(64);
    for bad in [
        "", ".", "a.", "a..b", "-a", "a-", "a b", "a;b", "ā", "a_b", &long,
    ] {
        assert!(bad.parse::<Selector>().is_err(), "{bad}");
    }
}

const NOTICE: &str = "Date: Wed, 18 Nov 2026 11:06:40 +0000\r\n\
    Message-ID: <d-42@points.clinic.example>\r\n\
    To: =?utf-8?b?TcSBaWE=?= <sample@practice.example>\r\n\
    From: GP Practice Points\r\n <points@clinic.example>\r\n\
    Subject: Please confirm\r\n\
    Auto-Submitted: auto-generated\r\n\
    X-Other: not signed\r\n\
    MIME-Version: 1.0\r\n\
    Content-Type: text/plain\r\n\r\n\
    Kia ora,\r\n";

#[test]
fn each_key_gives_a_folded_signature_of_its_own_over_what_is_there_and_what_must_not_come() {
    let at = Timestamp::from_millis(1_795_000_000_999);
    let signatures = signer().signatures(NOTICE, at).unwrap();
    let lines: Vec<&str> = signatures.lines().collect();
    assert!(lines.iter().all(|line| line.len() <= 76), "{signatures}");
    assert!(signatures.is_ascii() && signatures.ends_with("\r\n"));
    assert!(!signatures.contains("\r\n\r\n") && !signatures.replace("\r\n", "").contains('\n'));
    let fields: Vec<&str> = signatures.split("DKIM-Signature: ").skip(1).collect();
    assert_eq!(fields.len(), 2);
    for (field, algorithm, selector) in [
        (fields[0], "rsa-sha256", "points2026"),
        (fields[1], "ed25519-sha256", "points2026e"),
    ] {
        let tidy = field.replace("\r\n ", "").replace(' ', "");
        let tags: Vec<(&str, &str)> = tidy
            .trim_end()
            .split(';')
            .map(|tag| tag.split_once('=').unwrap())
            .collect();
        let before = [
            ("v", "1"),
            ("a", algorithm),
            ("c", "relaxed/relaxed"),
            ("d", "clinic.example"),
            ("s", selector),
            ("t", "1795000000"),
        ];
        assert_eq!(tags[..6], before);
        assert_eq!(tags[6].0, "bh");
        let signed = "From:From:To:To:Cc:Subject:Subject:Date:Date:Message-ID:Message-ID:Reply-To:MIME-Version:\
                      MIME-Version:Content-Type:Content-Type:List-Unsubscribe:List-Unsubscribe-Post:Auto-Submitted";
        assert_eq!(tags[7], ("h", signed));
        assert_eq!(tags[8].0, "b");
        assert_eq!(tags.len(), 9);
    }
}

#[test]
fn a_long_domain_and_selector_are_folded_where_that_is_possible() {
    let label = "a".repeat(60);
    let domain = [label.as_str(); 4].join(".");
    let selected = SelectedKey {
        selector: label.parse().unwrap(),
        key: key(&ed25519_pem()),
    };
    let signatures = Signer::new(&domain, vec![selected])
        .signatures(NOTICE, Timestamp::from_millis(0))
        .unwrap();
    for line in signatures.lines() {
        assert!(line.len() <= 76 || line.contains("d=aaa"), "{line}");
        assert!(line.len() <= 998, "{line}");
    }
}

#[test]
fn a_signature_verifies_with_the_key_and_not_with_anything_changed() {
    let at = Timestamp::from_millis(1_795_000_000_000);
    let signatures = signer().signatures(NOTICE, at).unwrap();
    let field = format!(
        "DKIM-Signature: {}",
        signatures.split("DKIM-Signature: ").nth(2).unwrap()
    );
    let (unsigned, value) = field.split_at(field.rfind("b=").unwrap() + 2);
    let value: String = value.split_whitespace().collect();
    let verifies = |message: &str| {
        let (headers, _) = canonical::split(message);
        let fields = canonical::fields(headers);
        let mut signed = Vec::new();
        canonical::push_fields(
            &fields,
            &names(&canonical::fields(canonical::split(NOTICE).0)),
            &mut signed,
        );
        canonical::push_own_field(unsigned, &mut signed);
        let hash = aws_lc_rs::digest::digest(&SHA256, &signed);
        UnparsedPublicKey::new(&ED25519, BASE64.decode(ED25519_PUBLIC).unwrap())
            .verify(hash.as_ref(), &BASE64.decode(&value).unwrap())
            .is_ok()
    };
    assert!(verifies(NOTICE));
    assert!(verifies(
        &NOTICE.replace("X-Other: not", "X-Other: still not")
    ));
    assert!(!verifies(&NOTICE.replace("Please", "please")));
    assert!(!verifies(&format!(
        "From: mallory@evil.example\r\n{NOTICE}"
    )));
    assert!(!verifies(&format!(
        "List-Unsubscribe: <https://evil.example>\r\n{NOTICE}"
    )));
    assert!(!verifies(&format!(
        "Reply-To: mallory@evil.example\r\n{NOTICE}"
    )));
}
