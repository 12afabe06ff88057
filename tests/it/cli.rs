//! The command line, through the real program.

mod bulletin;
mod demo;
mod keeping;
mod serving;
mod subscribers;

use crate::both_databases::Database;
use crate::process::Installation;

#[tokio::test]
async fn an_unknown_command_is_answered_with_help_and_code_2() {
    let here = Installation::start(Database::Sqlite).await;
    let told = here.run(&["subscriber", "import"]).failed(2);
    assert!(
        told.contains("unrecognized subcommand 'subscriber'"),
        "{told}"
    );
    assert!(
        told.contains("subscribers"),
        "names what may have been meant: {told}"
    );
    let told = here.run(&["subscribers", "import", "people.csv"]).failed(2);
    assert!(
        told.contains("--source") && told.contains("--evidence"),
        "{told}"
    );
}

#[tokio::test]
async fn the_help_names_every_command() {
    let here = Installation::start(Database::Sqlite).await;
    let help = here.run(&["--help"]).succeeded();
    for command in [
        "serve",
        "demo",
        "worker",
        "migrate",
        "staff",
        "subscribers",
        "bulletin",
        "backup",
        "doctor",
    ] {
        assert!(
            help.contains(&format!("\n  {command} ")),
            "{command}: {help}"
        );
    }
}

#[tokio::test]
async fn a_wrong_setting_stops_the_start_with_key_value_origin_and_what_would_be_right() {
    let mut here = Installation::start(Database::Sqlite).await;
    here.set("delivery.connections", "many");
    let told = here.run(&[]).failed(2);
    assert_eq!(
        told,
        "practice-points: the setting delivery.connections = \"many\" (in the environment as \
         PRACTICE_POINTS_DELIVERY__CONNECTIONS) cannot be used: give a whole number from 1 to 200\n"
    );
    here.set("delivery.connections", "4");
    here.set("baseurl", "https://points.clinic.example");
    let told = here.run(&["doctor"]).failed(2);
    assert!(
        told.contains("there is no setting baseurl") && told.contains("did you mean base_url?"),
        "{told}"
    );
    assert!(!here.path("data").exists(), "nothing was made");
}

#[tokio::test]
async fn settings_come_from_the_file_then_the_environment_then_the_command_line() {
    let mut here = Installation::start(Database::Sqlite).await;
    here.write(
        "practice-points.toml",
        "log = \"warn\"\n[clinic]\nname = \"From the File\"\nemail = \"file@clinic.example\"\n",
    );
    here.set("clinic.email", "environment@clinic.example");
    let told = here
        .run(&["--set", "reply_to=flag@clinic.example", "doctor"])
        .succeeded();
    for line in [
        "clinic.name = From the File  (in practice-points.toml)",
        "clinic.email = environment@clinic.example  (in the environment as PRACTICE_POINTS_CLINIC__EMAIL)",
        "reply_to = flag@clinic.example  (on the command line)",
        "delivery.connections = 8\n",
    ] {
        assert!(told.contains(line), "{line}: {told}");
    }
    let other = here.write(
        "other.toml",
        "log = \"warn\"\nclinic = { name = \"From Another\" }\n",
    );
    let told = here.run(&["doctor", "--config", &other]).succeeded();
    assert!(told.contains("clinic.name = From Another"), "{told}");
    let told = here.run(&["doctor", "--config", "none.toml"]).failed(2);
    assert!(told.contains("none.toml cannot be read"), "{told}");
}

#[tokio::test]
async fn a_mistyped_level_of_the_log_is_a_wrong_setting() {
    let mut here = Installation::start(Database::Sqlite).await;
    here.set("log", "inof");
    let told = here.run(&["migrate"]).failed(2);
    assert!(
        told.contains("log = \"inof\"") && told.contains("debug"),
        "{told}"
    );
}
