//! Messages read back by parsers that did not write them.

use std::process::Command;

use practice_points::domain::person_name::PersonName;
use practice_points::mail::content::{Content, Slot};
use practice_points::mail::message::{CompiledMessage, Kind};

use super::samples::{recipient, sender};

/// Reads a message and prints what it says, one field after another, separated by NUL.
const READ: &str = r#"
import sys, email
from email import policy
message = email.message_from_binary_file(open(sys.argv[1], "rb"), policy=policy.default)
text = message.get_body(("plain",))
html = message.get_body(("html",))
to = message["To"].addresses[0]
defects = [d for part in message.walk() for d in part.defects]
defects += [d for value in message.values() for d in value.defects]
fields = [message["Subject"], to.display_name, to.addr_spec, text.get_content(), html.get_content(),
          message["List-Unsubscribe"], str(defects), message["Date"].datetime.isoformat()]
sys.stdout.buffer.write("\0".join(str(f) for f in fields).encode())
"#;

#[test]
fn python_reads_the_same_words() {
    if crate::programs::find("python3", &[]).is_none() {
        crate::programs::left_out("Python", "install python3");
        return;
    }
    let folder = tempfile::tempdir().unwrap();
    let subjects = [
        "Plain words",
        "Ngā mihi o te tau hou, and a subject with macrons that is long enough to be folded over several lines – truly",
        "ĀĒĪŌŪ āēīōū",
        "  spaces,  commas; (brackets) \"quotes\" <angles> & ampersands = equals ? ",
        "Averyverylongwordthatcannotbefoldedanywherebecauseithasnospacesinitbutstillfitsintothelimitofaline",
        "tab\tand emoji 🫀 end",
    ];
    let names = [
        "Māia",
        "Rangi",
        "Ana O’Sample-Tūhoe",
        "Sample, Ana \"Annie\" (GP)",
        "J. Sample & Whānau",
        "Åse Ðorsteinsdóttir 李",
    ];
    for (subject, name) in subjects.into_iter().zip(names) {
        let text = format!(
            "Kia ora{},\n\n.\n..\nFrom here: āēīōū = 100 %\n trailing \n{}\n",
            Slot::GreetingName.marker(),
            "ō".repeat(300)
        );
        let content = Content {
            subject: subject.into(),
            html: format!(
                "<p title=\"{0}\">{0} &amp; <a href=\"{1}\">out</a></p>\n",
                "ā".repeat(90),
                Slot::UnsubscribeUrl.marker()
            ),
            text: text.clone(),
        };
        let mut recipient = recipient("sample@practice.example");
        recipient.name = Some(PersonName::parse(name).unwrap());
        let message = CompiledMessage::new(&content, &sender(), Kind::Bulletin)
            .unwrap()
            .for_recipient(&recipient)
            .unwrap();
        let path = folder.path().join("message.eml");
        std::fs::write(&path, message.bytes()).unwrap();
        let output = Command::new("python3")
            .args(["-c", READ])
            .arg(&path)
            .output()
            .unwrap();
        assert!(
            output.status.success(),
            "{}",
            String::from_utf8_lossy(&output.stderr)
        );
        let output = String::from_utf8(output.stdout).unwrap();
        let fields: Vec<&str> = output.split('\0').collect();
        assert_eq!(fields[0], subject.replace('\t', " ").trim());
        assert_eq!(fields[1], name);
        assert_eq!(fields[2], "sample@practice.example");
        assert_eq!(
            fields[3],
            text.replace(Slot::GreetingName.marker(), &format!(" {name}"))
        );
        let url = "https://points.clinic.example/u/SampleTokenSampleTokenSampleToken0";
        assert_eq!(
            fields[4],
            content.html.replace(Slot::UnsubscribeUrl.marker(), url)
        );
        assert!(
            fields[5].starts_with(&format!("<{url}>, <mailto:")),
            "{}",
            fields[5]
        );
        assert_eq!(fields[6], "[]", "no defects");
        assert_eq!(fields[7], "2026-11-18T11:06:40+00:00");
    }
}
