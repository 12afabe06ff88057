//! A small DNS server, by UDP and TCP, that answers as it is told to. Its messages are put together by hand, so that they judge
//! the program's reader, and can be wrong in every way.

use std::collections::HashMap;
use std::io::{Read as _, Write as _};
use std::net::{SocketAddr, TcpListener, TcpStream, UdpSocket};
use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::{Arc, Mutex};
use std::thread::{self, JoinHandle};

const TXT: u16 = 16;
const MX: u16 = 15;
const CNAME: u16 = 5;

/// How a question is answered.
#[derive(Debug, Clone)]
pub enum Reply {
    /// TXT records, each of several strings.
    Texts(Vec<Vec<Vec<u8>>>),
    /// MX records.
    Exchanges(Vec<(u16, String)>),
    /// The name stands for another one, which has this.
    Alias(&'static str, Box<Reply>),
    /// A code: 2 for SERVFAIL, 3 for NXDOMAIN, 5 for REFUSED.
    Code(u8),
    /// By UDP that it is cut short, by TCP this.
    ByTcp(Box<Reply>),
    /// Nothing at all.
    Silence,
    /// Nothing to the first question, and then this.
    LostOnce(Box<Reply>),
    /// One after the other.
    Both(Box<Reply>, Box<Reply>),
    /// An answer with the number of another question.
    WrongId,
    /// An answer for another name.
    WrongName,
    /// The question itself.
    Question,
    /// The right number, and then bytes without meaning.
    Garbage,
    /// A record whose name points to itself.
    Loop,
    /// 60,000 octets.
    Long,
}

/// TXT records, each in pieces as long as can be.
pub fn txt(texts: &[&str]) -> Reply {
    let pieces = |text: &&str| text.as_bytes().chunks(255).map(<[u8]>::to_vec).collect();
    Reply::Texts(texts.iter().map(pieces).collect())
}

#[derive(Default)]
struct Zone {
    replies: Mutex<HashMap<(String, u16), Reply>>,
    asked: Mutex<Vec<(String, u16)>>,
    is_over: AtomicBool,
}

/// The running server; it ends when it is dropped.
pub struct DnsServer {
    address: SocketAddr,
    zone: Arc<Zone>,
    threads: Vec<JoinHandle<()>>,
}

impl DnsServer {
    /// One that knows no name.
    pub fn start() -> Self {
        // A port that is free for both.
        let (udp, tcp) = (0..100)
            .find_map(|_| {
                let udp = UdpSocket::bind("127.0.0.1:0").unwrap();
                let tcp = TcpListener::bind(udp.local_addr().unwrap()).ok()?;
                Some((udp, tcp))
            })
            .expect("some port is free");
        let address = udp.local_addr().unwrap();
        let zone = Arc::new(Zone::default());
        let (for_udp, for_tcp) = (zone.clone(), zone.clone());
        let threads = vec![
            thread::spawn(move || serve_udp(&udp, &for_udp)),
            thread::spawn(move || serve_tcp(&tcp, &for_tcp)),
        ];
        Self {
            address,
            zone,
            threads,
        }
    }

    pub fn address(&self) -> SocketAddr {
        self.address
    }

    /// How questions for TXT records are answered from now on.
    pub fn set(&self, name: &str, reply: Reply) {
        self.zone
            .replies
            .lock()
            .unwrap()
            .insert((name.to_owned(), TXT), reply);
    }

    /// The MX records of a name.
    pub fn set_mx(&self, name: &str, exchanges: &[(u16, &str)]) {
        let exchanges = exchanges
            .iter()
            .map(|(preference, host)| (*preference, (*host).to_owned()));
        let reply = Reply::Exchanges(exchanges.collect());
        self.zone
            .replies
            .lock()
            .unwrap()
            .insert((name.to_owned(), MX), reply);
    }

    /// Every question so far, with its type.
    pub fn asked(&self) -> Vec<(String, u16)> {
        self.zone.asked.lock().unwrap().clone()
    }
}

impl Drop for DnsServer {
    fn drop(&mut self) {
        self.zone.is_over.store(true, Ordering::SeqCst);
        // Something to wake up for.
        let _ = UdpSocket::bind("127.0.0.1:0").map(|socket| socket.send_to(b"end", self.address));
        let _ = TcpStream::connect(self.address);
        for thread in self.threads.drain(..) {
            let _ = thread.join();
        }
    }
}

fn serve_udp(socket: &UdpSocket, zone: &Zone) {
    let mut buffer = [0; 1500];
    loop {
        // Who asked may be gone, which the next call here is told of.
        let Ok((length, from)) = socket.recv_from(&mut buffer) else {
            continue;
        };
        if zone.is_over.load(Ordering::SeqCst) {
            return;
        }
        for answer in zone.answers(&buffer[..length], true) {
            let _ = socket.send_to(&answer, from);
        }
    }
}

fn serve_tcp(listener: &TcpListener, zone: &Arc<Zone>) {
    let mut silent = Vec::new();
    for stream in listener.incoming() {
        if zone.is_over.load(Ordering::SeqCst) {
            return;
        }
        let mut stream = stream.unwrap();
        let mut length = [0; 2];
        if stream.read_exact(&mut length).is_err() {
            continue;
        }
        let mut question = vec![0; usize::from(u16::from_be_bytes(length))];
        if stream.read_exact(&mut question).is_err() {
            continue;
        }
        let answers = zone.answers(&question, false);
        for answer in &answers {
            let length = u16::try_from(answer.len()).unwrap();
            let framed = [&length.to_be_bytes()[..], answer].concat();
            let _ = stream.write_all(&framed);
        }
        if answers.is_empty() {
            silent.push(stream);
        }
    }
}

impl Zone {
    fn answers(&self, question: &[u8], is_udp: bool) -> Vec<Vec<u8>> {
        let (name, kind) = read(question);
        self.asked.lock().unwrap().push((name.clone(), kind));
        let mut replies = self.replies.lock().unwrap();
        let reply = replies.get_mut(&(name, kind));
        if let Some(reply) = reply {
            if let Reply::LostOnce(then) = reply {
                *reply = (**then).clone();
                return Vec::new();
            }
            return answers(question, reply, is_udp);
        }
        answers(question, &Reply::Code(3), is_udp)
    }
}

/// The name and the type of a question.
fn read(question: &[u8]) -> (String, u16) {
    assert!(
        question[2] & 0x80 == 0 && question[4..6] == [0, 1],
        "one question: {question:?}"
    );
    assert!(question[2] & 1 == 1, "recursion is desired");
    let (mut at, mut labels) = (12, Vec::new());
    while question[at] != 0 {
        let end = at + 1 + usize::from(question[at]);
        labels.push(
            std::str::from_utf8(&question[at + 1..end])
                .unwrap()
                .to_lowercase(),
        );
        at = end;
    }
    (
        labels.join("."),
        u16::from_be_bytes([question[at + 1], question[at + 2]]),
    )
}

fn answers(question: &[u8], reply: &Reply, is_udp: bool) -> Vec<Vec<u8>> {
    let other = |change: fn(&mut Vec<u8>)| {
        let mut answer = message(question, 0x81, 0, &[record(&[0xc0, 12], TXT, &[1, b'x'])]);
        change(&mut answer);
        vec![answer]
    };
    match reply {
        Reply::Silence | Reply::LostOnce(_) => Vec::new(),
        Reply::Both(first, second) => [
            answers(question, first, is_udp),
            answers(question, second, is_udp),
        ]
        .concat(),
        Reply::ByTcp(_) if is_udp => vec![message(question, 0x83, 0, &[])],
        Reply::ByTcp(reply) => answers(question, reply, is_udp),
        Reply::Code(code) => vec![message(question, 0x81, *code, &[])],
        Reply::Texts(_) | Reply::Exchanges(_) => {
            vec![message(question, 0x81, 0, &records(&[0xc0, 12], reply))]
        }
        Reply::Alias(to, reply) => {
            let mut all = vec![record(&[0xc0, 12], CNAME, &encoded(to))];
            all.extend(records(&encoded(to), reply));
            vec![message(question, 0x81, 0, &all)]
        }
        Reply::WrongId => other(|answer| answer[1] ^= 0xff),
        Reply::WrongName => other(|answer| answer[13] ^= 0x03),
        Reply::Question => vec![question.to_vec()],
        Reply::Garbage => vec![[&question[..2], &[0x81, 0x80], &[0xff; 40]].concat()],
        Reply::Loop => {
            let at = u8::try_from(end_of_question(question)).unwrap();
            vec![message(
                question,
                0x81,
                0,
                &[record(&[0xc0, at], TXT, &[1, b'x'])],
            )]
        }
        Reply::Long => {
            let mut answer = message(question, 0x81, 0, &[record(&[0xc0, 12], TXT, &[1, b'x'])]);
            answer.resize(60_000, 0xee);
            vec![answer]
        }
    }
}

fn records(owner: &[u8], reply: &Reply) -> Vec<Vec<u8>> {
    match reply {
        Reply::Texts(texts) => {
            let data = |pieces: &Vec<Vec<u8>>| {
                let pieces = pieces.iter();
                pieces
                    .flat_map(|piece| [&[u8::try_from(piece.len()).unwrap()][..], piece].concat())
                    .collect::<Vec<u8>>()
            };
            texts
                .iter()
                .map(|pieces| record(owner, TXT, &data(pieces)))
                .collect()
        }
        Reply::Exchanges(exchanges) => exchanges
            .iter()
            .map(|(preference, host)| {
                record(
                    owner,
                    MX,
                    &[&preference.to_be_bytes()[..], &encoded(host)].concat(),
                )
            })
            .collect(),
        other => panic!("{other:?} has no records"),
    }
}

/// A name without compression.
fn encoded(name: &str) -> Vec<u8> {
    let labels = name.split('.').filter(|label| !label.is_empty());
    let mut bytes: Vec<u8> = labels
        .flat_map(|label| [&[u8::try_from(label.len()).unwrap()][..], label.as_bytes()].concat())
        .collect();
    bytes.push(0);
    bytes
}

fn record(owner: &[u8], kind: u16, data: &[u8]) -> Vec<u8> {
    let length = u16::try_from(data.len()).unwrap();
    [
        owner,
        &kind.to_be_bytes(),
        &[0, 1, 0, 0, 0, 60],
        &length.to_be_bytes(),
        data,
    ]
    .concat()
}

fn end_of_question(question: &[u8]) -> usize {
    let name = question[12..].iter().position(|byte| *byte == 0).unwrap();
    12 + name + 1 + 4
}

fn message(question: &[u8], flags: u8, code: u8, answers: &[Vec<u8>]) -> Vec<u8> {
    let count = u8::try_from(answers.len()).unwrap();
    let mut bytes = question[..2].to_vec();
    bytes.extend([flags, 0x80 | code, 0, 1, 0, count, 0, 0, 0, 0]);
    bytes.extend(&question[12..end_of_question(question)]);
    bytes.extend(answers.concat());
    bytes
}
