//! A bulletin that the real program sends to sample people, with all that it needs.

use std::ops::Range;

use crate::process::Installation;

/// Who writes it.
pub const WRITER: &str = "writer.sample@clinic.example";

/// Who approves it.
pub const PUBLISHER: &str = "publisher.sample@clinic.example";

const BULLETIN: &str = "+++\nsubject = \"A sample\"\npreheader = \"For a test\"\ntopics = [\"news\"]\n+++\n\n\
                        Kia ora.\n";

/// The address of one of the people.
pub fn address(number: usize) -> String {
    format!("gp{number}@practice.example")
}

/// Names the mail server and the sender, and adds the two members of staff.
pub fn prepare(here: &mut Installation, smtp_url: &str) {
    here.set("smtp_url", smtp_url);
    here.set("mail_from", "GP Practice Points <points@clinic.example>");
    here.add_staff(WRITER, "author");
    here.add_staff(PUBLISHER, "publisher");
}

/// Brings the people with these numbers in from a file.
pub fn import_people(here: &Installation, numbers: Range<usize>) {
    let mut people = String::from("email,topics\n");
    for number in numbers {
        people.push_str(&format!("{},news\n", address(number)));
    }
    let import = "subscribers import - --source Sample --basis express --evidence Paper";
    let arguments: Vec<&str> = import.split(' ').collect();
    here.run_with_input(&arguments, people.as_bytes())
        .succeeded();
}

/// Queues the bulletin to everybody, with these options besides. Returns what the program says.
pub fn send(here: &Installation, options: &[&str]) -> String {
    let file = here.write("bulletin.md", BULLETIN);
    let mut arguments = vec!["bulletin", "send", &file];
    arguments.extend(["--written-by", WRITER, "--approved-by", PUBLISHER]);
    arguments.extend(options);
    here.run(&arguments).succeeded()
}
