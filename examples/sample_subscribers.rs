//! Writes a CSV file of 2,000 made-up subscribers, the same with every run, to try an import with:
//!
//! ```text
//! cargo run --example sample_subscribers > subscribers.csv
//! ```
//!
//! Of its 2,000 records 1,926 are good, 40 repeat an address that stands further up (in capitals, with
//! spaces, or with the domain's other spelling), and 34 are bad, two of each kind: an address that is
//! none, a cell too many or too few, an unknown region, role or topic, another encoding, and so on.
//! There are macrons, apostrophes, quotation marks, commas in cells, names of one word, international
//! domains, and cells that a spreadsheet would take for formulas. Every person is called Sample, and
//! every address ends in `.example`, where nobody lives.

use std::io::Write;

/// How many records there are, besides the line of column names.
pub const RECORDS: usize = 2_000;
/// How many of them repeat an address.
pub const DUPLICATES: usize = 40;
/// How many of them are bad.
pub const BAD: usize = 34;
/// How many of them can be taken over.
pub const GOOD: usize = RECORDS - DUPLICATES - BAD;

fn main() -> std::io::Result<()> {
    std::io::stdout().lock().write_all(&file())
}

/// The whole file.
pub fn file() -> Vec<u8> {
    let mut file = b"email,name,practice,region,role,mcnz_number,topics\n".to_vec();
    for record in 0..RECORDS {
        match record {
            _ if record % 50 == 49 => file.extend(duplicate(record).into_bytes()),
            _ if record % 60 == 10 => file.extend(bad(record / 60)),
            _ => file.extend(line(&person(record)).into_bytes()),
        }
        file.push(b'\n');
        if record % 500 == 250 {
            // Blank lines are left out by spreadsheets and by people; they do not count.
            file.push(b'\n');
        }
    }
    file
}

const GIVEN: [&str; 13] = [
    "Hine",
    "Māia",
    "Tāne",
    "Siobhán",
    "Anne-Marie",
    "Jürgen",
    "D’Arcy",
    "Mele",
    "Wei",
    "Zoë",
    "Kāhu",
    "J.",
    "Priya",
];
const FAMILY: [&str; 7] = [
    "Sample",
    "Sample-Ngata",
    "O'Sample",
    "Te Sample",
    "van der Sample",
    "Sāmple",
    "Sample-Müller",
];
const PRACTICES: [&str; 9] = [
    "Sample Medical Centre",
    "Māngere Sample Health",
    "Sample \"Harbour\" Doctors",
    "",
    "Sample, Sample & Partners",
    "Ōtara Sample Whānau Clinic",
    "=Sample+Practice",
    "O'Sample's Surgery",
    "@Sample Street Clinic",
];
const REGIONS: [&str; 6] = [
    "northern",
    "Te Manawa Taki",
    "central",
    "te-waipounamu",
    "",
    "Northern",
];
const ROLES: [&str; 8] = [
    "gp",
    "GP registrar",
    "nurse-practitioner",
    "Practice nurse",
    "practice manager",
    "specialist",
    "",
    "other",
];
const TOPICS: [&str; 5] = [
    "news",
    "",
    "news;case-studies",
    "calcium-score",
    "News|Symposium|Calcium score",
];
const DOMAINS: [&str; 4] = [
    "practice.example",
    "medical-centre.example",
    "tepūkenga.example",
    "health.sample.example",
];
/// The third of the domains as the DNS knows it.
const DOMAIN_IN_ASCII: &str = "xn--tepkenga-szb.example";

/// The cells of a good record.
fn person(record: usize) -> [String; 7] {
    let number = 10_000 + record;
    let name = match record % 40 {
        7 => "Sample".to_owned(),
        8 => String::new(),
        _ => format!(
            "{} {}",
            GIVEN[record % GIVEN.len()],
            FAMILY[record % FAMILY.len()]
        ),
    };
    [
        format!("sample.{number}@{}", DOMAINS[record % DOMAINS.len()]),
        name,
        PRACTICES[record % PRACTICES.len()].to_owned(),
        REGIONS[record % REGIONS.len()].to_owned(),
        ROLES[record % ROLES.len()].to_owned(),
        if record.is_multiple_of(3) {
            number.to_string()
        } else {
            String::new()
        },
        TOPICS[record % TOPICS.len()].to_owned(),
    ]
}

/// Somebody from a few lines above, with the address written another way.
fn duplicate(record: usize) -> String {
    let nth = record / 50;
    let mut cells = person(record - 1 - nth % 4);
    cells[1] = "Again Sample".to_owned();
    cells[0] = match nth % 3 {
        0 => cells[0].to_uppercase(),
        1 => format!("  {} ", cells[0]),
        _ => cells[0].replace(DOMAINS[2], DOMAIN_IN_ASCII),
    };
    line(&cells)
}

/// A line that cannot be taken.
fn bad(nth: usize) -> Vec<u8> {
    let address = format!("bad.{nth}@practice.example");
    let with = |column: usize, cell: &str| {
        let mut cells = person(0).map(|_| String::new());
        cells[0].clone_from(&address);
        cells[1] = "Bad Sample".to_owned();
        cells[column] = cell.to_owned();
        line(&cells).into_bytes()
    };
    match nth % 17 {
        0 => with(0, "no-at-sign.example"),
        1 => with(0, ""),
        2 => with(0, "mānuka@practice.example"),
        3 => with(0, &format!("{address}; another@practice.example")),
        4 => with(0, "with space@practice.example"),
        5 => with(0, "sample@localhost"),
        6 => with(1, "Win now at www.prize.example"),
        7 => with(1, "12345"),
        8 => format!("{address},Bad Sample,Sample Street 1, Remuera,,,,").into_bytes(),
        9 => format!("{address},Bad Sample").into_bytes(),
        10 => with(3, "Atlantis"),
        11 => with(4, "wizard"),
        12 => with(6, "news;golf"),
        13 => with(5, "MCNZ 12345"),
        14 => with(2, "Sample\nMedical Centre"),
        // “Māori” as it is written in another encoding: ISO 8859-4.
        15 => [address.as_bytes(), b",Bad M\xE0ori Sample,,,,,"].concat(),
        _ => with(2, &"Sample ".repeat(60)),
    }
}

/// A line of the file, with quotation marks where they are needed (RFC 4180).
fn line(cells: &[String; 7]) -> String {
    let quoted = cells.each_ref().map(|cell| {
        if cell.contains([',', '"', '\n']) || cell.starts_with(' ') {
            format!("\"{}\"", cell.replace('"', "\"\""))
        } else {
            cell.clone()
        }
    });
    quoted.join(",")
}
