//! A programme as staff type it: an item a line, with its time first and the speaker after a bar.
//!
//! ```text
//! # Saturday
//! 6:30 pm Welcome | Dr Aroha Sample, cardiologist
//! 19:00 Chest pain in general practice
//! ```

/// A line of a programme.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum ProgrammeLine {
    /// A heading, such as a day.
    Heading(String),
    /// Something that begins at a time.
    Item {
        /// "6:30 pm".
        time: String,
        /// What it is.
        title: String,
        /// Who speaks; empty for nobody.
        speaker: String,
    },
}

/// What is wrong with a line of a programme, in words for whoever typed it.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum ProgrammeError {
    /// It does not begin with a time.
    #[error("Line {0} of the programme does not begin with a time, such as “18:30” or “6:30 pm”.")]
    NoTime(usize),
    /// There is nothing after the time.
    #[error("Line {0} of the programme says when, and not what.")]
    NoTitle(usize),
    /// It begins before the one above it.
    #[error("Line {0} of the programme begins before the line above it.")]
    OutOfOrder(usize),
}

/// Reads a programme. Blank lines are left out; times run forward below each heading.
///
/// # Errors
/// What is wrong with each line that cannot be read, and which it is, counted from 1 as an editor counts.
pub fn programme(text: &str) -> Result<Vec<ProgrammeLine>, Vec<ProgrammeError>> {
    let mut lines = Vec::new();
    let mut errors = Vec::new();
    let mut earlier = 0;
    for (number, line) in (1..).zip(text.lines()) {
        let line = line.trim();
        if line.is_empty() {
            continue;
        }
        if let Some(heading) = line.strip_prefix('#') {
            lines.push(ProgrammeLine::Heading(
                heading.trim_start_matches('#').trim().to_owned(),
            ));
            earlier = 0;
            continue;
        }
        let Some((minute, rest)) = time(line) else {
            errors.push(ProgrammeError::NoTime(number));
            continue;
        };
        if minute < earlier {
            errors.push(ProgrammeError::OutOfOrder(number));
        }
        earlier = minute;
        let (title, speaker) = rest.split_once('|').unwrap_or((rest, ""));
        // People set a dash or a colon between the time and the words.
        let title = title.trim_start_matches([' ', '\t', '–', '-', ':']).trim();
        if title.is_empty() {
            errors.push(ProgrammeError::NoTitle(number));
            continue;
        }
        lines.push(ProgrammeLine::Item {
            time: in_words(minute),
            title: title.to_owned(),
            speaker: speaker.trim().to_owned(),
        });
    }
    if errors.is_empty() {
        Ok(lines)
    } else {
        Err(errors)
    }
}

/// The minute of the day with which a line begins, and what follows: "18:30", "18.30", "6:30 pm", "6 pm".
fn time(line: &str) -> Option<(u32, &str)> {
    let (hour, rest) = number(line)?;
    let (minute, rest) = match rest.strip_prefix([':', '.']) {
        Some(rest) => {
            let (minute, after) = number(rest)?;
            if rest.len() - after.len() != 2 {
                return None;
            }
            (Some(minute), after)
        }
        None => (None, rest),
    };
    let (half, rest) = half_of_day(rest);
    if rest.starts_with(|c: char| c.is_alphanumeric()) {
        return None;
    }
    let hour = match (half, hour) {
        (None, 0..24) => {
            // A number alone is no time.
            minute?;
            hour
        }
        (Some(half), 1..=12) => hour % 12 + half,
        _ => return None,
    };
    let minute = minute.unwrap_or(0);
    (minute < 60).then_some((hour * 60 + minute, rest))
}

fn number(text: &str) -> Option<(u32, &str)> {
    let end = text
        .find(|c: char| !c.is_ascii_digit())
        .unwrap_or(text.len());
    let (digits, rest) = text.split_at(end);
    (digits.len() <= 2).then(|| digits.parse().ok().zip(Some(rest)))?
}

/// "am" or "pm" as the hours that it adds.
fn half_of_day(text: &str) -> (Option<u32>, &str) {
    let trimmed = text.trim_start();
    for (word, hours) in [("am", 0), ("pm", 12)] {
        if let Some(start) = trimmed.get(..2)
            && start.eq_ignore_ascii_case(word)
        {
            return (Some(hours), &trimmed[2..]);
        }
    }
    (None, text)
}

fn in_words(minute: u32) -> String {
    let (hour, minute) = (minute / 60, minute % 60);
    let half = if hour < 12 { "am" } else { "pm" };
    let hour = if hour % 12 == 0 { 12 } else { hour % 12 };
    format!("{hour}:{minute:02} {half}")
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used)]

    use super::*;

    fn item(time: &str, title: &str, speaker: &str) -> ProgrammeLine {
        ProgrammeLine::Item {
            time: time.to_owned(),
            title: title.to_owned(),
            speaker: speaker.to_owned(),
        }
    }

    #[test]
    fn items_have_a_time_a_title_and_perhaps_a_speaker() {
        let text = "18:30 Welcome | Dr Aroha Sample\n\n6.45 pm – Supper\r\n7 PM: Questions | all\n";
        assert_eq!(
            programme(text).unwrap(),
            [
                item("6:30 pm", "Welcome", "Dr Aroha Sample"),
                item("6:45 pm", "Supper", ""),
                item("7:00 pm", "Questions", "all"),
            ]
        );
    }

    #[test]
    fn midnight_and_noon_are_twelve() {
        let text = "12:00 am Doors\n12:15 pm Lunch";
        let read = programme(text).unwrap();
        assert_eq!(
            read,
            [item("12:00 am", "Doors", ""), item("12:15 pm", "Lunch", "")]
        );
        assert_eq!(
            programme("00:05 Doors").unwrap(),
            [item("12:05 am", "Doors", "")]
        );
    }

    #[test]
    fn times_run_forward_below_each_heading() {
        let days = "# Saturday\n10:00 One\n# Sunday\n09:00 Two";
        assert_eq!(programme(days).unwrap().len(), 4);
        assert_eq!(
            programme("10:00 One\n\n09:00 Two"),
            Err(vec![ProgrammeError::OutOfOrder(3)])
        );
    }

    #[test]
    fn what_is_wrong_names_its_line() {
        for line in [
            "Welcome",
            "25:00 Late",
            "18:3 Soon",
            "18:30pmx",
            "7 Talks",
            "13 pm Tea",
            "é",
        ] {
            let text = format!("09:00 Coffee\n{line}");
            assert_eq!(
                programme(&text),
                Err(vec![ProgrammeError::NoTime(2)]),
                "{line}"
            );
        }
        for line in ["18:30", "18:30 | Dr Sample", "18:30 –"] {
            assert_eq!(
                programme(line),
                Err(vec![ProgrammeError::NoTitle(1)]),
                "{line}"
            );
        }
        let said = ProgrammeError::NoTime(2).to_string();
        assert!(said.starts_with("Line 2 of the programme"), "{said}");
    }
}
