//! A part of a whole in per cent, for people: "12.5 %".

/// The share of `part` in `whole`; nothing of an empty whole. What is not all is never shown as all, nor what is something
/// as nothing.
pub fn share(part: i64, whole: i64) -> String {
    if whole <= 0 || part < 0 {
        return String::new();
    }
    if part == 0 {
        return "0 %".to_owned();
    }
    if part >= whole {
        return "100 %".to_owned();
    }
    // In thousandths, rounded to the nearest: exact for any number of people.
    let thousandths = (i128::from(part) * 2000 + i128::from(whole)) / (i128::from(whole) * 2);
    match thousandths {
        0 => "under 0.1 %".to_owned(),
        1000.. => "over 99.9 %".to_owned(),
        some => format!("{}.{} %", some / 10, some % 10),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_share_is_never_rounded_to_all_or_nothing() {
        for (part, whole, said) in [
            (0, 0, ""),
            (0, 5, "0 %"),
            (5, 5, "100 %"),
            (1, 8, "12.5 %"),
            (1, 3, "33.3 %"),
            (2, 3, "66.7 %"),
            (1, 1_000_000, "under 0.1 %"),
            (999_999, 1_000_000, "over 99.9 %"),
            (999, 1_000, "99.9 %"),
            (1, 1_000, "0.1 %"),
        ] {
            assert_eq!(share(part, whole), said, "{part} of {whole}");
        }
    }
}
