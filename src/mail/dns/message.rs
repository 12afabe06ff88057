//! A question as it is sent, and what an answer to it says.

use simple_dns::rdata::{OPT, RData};
use simple_dns::{CLASS, Name, Packet, PacketFlag, QTYPE, Question as Asked, RCODE, TYPE};

use super::DnsError;

/// So large an answer may be by UDP: what passes every network in one piece (RFC 9715).
pub(super) const UDP_SIZE: u16 = 1232;

/// So many records of an answer are looked at.
const MOST_RECORDS: usize = 64;

/// So many characters of a TXT record are looked at; the key of 4096 bits has 750.
const LONGEST_TEXT: usize = 4096;

/// So many times one name may stand for another.
const MOST_ALIASES: usize = 8;

/// A record of the kind that was asked for.
#[derive(Debug, PartialEq, Eq)]
pub(super) enum Record {
    Text(String),
    MailExchange(u16, String),
    Address,
}

/// Why a server has no answer.
#[derive(Debug, PartialEq, Eq)]
pub(super) enum Code {
    ServerFailure,
    Other(String),
}

/// What came.
#[derive(Debug, PartialEq, Eq)]
pub(super) enum Reading {
    /// The answer; empty where there is nothing of that kind.
    Records(Vec<Record>),
    /// There is no such name.
    NoSuchName,
    /// There is more than goes into a datagram.
    Truncated,
    /// The server says that it cannot answer.
    Failed(Code),
    /// No answer to this question, or none that can be read.
    Other,
}

/// A question, with a number of its own.
pub(super) struct Question {
    id: u16,
    name: Name<'static>,
    kind: TYPE,
    bytes: Vec<u8>,
}

impl Question {
    pub(super) fn new(name: &str, kind: TYPE) -> Result<Self, DnsError> {
        let no_name = || DnsError::NoName(name.to_owned());
        let is_label = |label: &str| (1..=63).contains(&label.len());
        if name.len() > 253 || !name.trim_end_matches('.').split('.').all(is_label) {
            return Err(no_name());
        }
        let mut id = [0; 2];
        getrandom::fill(&mut id).map_err(|error| DnsError::NoServer(error.to_string()))?;
        let id = u16::from_be_bytes(id);
        let asked = Name::new(name).map_err(|_| no_name())?.into_owned();
        let mut packet = Packet::new_query(id);
        packet.set_flags(PacketFlag::RECURSION_DESIRED);
        packet.questions.push(Asked::new(
            asked.clone(),
            kind.into(),
            CLASS::IN.into(),
            false,
        ));
        *packet.opt_mut() = Some(OPT {
            opt_codes: Vec::new(),
            udp_packet_size: UDP_SIZE,
            version: 0,
        });
        let bytes = packet.build_bytes_vec().map_err(|_| no_name())?;
        Ok(Self {
            id,
            name: asked,
            kind,
            bytes,
        })
    }

    pub(super) fn bytes(&self) -> &[u8] {
        &self.bytes
    }

    /// What an answer says.
    pub(super) fn read(&self, answer: &[u8]) -> Reading {
        // Number and flags are looked at before anything is made of the rest (RFC 5452, section 9.1).
        let [first, second, flags, ..] = *answer else {
            return Reading::Other;
        };
        if u16::from_be_bytes([first, second]) != self.id || flags & 0x80 == 0 {
            return Reading::Other;
        }
        if flags & 0x02 != 0 {
            return Reading::Truncated;
        }
        let Ok(packet) = Packet::parse(answer) else {
            return Reading::Other;
        };
        let is_asked =
            |asked: &Asked<'_>| asked.qname == self.name && asked.qtype == QTYPE::TYPE(self.kind);
        match &packet.questions[..] {
            [asked] if is_asked(asked) => {}
            // Some leave it out when they do not answer.
            [] if packet.rcode() != RCODE::NoError => {}
            _ => return Reading::Other,
        }
        match packet.rcode() {
            RCODE::NoError => Reading::Records(self.records(&packet)),
            RCODE::NameError => Reading::NoSuchName,
            RCODE::ServerFailure => Reading::Failed(Code::ServerFailure),
            RCODE::Refused => Reading::Failed(Code::Other("REFUSED".to_owned())),
            RCODE::NotImplemented => Reading::Failed(Code::Other("NOTIMP".to_owned())),
            RCODE::FormatError => Reading::Failed(Code::Other("FORMERR".to_owned())),
            other => Reading::Failed(Code::Other(format!("code {}", other as u16))),
        }
    }

    /// The records of the name that was asked for, or of that for which it stands (RFC 1034, section 3.6.2): keys are often
    /// kept by a provider.
    fn records(&self, packet: &Packet<'_>) -> Vec<Record> {
        let answers = &packet.answers[..packet.answers.len().min(MOST_RECORDS)];
        let mut name = &self.name as &Name<'_>;
        for _ in 0..MOST_ALIASES {
            let alias = answers.iter().find_map(|record| match &record.rdata {
                RData::CNAME(target) if record.name == *name => Some(&target.0),
                _ => None,
            });
            match alias {
                Some(target) => name = target,
                None => break,
            }
        }
        let records = answers.iter().filter(|record| record.name == *name);
        let records = records.filter(|record| record.match_qtype(QTYPE::TYPE(self.kind)));
        records.filter_map(|record| read(&record.rdata)).collect()
    }
}

fn read(data: &RData<'_>) -> Option<Record> {
    match data {
        RData::TXT(text) => {
            let text = String::try_from(text.clone())
                .unwrap_or_else(|error| String::from_utf8_lossy(error.as_bytes()).into_owned());
            Some(Record::Text(text.chars().take(LONGEST_TEXT).collect()))
        }
        RData::MX(exchange) => Some(Record::MailExchange(
            exchange.preference,
            exchange.exchange.to_string(),
        )),
        RData::A(_) | RData::AAAA(_) => Some(Record::Address),
        _ => None,
    }
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used)]

    use super::*;

    #[test]
    fn a_question_has_a_number_that_nobody_can_guess_and_one_name() {
        let ids: Vec<u16> = (0..8)
            .map(|_| Question::new("clinic.example", TYPE::TXT).unwrap().id)
            .collect();
        assert!(ids.iter().any(|id| *id != ids[0]), "{ids:?}");
        for name in ["", "a..b", &"a".repeat(64), &"a.".repeat(150)] {
            assert!(Question::new(name, TYPE::TXT).is_err(), "{name}");
        }
    }

    /// Whatever comes, it is read to an end.
    #[test]
    fn no_bytes_make_the_reader_fall() {
        let question = Question::new("clinic.example", TYPE::TXT).unwrap();
        let start: Vec<u8> = question
            .id
            .to_be_bytes()
            .into_iter()
            .chain([0x81, 0x80])
            .collect();
        let mut state = 1u32;
        for length in 0..2000 {
            let mut bytes = start.clone();
            for _ in 0..length % 400 {
                state = state.wrapping_mul(1_664_525).wrapping_add(1_013_904_223);
                // Many pointers, and few records each.
                bytes.push(if state >> 30 == 0 {
                    0xc0
                } else {
                    (state >> 24) as u8 & 0x1f
                });
            }
            question.read(&bytes);
            question.read(&bytes[..bytes.len().min(length % 16)]);
        }
    }
}
