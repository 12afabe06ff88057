//! Lines from somebody else's server, of which one may have no end.

use std::io;
use std::time::Duration;

use tokio::io::{AsyncBufRead, AsyncBufReadExt as _};
use tokio::time::timeout;

/// A line, or the beginning of one.
#[derive(Debug, Default, PartialEq, Eq)]
pub struct Line {
    /// It with its end, as far as there was room.
    pub text: Vec<u8>,
    /// Whether some of it was left out.
    pub is_cut: bool,
    /// How long it is in all.
    pub length: u64,
}

/// The next line, of which at most `longest` octets are kept; `None` at the end of the connection. Its sender may be silent
/// for `silence` between any two pieces.
///
/// # Errors
/// The connection's, and [`io::ErrorKind::TimedOut`].
pub async fn next_line(
    stream: &mut (impl AsyncBufRead + Unpin),
    longest: usize,
    silence: Duration,
) -> io::Result<Option<Line>> {
    let mut line = Line::default();
    loop {
        let buffer = timeout(silence, stream.fill_buf())
            .await
            .map_err(|_| io::Error::from(io::ErrorKind::TimedOut))??;
        if buffer.is_empty() {
            return Ok(None);
        }
        let end = buffer.iter().position(|byte| *byte == b'\n');
        let length = end.map_or(buffer.len(), |end| end + 1);
        let room = longest.saturating_sub(line.text.len());
        line.text.extend_from_slice(&buffer[..length.min(room)]);
        line.is_cut |= length > room;
        line.length = line.length.saturating_add(length as u64);
        stream.consume(length);
        if end.is_some() {
            return Ok(Some(line));
        }
    }
}
