#![allow(clippy::unwrap_used, clippy::expect_used)]

use super::EmailAddressError as Error;
use super::*;

fn parse(input: &str) -> EmailAddress {
    EmailAddress::parse(input).unwrap()
}

fn refusal(input: &str) -> Error {
    EmailAddress::parse(input).expect_err(input)
}

#[test]
fn a_kept_address_is_read_with_its_macrons_and_an_erased_one_stays_as_it_is() {
    for (kept, read) in [
        ("info@xn--tepkenga-szb.ac.nz", "info@tepūkenga.ac.nz"),
        ("info@practice.example", "info@practice.example"),
        ("", ""),
        ("erased:12ab", "erased:12ab"),
    ] {
        assert_eq!(for_people(kept), read);
    }
}

#[test]
fn ordinary_addresses_are_accepted() {
    for input in [
        "aroha@practice.example",
        "a@b.example",
        "first.last+news@sub.practice.co.nz",
        "o'brien@practice.example",
        "!#$%&'*+-/=?^_`{|}~@practice.example",
        "1234@163.example",
    ] {
        assert_eq!(parse(input).as_str(), input);
    }
}

#[test]
fn spaces_and_tabs_around_it_are_dropped() {
    assert_eq!(
        parse(" \taroha@practice.example \t").as_str(),
        "aroha@practice.example"
    );
}

#[test]
fn line_breaks_and_control_characters_are_refused_even_at_the_ends() {
    for input in [
        "aroha@practice.example\r\n",
        "\naroha@practice.example",
        "aroha@practice.example\r\nBcc: all@practice.example",
        "aroha\0@practice.example",
        "aroha@practice.example\u{85}",
        "aroha@practice.example\u{2028}",
        "aroha\t\u{7f}@practice.example",
    ] {
        assert_eq!(refusal(input), Error::ControlCharacter, "{input:?}");
    }
}

#[test]
fn each_mistake_has_its_own_explanation() {
    for (input, error) in [
        ("", Error::Empty),
        (" \t ", Error::Empty),
        ("aroha", Error::NoAt),
        ("@practice.example", Error::LocalPartMissing),
        ("@", Error::LocalPartMissing),
        ("aroha@", Error::DomainMissing),
        ("a@b@practice.example", Error::SeveralAts),
        ("a@b.example,c@d.example", Error::SeveralAts),
        ("Aroha <aroha@practice.example>", Error::AngleBrackets),
        ("aroha@practice.example>", Error::AngleBrackets),
        ("aroha ngata@practice.example", Error::Space),
        ("aroha@prac tice.example", Error::Space),
        ("aroha@practice.example\u{a0}", Error::Space),
        ("\"aroha ngata\"@practice.example", Error::LocalPartQuoted),
        ("\"a@b\"@practice.example", Error::LocalPartQuoted),
        ("māka@practice.example", Error::LocalPartNotAscii),
        (".aroha@practice.example", Error::LocalPartDots),
        ("aroha.@practice.example", Error::LocalPartDots),
        ("aroha..n@practice.example", Error::LocalPartDots),
        ("aroha,n@practice.example", Error::LocalPartCharacter),
        ("aroha(gp)@practice.example", Error::LocalPartCharacter),
        ("aroha\\@practice.example", Error::LocalPartCharacter),
        ("aroha@localhost", Error::DomainWithoutDot),
        ("aroha@practice.example.", Error::DomainTrailingDot),
        ("aroha@practice.example。", Error::DomainTrailingDot),
        ("aroha@[192.0.2.1]", Error::DomainNumeric),
        ("aroha@[IPv6:2001:db8::1]", Error::DomainNumeric),
        ("aroha@192.0.2.1", Error::DomainNumeric),
        ("aroha@practice..example", Error::DomainInvalid),
        ("aroha@.example", Error::DomainInvalid),
        ("aroha@-practice.example", Error::DomainInvalid),
        ("aroha@practice-.example", Error::DomainInvalid),
        ("aroha@prac_tice.example", Error::DomainInvalid),
        ("aroha@practice.example:25", Error::DomainInvalid),
        ("aroha@xn--a.example", Error::DomainInvalid),
    ] {
        assert_eq!(refusal(input), error, "{input:?}");
    }
}

#[test]
fn lengths_are_counted_to_the_octet() {
    let local = "a".repeat(64);
    assert!(EmailAddress::parse(&format!("{local}@practice.example")).is_ok());
    assert_eq!(
        refusal(&format!("{local}a@practice.example")),
        Error::LocalPartTooLong
    );

    let label = "b".repeat(63);
    assert!(EmailAddress::parse(&format!("a@{label}.example")).is_ok());
    assert_eq!(
        refusal(&format!("a@{label}b.example")),
        Error::DomainInvalid
    );

    // 64 + 1 + 63 + 1 + 63 + 1 + 53 + 1 + 7 = 254
    let longest = format!("{local}@{label}.{label}.{}.example", "c".repeat(53));
    assert_eq!(longest.len(), 254);
    assert_eq!(parse(&longest).as_str().len(), 254);
    assert_eq!(
        refusal(&format!(
            "{local}@{label}.{label}.{}.example",
            "c".repeat(54)
        )),
        Error::TooLong
    );
}

#[test]
fn a_text_beyond_all_measure_is_too_long_whatever_is_in_it() {
    for character in ["a", "ā", "@", ".", "𠀀"] {
        assert_eq!(refusal(&character.repeat(1_000_000)), Error::TooLong);
    }
}

#[test]
fn an_international_domain_is_kept_as_a_labels_and_shown_with_its_macrons() {
    let address = parse("info@tepūkenga.ac.nz");
    assert_eq!(address.as_str(), "info@xn--tepkenga-szb.ac.nz");
    assert_eq!(address.domain(), "xn--tepkenga-szb.ac.nz");
    assert_eq!(address.local_part(), "info");
    assert_eq!(address.to_unicode(), "info@tepūkenga.ac.nz");
    assert_eq!(parse("info@xn--tepkenga-szb.ac.nz"), address);
    // A macron typed as a combining character is the same domain.
    assert_eq!(parse("info@tepu\u{304}kenga.ac.nz"), address);
}

#[test]
fn case_does_not_make_a_second_mailbox() {
    let address = parse("Aroha.Ngata@Practice.EXAMPLE");
    assert_eq!(address.as_str(), "Aroha.Ngata@practice.example");
    assert_eq!(address.key(), "aroha.ngata@practice.example");
    assert_eq!(
        parse("INFO@TEPŪKENGA.AC.NZ").key(),
        "info@xn--tepkenga-szb.ac.nz"
    );
}

#[test]
fn what_was_parsed_parses_again_to_the_same() {
    for input in [
        "Aroha@Practice.example",
        "info@tepūkenga.ac.nz",
        "a@faß.example",
    ] {
        let address = parse(input);
        assert_eq!(parse(address.as_str()), address);
        assert_eq!(parse(&address.to_unicode()), address);
    }
}

#[test]
fn the_mask_never_shows_a_whole_local_part() {
    assert_eq!(
        parse("aroha@tepūkenga.ac.nz").masked(),
        "a…@tepūkenga.ac.nz"
    );
    assert_eq!(parse("ab@practice.example").masked(), "a…@practice.example");
    assert_eq!(parse("a@practice.example").masked(), "…@practice.example");
}

#[test]
fn debug_output_is_masked() {
    let debug = format!("{:?}", Some(parse("aroha@practice.example")));
    assert_eq!(debug, "Some(EmailAddress(\"a…@practice.example\"))");
}

#[test]
fn it_travels_through_json_as_a_checked_string() {
    let address = parse("aroha@practice.example");
    let json = serde_json::to_string(&address).unwrap();
    assert_eq!(json, "\"aroha@practice.example\"");
    assert_eq!(
        serde_json::from_str::<EmailAddress>(&json).unwrap(),
        address
    );
    assert!(serde_json::from_str::<EmailAddress>("\"aroha\"").is_err());
}
