//! A listener for LMTP (RFC 2033), for a mail server beside the program: what it hands over is taken in before it is told so.
//!
//! It listens on loopback or on a Unix socket alone, and takes mail for the address of what comes back, and answers to the
//! sender's, and for nobody else.

mod session;

use std::io;
use std::os::unix::fs::PermissionsExt as _;
use std::path::{Path, PathBuf};
use std::sync::Arc;
use std::time::Duration;

use tokio::io::{AsyncRead, AsyncWrite};
use tokio::net::{TcpListener, UnixListener};
use tokio::sync::Semaphore;

use crate::config::LmtpAddress;

use super::Shared;
use session::Session;

/// So many mail servers' connections at a time; others wait.
const CONNECTIONS: usize = 16;

/// After the system had no connection to give.
const AFTER_FAILURE: Duration = Duration::from_secs(1);

/// Where mail servers come to.
pub(super) enum Listener {
    /// An address of this machine.
    Tcp(TcpListener),
    /// A file, gone with the listener.
    Unix(UnixListener, PathBuf),
}

impl Drop for Listener {
    fn drop(&mut self) {
        if let Self::Unix(_, path) = self {
            let _ = std::fs::remove_file(path);
        }
    }
}

impl Listener {
    /// Takes the address.
    pub(super) fn bind(address: &LmtpAddress) -> io::Result<Self> {
        match address {
            LmtpAddress::Tcp(address) => {
                let listener = std::net::TcpListener::bind(address)?;
                listener.set_nonblocking(true)?;
                Ok(Self::Tcp(TcpListener::from_std(listener)?))
            }
            LmtpAddress::Unix(path) => {
                remove_stale(path)?;
                let listener = UnixListener::bind(path)?;
                let listener = Self::Unix(listener, path.clone());
                // The mail server's user is in the group of the folder or of the program.
                std::fs::set_permissions(path, std::fs::Permissions::from_mode(0o660))?;
                Ok(listener)
            }
        }
    }

    async fn accept(&self) -> io::Result<Box<dyn Stream>> {
        match self {
            Self::Tcp(listener) => {
                let (stream, _) = listener.accept().await?;
                stream.set_nodelay(true)?;
                Ok(Box::new(stream))
            }
            Self::Unix(listener, _) => Ok(Box::new(listener.accept().await?.0)),
        }
    }
}

/// What is left of a program that was killed is taken away; the socket of one that runs is not.
fn remove_stale(path: &Path) -> io::Result<()> {
    use std::os::unix::fs::FileTypeExt as _;
    let is_socket = std::fs::symlink_metadata(path).is_ok_and(|file| file.file_type().is_socket());
    if is_socket && std::os::unix::net::UnixStream::connect(path).is_err() {
        std::fs::remove_file(path)?;
    }
    Ok(())
}

pub(super) trait Stream: AsyncRead + AsyncWrite + Send + Unpin {}
impl<T: AsyncRead + AsyncWrite + Send + Unpin> Stream for T {}

/// Runs until the worker is stopped.
pub(super) async fn run(shared: Arc<Shared>, listener: Listener) {
    let room = Arc::new(Semaphore::new(CONNECTIONS));
    loop {
        let accepted = tokio::select! {
            () = shared.stop.cancelled() => return,
            accepted = async {
                // Never closed: the error cannot be.
                let place = room.clone().acquire_owned().await;
                (place, listener.accept().await)
            } => accepted,
        };
        match accepted {
            (Ok(place), Ok(stream)) => {
                let shared = shared.clone();
                tokio::spawn(async move {
                    let session = Session::new(&shared.app, &shared.stop, stream);
                    if let Err(error) = session.run().await {
                        tracing::debug!(%error, "a mail server went away");
                    }
                    drop(place);
                });
            }
            (_, Err(error)) => {
                tracing::warn!(%error, "no LMTP connection can be accepted");
                tokio::time::sleep(AFTER_FAILURE).await;
            }
            (Err(_), _) => return,
        }
    }
}
