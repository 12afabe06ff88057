//! A mail server that does as little as a mail server can: reads, counts, answers. A process of its own, so that its work
//! is told apart, with a thread for each connection and one write for all answers to what came in one read.

use std::collections::HashSet;
use std::io::{BufRead as _, BufReader, Read as _, Write as _};
use std::net::{TcpListener, TcpStream};
use std::process::{Child, ChildStdin, ChildStdout, Command, Stdio};
use std::sync::atomic::{AtomicU64, Ordering};
use std::sync::{Arc, Mutex};
use std::time::{Duration, SystemTime, UNIX_EPOCH};

use memchr::memmem;

/// What the sink has seen since it was asked last.
#[derive(Debug, Clone, Copy, Default)]
pub struct Seen {
    /// Messages accepted.
    pub messages: u64,
    /// Their bytes, as they came.
    pub bytes: u64,
    /// Recipients that came more than once.
    pub twice: u64,
    /// When the first content was complete, in microseconds since 1970.
    pub first: u64,
    /// When the last one was.
    pub last: u64,
}

impl Seen {
    /// Messages a second between the first and the last.
    pub fn rate(&self) -> f64 {
        let micros = self.last.saturating_sub(self.first).max(1);
        (self.messages.saturating_sub(1)) as f64 * 1e6 / micros as f64
    }

    /// Bytes of a message.
    pub fn size(&self) -> u64 {
        self.bytes / self.messages.max(1)
    }
}

/// A sink that runs, ended when dropped.
pub struct Sink {
    process: Child,
    input: ChildStdin,
    output: BufReader<ChildStdout>,
    /// The port it listens on.
    pub port: u16,
}

impl Sink {
    /// Starts one that lets every client wait this long for its answers: a round trip.
    pub fn start(round_trip: Duration) -> Self {
        let mut process = Command::new(std::env::current_exe().unwrap())
            .args(["sink", &round_trip.as_micros().to_string()])
            .stdin(Stdio::piped())
            .stdout(Stdio::piped())
            .spawn()
            .unwrap();
        let input = process.stdin.take().unwrap();
        let mut output = BufReader::new(process.stdout.take().unwrap());
        let mut line = String::new();
        output.read_line(&mut line).unwrap();
        Self {
            process,
            input,
            output,
            port: line.trim().parse().unwrap(),
        }
    }

    /// What it has seen so far.
    pub fn seen(&mut self) -> Seen {
        self.ask("seen")
    }

    /// The same, and begins anew.
    pub fn reset(&mut self) -> Seen {
        self.ask("reset")
    }

    fn ask(&mut self, what: &str) -> Seen {
        writeln!(self.input, "{what}").unwrap();
        let mut line = String::new();
        self.output.read_line(&mut line).unwrap();
        let numbers: Vec<u64> = line
            .split_whitespace()
            .map(|number| number.parse().unwrap())
            .collect();
        let [messages, bytes, twice, first, last] = numbers[..] else {
            panic!("the sink said {line:?}");
        };
        Seen {
            messages,
            bytes,
            twice,
            first,
            last,
        }
    }
}

impl Drop for Sink {
    fn drop(&mut self) {
        let _ = self.process.kill();
        let _ = self.process.wait();
    }
}

#[derive(Default)]
struct Counters {
    messages: AtomicU64,
    bytes: AtomicU64,
    twice: AtomicU64,
    first: AtomicU64,
    last: AtomicU64,
    people: Mutex<HashSet<u64>>,
}

/// The process itself: serves until its input ends.
pub fn serve(arguments: &[String]) {
    let round_trip = Duration::from_micros(arguments[0].parse().unwrap());
    let listener = TcpListener::bind("127.0.0.1:0").unwrap();
    println!("{}", listener.local_addr().unwrap().port());
    let counters = Arc::new(Counters::default());
    let counting = counters.clone();
    std::thread::spawn(move || {
        for stream in listener.incoming().flatten() {
            let counters = counting.clone();
            std::thread::spawn(move || converse(stream, round_trip, &counters));
        }
    });
    for line in std::io::stdin().lines() {
        let Ok(line) = line else { break };
        let counters = &*counters;
        let [messages, bytes, twice, first, last] = [
            &counters.messages,
            &counters.bytes,
            &counters.twice,
            &counters.first,
            &counters.last,
        ]
        .map(|counter| match line.as_str() {
            "reset" => counter.swap(0, Ordering::Relaxed),
            _ => counter.load(Ordering::Relaxed),
        });
        if line == "reset" {
            counters.people.lock().unwrap().clear();
        }
        println!("{messages} {bytes} {twice} {first} {last}");
    }
}

pub fn now() -> u64 {
    let since = SystemTime::now().duration_since(UNIX_EPOCH).unwrap();
    u64::try_from(since.as_micros()).unwrap()
}

fn converse(mut stream: TcpStream, round_trip: Duration, counters: &Counters) {
    stream.set_nodelay(true).unwrap();
    let _ = stream.write_all(b"220 sink.example ESMTP\r\n");
    let mut buffer = vec![0; 256 * 1024];
    let (mut filled, mut begin) = (0, 0);
    let mut in_content = false;
    let mut content_bytes = 0;
    let mut answers = Vec::with_capacity(1024);
    let end_of_content = memmem::Finder::new(b"\r\n.\r\n");
    loop {
        let Ok(read) = stream.read(&mut buffer[filled..]) else {
            return;
        };
        if read == 0 {
            return;
        }
        filled += read;
        loop {
            let rest = &buffer[begin..filled];
            if in_content {
                let Some(end) = end_of_content.find(rest) else {
                    // What may be the beginning of the end stays.
                    let done = rest.len().saturating_sub(4);
                    content_bytes += done;
                    begin += done;
                    break;
                };
                content_bytes += end + 2;
                begin += end + 5;
                in_content = false;
                count(counters, content_bytes);
                answers.extend_from_slice(b"250 2.0.0 Ok: queued as 4F1C2A3B\r\n");
            } else {
                let Some(end) = memchr::memchr(b'\n', rest) else {
                    break;
                };
                begin += end + 1;
                let line = &rest[..end];
                match line
                    .get(..4)
                    .map(|verb| verb.to_ascii_uppercase())
                    .as_deref()
                {
                    Some(b"EHLO" | b"HELO") => answers.extend_from_slice(
                        b"250-sink.example\r\n250-PIPELINING\r\n250 8BITMIME\r\n",
                    ),
                    Some(b"RCPT") => {
                        note(counters, line);
                        answers.extend_from_slice(b"250 2.1.5 Ok\r\n");
                    }
                    Some(b"DATA") => {
                        in_content = true;
                        content_bytes = 0;
                        answers.extend_from_slice(b"354 End data with <CR><LF>.<CR><LF>\r\n");
                    }
                    Some(b"QUIT") => {
                        let _ = stream.write_all(b"221 2.0.0 Bye\r\n");
                        return;
                    }
                    _ => answers.extend_from_slice(b"250 2.0.0 Ok\r\n"),
                }
            }
        }
        buffer.copy_within(begin..filled, 0);
        filled -= begin;
        begin = 0;
        if !answers.is_empty() {
            if !round_trip.is_zero() {
                std::thread::sleep(round_trip);
            }
            if stream.write_all(&answers).is_err() {
                return;
            }
            answers.clear();
        }
    }
}

fn count(counters: &Counters, bytes: usize) {
    let now = now();
    counters.bytes.fetch_add(bytes as u64, Ordering::Relaxed);
    if counters.messages.fetch_add(1, Ordering::Relaxed) == 0 {
        counters.first.store(now, Ordering::Relaxed);
    }
    counters.last.store(now, Ordering::Relaxed);
}

/// Remembers a numbered recipient, `gp123@…`.
fn note(counters: &Counters, line: &[u8]) {
    let digits = line.iter().skip_while(|byte| !byte.is_ascii_digit());
    let number = digits
        .take_while(|byte| byte.is_ascii_digit())
        .fold(None, |number: Option<u64>, byte| {
            Some(number.unwrap_or(0) * 10 + u64::from(byte - b'0'))
        });
    if let Some(number) = number
        && !counters.people.lock().unwrap().insert(number)
    {
        counters.twice.fetch_add(1, Ordering::Relaxed);
    }
}
