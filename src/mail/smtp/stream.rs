//! The connection's bytes, watched: to know after a break whether everything had been written, and so whether a message
//! is in doubt.

use std::io::{self, IoSlice};
use std::net::SocketAddr;
use std::pin::Pin;
use std::sync::atomic::{AtomicBool, AtomicUsize, Ordering};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::task::{Context, Poll, ready};

use lettre::transport::smtp::client::AsyncTokioStream;
use tokio::io::{AsyncRead, AsyncWrite, ReadBuf};
use tokio::net::TcpStream;
use tokio_rustls::client::TlsStream;

use super::facts::TlsFacts;

/// What has been seen on a connection since the last command began.
#[derive(Debug, Default)]
pub(super) struct Watch {
    written: AtomicUsize,
    ended: AtomicBool,
    opened: AtomicBool,
    opening: Mutex<Vec<u8>>,
    ahead: Mutex<Ahead>,
}

/// Bytes that go out before the next command's, and how many of them have.
#[derive(Debug, Default)]
struct Ahead {
    bytes: Vec<u8>,
    written: usize,
}

impl Watch {
    /// Has these bytes written before those of the next command, together with them. lettre would copy them on their way.
    pub(super) fn put_ahead(&self, bytes: Vec<u8>) {
        *self.ahead() = Ahead { bytes, written: 0 };
    }

    fn ahead(&self) -> MutexGuard<'_, Ahead> {
        self.ahead.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// A command begins.
    pub(super) fn begin(&self) {
        self.written.store(0, Ordering::Relaxed);
    }

    /// How many bytes were handed to the network. Inside TLS these are more than the command's own, so that a message may
    /// be taken for wholly sent a few bytes too early, and never too late.
    pub(super) fn written(&self) -> usize {
        self.written.load(Ordering::Relaxed)
    }

    fn count(&self, written: &Poll<io::Result<usize>>) {
        if let Poll::Ready(Ok(number)) = written {
            self.written.fetch_add(*number, Ordering::Relaxed);
        }
    }

    /// True if the server has closed the connection.
    pub(super) fn saw_end(&self) -> bool {
        self.ended.load(Ordering::Relaxed)
    }

    /// What lettre read since the connection began; from now on nothing more is kept. Bounded by lettre, which gives up a
    /// reply that is too long.
    pub(super) fn take_opening(&self) -> Vec<u8> {
        self.opened.store(true, Ordering::Relaxed);
        std::mem::take(&mut self.opening.lock().unwrap_or_else(PoisonError::into_inner))
    }

    fn keep(&self, read: &[u8]) {
        if !self.opened.load(Ordering::Relaxed) {
            let mut opening = self.opening.lock().unwrap_or_else(PoisonError::into_inner);
            opening.extend_from_slice(read);
        }
    }
}

/// A TCP connection with its [`Watch`].
#[derive(Debug)]
pub(super) struct WatchedStream {
    tcp: TcpStream,
    watch: Arc<Watch>,
}

impl WatchedStream {
    pub(super) fn new(tcp: TcpStream, watch: Arc<Watch>) -> Self {
        Self { tcp, watch }
    }
}

impl AsyncRead for WatchedStream {
    fn poll_read(
        self: Pin<&mut Self>,
        context: &mut Context<'_>,
        buffer: &mut ReadBuf<'_>,
    ) -> Poll<io::Result<()>> {
        let this = self.get_mut();
        let before = buffer.filled().len();
        let room = buffer.remaining();
        let read = Pin::new(&mut this.tcp).poll_read(context, buffer);
        if matches!(read, Poll::Ready(Ok(()))) && room > 0 && buffer.filled().len() == before {
            this.watch.ended.store(true, Ordering::Relaxed);
        }
        read
    }
}

impl AsyncWrite for WatchedStream {
    fn poll_write(
        self: Pin<&mut Self>,
        context: &mut Context<'_>,
        bytes: &[u8],
    ) -> Poll<io::Result<usize>> {
        let this = self.get_mut();
        let written = Pin::new(&mut this.tcp).poll_write(context, bytes);
        this.watch.count(&written);
        written
    }

    fn poll_write_vectored(
        self: Pin<&mut Self>,
        context: &mut Context<'_>,
        pieces: &[IoSlice<'_>],
    ) -> Poll<io::Result<usize>> {
        let this = self.get_mut();
        let written = Pin::new(&mut this.tcp).poll_write_vectored(context, pieces);
        this.watch.count(&written);
        written
    }

    fn is_write_vectored(&self) -> bool {
        self.tcp.is_write_vectored()
    }

    fn poll_flush(self: Pin<&mut Self>, context: &mut Context<'_>) -> Poll<io::Result<()>> {
        Pin::new(&mut self.get_mut().tcp).poll_flush(context)
    }

    fn poll_shutdown(self: Pin<&mut Self>, context: &mut Context<'_>) -> Poll<io::Result<()>> {
        Pin::new(&mut self.get_mut().tcp).poll_shutdown(context)
    }
}

/// A connection in the form that lettre takes: in the clear or inside TLS.
#[derive(Debug)]
pub(super) struct Transport {
    stream: Stream,
    watch: Arc<Watch>,
    /// What lettre reads before anything of the server's.
    played: &'static [u8],
}

#[derive(Debug)]
enum Stream {
    Plain(WatchedStream),
    Encrypted(Box<TlsStream<WatchedStream>>),
}

impl Transport {
    pub(super) fn plain(stream: WatchedStream) -> Self {
        Self {
            watch: Arc::clone(&stream.watch),
            stream: Stream::Plain(stream),
            played: b"",
        }
    }

    pub(super) fn encrypted(stream: TlsStream<WatchedStream>) -> Self {
        Self {
            watch: Arc::clone(&stream.get_ref().0.watch),
            stream: Stream::Encrypted(Box::new(stream)),
            played: b"",
        }
    }

    /// How it is encrypted; `None` in the clear.
    pub(super) fn tls(&self) -> Option<TlsFacts> {
        match &self.stream {
            Stream::Plain(_) => None,
            Stream::Encrypted(stream) => Some(TlsFacts::of(stream)),
        }
    }

    fn write(
        &mut self,
        context: &mut Context<'_>,
        pieces: &[IoSlice<'_>],
    ) -> Poll<io::Result<usize>> {
        match &mut self.stream {
            Stream::Plain(stream) => Pin::new(stream).poll_write_vectored(context, pieces),
            Stream::Encrypted(stream) => {
                Pin::new(stream.as_mut()).poll_write_vectored(context, pieces)
            }
        }
    }

    /// The same for a server that has greeted already: lettre waits for a greeting, and gets this one.
    pub(super) fn greeted(self) -> Self {
        Self {
            played: b"220 greeted before\r\n",
            ..self
        }
    }
}

impl AsyncRead for Transport {
    fn poll_read(
        self: Pin<&mut Self>,
        context: &mut Context<'_>,
        buffer: &mut ReadBuf<'_>,
    ) -> Poll<io::Result<()>> {
        let this = self.get_mut();
        let before = buffer.filled().len();
        let read = if !this.played.is_empty() {
            let (now, later) = this
                .played
                .split_at(this.played.len().min(buffer.remaining()));
            buffer.put_slice(now);
            this.played = later;
            Poll::Ready(Ok(()))
        } else {
            match &mut this.stream {
                Stream::Plain(stream) => Pin::new(stream).poll_read(context, buffer),
                Stream::Encrypted(stream) => Pin::new(stream.as_mut()).poll_read(context, buffer),
            }
        };
        this.watch.keep(&buffer.filled()[before..]);
        read
    }
}

impl AsyncWrite for Transport {
    fn poll_write(
        self: Pin<&mut Self>,
        context: &mut Context<'_>,
        bytes: &[u8],
    ) -> Poll<io::Result<usize>> {
        let this = self.get_mut();
        let watch = Arc::clone(&this.watch);
        let mut ahead = watch.ahead();
        loop {
            let waiting = ahead.bytes.get(ahead.written..).unwrap_or_default();
            if waiting.is_empty() {
                *ahead = Ahead::default();
                return this.write(context, &[IoSlice::new(bytes)]);
            }
            let pieces = [IoSlice::new(waiting), IoSlice::new(bytes)];
            let written = ready!(this.write(context, &pieces))?;
            if written == 0 {
                return Poll::Ready(Err(io::ErrorKind::WriteZero.into()));
            }
            let beyond = written.saturating_sub(waiting.len());
            ahead.written += written - beyond;
            if beyond > 0 {
                *ahead = Ahead::default();
                return Poll::Ready(Ok(beyond));
            }
        }
    }

    fn poll_flush(self: Pin<&mut Self>, context: &mut Context<'_>) -> Poll<io::Result<()>> {
        match &mut self.get_mut().stream {
            Stream::Plain(stream) => Pin::new(stream).poll_flush(context),
            Stream::Encrypted(stream) => Pin::new(stream.as_mut()).poll_flush(context),
        }
    }

    fn poll_shutdown(self: Pin<&mut Self>, context: &mut Context<'_>) -> Poll<io::Result<()>> {
        match &mut self.get_mut().stream {
            Stream::Plain(stream) => Pin::new(stream).poll_shutdown(context),
            Stream::Encrypted(stream) => Pin::new(stream.as_mut()).poll_shutdown(context),
        }
    }
}

impl AsyncTokioStream for Transport {
    fn peer_addr(&self) -> io::Result<SocketAddr> {
        match &self.stream {
            Stream::Plain(stream) => stream.tcp.peer_addr(),
            Stream::Encrypted(stream) => stream.get_ref().0.tcp.peer_addr(),
        }
    }
}
