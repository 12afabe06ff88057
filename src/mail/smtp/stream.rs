//! The connection's bytes, watched: to know after a break whether everything had been written, and so whether a message
//! is in doubt.

use std::io;
use std::net::SocketAddr;
use std::pin::Pin;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::task::{Context, Poll};

use lettre::transport::smtp::client::AsyncTokioStream;
use tokio::io::{AsyncRead, AsyncWrite, ReadBuf};
use tokio::net::TcpStream;
use tokio_rustls::client::TlsStream;

/// What has been seen on a connection since the last command began. Lettre writes a command wholly before it reads, so a
/// read means that everything was handed to the network.
#[derive(Debug, Default)]
pub(super) struct Watch {
    reading: AtomicBool,
    ended: AtomicBool,
    single_bytes: AtomicBool,
}

impl Watch {
    /// A command begins.
    pub(super) fn begin(&self) {
        self.reading.store(false, Ordering::Relaxed);
    }

    /// True if the command was written to its end and its reply awaited.
    pub(super) fn awaits_reply(&self) -> bool {
        self.reading.load(Ordering::Relaxed)
    }

    /// True if the server has closed the connection.
    pub(super) fn saw_end(&self) -> bool {
        self.ended.load(Ordering::Relaxed)
    }

    /// Reads one byte at a time while plain replies come before STARTTLS. Otherwise what an attacker appends to the plain
    /// reply would wait in lettre's buffer and be taken for the first replies inside TLS (as in CVE-2011-0411, for
    /// clients). This way it goes into the handshake, and fails it.
    pub(super) fn read_single_bytes(&self, on: bool) {
        self.single_bytes.store(on, Ordering::Relaxed);
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
        this.watch.reading.store(true, Ordering::Relaxed);
        let before = buffer.filled().len();
        let room = buffer.remaining();
        let read = if this.watch.single_bytes.load(Ordering::Relaxed) && room > 1 {
            let mut byte = [0];
            let mut single = ReadBuf::new(&mut byte);
            let read = Pin::new(&mut this.tcp).poll_read(context, &mut single);
            buffer.put_slice(single.filled());
            read
        } else {
            Pin::new(&mut this.tcp).poll_read(context, buffer)
        };
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
        Pin::new(&mut self.get_mut().tcp).poll_write(context, bytes)
    }

    fn poll_flush(self: Pin<&mut Self>, context: &mut Context<'_>) -> Poll<io::Result<()>> {
        Pin::new(&mut self.get_mut().tcp).poll_flush(context)
    }

    fn poll_shutdown(self: Pin<&mut Self>, context: &mut Context<'_>) -> Poll<io::Result<()>> {
        Pin::new(&mut self.get_mut().tcp).poll_shutdown(context)
    }
}

impl AsyncTokioStream for WatchedStream {
    fn peer_addr(&self) -> io::Result<SocketAddr> {
        self.tcp.peer_addr()
    }
}

/// A connection inside TLS from its first byte (`smtps://`), in the form that lettre takes.
#[derive(Debug)]
pub(super) struct EncryptedStream(pub(super) TlsStream<WatchedStream>);

impl AsyncRead for EncryptedStream {
    fn poll_read(
        self: Pin<&mut Self>,
        context: &mut Context<'_>,
        buffer: &mut ReadBuf<'_>,
    ) -> Poll<io::Result<()>> {
        Pin::new(&mut self.get_mut().0).poll_read(context, buffer)
    }
}

impl AsyncWrite for EncryptedStream {
    fn poll_write(
        self: Pin<&mut Self>,
        context: &mut Context<'_>,
        bytes: &[u8],
    ) -> Poll<io::Result<usize>> {
        Pin::new(&mut self.get_mut().0).poll_write(context, bytes)
    }

    fn poll_flush(self: Pin<&mut Self>, context: &mut Context<'_>) -> Poll<io::Result<()>> {
        Pin::new(&mut self.get_mut().0).poll_flush(context)
    }

    fn poll_shutdown(self: Pin<&mut Self>, context: &mut Context<'_>) -> Poll<io::Result<()>> {
        Pin::new(&mut self.get_mut().0).poll_shutdown(context)
    }
}

impl AsyncTokioStream for EncryptedStream {
    fn peer_addr(&self) -> io::Result<SocketAddr> {
        self.0.get_ref().0.peer_addr()
    }
}
