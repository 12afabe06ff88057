//! Groups of fields, as reports have them: `Name: value` lines, an empty line between the groups (RFC 3464, section 2.1).

/// Bounds on what is read of somebody else's report.
const MOST_GROUPS: usize = 100;
const MOST_FIELDS: usize = 100;
const LONGEST_VALUE: usize = 4000;

/// One group.
#[derive(Debug, Default)]
pub(super) struct Group(Vec<(String, String)>);

impl Group {
    /// The value of a field, whatever the case of its name.
    pub(super) fn get(&self, name: &str) -> Option<&str> {
        let found = self.0.iter().find(|(known, _)| known == name);
        found.map(|(_, value)| value.trim())
    }

    /// The value of a field that begins with a type: `rfc822; gp@practice.example`, `smtp; 550 …`.
    pub(super) fn after_type(&self, name: &str) -> Option<&str> {
        let value = self.get(name)?;
        let is_type = |before: &str| {
            let before = before.trim();
            before.starts_with(|c: char| c.is_ascii_alphabetic())
                && before
                    .bytes()
                    .all(|b| b.is_ascii_alphanumeric() || b == b'-')
        };
        // Some servers leave the type out, and have semicolons in their words.
        Some(match value.split_once(';') {
            Some((before, rest)) if is_type(before) => rest.trim(),
            _ => value,
        })
    }
}

/// Reads the groups; names in lowercase, folded values in one line.
pub(super) fn groups(content: &[u8]) -> Vec<Group> {
    let content = String::from_utf8_lossy(content);
    let mut groups = Vec::new();
    let mut group = Group::default();
    for line in content.split(['\n', '\r']) {
        // CRLF gives an empty line between two of its own; only one in the text is a blank line.
        if line.trim().is_empty() {
            continue;
        }
        if line.starts_with([' ', '\t']) {
            if let Some((_, value)) = group.0.last_mut()
                && value.len() < LONGEST_VALUE
            {
                value.push(' ');
                value.extend(line.trim().chars().take(LONGEST_VALUE));
            }
            continue;
        }
        let Some((name, value)) = line.split_once(':') else {
            continue;
        };
        let name = name.trim().to_ascii_lowercase();
        // A group is told by what begins one: some servers forget the empty line, others put one between all fields.
        if begins_group(&name, &group) {
            groups.push(std::mem::take(&mut group));
            if groups.len() >= MOST_GROUPS {
                return groups;
            }
        }
        if group.0.len() < MOST_FIELDS {
            group
                .0
                .push((name, value.chars().take(LONGEST_VALUE).collect()));
        }
    }
    groups.push(group);
    groups
}

fn begins_group(name: &str, so_far: &Group) -> bool {
    let has = |name| so_far.get(name).is_some();
    match name {
        // Postfix puts it after the final one, others before it.
        "original-recipient" => {
            has("original-recipient") || (has("final-recipient") && has("action"))
        }
        "final-recipient" => has("final-recipient"),
        _ => false,
    }
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used)]

    use super::*;

    #[test]
    fn groups_are_told_apart_with_or_without_empty_lines() {
        for between in ["\r\n\r\n", "\n\n", "\n"] {
            let text = [
                "Reporting-MTA: dns; mx.example",
                "Final-Recipient: rfc822; a@b.example\nAction: failed\nDiagnostic-Code: smtp;\n 550 no\n\tsuch user",
                "Original-Recipient: rfc822; c@d.example\nFinal-Recipient: rfc822; e@d.example",
            ]
            .join(between);
            let groups = groups(text.as_bytes());
            let finals: Vec<_> = groups
                .iter()
                .filter_map(|g| g.after_type("final-recipient"))
                .collect();
            assert_eq!(finals, ["a@b.example", "e@d.example"], "{between:?}");
            let first = groups.iter().find(|g| g.get("action").is_some()).unwrap();
            assert_eq!(
                first.after_type("diagnostic-code"),
                Some("550 no such user")
            );
        }
    }

    #[test]
    fn what_is_no_field_is_passed_over() {
        assert_eq!(groups(b"\0\xff\n: x\n no name\nno colon").len(), 1);
        assert_eq!(groups(b"").len(), 1);
    }
}
