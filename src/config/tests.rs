#![allow(clippy::unwrap_used, clippy::expect_used)]

use super::*;

fn settings(variables: &[(&str, &str)]) -> Result<Settings, SettingsError> {
    let mut sources = Sources::default();
    sources.add_environment(
        variables
            .iter()
            .map(|(k, v)| (k.to_string(), v.to_string())),
    );
    Settings::from_sources(&sources)
}

fn problem(variables: &[(&str, &str)]) -> String {
    settings(variables)
        .expect_err("must be refused")
        .to_string()
}

#[test]
fn nothing_needs_to_be_set() {
    let settings = settings(&[]).unwrap();
    assert_eq!(settings.base_url.join("/u/x"), "http://127.0.0.1:8080/u/x");
    assert!(settings.smtp_servers.is_empty());
    assert!(matches!(settings.database_url, DatabaseUrl::Sqlite(_)));
}

#[test]
fn a_wrong_value_is_told_with_its_key_where_it_stands_and_what_would_be_right() {
    let told = problem(&[("PRACTICE_POINTS_DELIVERY__CONNECTIONS", "many")]);
    assert!(told.contains("delivery.connections"), "{told}");
    assert!(told.contains("\"many\""), "{told}");
    assert!(
        told.contains("PRACTICE_POINTS_DELIVERY__CONNECTIONS"),
        "{told}"
    );
    assert!(told.contains("1 to 200"), "{told}");
}

#[test]
fn a_mistyped_key_is_refused_with_the_one_that_was_meant() {
    let told = problem(&[("PRACTICE_POINTS_BASEURL", "https://x.example")]);
    assert!(told.contains("did you mean base_url?"), "{told}");
}

#[test]
fn a_password_is_never_repeated() {
    let told = problem(&[
        (
            "PRACTICE_POINTS_SMTP_URL",
            "gopher://me:s3cret@mail.example",
        ),
        ("PRACTICE_POINTS_MAIL_FROM", "points@clinic.example"),
    ]);
    assert!(!told.contains("s3cret"), "{told}");
    let told = problem(&[(
        "PRACTICE_POINTS_DATABASE_URL",
        "mysql://me:s3cret@db.example/x",
    )]);
    assert!(
        !told.contains("s3cret") && told.contains("postgres://"),
        "{told}"
    );
}

#[test]
fn a_mistake_in_the_file_is_told_with_its_line_and_without_its_password() {
    let folder = tempfile::tempdir().unwrap();
    let file = folder.path().join("settings.toml");
    std::fs::write(
        &file,
        "log = \"info\"\nsmtp_url = \"smtp://me:s3cret@mail.example\n",
    )
    .unwrap();
    let told = Sources::default()
        .add_file(&file, true)
        .expect_err("is not TOML")
        .to_string();
    assert!(
        told.contains("settings.toml cannot be read: line 2: "),
        "{told}"
    );
    assert!(!told.contains("s3cret") && !told.contains('\n'), "{told}");
    assert!(
        Sources::default()
            .add_file(&folder.path().join("none"), false)
            .is_ok()
    );
    assert!(
        Sources::default()
            .add_file(&folder.path().join("none"), true)
            .is_err()
    );
}

#[test]
fn a_mail_server_needs_a_sender() {
    let told = problem(&[("PRACTICE_POINTS_SMTP_URL", "smtp://mail.example:25")]);
    assert!(told.contains("mail_from"), "{told}");
}

#[test]
fn a_network_holds_its_addresses_and_no_others() {
    let network: Network = "10.1.0.0/16".parse().unwrap();
    assert!(network.contains("10.1.2.3".parse().unwrap()));
    assert!(!network.contains("10.2.2.3".parse().unwrap()));
    assert!(!network.contains("::1".parse().unwrap()));
    assert!("10.0.0.0/33".parse::<Network>().is_err());
    let everyone: Network = "0.0.0.0/0".parse().unwrap();
    assert!(everyone.contains("203.0.113.9".parse().unwrap()));
}
