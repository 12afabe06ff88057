#![allow(clippy::unwrap_used, clippy::expect_used)]

use super::*;

fn parse(url: &str) -> Result<SmtpServer, SmtpUrlError> {
    SmtpServer::parse(&SecretString::from(url))
}

#[test]
fn each_form_gives_its_port_and_encryption() {
    for (url, place, security) in [
        ("smtp://mail.example", "mail.example:25", Security::None),
        (
            "smtp://mail.example?tls=none",
            "mail.example:25",
            Security::None,
        ),
        (
            "smtp://mail.example?tls=required",
            "mail.example:587",
            Security::StartTls,
        ),
        (
            "smtp://mail.example?tls=opportunistic",
            "mail.example:587",
            Security::Opportunistic,
        ),
        (
            "smtps://mail.example",
            "mail.example:465",
            Security::Implicit,
        ),
        ("smtp://127.0.0.1:2525", "127.0.0.1:2525", Security::None),
        ("smtp://[::1]:2525", "[::1]:2525", Security::None),
        (
            " smtp://tepūkenga.example:26 ",
            "xn--tepkenga-szb.example:26",
            Security::None,
        ),
    ] {
        let server = parse(url).unwrap();
        assert_eq!(
            (server.place().as_str(), server.security()),
            (place, security),
            "{url}"
        );
    }
}

#[test]
fn user_and_password_are_percent_decoded_and_a_plus_is_a_plus() {
    let server = parse("smtps://points%40clinic.example:a%2Fb+c%3Fd%C4%81@mail.example").unwrap();
    let (user, password) = server.credentials().unwrap();
    assert_eq!(
        (user, password.expose_secret()),
        ("points@clinic.example", "a/b+c?dā")
    );
}

#[test]
fn a_path_is_our_name_for_the_server() {
    assert_eq!(
        parse("smtp://mail.example/points.clinic.example")
            .unwrap()
            .hello_name(),
        Some("points.clinic.example")
    );
    assert_eq!(parse("smtp://mail.example/").unwrap().hello_name(), None);
    assert!(matches!(
        parse("smtp://mail.example/a%20b"),
        Err(SmtpUrlError::HelloName)
    ));
}

#[test]
fn a_password_never_travels_in_the_clear_but_on_this_machine() {
    assert!(matches!(
        parse("smtp://u:p@mail.example"),
        Err(SmtpUrlError::PasswordInTheClear)
    ));
    assert!(matches!(
        parse("smtp://u:p@mail.example?tls=none"),
        Err(SmtpUrlError::PasswordInTheClear)
    ));
    for host in ["localhost", "127.0.0.1", "[::1]"] {
        assert!(parse(&format!("smtp://u:p@{host}")).is_ok(), "{host}");
    }
}

#[test]
fn neither_errors_nor_debug_output_show_the_password() {
    for url in [
        "smtp://user:s3cret@mail.example",
        "http://user:s3cret@mail.example",
        "smtp://user:s3cret@",
        "smtp://user:s3cret@mail.example?tls=maybe",
        "smtps://user:s3cret@mail.example?tls=none",
        "smtp://user:s3cret@mail.example?s3cret=1",
        "smtp://user:s3cret%FF@mail.example?tls=required",
        "smtp://:s3cret@mail.example",
        "smtp://user:s3cret@mail.example:notaport",
        "s3cret",
    ] {
        let error = parse(url).unwrap_err();
        assert!(
            !format!("{error} {error:?}").contains("s3cret"),
            "{url}: {error:?}"
        );
    }
    let server = parse("smtps://user:s3cret@mail.example").unwrap();
    assert!(!format!("{server:?}").contains("s3cret"));
}

#[test]
fn half_credentials_are_refused() {
    for url in [
        "smtps://user@mail.example",
        "smtps://user:@mail.example",
        "smtps://:pass@mail.example",
    ] {
        assert!(
            matches!(parse(url), Err(SmtpUrlError::HalfCredentials)),
            "{url}"
        );
    }
}

#[test]
fn a_certificate_file_must_hold_certificates() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("ca.pem");
    let url = format!("smtps://mail.example?ca_file={}", path.display());
    assert!(matches!(parse(&url), Err(SmtpUrlError::CaFile { .. })));
    std::fs::write(&path, "not a certificate").unwrap();
    assert!(matches!(parse(&url), Err(SmtpUrlError::CaFile { .. })));
}
